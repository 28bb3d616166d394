#include "core/trace_context.hpp"

#include <gtest/gtest.h>

namespace syncline {
namespace {

constexpr auto kGiven = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, IsReadAndWrittenAsTheStandardSays) {
    const auto trace = parse_traceparent(kGiven);
    ASSERT_TRUE(trace.has_value());
    EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(trace->span_id, "00f067aa0ba902b7");
    EXPECT_TRUE(trace->sampled);
    EXPECT_EQ(trace->header(), kGiven);
}

TEST(TraceContext, WhatIsNotExactlyATraceparentIsNone) {
    const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const std::string span = "00f067aa0ba902b7";
    for (const std::string& text :
         {std::string(),
          "00-" + trace + "-" + span,
          "00-" + trace + "-" + span + "-0",
          "00-" + trace + "-" + span + "-01 ",
          "00-" + trace + "-" + span + "-01-more",
          "ff-" + trace + "-" + span + "-01",
          "0-" + trace + "0-" + span + "-01",
          "00-" + std::string(32, '0') + "-" + span + "-01",
          "00-" + trace + "-" + std::string(16, '0') + "-01",
          "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + span + "-01",
          "00-" + trace + "_" + span + "-01",
          "00-" + trace + "-" + span + "-0g",
          "cc-" + trace + "-" + span + "-01.more",
          std::string(kGiven) + ", " + kGiven}) {
        EXPECT_FALSE(parse_traceparent(text).has_value()) << text;
    }
}

TEST(TraceContext, ALaterVersionIsReadAsFarAsItIsKnown) {
    const auto trace = parse_traceparent("cc" + std::string(kGiven).substr(2) + "-what-comes");
    ASSERT_TRUE(trace.has_value());
    EXPECT_EQ(trace->header(), kGiven);
}

TEST(TraceContext, FlagsBesidesTheFirstAreNotPassedOn) {
    const std::string start = std::string(kGiven).substr(0, 53);
    EXPECT_TRUE(parse_traceparent(start + "ff")->sampled);
    EXPECT_FALSE(parse_traceparent(start + "fe")->sampled);
    EXPECT_EQ(parse_traceparent(start + "ff")->header(), kGiven);
}

TEST(TraceContext, AChildIsOfTheSameTraceAndASpanOfItsOwn) {
    const TraceContext parent = new_trace();
    const TraceContext child = child_of(parent);
    EXPECT_EQ(child.trace_id, parent.trace_id);
    EXPECT_NE(child.span_id, parent.span_id);
    EXPECT_TRUE(parse_traceparent(child.header()).has_value());
    EXPECT_NE(new_trace().trace_id, parent.trace_id);
}

TEST(TraceContext, IsTheThreadsWhileItsScopeLives) {
    EXPECT_EQ(current_trace(), nullptr);
    {
        const TraceScope outer(parse_traceparent(kGiven));
        {
            const TraceScope none(std::nullopt);
            EXPECT_EQ(current_trace(), nullptr);
        }
        ASSERT_NE(current_trace(), nullptr);
        EXPECT_EQ(current_trace()->header(), kGiven);
    }
    EXPECT_EQ(current_trace(), nullptr);
}

}  // namespace
}  // namespace syncline
