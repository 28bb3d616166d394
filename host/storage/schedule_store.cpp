#include "storage/schedule_store.hpp"

namespace syncline::storage {
namespace {

// Slots that are remembered per schedule: a week of every five minutes.
constexpr std::int64_t kRemembered = 2'016;

#define SYNCLINE_SCHEDULE_COLUMNS                                                  \
    "s.id, s.tenant_id, t.name, s.definition, s.paused, s.declared, s.jitter_ms, " \
    "s.last_due_ms, s.next_due_ms, s.queued_ms, s.decided_at_ms, s.forgotten_ms, " \
    "s.last_sync_id, s.last_error, s.revision "                                    \
    "FROM sync_schedules s JOIN tenants t ON t.id = s.tenant_id "
constexpr auto kFind = "SELECT " SYNCLINE_SCHEDULE_COLUMNS "WHERE s.tenant_id = ? AND s.name = ?";
constexpr auto kList = "SELECT " SYNCLINE_SCHEDULE_COLUMNS "WHERE s.tenant_id = ? ORDER BY s.name";
constexpr auto kListAll = "SELECT " SYNCLINE_SCHEDULE_COLUMNS "ORDER BY s.id";
constexpr auto kToLookAt = "SELECT " SYNCLINE_SCHEDULE_COLUMNS R"sql(
     WHERE s.enabled = 1 AND s.paused = 0 AND t.state = 'active'
       AND ((s.next_due_ms > 0 AND s.next_due_ms + s.jitter_ms <= ?) OR s.queued_ms > 0
            OR s.decided_at_ms > ?)
     ORDER BY s.next_due_ms + s.jitter_ms, s.id
)sql";
#undef SYNCLINE_SCHEDULE_COLUMNS

constexpr auto kFlow = "SELECT id FROM flows WHERE tenant_id = ? AND name = ?";
constexpr auto kInsert = R"sql(
    INSERT INTO sync_schedules (tenant_id, name, definition, enabled, created_at_ms, updated_at_ms)
    VALUES (?, ?, '{}', 0, ?, ?) ON CONFLICT (tenant_id, name) DO NOTHING
)sql";
constexpr auto kDefine = R"sql(
    UPDATE sync_schedules
       SET definition = ?, enabled = ?, jitter_ms = ?, next_due_ms = ?, queued_ms = 0,
           decided_at_ms = ?, last_error = '', updated_at_ms = ?, revision = revision + 1
     WHERE id = ?
)sql";
constexpr auto kSetDeclared = "UPDATE sync_schedules SET declared = ? WHERE id = ?";
constexpr auto kRemove = "DELETE FROM sync_schedules WHERE id = ?";
constexpr auto kSetPaused = R"sql(
    UPDATE sync_schedules
       SET paused = ?, next_due_ms = ?, queued_ms = 0, decided_at_ms = ?, updated_at_ms = ?,
           revision = revision + 1
     WHERE id = ?
)sql";
constexpr auto kIsUsed = "SELECT 1 FROM sync_schedule_slots WHERE schedule_id = ? AND slot_ms = ?";
constexpr auto kUse = R"sql(
    INSERT INTO sync_schedule_slots (schedule_id, slot_ms, sync_id) VALUES (?, ?, ?)
    ON CONFLICT (schedule_id, slot_ms) DO NOTHING
)sql";
constexpr auto kSettle = R"sql(
    UPDATE sync_schedules
       SET next_due_ms = ?, queued_ms = ?, decided_at_ms = ?, last_error = ?,
           last_due_ms = CASE ? WHEN 0 THEN last_due_ms ELSE ? END,
           last_sync_id = CASE ? WHEN '' THEN last_sync_id ELSE ? END,
           revision = revision + 1
     WHERE id = ? AND revision = ?
)sql";
constexpr auto kOldest = R"sql(
    SELECT slot_ms FROM sync_schedule_slots
     WHERE schedule_id = ? ORDER BY slot_ms DESC LIMIT 1 OFFSET ?
)sql";
constexpr auto kForget = "DELETE FROM sync_schedule_slots WHERE schedule_id = ? AND slot_ms <= ?";
constexpr auto kSetForgotten = "UPDATE sync_schedules SET forgotten_ms = ? WHERE id = ?";

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::int64_t>;

Result<Schedule> to_schedule(const Row& row) {
    Schedule schedule;
    schedule.id = ScheduleId{std::get<0>(row)};
    schedule.tenant = TenantId{std::get<1>(row)};
    schedule.tenant_name = std::get<2>(row);
    SYNCLINE_ASSIGN_OR_RETURN(const Json definition, parse_json(std::get<3>(row)));
    SYNCLINE_ASSIGN_OR_RETURN(schedule.definition, from_json<ScheduleDefinition>(definition));
    schedule.paused = std::get<4>(row) != 0;
    schedule.declared = std::get<5>(row) != 0;
    schedule.jitter_ms = std::get<6>(row);
    schedule.last_due_ms = std::get<7>(row);
    schedule.next_due_ms = std::get<8>(row);
    schedule.queued_ms = std::get<9>(row);
    schedule.decided_at_ms = std::get<10>(row);
    schedule.forgotten_ms = std::get<11>(row);
    schedule.last_sync_id = std::get<12>(row);
    schedule.last_error = std::get<13>(row);
    schedule.revision = std::get<14>(row);
    return schedule;
}

Result<Schedule> find_in(Sql& sql, TenantId tenant, const std::string& name) {
    const auto rows = sql.select<Row>(kFind, tenant.value, name);
    if (rows.empty()) {
        return Error{
            ErrorCode::kNotFound, "there is no schedule '" + name + "'", "schedule.unknown"};
    }
    return to_schedule(rows.front());
}

Error changed() {
    return Error{
        ErrorCode::kExists, "the schedule was changed by somebody else", "schedule.changed"};
}

Result<std::int64_t> next_unused_in(
    Sql& sql, ScheduleId id, const ScheduleDefinition& definition, Timestamp after
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Timetable timetable, Timetable::make(definition));
    // No more than are remembered can be in the way.
    auto slot = timetable.next(after);
    while (slot && sql.value<std::int64_t>(kIsUsed, id.value, slot->ms)) {
        slot = timetable.next(*slot);
    }
    return slot ? slot->ms : 0;
}

Timestamp after_forgotten(const Schedule& schedule, std::int64_t after_ms) {
    return Timestamp{std::max(after_ms, schedule.forgotten_ms)};
}

void forget(Sql& sql, ScheduleId id) {
    if (const auto oldest = sql.value<std::int64_t>(kOldest, id.value, kRemembered)) {
        sql.run(kForget, id.value, *oldest);
        sql.run(kSetForgotten, *oldest, id.value);
    }
}

}  // namespace

Result<Schedule> ScheduleStore::put(
    TenantId tenant, const ScheduleDefinition& definition, bool declared, std::int64_t now_ms
) {
    SYNCLINE_RETURN_IF_ERROR(check_definition(definition));
    return database_.write([&](Sql& sql) -> Result<Schedule> {
        if (!definition.flow.empty() &&
            !sql.value<std::int64_t>(kFlow, tenant.value, definition.flow)) {
            return Error{
                ErrorCode::kNotFound,
                "/flow: there is no flow '" + definition.flow + "'",
                "flow.unknown"};
        }
        const bool is_new = sql.run(kInsert, tenant.value, definition.name, now_ms, now_ms) != 0;
        SYNCLINE_ASSIGN_OR_RETURN(const Schedule before, find_in(sql, tenant, definition.name));
        const std::string wanted = dump_json(to_json(definition));
        if (is_new || dump_json(to_json(before.definition)) != wanted) {
            SYNCLINE_ASSIGN_OR_RETURN(
                const std::int64_t next,
                next_unused_in(sql, before.id, definition, after_forgotten(before, now_ms))
            );
            const std::int64_t jitter = jitter_of(before.id, definition);
            sql.run(
                kDefine, wanted, definition.enabled, jitter, next, now_ms, now_ms, before.id.value
            );
        }
        sql.run(kSetDeclared, declared, before.id.value);
        return find_in(sql, tenant, definition.name);
    });
}

Result<Schedule> ScheduleStore::find(TenantId tenant, const std::string& name) const {
    return database_.read([&](Sql& sql) { return find_in(sql, tenant, name); });
}

Result<std::vector<Schedule>> ScheduleStore::list(TenantId tenant) const {
    return database_.read([&](Sql& sql) {
        return convert_all(sql.select<Row>(kList, tenant.value), to_schedule);
    });
}

Result<std::vector<Schedule>> ScheduleStore::list_all() const {
    return database_.read([&](Sql& sql) {
        return convert_all(sql.select<Row>(kListAll), to_schedule);
    });
}

Result<void> ScheduleStore::remove(ScheduleId id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRemove, id.value);
        return {};
    });
}

Result<void> ScheduleStore::retire(
    ScheduleId id, const ScheduleDefinition& disabled, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kDefine, dump_json(to_json(disabled)), false, 0, 0, now_ms, now_ms, id.value);
        sql.run(kSetDeclared, false, id.value);
        return {};
    });
}

Result<void> ScheduleStore::set_paused(const Schedule& schedule, bool paused, std::int64_t now_ms) {
    if (schedule.paused == paused) {
        return {};
    }
    return database_.write([&](Sql& sql) -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(
            const std::int64_t next,
            next_unused_in(sql, schedule.id, schedule.definition, after_forgotten(schedule, now_ms))
        );
        sql.run(kSetPaused, paused, next, now_ms, now_ms, schedule.id.value);
        return {};
    });
}

Result<std::vector<Schedule>> ScheduleStore::to_look_at(std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) {
        return convert_all(sql.select<Row>(kToLookAt, now_ms, now_ms), to_schedule);
    });
}

Result<std::int64_t> ScheduleStore::next_unused(const Schedule& schedule, Timestamp after) const {
    return database_.read([&](Sql& sql) {
        return next_unused_in(
            sql, schedule.id, schedule.definition, after_forgotten(schedule, after.ms)
        );
    });
}

Result<void> ScheduleStore::settle(const Schedule& before, const SlotDecision& decision) {
    return database_.write([&](Sql& sql) { return settle(sql, before, decision); });
}

Result<void> ScheduleStore::settle(Sql& sql, const Schedule& before, const SlotDecision& decision) {
    const std::int64_t settled = sql.run(
        kSettle,
        decision.next_due_ms,
        decision.queued_ms,
        decision.decided_at_ms,
        decision.error,
        decision.used_ms,
        decision.used_ms,
        decision.sync_id,
        decision.sync_id,
        before.id.value,
        before.revision
    );
    if (settled == 0) {
        return changed();
    }
    if (decision.used_ms != 0) {
        if (sql.run(kUse, before.id.value, decision.used_ms, decision.sync_id) == 0) {
            return Error{ErrorCode::kExists, "the slot was used before", "schedule.slot_used"};
        }
        forget(sql, before.id);
    }
    return {};
}

}  // namespace syncline::storage
