// Schedules, and which of their slots were used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/schedule.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// See sync_schedules in migrations/sqlite/0010.
struct Schedule {
    ScheduleId id;
    TenantId tenant;
    std::string tenant_name;
    ScheduleDefinition definition;
    bool paused = false;
    bool declared = false;  // by the configuration file
    std::int64_t jitter_ms = 0;
    std::int64_t last_due_ms = 0;
    std::int64_t next_due_ms = 0;
    std::int64_t queued_ms = 0;
    std::int64_t decided_at_ms = 0;
    std::int64_t forgotten_ms = 0;
    std::string last_sync_id;
    std::string last_error;
    std::int64_t revision = 0;
};

// What was decided about a schedule's slots.
struct SlotDecision {
    std::int64_t used_ms = 0;  // 0: none
    std::string sync_id;       // of the used slot's runs; "" when it was left out
    std::int64_t next_due_ms = 0;
    std::int64_t queued_ms = 0;
    std::string error;
    std::int64_t decided_at_ms = 0;
};

class ScheduleStore {
public:
    explicit ScheduleStore(Database& database) : database_(database) {}

    // Makes the schedule or replaces its definition; its first slot is the next one after now. The
    // same definition again changes nothing. Errors: kInvalid from check_definition(), kNotFound
    // "/flow: ..." when the flow is missing.
    Result<Schedule> put(
        TenantId tenant, const ScheduleDefinition& definition, bool declared, std::int64_t now_ms
    );
    Result<Schedule> find(TenantId tenant, const std::string& name) const;  // kNotFound
    Result<std::vector<Schedule>> list(TenantId tenant) const;
    Result<std::vector<Schedule>> list_all() const;
    Result<void> remove(ScheduleId id);
    // The configuration file has it no longer: disabled, and the API's. Its flow may be gone.
    Result<void> retire(ScheduleId id, const ScheduleDefinition& disabled, std::int64_t now_ms);
    // Slots that pass while it is paused are nobody's: resumed, it goes on with the next one.
    Result<void> set_paused(const Schedule& schedule, bool paused, std::int64_t now_ms);

    // Those whose slot is due, that wait for a run, or that decided under a later clock.
    Result<std::vector<Schedule>> to_look_at(std::int64_t now_ms) const;
    // The first slot after `after` that was not used; 0 when there is none.
    Result<std::int64_t> next_unused(const Schedule& schedule, Timestamp after) const;
    Result<void> settle(const Schedule& before, const SlotDecision& decision);
    // The same as a part of the caller's unit of work, so that a slot is used exactly when its runs
    // are there. Errors: kExists "schedule.changed" when it is not as it was, "schedule.slot_used".
    Result<void> settle(Sql& sql, const Schedule& before, const SlotDecision& decision);

private:
    Database& database_;
};

}  // namespace syncline::storage
