#include "engine/connection_pool.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "core/retry.hpp"
#include "core/trace_context.hpp"
#include "engine/reads_here.hpp"

namespace syncline::engine {
namespace {

bool is_batch(std::string_view url, std::string_view batch_path) {
    const std::string_view path = url.substr(0, url.find_first_of("?#"));
    return !batch_path.empty() && path.size() >= batch_path.size() &&
           path.substr(path.size() - batch_path.size()) == batch_path;
}

}  // namespace

// What a connection lends its connector instances, over vault and stores.
class ConnectionPool::Services : public connectors::ConnectionServices {
public:
    Services(ConnectionPool& pool, const storage::Connection& connection)
        : pool_(pool), stores_(pool.stores_), clock_(pool.clock_), who_(connection) {}

    Result<std::string> secret(std::string_view name) override { return secret_for(name, nullptr); }
    Result<std::string> secret_for(std::string_view name, const connectors::CallContext* call)
        override {
        SYNCLINE_ASSIGN_OR_RETURN(
            auto value,
            pool_.openings_.open(
                who_, name, call == nullptr ? std::string_view("background") : call->purpose
            )
        );
        if (!value) {
            return Error{
                ErrorCode::kNotFound,
                "the secret '" + std::string(name) + "' is not set",
                "secret.missing"};
        }
        return std::move(*value);
    }
    std::optional<std::string> kv_get(std::string_view key) override {
        auto value = stores_.kv.get(who_.tenant, who_.id, std::string(key));
        return value ? std::move(*value) : std::nullopt;
    }
    Result<void> kv_put(std::string_view key, std::string_view value) override {
        return stores_.kv.put(
            who_.tenant, who_.id, std::string(key), std::string(value), clock_.now().ms
        );
    }

    Result<std::int64_t> begin_request(
        const connectors::OutgoingRequest& request, const connectors::CallContext* call
    ) override {
        const Spec* spec = pool_.source_.spec(who_.platform);
        const bool batch = spec != nullptr && is_batch(request.url, spec->limits.batch_path);
        SYNCLINE_ASSIGN_OR_RETURN(
            const std::int64_t began,
            pool_.limits_.begin(
                who_.id,
                batch,
                call,
                request.after_write ? ConnectionLimits::Purpose::kFinishes
                                    : ConnectionLimits::Purpose::kAny
            )
        );
        if (request.method == "GET" || request.method == "HEAD") {
            pool_.budgets_.count(who_, 1);
            ReadsHere::note(who_.id, 1);
        }
        return began;
    }
    void count_reads(std::int64_t reads) override {
        pool_.budgets_.count(who_, reads);
        ReadsHere::note(who_.id, reads);
    }
    void end_request(const connectors::OutgoingRequest&, std::int64_t began_ms, int status)
        override {
        pool_.limits_.end(who_.id, began_ms, status);
    }

private:
    ConnectionPool& pool_;
    Stores& stores_;
    const Clock& clock_;
    const storage::Connection who_;  // as it was when it was used first
};

ConnectionPool::ConnectionPool(
    Stores& stores, ConnectorSource& source, const Clock& clock, EngineConfig config
)
    : stores_(stores),
      source_(source),
      clock_(clock),
      config_(config),
      authorization_(stores, clock),
      openings_(stores, clock),
      limits_(clock),
      budgets_(stores, source, clock) {}

ConnectionPool::~ConnectionPool() = default;

Result<std::unique_ptr<ConnectionSession>> ConnectionPool::open(
    ConnectionId id, const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Connection connection, stores_.connections.by_id(id));
    const std::string who = "the connection '" + connection.name + "'";
    if (!connection.tenant_active) {
        return tenant_suspended(connection.tenant_name);
    }
    if (connection.state == storage::ConnectionState::kNeedsReauth) {
        return Error{
            ErrorCode::kAuth,
            who + " needs new credentials: " + connection.state_reason,
            "connection.needs_reauth"};
    }
    if (connection.state != storage::ConnectionState::kActive) {
        return Error{
            ErrorCode::kConfig,
            who + " is " + std::string(enum_name(connection.state)) + ": " +
                connection.state_reason,
            "connection.paused"};
    }
    return lend(connection, stop);
}

Result<std::unique_ptr<ConnectionSession>> ConnectionPool::open_for_check(ConnectionId id) {
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Connection connection, stores_.connections.by_id(id));
    if (connection.state == storage::ConnectionState::kDisabled) {
        return Error{
            ErrorCode::kConfig,
            "the connection '" + connection.name + "' is disabled: " + connection.state_reason,
            "connection.disabled"};
    }
    return lend(connection, nullptr);
}

Result<std::unique_ptr<ConnectionSession>> ConnectionPool::open_for_removal(
    ConnectionId id, const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Connection connection, stores_.connections.by_id(id));
    return lend(connection, stop);
}

Result<std::unique_ptr<ConnectionSession>> ConnectionPool::lend(
    const storage::Connection& connection, const std::atomic<bool>* stop
) {
    const std::string who = "the connection '" + connection.name + "'";
    const std::int64_t wait = connection.not_before_ms - clock_.now().ms;
    if (wait > 0) {
        return Error{
            ErrorCode::kRateLimited,
            who + " must wait, its platform limits the rate",
            "connection.rate_limited",
            0,
            std::chrono::milliseconds(wait)};
    }
    const Spec* spec = source_.spec(connection.platform);
    if (spec == nullptr) {
        return Error{
            ErrorCode::kNotFound,
            who + " is one of '" + connection.platform +
                "', and no loaded plugin speaks to that platform; enable it in the configuration",
            "connector.unknown"};
    }
    limits_.prepare(connection, spec->limits);
    if (const auto paced = stop == nullptr ? 0 : limits_.wait_before_call(connection.id)) {
        return Error{
            ErrorCode::kRateLimited,
            who + " must wait, its limit of requests is reached",
            "connection.paced",
            0,
            std::chrono::milliseconds(paced)};
    }
    auto made = instance(connection);
    if (!made) {
        note(connection, made.error());
        return made.error();
    }
    return std::unique_ptr<ConnectionSession>(new ConnectionSession(
        *this, connection, *spec, std::move(*made), stop == nullptr ? &closed_ : stop
    ));
}

Result<std::unique_ptr<connectors::Connector>> ConnectionPool::instance(
    const storage::Connection& connection
) {
    auto idle = idle_.with([&](auto& pool) -> std::unique_ptr<connectors::Connector> {
        Idle& of_connection = pool[connection.id];
        if (of_connection.generation != connection.generation) {
            of_connection = Idle{connection.generation, {}};
        }
        if (of_connection.instances.empty()) {
            return nullptr;
        }
        auto instance = std::move(of_connection.instances.back());
        of_connection.instances.pop_back();
        return instance;
    });
    if (idle != nullptr) {
        return idle;
    }
    Services* services = services_.with([&](auto& known) {
        auto& entry = known[connection.id];
        if (entry == nullptr) {
            entry = std::make_unique<Services>(*this, connection);
        }
        return entry.get();
    });
    return source_.create(
        connection.platform,
        {connection.tenant_name, connection.name},
        connection.settings,
        *services
    );
}

void ConnectionPool::give_back(
    const storage::Connection& connection, std::unique_ptr<connectors::Connector> connector
) {
    // Destroyed outside the lock if it is of an older generation.
    idle_.with([&](auto& pool) {
        Idle& of_connection = pool[connection.id];
        if (of_connection.generation == connection.generation) {
            of_connection.instances.push_back(std::move(connector));
        }
    });
}

Result<void> ConnectionPool::keep_fresh(
    ConnectionId id, std::int64_t at_least_ms, const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Connection connection, stores_.connections.by_id(id));
    if (!connection.tenant_active) {
        return tenant_suspended(connection.tenant_name);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto session, lend(connection, stop));
    return session->keep_fresh(at_least_ms);
}

Result<WebhookEvent> ConnectionPool::parse_webhook(
    const storage::Connection& connection, const WebhookDelivery& delivery, std::string_view body
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto connector, instance(connection));
    connectors::CallContext call;
    call.deadline = Timestamp{clock_.now().ms + config_.call_timeout_ms};
    call.attachment = body;
    auto event = connector->webhook_parse(delivery, call);
    give_back(connection, std::move(connector));
    return event;
}

void ConnectionPool::note(const storage::Connection& connection, const Error& error) {
    const std::int64_t now = clock_.now().ms;
    if (error.code == ErrorCode::kRateLimited) {
        const std::int64_t wait = decide_retry(error, 1, RetryPolicy{}, 0).delay.count();
        limits_.hold(connection.id, now + wait);
        static_cast<void>(stores_.connections.set_not_before(connection.id, now + wait));
        log::info(
            "rate limited",
            {{"tenant", connection.tenant_name}, {"connection", connection.name}, {"wait_ms", wait}}
        );
        return;
    }
    const bool auth = error.code == ErrorCode::kAuth;
    if (!auth && error.code != ErrorCode::kConfig && error.code != ErrorCode::kBug) {
        return;
    }
    const auto changed = note_change(
        connection,
        auth ? storage::ConnectionState::kNeedsReauth : storage::ConnectionState::kPaused,
        error
    );
    if (changed && !*changed) {
        return;
    }
    log::error(
        auth ? "connection needs new credentials" : "connection paused",
        {{"tenant", connection.tenant_name},
         {"connection", connection.name},
         {"code", error.name},
         {"reason", error.message}}
    );
}

// Many workers may meet the same refusal: it is told once.
Result<bool> ConnectionPool::note_change(
    const storage::Connection& connection, storage::ConnectionState state, const Error& error
) {
    const std::int64_t now = clock_.now().ms;
    const bool auth = state == storage::ConnectionState::kNeedsReauth;
    return stores_.database.write([&](storage::Sql& sql) -> Result<bool> {
        SYNCLINE_ASSIGN_OR_RETURN(
            const storage::Connection before, stores_.connections.by_id(connection.id)
        );
        SYNCLINE_ASSIGN_OR_RETURN(
            const bool taken,
            stores_.connections.note_state(
                connection.id, connection.generation, state, error.message, now
            )
        );
        if (!taken || before.state == state) {
            return false;
        }
        storage::LogEntry entry;
        entry.tenant = connection.tenant;
        entry.at_ms = now;
        entry.level = "error";
        entry.event = auth ? "connection.needs_reauth" : "connection.paused";
        entry.connection = connection.id;
        entry.message = error.message;
        SYNCLINE_RETURN_IF_ERROR(stores_.log.append(entry));
        storage::AuditEntry audit;
        audit.tenant = connection.tenant;
        audit.at_ms = now;
        audit.event = entry.event;
        audit.object = "connection " + connection.name;
        audit.reason = error.message;
        audit.detail = {{"platform", connection.platform}, {"error", error.name}};
        storage::append_audit(sql, audit);
        return true;
    });
}

}  // namespace syncline::engine
