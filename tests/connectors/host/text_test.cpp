#include "connectors/text.hpp"

#include <gtest/gtest.h>

namespace syncline::connectors {
namespace {

std::string date_at(const std::string& zone, const std::string& time) {
    const auto at = Timestamp::parse(time);
    const auto date = at ? local_date(zone, *at) : Result<std::string>(at.error());
    return date ? *date : date.error().message;
}

TEST(LocalDate, FollowsTheZoneOverItsClockChanges) {
    struct Case {
        std::string zone;
        std::string time;
        std::string date;
    };
    const std::vector<Case> cases{
        {"UTC", "2026-01-01T00:00:00Z", "2026-01-01"},
        {"UTC", "2026-01-01T23:59:59.999Z", "2026-01-01"},
        {"Europe/Berlin", "2026-01-01T22:59:59Z", "2026-01-01"},
        {"Europe/Berlin", "2026-01-01T23:00:00Z", "2026-01-02"},
        {"Europe/Berlin", "2026-07-01T21:59:59Z", "2026-07-01"},
        {"Europe/Berlin", "2026-07-01T22:00:00Z", "2026-07-02"},
        // Clocks go forward at 01:00 UTC on 29 March: the day begins at 23:00, ends at 22:00.
        {"Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29"},
        {"Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29"},
        {"Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29"},
        {"Europe/Berlin", "2026-03-29T22:00:00Z", "2026-03-30"},
        // and back on 25 October: the day has 25 hours.
        {"Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25"},
        {"Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25"},
        {"Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-26"},
        {"America/New_York", "2026-03-08T04:59:59Z", "2026-03-07"},
        {"America/New_York", "2026-03-09T03:59:59Z", "2026-03-08"},
        {"America/New_York", "2026-11-02T04:59:59Z", "2026-11-01"},
        {"Asia/Kathmandu", "2026-05-01T18:14:59Z", "2026-05-01"},
        {"Asia/Kathmandu", "2026-05-01T18:15:00Z", "2026-05-02"},
        {"Pacific/Kiritimati", "2026-05-01T10:00:00Z", "2026-05-02"},
        {"Pacific/Pago_Pago", "2026-05-01T10:59:59Z", "2026-04-30"},
        // Samoa left out 30 December 2011 altogether.
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"},
        {"America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04"},
        {"Europe/Berlin", "1969-12-31T23:30:00Z", "1970-01-01"},
        {"US/Pacific", "2026-02-28T07:59:59Z", "2026-02-27"},
    };
    for (const auto& [zone, time, date] : cases) {
        EXPECT_EQ(date_at(zone, time), date) << zone << " " << time;
    }
}

TEST(LocalDate, NamesAZoneItDoesNotKnow) {
    for (const std::string zone :
         {"", "Mars/Olympus", "europe/berlin", "+02:00", "../etc/passwd", "Europe/Berlin\n"}) {
        const auto date = local_date(zone, Timestamp{0});
        ASSERT_FALSE(date) << zone;
        EXPECT_EQ(date.error().code, ErrorCode::kData);
        EXPECT_EQ(date.error().name, "zone.unknown");
    }
}

TEST(LocalDate, RefusesTimesNoCalendarHas) {
    for (const auto ms :
         {INT64_MIN, INT64_MAX, INT64_C(253402300800000), INT64_C(-62135596800001)}) {
        const auto date = local_date("Europe/Berlin", Timestamp{ms});
        ASSERT_FALSE(date) << ms;
        EXPECT_EQ(date.error().name, "time.range");
    }
}

TEST(Truncate, CutsWhereAReaderWould) {
    struct Case {
        std::string text;
        std::uint32_t max;
        std::string kept;
    };
    const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";  // five code points
    const std::string flag = "\U0001F1E9\U0001F1EA";
    const std::string thumb = "\U0001F44D\U0001F3FD";
    const std::vector<Case> cases{
        {"", 5, ""},
        {"abc", 0, ""},
        {"abc", 3, "abc"},
        {"abc", 2, "ab"},
        {"abc", 4'000'000'000U, "abc"},
        {"M\u00FCller", 2, "M\u00FC"},
        {"e\u0301t", 1, ""},
        {"e\u0301t", 2, "e\u0301"},
        {"ae\u0301", 2, "a"},
        {family + "!", 4, ""},
        {family + "!", 5, family},
        {"a" + family, 5, "a"},
        {flag + flag, 2, flag},
        {flag + flag, 3, flag},
        {flag + flag, 4, flag + flag},
        {thumb + "x", 1, ""},
        {thumb + "x", 2, thumb},
        {"a\r\nb", 2, "a"},
        {"a\r\nb", 3, "a\r\n"},
        {"\u1112\u1161\u11AB\u1100", 3, "\u1112\u1161\u11AB"},
        {"ab\xFF"
         "cd",
         3,
         "ab\uFFFD"},
        {"ab\xE2\x82", 2, "ab"},
    };
    for (const auto& [text, max, kept] : cases) {
        EXPECT_EQ(truncate(text, max), kept) << text << " to " << max;
    }
}

TEST(OneLine, IsValidShortAndOnOneLine) {
    EXPECT_EQ(one_line("a\r\n\tb\x7f\xC2\x85", 100), "a   b  ");
    EXPECT_EQ(one_line("abc", 2), "ab");
    EXPECT_EQ(one_line("a\u00FCb", 2), "a");
    EXPECT_EQ(one_line("\xFF\xFE", 100), "\uFFFD\uFFFD");
    EXPECT_TRUE(is_utf8("a\u00FC\U0001F600"));
    EXPECT_FALSE(is_utf8("\xC0\x80"));
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
}

}  // namespace
}  // namespace syncline::connectors
