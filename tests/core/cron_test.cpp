// Cron fields, time zones, and what happens where clocks change. Instants of the tables were taken
// from the rules of the zones (when a zone changes, by how much), not from the code.
#include "core/cron.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace syncline {
namespace {

Timestamp at(const std::string& text) {
    return Timestamp::parse(text).value();
}

Result<Cron> parse(const std::string& text, const std::string& zone = "UTC") {
    return Cron::parse(text, TimeZone::find(zone).value());
}

std::vector<std::string> following(const Cron& cron, const std::string& after, std::size_t count) {
    std::vector<std::string> all;
    for (auto time = cron.next(at(after)); time && all.size() < count; time = cron.next(*time)) {
        all.push_back(time->to_string().substr(0, 16));
    }
    return all;
}

struct Row {
    const char* cron;
    const char* zone;
    const char* after;
    std::vector<std::string> next;  // UTC, to the minute
};

void expect_rows(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        const auto cron = parse(row.cron, row.zone);
        ASSERT_TRUE(cron.has_value()) << row.cron << ": " << cron.error().message;
        EXPECT_EQ(following(*cron, row.after, row.next.size()), row.next)
            << row.cron << " in " << row.zone << " after " << row.after;
    }
}

TEST(Cron, FieldsMeanWhatCrontabMeans) {
    expect_rows({
        {"* * * * *", "UTC", "2026-11-21T14:00:00Z", {"2026-11-21T14:01", "2026-11-21T14:02"}},
        {"* * * * *", "UTC", "2026-11-21T14:00:59.999Z", {"2026-11-21T14:01"}},
        {"*/20 * * * *", "UTC", "2026-11-21T23:40:00Z", {"2026-11-22T00:00", "2026-11-22T00:20"}},
        {"5,35 1-3 * * *", "UTC", "2026-11-21T01:05:00Z", {"2026-11-21T01:35", "2026-11-21T02:05"}},
        {"10-20/5 0 * * *",
         "UTC",
         "2026-11-21T00:00:00Z",
         {"2026-11-21T00:10", "2026-11-21T00:15", "2026-11-21T00:20", "2026-11-22T00:10"}},
        {"50/4 0 * * *",
         "UTC",
         "2026-11-21T00:49:00Z",
         {"2026-11-21T00:50", "2026-11-21T00:54", "2026-11-21T00:58", "2026-11-22T00:50"}},
        {"  0\t12  1 * * ",
         "UTC",
         "2026-12-31T13:00:00Z",
         {"2027-01-01T12:00", "2027-02-01T12:00"}},
        {"0 0 31 * *", "UTC", "2026-01-31T00:00:00Z", {"2026-03-31T00:00", "2026-05-31T00:00"}},
        {"0 0 * JAN,jul *", "UTC", "2026-01-31T00:00:00Z", {"2026-07-01T00:00"}},
        {"0 9 * * mon-fri", "UTC", "2026-11-20T09:00:00Z", {"2026-11-23T09:00"}},
        {"0 9 * * 0", "UTC", "2026-11-21T09:00:00Z", {"2026-11-22T09:00", "2026-11-29T09:00"}},
        {"0 9 * * 7", "UTC", "2026-11-21T09:00:00Z", {"2026-11-22T09:00", "2026-11-29T09:00"}},
        {"0 9 * * Fri-Sun",
         "UTC",
         "2026-11-20T09:00:00Z",
         {"2026-11-21T09:00", "2026-11-22T09:00", "2026-11-27T09:00"}},
        {"0 0 29 feb *", "UTC", "2096-03-01T00:00:00Z", {"2104-02-29T00:00"}},
    });
}

TEST(Cron, TwoRestrictedDaysAreEither) {
    expect_rows({
        // The 13th, and every Friday.
        {"0 0 13 * fri",
         "UTC",
         "2026-11-06T00:00:00Z",
         {"2026-11-13T00:00",
          "2026-11-20T00:00",
          "2026-11-27T00:00",
          "2026-12-04T00:00",
          "2026-12-11T00:00",
          "2026-12-13T00:00"}},
        // A field that begins with a star restricts further: odd days that are Fridays.
        {"0 0 */2 * fri", "UTC", "2026-11-01T00:00:00Z", {"2026-11-13T00:00", "2026-11-27T00:00"}},
        {"0 0 29 2 */7", "UTC", "2026-01-01T00:00:00Z", {"2032-02-29T00:00", "2060-02-29T00:00"}},
    });
}

TEST(Cron, ATimeThatClocksSkipComesOnceAtTheChange) {
    expect_rows({
        // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
        {"30 2 * * *",
         "Europe/Berlin",
         "2026-03-28T00:00:00Z",
         {"2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"}},
        {"*/15 2 * * *",
         "Europe/Berlin",
         "2026-03-28T01:45:00Z",
         {"2026-03-29T01:00", "2026-03-30T00:00"}},
        {"*/30 * * * *",
         "Europe/Berlin",
         "2026-03-29T00:00:00Z",
         {"2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"}},
        // New York, 8 March 2026: 02:00 becomes 03:00 at 07:00 UTC.
        {"15 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", {"2026-03-08T07:00"}},
        // Los Angeles (UTC-8), the same night at 10:00 UTC.
        {"59 2 * * *", "America/Los_Angeles", "2026-03-08T00:00:00Z", {"2026-03-08T10:00"}},
        // Lord Howe moves by half an hour: 4 October 2026, 02:00 becomes 02:30 at 15:30 UTC.
        {"10 2 * * *",
         "Australia/Lord_Howe",
         "2026-10-02T18:00:00Z",
         {"2026-10-03T15:30", "2026-10-04T15:10"}},
        // Auckland (to UTC+13): 27 September 2026, 02:00 becomes 03:00 at 14:00 UTC the day before.
        {"30 2 * * *",
         "Pacific/Auckland",
         "2026-09-25T14:30:00Z",
         {"2026-09-26T14:00", "2026-09-27T13:30"}},
        // Apia skipped 30 December 2011 entirely, from UTC-10 to UTC+14.
        {"0 12 * * *",
         "Pacific/Apia",
         "2011-12-29T00:00:00Z",
         {"2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"}},
    });
}

TEST(Cron, ATimeThatClocksShowTwiceComesOnceTheFirstTime) {
    expect_rows({
        // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
        {"30 2 * * *",
         "Europe/Berlin",
         "2026-10-24T00:30:00Z",
         {"2026-10-25T00:30", "2026-10-26T01:30"}},
        {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", {"2026-10-26T01:30"}},
        {"0 * * * *",
         "Europe/Berlin",
         "2026-10-24T23:00:00Z",
         {"2026-10-25T00:00", "2026-10-25T02:00"}},
        // New York, 1 November 2026, 06:00 UTC.
        {"30 1 * * *",
         "America/New_York",
         "2026-10-31T12:00:00Z",
         {"2026-11-01T05:30", "2026-11-02T06:30"}},
        // Lord Howe, 5 April 2026: 02:00 becomes 01:30 at 15:00 UTC the day before.
        {"45 1 * * *",
         "Australia/Lord_Howe",
         "2026-04-03T15:00:00Z",
         {"2026-04-04T14:45", "2026-04-05T15:15"}},
        // Auckland, 5 April 2026: 03:00 becomes 02:00 at 14:00 UTC the day before.
        {"30 2 * * *",
         "Pacific/Auckland",
         "2026-04-03T14:00:00Z",
         {"2026-04-04T13:30", "2026-04-05T14:30"}},
        // Chatham (UTC+12:45): its 03:45 becomes 02:45 at the same instant as Auckland's change.
        {"0 3 * * *",
         "Pacific/Chatham",
         "2026-04-03T14:00:00Z",
         {"2026-04-04T13:15", "2026-04-05T14:15"}},
    });
}

TEST(Cron, ZonesWithoutChangesKeepTheirOffset) {
    expect_rows({
        {"0 0 * * *", "Pacific/Tongatapu", "2026-11-21T00:00:00Z", {"2026-11-21T11:00"}},
        {"0 0 * * *", "Asia/Kolkata", "2026-11-21T00:00:00Z", {"2026-11-21T18:30"}},
    });
}

TEST(Cron, WhatIsWrongIsNamedWithItsFieldAndValue) {
    const std::vector<std::pair<const char*, const char*>> rows{
        {"", "expected 5 fields (minute, hour, day of month, month, day of week), found 0 in ''"},
        {"0 0 1 1 * 2026", "found 6 in '0 0 1 1 * 2026'"},
        {"@daily", "found 1 in '@daily'"},
        {"60 * * * *", "minute: '60' is not within 0 to 59"},
        {"* 24 * * *", "hour: '24' is not within 0 to 23"},
        {"* * 0 * *", "day of month: '0' is not within 1 to 31"},
        {"* * * 13 *", "month: '13' is not within 1 to 12"},
        {"* * * * 8", "day of week: '8' is not within 0 to 7"},
        {"* * * * funday", "day of week: 'funday' is neither a number from 0 to 7 nor a name"},
        {"mon * * * *", "minute: 'mon' is neither a number from 0 to 59;"},
        {"1,,2 * * * *", "minute: '' is neither"},
        {"-1 * * * *", "minute: '' is neither"},
        {"+1 * * * *", "minute: '+1' is neither"},
        {"0--0 * * * *", "minute: '-0' is neither"},
        {"*/-0 * * * *", "minute: the step of '*/-0' is not within"},
        {"99999999999 * * * *", "minute: '99999999999' is neither"},
        {"30-10 * * * *", "minute: the range '30-10' runs backwards"},
        {"* * * * sat-mon", "day of week: the range 'sat-mon' runs backwards"},
        {"*/0 * * * *", "minute: the step of '*/0' is not within 1 to 59"},
        {"*/x * * * *", "minute: the step of '*/x' is not within"},
        {"* * L * *", "day of month: 'L' is neither"},
        {"0 0 30 2 *", "day of month: '30' never comes in month '2'"},
        {"0 0 31 4,6,9,11 *", "day of month: '31' never comes in month '4,6,9,11'"},
    };
    for (const auto& [text, message] : rows) {
        const auto cron = parse(text);
        ASSERT_FALSE(cron.has_value()) << text;
        EXPECT_EQ(cron.error().code, ErrorCode::kInvalid);
        EXPECT_NE(cron.error().message.find(message), std::string::npos) << cron.error().message;
    }
}

TEST(Cron, AnUnknownZoneIsNamed) {
    for (const char* zone : {"Europe/Atlantis", "", "../etc/passwd", "CEST+2"}) {
        const auto found = TimeZone::find(zone);
        ASSERT_FALSE(found.has_value()) << zone;
        EXPECT_NE(
            found.error().message.find("'" + std::string(zone) + "' is not an IANA time zone"),
            std::string::npos
        );
    }
}

// An oracle that knows nothing of days: it looks at every minute of the time line, and at what the
// clock shows there and showed a minute before.
class Oracle {
public:
    Oracle(const std::string& zone, int minute, int hour)
        : zone_(TimeZone::find(zone).value()), minute_(minute), hour_(hour) {}

    Timestamp next(Timestamp after) const {
        Timestamp time{after.ms - after.ms % kMinute + kMinute};
        while (!shown_first(time) && !skipped_just_before(time)) {
            time.ms += kMinute;
        }
        return time;
    }

private:
    static constexpr std::int64_t kMinute = 60'000;

    bool is_slot(std::int64_t local) const {
        const std::int64_t of_day = local / kMinute % (24 * 60);
        return of_day % 60 % minute_ == 0 && of_day / 60 % hour_ == 0;
    }
    // Whether the clock showed the same within the last two hours.
    bool shown_first(Timestamp time) const {
        const std::int64_t local = zone_.local(time).ms;
        if (!is_slot(local)) {
            return false;
        }
        for (std::int64_t back = kMinute; back <= 120 * kMinute; back += kMinute) {
            if (zone_.local(Timestamp{time.ms - back}).ms == local) {
                return false;
            }
        }
        return true;
    }
    bool skipped_just_before(Timestamp time) const {
        const std::int64_t shown = zone_.local(time).ms;
        std::int64_t local = zone_.local(Timestamp{time.ms - kMinute}).ms + kMinute;
        for (; local < shown; local += kMinute) {
            if (is_slot(local)) {
                return true;
            }
        }
        return false;
    }

    TimeZone zone_;
    int minute_;
    int hour_;
};

const std::vector<std::string> kZones{
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Pacific/Tongatapu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/St_Johns"};

// A time within some hours of a change of the zone's clocks, or, one time in five, any.
struct Moment {
    std::string zone;
    Timestamp time;
};

Moment any_moment() {
    static const std::vector<std::pair<const char*, const char*>> kChanges{
        {"America/New_York", "2026-03-08T07:00:00Z"},
        {"America/Los_Angeles", "2026-03-08T10:00:00Z"},
        {"Europe/Berlin", "2026-03-29T01:00:00Z"},
        {"Pacific/Auckland", "2026-04-04T14:00:00Z"},
        {"Pacific/Chatham", "2026-04-04T14:00:00Z"},
        {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
        {"Pacific/Auckland", "2026-09-26T14:00:00Z"},
        {"Pacific/Chatham", "2026-09-26T14:00:00Z"},
        {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
        {"Europe/Berlin", "2026-10-25T01:00:00Z"},
        {"America/St_Johns", "2026-11-01T04:30:00Z"},
        {"America/Los_Angeles", "2026-11-01T09:00:00Z"}};
    // At full size from the first case on: else most numbers lie where a range begins.
    const auto within = [](std::int64_t from, std::int64_t to) {
        return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(from, to));
    };
    if (within(0, 5) > 0) {
        const auto& [zone, change] = *rc::gen::elementOf(kChanges);
        return {zone, {at(change).ms + within(-4 * 3'600'000, 3 * 3'600'000)}};
    }
    const std::int64_t years = 15LL * 365 * 86'400'000;
    return {*rc::gen::elementOf(kZones), {at("2020-01-01T00:00:00Z").ms + within(0, years)}};
}

RC_GTEST_PROP(CronProperty, AgreesWithALookAtEveryMinute, ()) {
    const auto [zone, after] = any_moment();
    const int minute = *rc::gen::element(1, 5, 7, 30, 60);
    const int hour = *rc::gen::element(1, 2, 3);
    const std::string minutes = minute == 60 ? "0" : "*/" + std::to_string(minute);
    const auto cron = parse(minutes + " */" + std::to_string(hour) + " * * *", zone).value();
    const auto next = cron.next(after);
    RC_ASSERT(next.has_value());
    RC_ASSERT(next->to_string() == Oracle(zone, minute, hour).next(after).to_string());
}

RC_GTEST_PROP(CronProperty, NextIsLaterMonotoneAndShowsTheFields, ()) {
    const auto [zone_name, after] = any_moment();
    const TimeZone zone = TimeZone::find(zone_name).value();
    const int minute = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 60));
    const int hour = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 24));
    const int weekday = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 7));
    const auto cron =
        parse(
            std::to_string(minute) + " " + std::to_string(hour) + " * * " + std::to_string(weekday),
            zone_name
        )
            .value();
    const auto next = cron.next(after);
    RC_ASSERT(next.has_value());
    RC_ASSERT(*next > after);
    RC_ASSERT(next->ms - after.ms <= 7 * 86'400'000LL + 3'600'000);
    // Asked a moment before, it says the same; asked at it, it goes on.
    RC_ASSERT(*cron.next(Timestamp{next->ms - 1}) == *next);
    RC_ASSERT(*cron.next(*next) > *next);
    const std::int64_t local = zone.local(*next).ms;
    const std::int64_t before = zone.local(Timestamp{next->ms - 60'000}).ms;
    const std::int64_t wanted = (hour * 60 + minute) * 60'000LL;
    const std::int64_t day = local - local % 86'400'000;
    RC_ASSERT((local / 86'400'000 + 4) % 7 == weekday);
    // It shows the fields, or the clock has just skipped them.
    RC_ASSERT(local - day == wanted || (before < day + wanted && day + wanted < local));
}

}  // namespace
}  // namespace syncline
