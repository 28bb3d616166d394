#include "engine/schedule_control.hpp"

#include "engine/connection_control.hpp"

namespace syncline::engine {
namespace {

Error managed(const std::string& name) {
    return managed_by_config("the schedule '" + name + "'");
}

}  // namespace

Result<storage::Schedule> ScheduleControl::create(
    TenantId tenant, const ScheduleDefinition& definition
) {
    const auto before = stores_.schedules.find(tenant, definition.name);
    if (before) {
        return Error{
            ErrorCode::kExists,
            "/name: there is a schedule '" + definition.name +
                "' already; PUT /api/sync/schedules/" + definition.name + " changes it",
            "schedule.exists"};
    }
    if (before.error().code != ErrorCode::kNotFound) {
        return before.error();
    }
    return stores_.schedules.put(tenant, definition, false, clock_.now().ms);
}

Result<ScheduleControl::Replaced> ScheduleControl::replace(
    TenantId tenant, const ScheduleDefinition& definition
) {
    const auto before = stores_.schedules.find(tenant, definition.name);
    if (before && before->declared) {
        return managed(definition.name);
    }
    if (!before && before.error().code != ErrorCode::kNotFound) {
        return before.error();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        auto schedule, stores_.schedules.put(tenant, definition, false, clock_.now().ms)
    );
    return Replaced{std::move(schedule), !before.has_value()};
}

Result<void> ScheduleControl::remove(TenantId tenant, const std::string& name) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto schedule, stores_.schedules.find(tenant, name));
    return schedule.declared ? Result<void>(managed(name)) : stores_.schedules.remove(schedule.id);
}

Result<storage::Schedule> ScheduleControl::set_paused(
    TenantId tenant, const std::string& name, bool paused
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto schedule, stores_.schedules.find(tenant, name));
    SYNCLINE_RETURN_IF_ERROR(stores_.schedules.set_paused(schedule, paused, clock_.now().ms));
    return stores_.schedules.find(tenant, name);
}

Result<std::vector<UpcomingSlot>> ScheduleControl::upcoming(
    TenantId tenant, const std::string& name, std::size_t count
) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto schedule, stores_.schedules.find(tenant, name));
    SYNCLINE_ASSIGN_OR_RETURN(const auto timetable, Timetable::make(schedule.definition));
    std::int64_t first = schedule.next_due_ms;
    if (schedule.paused || !schedule.definition.enabled) {
        SYNCLINE_ASSIGN_OR_RETURN(first, stores_.schedules.next_unused(schedule, clock_.now()));
    }
    if (first == 0) {
        return std::vector<UpcomingSlot>{};
    }
    return upcoming_slots(
        timetable, schedule.definition.misfire, Timestamp{first}, schedule.jitter_ms, count
    );
}

}  // namespace syncline::engine
