#include "storage/webhook_endpoint_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_ENDPOINT_COLUMNS                                                  \
    "SELECT connection_id, tenant_id, last_event_ms, checked_at_ms, check_at_ms, " \
    "caught_up_at_ms, former_until_ms, new_secret, webhooks, error FROM webhook_endpoints "
constexpr auto kOf = SYNCLINE_ENDPOINT_COLUMNS "WHERE tenant_id = ? AND connection_id = ?";
constexpr auto kListAll = SYNCLINE_ENDPOINT_COLUMNS "ORDER BY connection_id";
#undef SYNCLINE_ENDPOINT_COLUMNS
constexpr auto kNoteEvent = R"sql(
    INSERT INTO webhook_endpoints (connection_id, tenant_id, last_event_ms) VALUES (?, ?, ?)
    ON CONFLICT (connection_id) DO UPDATE
       SET last_event_ms = max(last_event_ms, excluded.last_event_ms)
)sql";
constexpr auto kNoteCheck = R"sql(
    INSERT INTO webhook_endpoints (connection_id, tenant_id, checked_at_ms, check_at_ms, webhooks,
                                   new_secret, error)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (connection_id) DO UPDATE
       SET checked_at_ms = excluded.checked_at_ms, check_at_ms = excluded.check_at_ms,
           webhooks = excluded.webhooks, new_secret = excluded.new_secret, error = excluded.error
)sql";
constexpr auto kNoteCaughtUp = R"sql(
    INSERT INTO webhook_endpoints (connection_id, tenant_id, caught_up_at_ms) VALUES (?, ?, ?)
    ON CONFLICT (connection_id) DO UPDATE SET caught_up_at_ms = excluded.caught_up_at_ms
)sql";
constexpr auto kNoteNewSecret = R"sql(
    INSERT INTO webhook_endpoints (connection_id, tenant_id, former_until_ms, new_secret)
    VALUES (?, ?, ?, 1)
    ON CONFLICT (connection_id) DO UPDATE
       SET former_until_ms = excluded.former_until_ms, new_secret = 1, check_at_ms = 0
)sql";
constexpr auto kCheckSoon =
    "UPDATE webhook_endpoints SET check_at_ms = 0 WHERE tenant_id = ? AND connection_id = ?";
constexpr auto kBackfills =
    "SELECT flow_id, from_ms FROM webhook_backfills WHERE tenant_id = ? AND connection_id = ?";
constexpr auto kOweBackfill = R"sql(
    INSERT INTO webhook_backfills (flow_id, tenant_id, connection_id, from_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (flow_id) DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)
)sql";
constexpr auto kForgetBackfill =
    "DELETE FROM webhook_backfills WHERE tenant_id = ? AND flow_id = ?";

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::string,
    std::string>;

WebhookEndpoint to_endpoint(const Row& row) {
    const auto& [connection, tenant, event, checked, check, caught_up, former, secret, hooks, error] =
        row;
    return {
        ConnectionId{connection},
        TenantId{tenant},
        event,
        checked,
        check,
        caught_up,
        former,
        secret != 0,
        hooks,
        error};
}

}  // namespace

Result<WebhookEndpoint> WebhookEndpointStore::of(TenantId tenant, ConnectionId connection) const {
    return database_.read([&](Sql& sql) -> Result<WebhookEndpoint> {
        const auto rows = sql.select<Row>(kOf, tenant.value, connection.value);
        WebhookEndpoint none;
        none.connection = connection;
        none.tenant = tenant;
        return rows.empty() ? none : to_endpoint(rows.front());
    });
}

Result<std::vector<WebhookEndpoint>> WebhookEndpointStore::list_all() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<WebhookEndpoint>> {
        std::vector<WebhookEndpoint> all;
        for (const auto& row : sql.select<Row>(kListAll)) {
            all.push_back(to_endpoint(row));
        }
        return all;
    });
}

Result<std::map<FlowId, std::int64_t>> WebhookEndpointStore::backfills(
    TenantId tenant, ConnectionId connection
) const {
    return database_.read([&](Sql& sql) -> Result<std::map<FlowId, std::int64_t>> {
        std::map<FlowId, std::int64_t> owed;
        for (const auto& [flow, from_ms] :
             sql.rows<std::int64_t, std::int64_t>(kBackfills, tenant.value, connection.value)) {
            owed[FlowId{flow}] = from_ms;
        }
        return owed;
    });
}

void WebhookEndpointStore::owe_backfill(
    Sql& sql, TenantId tenant, ConnectionId connection, FlowId flow, std::int64_t from_ms
) {
    sql.run(kOweBackfill, flow.value, tenant.value, connection.value, from_ms);
}

Result<void> WebhookEndpointStore::forget_backfill(TenantId tenant, FlowId flow) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForgetBackfill, tenant.value, flow.value);
        return {};
    });
}

void WebhookEndpointStore::note_event(
    Sql& sql, TenantId tenant, ConnectionId connection, std::int64_t received_ms
) {
    sql.run(kNoteEvent, connection.value, tenant.value, received_ms);
}

Result<void> WebhookEndpointStore::note_check(const WebhookEndpoint& endpoint) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kNoteCheck,
            endpoint.connection.value,
            endpoint.tenant.value,
            endpoint.checked_at_ms,
            endpoint.check_at_ms,
            endpoint.webhooks,
            endpoint.new_secret ? 1 : 0,
            endpoint.error
        );
        return {};
    });
}

Result<void> WebhookEndpointStore::note_caught_up(
    TenantId tenant, ConnectionId connection, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kNoteCaughtUp, connection.value, tenant.value, now_ms);
        return {};
    });
}

Result<void> WebhookEndpointStore::note_new_secret(
    TenantId tenant, ConnectionId connection, std::int64_t former_until_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kNoteNewSecret, connection.value, tenant.value, former_until_ms);
        return {};
    });
}

Result<void> WebhookEndpointStore::check_soon(TenantId tenant, ConnectionId connection) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kCheckSoon, tenant.value, connection.value);
        return {};
    });
}

}  // namespace syncline::storage
