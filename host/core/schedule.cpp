#include "core/schedule.hpp"

#include <algorithm>

#include "core/sha256.hpp"

namespace syncline {
namespace {

constexpr std::int64_t kIntervalMinS = 10;
constexpr std::int64_t kIntervalMaxS = 31 * 86'400;
constexpr std::int64_t kJitterMaxS = 3'600;
constexpr std::size_t kBlackoutsMax = 50;
constexpr std::int64_t kBlackoutMaxMs = 366LL * 86'400'000;

Error at(const std::string& place, const std::string& what) {
    return invalid(place + ": " + what);
}

Result<void> check_number(
    const std::string& place, std::int64_t value, std::int64_t min, std::int64_t max
) {
    if (value < min || value > max) {
        return at(
            place,
            "expected " + std::to_string(min) + " to " + std::to_string(max) + ", found " +
                std::to_string(value)
        );
    }
    return {};
}

Result<Cron> cron_at(const std::string& place, const std::string& text, TimeZone zone) {
    auto cron = Cron::parse(text, zone);
    if (!cron) {
        return at(place, cron.error().message);
    }
    return cron;
}

Result<void> check_blackout(const std::string& place, const Blackout& blackout) {
    const bool once = blackout.from || blackout.to;
    const bool repeated = !blackout.cron.empty() || blackout.duration_s != 0;
    if (once == repeated) {
        return at(place, "expected either 'from' and 'to', or 'cron' and 'duration_s'");
    }
    if (repeated) {
        return check_number(place + "/duration_s", blackout.duration_s, 60, kIntervalMaxS);
    }
    if (!blackout.from || !blackout.to) {
        return at(place, "expected 'from' and 'to', found only one of them");
    }
    if (*blackout.from >= *blackout.to) {
        return at(place + "/to", "must be later than 'from'");
    }
    return {};
}

Result<void> check_what_runs(const ScheduleDefinition& definition) {
    if (definition.flow.empty() == definition.entity.empty()) {
        return at("/flow", "expected either a flow, or an entity whose flows all run");
    }
    if (!definition.entity.empty() && plural_of(definition.entity) == definition.entity) {
        return at(
            "/entity",
            "unknown entity '" + definition.entity.substr(0, 40) +
                "' (order, customer, product, invoice, refund, payment, id_mapping or sync_log)"
        );
    }
    if (definition.mode == SyncMode::kBackfill || definition.mode == SyncMode::kIds) {
        return at(
            "/mode",
            "'" + std::string(enum_name(*definition.mode)) +
                "' is for one sync, not for a schedule (incremental or full)"
        );
    }
    return {};
}

}  // namespace

Result<void> check_definition(const ScheduleDefinition& definition) {
    SYNCLINE_RETURN_IF_ERROR(check_name(definition.name));
    SYNCLINE_RETURN_IF_ERROR(check_what_runs(definition));
    if (!definition.cron.empty() && definition.interval_s) {
        return at("/interval_s", "expected either 'cron' or 'interval_s', found both");
    }
    SYNCLINE_RETURN_IF_ERROR(check_number(
        "/interval_s",
        definition.interval_s.value_or(kIntervalDefaultS),
        kIntervalMinS,
        kIntervalMaxS
    ));
    SYNCLINE_RETURN_IF_ERROR(check_number("/jitter_s", definition.jitter_s, 0, kJitterMaxS));
    if (definition.blackouts.size() > kBlackoutsMax) {
        return at("/blackouts", "at most " + std::to_string(kBlackoutsMax));
    }
    for (std::size_t i = 0; i < definition.blackouts.size(); ++i) {
        SYNCLINE_RETURN_IF_ERROR(
            check_blackout("/blackouts/" + std::to_string(i), definition.blackouts[i])
        );
    }
    SYNCLINE_RETURN_IF_ERROR(Timetable::make(definition));
    return {};
}

std::int64_t jitter_of(ScheduleId id, const ScheduleDefinition& definition) {
    const std::string hash = sha256_hex("schedule:" + std::to_string(id.value));
    return static_cast<std::int64_t>(std::stoull(hash.substr(0, 15), nullptr, 16)) %
           (definition.jitter_s * 1000 + 1);
}

Result<Timetable> Timetable::make(const ScheduleDefinition& definition) {
    const auto zone = TimeZone::find(definition.zone);
    if (!zone) {
        return at("/zone", zone.error().message);
    }
    Timetable timetable;
    if (!definition.cron.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(timetable.cron_, cron_at("/cron", definition.cron, *zone));
    }
    timetable.interval_ms_ = definition.interval_s.value_or(kIntervalDefaultS) * 1000;
    for (std::size_t i = 0; i < definition.blackouts.size(); ++i) {
        const Blackout& blackout = definition.blackouts[i];
        Window window;
        if (blackout.from && blackout.to) {
            window.from = *blackout.from;
            window.to = *blackout.to;
        } else {
            const std::string place = "/blackouts/" + std::to_string(i) + "/cron";
            SYNCLINE_ASSIGN_OR_RETURN(window.cron, cron_at(place, blackout.cron, *zone));
            window.duration_ms = blackout.duration_s * 1000;
        }
        timetable.blackouts_.push_back(std::move(window));
    }
    return timetable;
}

std::optional<Timestamp> Timetable::next(Timestamp after) const {
    if (cron_) {
        return cron_->next(after);
    }
    return Timestamp{(after.ms / interval_ms_ + 1) * interval_ms_};
}

std::vector<Timestamp> Timetable::latest(Timestamp first, Timestamp until, std::size_t max) const {
    // Looking back a little at first: years of minutes may have passed.
    for (std::int64_t span = 3'600'000;; span *= 8) {
        const bool all = until.ms - first.ms <= span;
        std::vector<Timestamp> slots;
        const Timestamp before{all ? first.ms - 1 : until.ms - span};
        for (auto slot = next(before); slot && *slot <= until; slot = next(*slot)) {
            slots.push_back(*slot);
        }
        if (slots.size() >= max) {
            return {slots.end() - static_cast<std::ptrdiff_t>(max), slots.end()};
        }
        if (all) {
            return slots;
        }
    }
}

std::optional<Timestamp> Timetable::Window::end_around(Timestamp at) const {
    if (!cron) {
        return from <= at && at < to ? std::optional<Timestamp>(to) : std::nullopt;
    }
    const auto begin = cron->next(Timestamp{at.ms - duration_ms});
    if (!begin || *begin > at) {
        return std::nullopt;
    }
    return Timestamp{begin->ms + duration_ms};
}

std::optional<Timestamp> Timetable::blackout_until(Timestamp at) const {
    Timestamp until = at;
    for (bool any = true; any && until.ms - at.ms < kBlackoutMaxMs;) {
        any = false;
        for (const auto& window : blackouts_) {
            if (const auto end = window.end_around(until)) {
                until = *end;
                any = true;
            }
        }
    }
    return until > at ? std::optional<Timestamp>(until) : std::nullopt;
}

DueSlot due_slot(
    const Timetable& timetable, Misfire misfire, Timestamp first, Timestamp now_less_jitter
) {
    const std::size_t wanted = misfire == Misfire::kAll ? kMadeUpMax : 1;
    const auto slots = timetable.latest(first, now_less_jitter, wanted);
    const Timestamp slot = slots.empty() ? first : slots.front();
    DueSlot due;
    due.missed = now_less_jitter.ms - slot.ms > kMissedAfterMs;
    due.next = timetable.next(slot);
    if (misfire != Misfire::kSkip || !due.missed) {
        due.slot = slot;
    }
    return due;
}

std::vector<UpcomingSlot> upcoming_slots(
    const Timetable& timetable,
    Misfire misfire,
    Timestamp first,
    std::int64_t jitter_ms,
    std::size_t count
) {
    std::vector<UpcomingSlot> all;
    for (std::optional<Timestamp> slot = first; slot && all.size() < count;
         slot = timetable.next(*slot)) {
        const Timestamp starts{slot->ms + jitter_ms};
        const auto until = timetable.blackout_until(starts);
        UpcomingSlot upcoming{*slot, until ? *until : starts, until.has_value()};
        if (until && misfire == Misfire::kSkip && until->ms - starts.ms > kMissedAfterMs) {
            upcoming.starts.reset();
        }
        all.push_back(upcoming);
    }
    return all;
}

}  // namespace syncline
