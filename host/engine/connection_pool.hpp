// Connections in use: instances of connectors are kept for their connection and lent to one worker
// at a time, as sessions; what an error means for a connection (wait, needs new credentials,
// paused) is noted here.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "engine/authorization.hpp"
#include "engine/compiled_mappings.hpp"
#include "engine/connection_limits.hpp"
#include "engine/connection_session.hpp"
#include "engine/connector_source.hpp"
#include "engine/credential_openings.hpp"
#include "engine/engine_config.hpp"
#include "engine/read_budgets.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class ConnectionPool {
public:
    // What a platform has for an answer about its webhooks, which nothing waits for.
    static constexpr std::int64_t kCourtesyMs = 20'000;

    ConnectionPool(
        Stores& stores, ConnectorSource& source, const Clock& clock, EngineConfig config
    );
    ~ConnectionPool();

    // Calls end soon with kCancelled once `stop` is set; without it, once the pool is closed.
    // Errors: kRateLimited with retry_after while the platform wants us to wait, or while its
    // limits would keep a worker (`stop` is set) waiting; kAuth and kConfig while the connection
    // needs a person; kNotFound when no plugin speaks to its platform.
    Result<std::unique_ptr<ConnectionSession>> open(
        ConnectionId id, const std::atomic<bool>* stop = nullptr
    );

    // The same for a check of settings and credentials: also while the connection needs a person.
    Result<std::unique_ptr<ConnectionSession>> open_for_check(ConnectionId id);

    // Refreshes the connection's access token unless it lives for so long; also of a connection
    // that is paused, whose refresh token would end without use. Errors: as open().
    Result<void> keep_fresh(
        ConnectionId id, std::int64_t at_least_ms, const std::atomic<bool>* stop = nullptr
    );
    // The same to take back what the platform was asked for: whatever state the connection is in.
    Result<std::unique_ptr<ConnectionSession>> open_for_removal(
        ConnectionId id, const std::atomic<bool>* stop = nullptr
    );

    // What a verified delivery announces. Pure, so it needs neither credentials nor a turn at the
    // platform, and its errors say nothing about the account. Errors: those of the connector;
    // kNotFound when no plugin speaks to the platform.
    Result<WebhookEvent> parse_webhook(
        const storage::Connection& connection,
        const WebhookDelivery& delivery,
        std::string_view body
    );

    // Calls of sessions that have no stop of their own end soon.
    void close() { closed_ = true; }

    ConnectionLimits& limits() { return limits_; }
    ReadBudgets& budgets() { return budgets_; }
    CompiledMappings& compiled_mappings() { return compiled_mappings_; }

    // What an error of a connector means for its connection: a wait, a pause, new credentials.
    void note(const storage::Connection& connection, const Error& error);

private:
    Result<bool> note_change(
        const storage::Connection& connection, storage::ConnectionState state, const Error& error
    );
    friend class ConnectionSession;
    class Services;
    struct Idle {
        std::int64_t generation = 0;
        std::vector<std::unique_ptr<connectors::Connector>> instances;
    };
    Result<std::unique_ptr<ConnectionSession>> lend(
        const storage::Connection& connection, const std::atomic<bool>* stop
    );
    Result<std::unique_ptr<connectors::Connector>> instance(const storage::Connection& connection);
    void give_back(
        const storage::Connection& connection, std::unique_ptr<connectors::Connector> connector
    );

    Stores& stores_;
    ConnectorSource& source_;
    const Clock& clock_;
    const EngineConfig config_;
    std::atomic<bool> closed_{false};
    Authorization authorization_;
    CredentialOpenings openings_;
    ConnectionLimits limits_;
    ReadBudgets budgets_;
    CompiledMappings compiled_mappings_;
    Guarded<std::map<ConnectionId, std::unique_ptr<Services>>> services_;
    Guarded<std::map<ConnectionId, Idle>> idle_;
};

}  // namespace syncline::engine
