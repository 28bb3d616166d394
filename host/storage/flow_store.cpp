#include "storage/flow_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_FLOW_COLUMNS                                                            \
    "f.id, f.tenant_id, t.name, f.definition, f.source_connection_id, "                  \
    "f.target_connection_id, f.state, f.declared FROM flows f JOIN tenants t ON t.id = " \
    "f.tenant_id "
constexpr auto kFind = "SELECT " SYNCLINE_FLOW_COLUMNS "WHERE f.tenant_id = ? AND f.name = ?";
constexpr auto kById = "SELECT " SYNCLINE_FLOW_COLUMNS "WHERE f.id = ?";
constexpr auto kList = "SELECT " SYNCLINE_FLOW_COLUMNS "WHERE f.tenant_id = ? ORDER BY f.name";
constexpr auto kListAll = "SELECT " SYNCLINE_FLOW_COLUMNS "ORDER BY f.id";
#undef SYNCLINE_FLOW_COLUMNS

constexpr auto kConnection = "SELECT id FROM connections WHERE tenant_id = ? AND name = ?";
constexpr auto kPut = R"sql(
    INSERT INTO flows (tenant_id, name, entity, source_connection_id, target_connection_id,
                       definition, state, declared, created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?)
    ON CONFLICT (tenant_id, name) DO UPDATE
       SET definition = excluded.definition, declared = excluded.declared,
           updated_at_ms = excluded.updated_at_ms
     WHERE flows.entity = excluded.entity
       AND flows.source_connection_id = excluded.source_connection_id
       AND flows.target_connection_id = excluded.target_connection_id
)sql";
constexpr auto kOpenRuns =
    "SELECT count(*) FROM sync_runs WHERE flow_id = ? AND status IN ('queued', 'running')";
constexpr auto kOpenIntent = "SELECT 1 FROM intents WHERE flow_id = ? AND state = 'open' LIMIT 1";
constexpr auto kLeased = "SELECT 1 FROM sync_queue WHERE flow_id = ? AND state = 'leased' LIMIT 1";
constexpr auto kRemove = "DELETE FROM flows WHERE id = ?";
constexpr auto kCursor = R"sql(
    SELECT cursor_ms, scanning, scan_mode, scan_from_ms, scan_to_ms, scan_last_id, scan_next,
           scan_seen, shrunk_seen, shrunk_known, shrunk_at_ms, updated_at_ms
      FROM sync_state WHERE flow_id = ? AND entity = ?
)sql";
constexpr auto kKnownRecords = "SELECT count(*) FROM sync_queue WHERE flow_id = ?";
constexpr auto kSaveCursor = R"sql(
    INSERT INTO sync_state (flow_id, entity, cursor_ms, scanning, scan_mode, scan_from_ms,
                            scan_to_ms, scan_last_id, scan_next, scan_seen, shrunk_seen,
                            shrunk_known, shrunk_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (flow_id, entity) DO UPDATE
       SET cursor_ms = excluded.cursor_ms, scanning = excluded.scanning,
           scan_mode = excluded.scan_mode, scan_from_ms = excluded.scan_from_ms,
           scan_to_ms = excluded.scan_to_ms, scan_last_id = excluded.scan_last_id,
           scan_next = excluded.scan_next, scan_seen = excluded.scan_seen,
           shrunk_seen = excluded.shrunk_seen, shrunk_known = excluded.shrunk_known,
           shrunk_at_ms = excluded.shrunk_at_ms, updated_at_ms = excluded.updated_at_ms
)sql";

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::string,
    std::int64_t>;

Result<Flow> to_flow(const Row& row) {
    Flow flow;
    flow.id = FlowId{std::get<0>(row)};
    flow.tenant = TenantId{std::get<1>(row)};
    flow.tenant_name = std::get<2>(row);
    SYNCLINE_ASSIGN_OR_RETURN(const Json definition, parse_json(std::get<3>(row)));
    SYNCLINE_ASSIGN_OR_RETURN(flow.definition, from_json<FlowDefinition>(definition));
    flow.source = ConnectionId{std::get<4>(row)};
    flow.target = ConnectionId{std::get<5>(row)};
    flow.state = enum_from_name<FlowState>(std::get<6>(row)).value_or(FlowState::kStopped);
    flow.declared = std::get<7>(row) != 0;
    return flow;
}

constexpr auto kCursorColumns = columns(
    &Cursor::cursor_ms,
    &Cursor::scanning,
    &Cursor::scan_mode,
    &Cursor::scan_from_ms,
    &Cursor::scan_to_ms,
    &Cursor::scan_last_id,
    &Cursor::scan_next,
    &Cursor::scan_seen,
    &Cursor::shrunk_seen,
    &Cursor::shrunk_known,
    &Cursor::shrunk_at_ms,
    &Cursor::updated_at_ms
);

Result<std::int64_t> connection_id(
    Sql& sql, TenantId tenant, const std::string& side, const std::string& name
) {
    const auto id = sql.value<std::int64_t>(kConnection, tenant.value, name);
    if (!id) {
        return Error{
            ErrorCode::kNotFound,
            "/" + side + "/connection: there is no connection '" + name + "'",
            "connection.unknown"};
    }
    return *id;
}

Result<Flow> find_in(Sql& sql, TenantId tenant, const std::string& name) {
    const auto rows = sql.select<Row>(kFind, tenant.value, name);
    if (rows.empty()) {
        return Error{ErrorCode::kNotFound, "there is no flow '" + name + "'", "flow.unknown"};
    }
    return to_flow(rows.front());
}

}  // namespace

Result<Flow> FlowStore::put(
    TenantId tenant, const FlowDefinition& definition, bool declared, std::int64_t now_ms
) {
    SYNCLINE_RETURN_IF_ERROR(check_definition(definition));
    return database_.write([&](Sql& sql) -> Result<Flow> {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto source, connection_id(sql, tenant, "source", definition.source.connection)
        );
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto target, connection_id(sql, tenant, "target", definition.target.connection)
        );
        const std::int64_t rows = sql.run(
            kPut,
            tenant.value,
            definition.name,
            definition.entity,
            source,
            target,
            dump_json(to_json(definition)),
            declared,
            now_ms,
            now_ms
        );
        if (rows == 0) {
            return Error{
                ErrorCode::kExists,
                "the flow '" + definition.name +
                    "' exists with another entity, source or target; its cursor belongs to those: "
                    "make a new flow under another name",
                "flow.other_ends"};
        }
        return find_in(sql, tenant, definition.name);
    });
}

Result<Flow> FlowStore::find(TenantId tenant, const std::string& name) const {
    return database_.read([&](Sql& sql) { return find_in(sql, tenant, name); });
}

Result<Flow> FlowStore::by_id(FlowId id) const {
    return database_.read([&](Sql& sql) -> Result<Flow> {
        const auto rows = sql.select<Row>(kById, id.value);
        if (rows.empty()) {
            return Error{ErrorCode::kNotFound, "the flow is gone", "flow.unknown"};
        }
        return to_flow(rows.front());
    });
}

Result<std::vector<Flow>> FlowStore::list(TenantId tenant) const {
    return database_.read([&](Sql& sql) {
        return convert_all(sql.select<Row>(kList, tenant.value), to_flow);
    });
}

Result<std::vector<Flow>> FlowStore::list_all() const {
    return database_.read([&](Sql& sql) { return convert_all(sql.select<Row>(kListAll), to_flow); }
    );
}

Result<void> FlowStore::remove(FlowId id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (sql.value<std::int64_t>(kOpenRuns, id.value).value_or(0) > 0) {
            return Error{
                ErrorCode::kExists, "the flow has an open run; stop it first", "flow.running"};
        }
        // Its intents would go with it, and with them the knowledge of what may be out already.
        if (sql.value<std::int64_t>(kOpenIntent, id.value) ||
            sql.value<std::int64_t>(kLeased, id.value)) {
            return Error{
                ErrorCode::kExists,
                "a request of the flow is under way, or its outcome is not known yet; wait, or "
                "retry the flow's failures first",
                "flow.in_doubt"};
        }
        sql.run(kRemove, id.value);
        return {};
    });
}

Result<Cursor> FlowStore::cursor(FlowId flow, const std::string& entity) const {
    return database_.read([&](Sql& sql) -> Result<Cursor> {
        return kCursorColumns.first(sql, kCursor, flow.value, entity).value_or(Cursor{});
    });
}

Result<std::int64_t> FlowStore::known_records(FlowId flow) const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kKnownRecords, flow.value).value_or(0);
    });
}

void FlowStore::save_cursor(
    Sql& sql, FlowId flow, const std::string& entity, const Cursor& cursor, std::int64_t now_ms
) {
    sql.run(
        kSaveCursor,
        flow.value,
        entity,
        cursor.cursor_ms,
        cursor.scanning,
        cursor.scan_mode,
        cursor.scan_from_ms,
        cursor.scan_to_ms,
        cursor.scan_last_id,
        cursor.scan_next,
        cursor.scan_seen,
        cursor.shrunk_seen,
        cursor.shrunk_known,
        cursor.shrunk_at_ms,
        now_ms
    );
}

}  // namespace syncline::storage
