#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <syncline/timestamp.hpp>

namespace syncline {
namespace {

std::int64_t ms(std::string_view text) {
    return Timestamp::parse(text).value().ms;
}

TEST(Timestamp, ReadsWhatPlatformsSend) {
    const std::pair<const char*, std::int64_t> cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00", 0},
        {"1970-01-01 00:00:00", 0},
        {"1970-01-01t00:00:00z", 0},
        {"2026-11-21T07:34:11Z", 1'795'246'451'000},
        {"2026-11-21T07:34:11.1Z", 1'795'246'451'100},
        {"2026-11-21T07:34:11.123456789+00:00", 1'795'246'451'123},
        {"2026-11-21T09:34:11+02:00", 1'795'246'451'000},
        {"2026-11-20T23:34:11-0800", 1'795'246'451'000},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2016-12-31T23:59:60Z", 1'483'228'800'000},
    };
    for (const auto& [text, expected] : cases) {
        const auto parsed = Timestamp::parse(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_EQ(parsed->ms, expected) << text;
    }
}

TEST(Timestamp, KnowsTheDaysOfTheMonths) {
    EXPECT_TRUE(Timestamp::parse("2000-02-29T00:00:00Z").has_value());
    EXPECT_TRUE(Timestamp::parse("2024-02-29T00:00:00Z").has_value());
    EXPECT_FALSE(Timestamp::parse("1900-02-29T00:00:00Z").has_value());
    EXPECT_FALSE(Timestamp::parse("2023-02-29T00:00:00Z").has_value());
    EXPECT_FALSE(Timestamp::parse("2023-04-31T00:00:00Z").has_value());
    EXPECT_EQ(ms("2024-03-01T00:00:00Z") - ms("2024-02-28T00:00:00Z"), 2 * 86'400'000);
    EXPECT_EQ(ms("2100-03-01T00:00:00Z") - ms("2100-02-28T00:00:00Z"), 86'400'000);
}

TEST(Timestamp, RefusesWhatIsNoTime) {
    for (const char* text :
         {"",
          "now",
          "2026",
          "2026-11-21",
          "2026-11-21T",
          "2026-11-21T07:34",
          "2026-13-01T00:00:00Z",
          "2026-00-01T00:00:00Z",
          "2026-01-00T00:00:00Z",
          "2026-01-32T00:00:00Z",
          "2026-01-01T24:00:00Z",
          "2026-01-01T00:60:00Z",
          "2026-01-01T00:00:61Z",
          "2026-01-01T00:00:00.Z",
          "2026-01-01T00:00:00 Z",
          "2026-01-01T00:00:00ZZ",
          "2026-01-01T00:00:00Z ",
          "2026-01-01T00:00:00+",
          "2026-01-01T00:00:00+02",
          "2026-01-01T00:00:00+2:00",
          "2026-01-01T00:00:00+02:0x",
          "2026-01-01T00:00:00+02:00Z",
          "+2026-01-01T00:00:00Z",
          "-026-01-01T00:00:00Z",
          "0000-00-00T00:00:00",
          "0000-00-00 00:00:00"}) {
        const auto parsed = Timestamp::parse(text);
        ASSERT_FALSE(parsed.has_value()) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
    }
}

TEST(Timestamp, RefusesAnOffsetThatNoPlaceHas) {
    EXPECT_FALSE(Timestamp::parse("2026-01-01T00:00:00+24:00").has_value());
    EXPECT_FALSE(Timestamp::parse("2026-01-01T00:00:00+99:99").has_value());
    EXPECT_FALSE(Timestamp::parse("2026-01-01T00:00:00-00:60").has_value());
    EXPECT_TRUE(Timestamp::parse("2026-01-01T00:00:00+14:00").has_value());
}

TEST(Timestamp, StaysInsideTheYearsItCanWrite) {
    EXPECT_EQ(
        Timestamp::parse("9999-12-31T23:59:59.999Z")->to_string(), "9999-12-31T23:59:59.999Z"
    );
    EXPECT_EQ(Timestamp::parse("0000-01-01T00:00:00Z")->to_string(), "0000-01-01T00:00:00.000Z");
    EXPECT_FALSE(Timestamp::parse("9999-12-31T23:59:59-00:01").has_value());
    EXPECT_FALSE(Timestamp::parse("9999-12-31T23:59:60Z").has_value());
    EXPECT_FALSE(Timestamp::parse("0000-01-01T00:00:00+00:01").has_value());
}

TEST(Timestamp, WritesAnyNumberThatAPluginMaySend) {
    for (const std::int64_t wild :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_NE(Timestamp{wild}.to_string().find('T'), std::string::npos);
    }
}

TEST(Timestamp, NamesTheTextItRefusesAndCutsItBetweenCharacters) {
    EXPECT_EQ(
        Timestamp::parse("yesterday").error().message,
        "'yesterday' is not a time (as 2026-11-21T07:34:11Z)"
    );
    std::string umlauts;
    for (int i = 0; i < 40; ++i) {
        umlauts += i == 0 ? "x" : "ä";
    }
    const std::string message = Timestamp::parse(umlauts).error().message;
    EXPECT_EQ(message.find("'x"), 0U);
    EXPECT_EQ(message.substr(message.find("' is"))[0], '\'');
    EXPECT_EQ(message.find("' is") % 2, 0U) << "an odd byte would be half a character";
}

RC_GTEST_PROP(TimestampProperty, ParsesWhatItPrints, ()) {
    const auto instant = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000);
    RC_ASSERT(Timestamp::parse(Timestamp{instant}.to_string())->ms == instant);
}

RC_GTEST_PROP(TimestampProperty, TextsSortAsTheInstantsDo, ()) {
    const auto a = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000);
    const auto b = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000);
    RC_ASSERT((a < b) == (Timestamp{a}.to_string() < Timestamp{b}.to_string()));
}

RC_GTEST_PROP(TimestampProperty, AnOffsetShiftsByItsMinutes, ()) {
    const auto instant = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000);
    const int minutes = *rc::gen::inRange(-23 * 60 - 59, 23 * 60 + 60);
    const int size = minutes < 0 ? -minutes : minutes;
    std::string text = Timestamp{instant}.to_string();
    text.pop_back();
    text += minutes < 0 ? '-' : '+';
    text +=
        std::to_string(100 + size / 60).substr(1) + ":" + std::to_string(100 + size % 60).substr(1);
    RC_ASSERT(Timestamp::parse(text)->ms == instant - std::int64_t{minutes} * 60'000);
}

RC_GTEST_PROP(TimestampProperty, NoTextMakesItFail, (const std::string& text)) {
    const auto parsed = Timestamp::parse(text);
    RC_PRE(!parsed.has_value());
    RC_ASSERT(parsed.error().code == ErrorCode::kInvalid);
}

}  // namespace
}  // namespace syncline
