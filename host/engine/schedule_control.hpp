// What the API and the command line can do with schedules: define, change, remove, pause, resume.
// Everything is within one tenant. [any thread]
#pragma once

#include <string>

#include "core/clock.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class ScheduleControl {
public:
    ScheduleControl(Stores& stores, const Clock& clock) : stores_(stores), clock_(clock) {}

    // Errors: kExists when there is a schedule of that name; as ScheduleStore::put.
    Result<storage::Schedule> create(TenantId tenant, const ScheduleDefinition& definition);

    struct Replaced {
        storage::Schedule schedule;
        bool created = false;
    };
    // Errors: kExists managed_by_config; as ScheduleStore::put.
    Result<Replaced> replace(TenantId tenant, const ScheduleDefinition& definition);

    // Errors: kNotFound; kExists managed_by_config.
    Result<void> remove(TenantId tenant, const std::string& name);

    // Paused, it starts nothing; resumed, it goes on with the next slot.
    Result<storage::Schedule> set_paused(TenantId tenant, const std::string& name, bool paused);

    // What comes next; a paused or disabled schedule is shown as if it were not.
    Result<std::vector<UpcomingSlot>> upcoming(
        TenantId tenant, const std::string& name, std::size_t count
    ) const;

private:
    Stores& stores_;
    const Clock& clock_;
};

}  // namespace syncline::engine
