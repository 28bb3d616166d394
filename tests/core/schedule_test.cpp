// Which slots a definition names, what becomes of those that were missed, and blackouts.
#include "core/schedule.hpp"

#include <set>

#include <gtest/gtest.h>

namespace syncline {
namespace {

constexpr std::int64_t kMinute = 60'000;

Timestamp at(const std::string& text) {
    return Timestamp::parse(text).value();
}

ScheduleDefinition every(std::int64_t seconds) {
    ScheduleDefinition definition;
    definition.name = "often";
    definition.flow = "orders";
    definition.interval_s = seconds;
    return definition;
}

ScheduleDefinition cron(const std::string& text, const std::string& zone = "UTC") {
    ScheduleDefinition definition = every(300);
    definition.interval_s.reset();
    definition.cron = text;
    definition.zone = zone;
    return definition;
}

Timetable table(const ScheduleDefinition& definition) {
    return Timetable::make(definition).value();
}

std::string problem(const ScheduleDefinition& definition) {
    const auto checked = check_definition(definition);
    return checked ? "" : checked.error().message;
}

TEST(Schedule, WithoutCronAndIntervalItIsEveryFiveMinutes) {
    ScheduleDefinition definition = every(300);
    definition.interval_s.reset();
    EXPECT_EQ(problem(definition), "");
    EXPECT_EQ(table(definition).next(at("2026-11-21T10:02:00Z")), at("2026-11-21T10:05:00Z"));
    EXPECT_EQ(table(definition).next(at("2026-11-21T10:05:00Z")), at("2026-11-21T10:10:00Z"));
}

TEST(Schedule, ABadDefinitionIsRefusedWithThePlace) {
    std::vector<std::pair<ScheduleDefinition, std::string>> rows;
    const auto add = [&](const std::string& message, auto change) {
        ScheduleDefinition definition = every(300);
        change(definition);
        rows.emplace_back(definition, message);
    };
    add("/name: ", [](auto& d) { d.name = "Bad Name"; });
    add("/flow: expected either", [](auto& d) { d.flow = ""; });
    add("/flow: expected either", [](auto& d) { d.entity = "order"; });
    add("/entity: unknown entity 'widget'", [](auto& d) { d.flow = "", d.entity = "widget"; });
    add("/mode: 'backfill' is for one sync", [](auto& d) { d.mode = SyncMode::kBackfill; });
    add("/interval_s: expected either", [](auto& d) { d.cron = "* * * * *"; });
    add("/interval_s: expected 10 to 2678400, found 9", [](auto& d) { d.interval_s = 9; });
    add("/jitter_s: expected 0 to 3600, found -1", [](auto& d) { d.jitter_s = -1; });
    add("/zone: 'Mars/Base' is not an IANA time zone", [](auto& d) { d.zone = "Mars/Base"; });
    add("/cron: hour: '24'", [](auto& d) { d.interval_s.reset(), d.cron = "0 24 * * *"; });
    add("/blackouts/0: expected either", [](auto& d) { d.blackouts = {Blackout{}}; });
    add("/blackouts/0: expected 'from' and 'to'", [](auto& d) {
        d.blackouts = {Blackout{Timestamp{1}, {}, "", 0}};
    });
    add("/blackouts/0/to: must be later", [](auto& d) {
        d.blackouts = {Blackout{Timestamp{1}, Timestamp{1}, "", 0}};
    });
    add("/blackouts/0/duration_s: expected 60", [](auto& d) {
        d.blackouts = {Blackout{{}, {}, "0 0 1 * *", 0}};
    });
    add("/blackouts/0/cron: minute: 'x'", [](auto& d) {
        d.blackouts = {Blackout{{}, {}, "x 0 1 * *", 60}};
    });
    for (const auto& [definition, message] : rows) {
        EXPECT_EQ(problem(definition).rfind(message, 0), 0u) << problem(definition);
    }
}

TEST(Schedule, JitterIsTheSameForTheSameIdAndSpreadsOverOthers) {
    ScheduleDefinition definition = every(300);
    definition.jitter_s = 30;
    std::set<std::int64_t> seen;
    for (std::int64_t id = 1; id <= 200; ++id) {
        const std::int64_t jitter = jitter_of(ScheduleId{id}, definition);
        EXPECT_EQ(jitter, jitter_of(ScheduleId{id}, definition));
        EXPECT_TRUE(jitter >= 0 && jitter <= 30'000) << jitter;
        seen.insert(jitter / 1000);
    }
    EXPECT_GT(seen.size(), 25u);
    definition.jitter_s = 0;
    EXPECT_EQ(jitter_of(ScheduleId{7}, definition), 0);
}

TEST(Schedule, LatestSlotsAreTheSameHoweverFarItLooksBack) {
    const Timetable nightly = table(cron("30 2 * * *", "Europe/Berlin"));
    const Timestamp first = nightly.next(at("2020-01-01T00:00:00Z")).value();
    const auto slots = nightly.latest(first, at("2026-11-21T12:00:00Z"), 3);
    ASSERT_EQ(slots.size(), 3u);
    EXPECT_EQ(slots.front(), at("2026-11-19T01:30:00Z"));
    EXPECT_EQ(slots.back(), at("2026-11-21T01:30:00Z"));
    EXPECT_EQ(nightly.latest(first, first, 3), std::vector<Timestamp>{first});
    EXPECT_TRUE(nightly.latest(first, Timestamp{first.ms - 1}, 3).empty());
    const Timetable often = table(cron("* * * * *"));
    EXPECT_EQ(often.latest(Timestamp{kMinute}, at("2026-11-21T12:00:00Z"), 1).size(), 1u);
}

TEST(Schedule, OneMissedSlotStandsForAllUnlessThePolicySaysOtherwise) {
    const Timetable often = table(every(300));
    const Timestamp first = at("2026-11-21T10:00:00Z");
    const Timestamp later = at("2026-11-21T15:02:30Z");

    const DueSlot one = due_slot(often, Misfire::kCoalesce, first, later);
    EXPECT_EQ(one.slot, at("2026-11-21T15:00:00Z"));
    EXPECT_EQ(one.next, at("2026-11-21T15:05:00Z"));

    const DueSlot none = due_slot(often, Misfire::kSkip, first, later);
    EXPECT_FALSE(none.slot.has_value());
    EXPECT_EQ(none.next, at("2026-11-21T15:05:00Z"));
    const Timestamp in_time = at("2026-11-21T15:00:59Z");
    EXPECT_EQ(due_slot(often, Misfire::kSkip, first, in_time).slot, at("2026-11-21T15:00:00Z"));

    const DueSlot all = due_slot(often, Misfire::kAll, first, later);
    EXPECT_EQ(all.slot, at("2026-11-21T13:05:00Z"));  // the oldest of 24
    EXPECT_EQ(all.next, at("2026-11-21T13:10:00Z"));
    EXPECT_TRUE(all.missed);
}

TEST(Schedule, BlackoutsThatTouchAreOne) {
    ScheduleDefinition definition = every(300);
    definition.zone = "Europe/Berlin";
    definition.blackouts = {
        Blackout{at("2026-11-30T23:00:00Z"), at("2026-12-01T06:00:00Z"), "", 0},
        // The last evening of November from 18:00 Berlin (17:00 UTC), for six hours.
        Blackout{{}, {}, "0 18 30 11 *", 6 * 3600}};
    const Timetable timetable = table(definition);
    EXPECT_FALSE(timetable.blackout_until(at("2026-11-30T16:59:59Z")).has_value());
    for (const char* inside : {"2026-11-30T17:00:00Z", "2026-12-01T05:59:59Z"}) {
        EXPECT_EQ(timetable.blackout_until(at(inside)), at("2026-12-01T06:00:00Z")) << inside;
    }
    EXPECT_FALSE(timetable.blackout_until(at("2026-12-01T06:00:00Z")).has_value());
    definition.blackouts = {Blackout{{}, {}, "* * * * *", 3600}};  // never over
    EXPECT_TRUE(table(definition).blackout_until(at("2026-11-30T17:00:00Z")).has_value());
}

TEST(Schedule, WhatIsToComeTellsWhatABlackoutDoes) {
    ScheduleDefinition definition = cron("0 * * * *");
    definition.blackouts = {
        Blackout{at("2026-11-21T11:00:00Z"), at("2026-11-21T12:30:00Z"), "", 0}};
    const Timetable timetable = table(definition);
    const Timestamp first = at("2026-11-21T10:00:00Z");
    const auto moved = upcoming_slots(timetable, Misfire::kCoalesce, first, 7'000, 4);
    ASSERT_EQ(moved.size(), 4u);
    EXPECT_EQ(moved[0].starts, at("2026-11-21T10:00:07Z"));
    EXPECT_FALSE(moved[0].blackout);
    EXPECT_EQ(moved[1].slot, at("2026-11-21T11:00:00Z"));
    EXPECT_EQ(moved[1].starts, at("2026-11-21T12:30:00Z"));
    EXPECT_TRUE(moved[2].blackout);
    EXPECT_EQ(moved[3].starts, at("2026-11-21T13:00:07Z"));
    const auto given_up = upcoming_slots(timetable, Misfire::kSkip, first, 7'000, 2);
    EXPECT_FALSE(given_up[1].starts.has_value());
}

}  // namespace
}  // namespace syncline
