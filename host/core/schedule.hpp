// When flows run by themselves: the definition, the times it names, and which of them counts when
// several have passed. Values only; what was used is in storage/schedule_store.hpp.
//
// A slot is a time that the definition names. Its run starts a little later, by the schedule's
// jitter, which is always the same for one schedule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cron.hpp"
#include "core/flow.hpp"

namespace syncline {

// What becomes of slots that passed while nothing could run (host down, clock set ahead, blackout).
enum class Misfire { kCoalesce, kSkip, kAll };
template <>
struct EnumNames<Misfire> {
    static constexpr std::array<std::pair<Misfire, std::string_view>, 3> kNames{{
        {Misfire::kCoalesce, "coalesce"},
        {Misfire::kSkip, "skip"},
        {Misfire::kAll, "all"},
    }};
};

// What becomes of a slot that comes while the run before it still reads.
enum class Overlap { kSkip, kQueueOne, kCancel };
template <>
struct EnumNames<Overlap> {
    static constexpr std::array<std::pair<Overlap, std::string_view>, 3> kNames{{
        {Overlap::kSkip, "skip"},
        {Overlap::kQueueOne, "queue_one"},
        {Overlap::kCancel, "cancel"},
    }};
};

// Nothing starts within: either once, from a time to another, or again and again for a duration
// from each time of a cron text in the schedule's zone.
struct Blackout {
    std::optional<Timestamp> from;  // inclusive
    std::optional<Timestamp> to;    // exclusive
    std::string cron;
    std::int64_t duration_s = 0;

    static constexpr auto fields() {
        return std::make_tuple(
            field("from", &Blackout::from),
            field("to", &Blackout::to),
            field("cron", &Blackout::cron),
            field("duration_s", &Blackout::duration_s)
        );
    }
};

// The distance of a schedule that has neither cron nor interval.
inline constexpr std::int64_t kIntervalDefaultS = 300;

struct ScheduleDefinition {
    std::string name;
    std::string flow;                        // either this flow
    std::string entity;                      // or every enabled flow of the entity; singular
    std::optional<SyncMode> mode;            // incremental or full; absent: the flow's
    std::string cron;                        // either this
    std::optional<std::int64_t> interval_s;  // or this; neither: 300
    std::string zone = "UTC";
    Misfire misfire = Misfire::kCoalesce;
    Overlap overlap = Overlap::kSkip;
    std::int64_t jitter_s = 30;
    std::vector<Blackout> blackouts;
    bool enabled = true;

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &ScheduleDefinition::name),
            field("flow", &ScheduleDefinition::flow),
            field("entity", &ScheduleDefinition::entity),
            field("mode", &ScheduleDefinition::mode),
            field("cron", &ScheduleDefinition::cron),
            field("interval_s", &ScheduleDefinition::interval_s),
            field("zone", &ScheduleDefinition::zone),
            field("misfire", &ScheduleDefinition::misfire),
            field("overlap", &ScheduleDefinition::overlap),
            field("jitter_s", &ScheduleDefinition::jitter_s),
            field("blackouts", &ScheduleDefinition::blackouts),
            field("enabled", &ScheduleDefinition::enabled)
        );
    }
};

// What is wrong with a definition on its own, "/member: ..."; whether the flow exists is the
// store's to say.
Result<void> check_definition(const ScheduleDefinition& definition);

// From 0 to jitter_s, always the same for the same id and setting.
std::int64_t jitter_of(ScheduleId id, const ScheduleDefinition& definition);

// The times of a definition, ready to be asked.
class Timetable {
public:
    // Errors: as check_definition().
    static Result<Timetable> make(const ScheduleDefinition& definition);

    // The first slot strictly after `after`. Slots of an interval are its multiples since
    // 1970-01-01 UTC, so that they are the same after every restart.
    std::optional<Timestamp> next(Timestamp after) const;
    // The latest slots from `first` (a slot itself) to `until`, inclusive, oldest first; at most
    // `max`.
    std::vector<Timestamp> latest(Timestamp first, Timestamp until, std::size_t max) const;
    // When the blackouts around `at` are over, those that follow without a gap included (a year at
    // most); nothing when there is none.
    std::optional<Timestamp> blackout_until(Timestamp at) const;

private:
    struct Window {
        Timestamp from;
        Timestamp to;
        std::optional<Cron> cron;
        std::int64_t duration_ms = 0;

        std::optional<Timestamp> end_around(Timestamp at) const;
    };

    std::optional<Cron> cron_;
    std::int64_t interval_ms_ = 0;
    std::vector<Window> blackouts_;
};

// A slot that is looked at later than this was missed.
inline constexpr std::int64_t kMissedAfterMs = 60'000;
// Of slots that were missed, `all` makes up for the latest so many.
inline constexpr std::size_t kMadeUpMax = 24;

struct DueSlot {
    std::optional<Timestamp> slot;  // to be used; nothing: all were missed and are given up
    bool missed = false;
    std::optional<Timestamp> next;  // the first slot that is not dealt with then
};

// Which slot counts at `now`, when `first` is the first one not dealt with and not later than now
// less the jitter.
DueSlot due_slot(
    const Timetable& timetable, Misfire misfire, Timestamp first, Timestamp now_less_jitter
);

struct UpcomingSlot {
    Timestamp slot;
    std::optional<Timestamp> starts;  // nothing: given up because of a blackout
    bool blackout = false;
};

// What is to come from the slot `first` on, as far as it can be known.
std::vector<UpcomingSlot> upcoming_slots(
    const Timetable& timetable,
    Misfire misfire,
    Timestamp first,
    std::int64_t jitter_ms,
    std::size_t count
);

}  // namespace syncline
