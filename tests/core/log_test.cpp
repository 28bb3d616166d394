#include "core/log.hpp"

#include <vector>

#include <gtest/gtest.h>

#include <syncline/json.hpp>

namespace syncline {
namespace {

class Log : public ::testing::Test {
protected:
    void capture(log::Format format, log::Level level = log::Level::kDebug) {
        log::configure({level, format, [this](std::string_view line) { lines_.emplace_back(line); }}
        );
    }
    void TearDown() override { log::configure({}); }

    std::vector<std::string> lines_;
};

TEST_F(Log, WritesTheEventAndItsFieldsOnOneLine) {
    capture(log::Format::kText);
    log::warn("connection paused", {{"connection", "shop"}, {"attempt", 3}, {"why", "two words"}});
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(
        lines_[0].substr(24), " WARN  connection paused connection=shop attempt=3 why=\"two words\""
    );
    EXPECT_EQ(lines_[0][23], 'Z');
}

TEST_F(Log, WritesJsonThatKeepsNumbersAndBooleans) {
    capture(log::Format::kJson);
    log::info("run ended", {{"run", "r1"}, {"records", std::int64_t{61}}, {"partial", true}});
    const auto json = parse_json(lines_.at(0));
    ASSERT_TRUE(json) << lines_[0];
    EXPECT_EQ((*json)["event"], "run ended");
    EXPECT_EQ((*json)["level"], "info");
    EXPECT_EQ((*json)["records"], 61);
    EXPECT_EQ((*json)["partial"], true);
}

TEST_F(Log, MasksPersonalDataByFieldAndCredentialsByLook) {
    for (const auto format : {log::Format::kText, log::Format::kJson}) {
        capture(format);
        log::info(
            "sent Bearer abc123XYZ",
            {{"email", "ann@x.example"}, {"key", 17}, {"url", "a?token=t1"}}
        );
        EXPECT_EQ(lines_.back().find("ann@"), std::string::npos) << lines_.back();
        EXPECT_EQ(lines_.back().find("17,"), std::string::npos) << lines_.back();
        EXPECT_EQ(lines_.back().find("abc123"), std::string::npos) << lines_.back();
        EXPECT_EQ(lines_.back().find("t1"), std::string::npos) << lines_.back();
    }
}

TEST_F(Log, KeepsAnEventOnOneLineWhateverItsValuesHold) {
    for (const auto format : {log::Format::kText, log::Format::kJson}) {
        capture(format);
        log::info("a\nb", {{"text", "x\r\n2026 INFO forged\x01"}, {"bad", "\xff"}});
        EXPECT_EQ(lines_.back().find_first_of("\r\n\x01"), std::string::npos) << lines_.back();
    }
}

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
    capture(log::Format::kText, log::Level::kWarn);
    log::info("quiet");
    log::error("loud");
    EXPECT_EQ(lines_.size(), 1U);
    EXPECT_FALSE(log::enabled(log::Level::kInfo));
    EXPECT_TRUE(log::enabled(log::Level::kError));
}

TEST_F(Log, NamesALevelOrFormatItDoesNotKnow) {
    EXPECT_EQ(*log::parse_level("warn"), log::Level::kWarn);
    EXPECT_EQ(*log::parse_format("json"), log::Format::kJson);
    EXPECT_NE(log::parse_level("loud").error().message.find("'loud'"), std::string::npos);
    EXPECT_NE(log::parse_format("xml").error().message.find("'xml'"), std::string::npos);
}

}  // namespace
}  // namespace syncline
