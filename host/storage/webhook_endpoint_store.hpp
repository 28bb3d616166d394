// What is known of the deliveries to a connection, and of what its platform was asked to deliver.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct WebhookEndpoint {
    ConnectionId connection;
    TenantId tenant;
    std::int64_t last_event_ms = 0;  // 0: never
    std::int64_t checked_at_ms = 0;
    std::int64_t check_at_ms = 0;      // the next look at the platform's webhooks
    std::int64_t caught_up_at_ms = 0;  // changes were asked for, in case some were missed
    std::int64_t former_until_ms = 0;  // the former secret proves until then; 0: for ever
    bool new_secret = false;           // the platform has to be told
    std::string webhooks = "[]";       // JSON of RegisteredWebhook, as last looked at
    std::string error;
};

class WebhookEndpointStore {
public:
    explicit WebhookEndpointStore(Database& database) : database_(database) {}

    // One that is not known is empty.
    Result<WebhookEndpoint> of(TenantId tenant, ConnectionId connection) const;
    Result<std::vector<WebhookEndpoint>> list_all() const;

    // Flows that are to read what changed since (ms), because deliveries were perhaps missed.
    Result<std::map<FlowId, std::int64_t>> backfills(TenantId tenant, ConnectionId connection)
        const;

    // Parts of a caller's unit of work.
    void note_event(Sql& sql, TenantId tenant, ConnectionId connection, std::int64_t received_ms);
    // The flow is to read what changed since `from_ms`, or earlier where it was to do that anyway.
    void owe_backfill(
        Sql& sql, TenantId tenant, ConnectionId connection, FlowId flow, std::int64_t from_ms
    );

    Result<void> note_check(
        const WebhookEndpoint& endpoint  // its checked_at, check_at, webhooks, new_secret, error
    );
    Result<void> forget_backfill(TenantId tenant, FlowId flow);
    Result<void> note_caught_up(TenantId tenant, ConnectionId connection, std::int64_t now_ms);
    // The secret was replaced: the former one proves until `former_until_ms`, and the platform is
    // told at once.
    Result<void> note_new_secret(
        TenantId tenant, ConnectionId connection, std::int64_t former_until_ms
    );
    // The platform's webhooks are looked at at once.
    Result<void> check_soon(TenantId tenant, ConnectionId connection);

private:
    Database& database_;
};

}  // namespace syncline::storage
