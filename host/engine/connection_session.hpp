// The use of a connection by one worker: around each call the access token is kept fresh, and what
// an error means for the connection is noted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/spec.hpp>

#include "connectors/connector.hpp"
#include "engine/compiled_mappings.hpp"
#include "storage/connection_store.hpp"

namespace syncline::engine {

class ConnectionPool;

// Not for a person to repair: what was begun is gone on with once the tenant is back.
Error tenant_suspended(const std::string& tenant);

// A connection lent to one worker; gives its instance back when destroyed. Used by one thread at a
// time. Errors of every call are what the connector meant (connector.hpp); their effect on the
// connection has been noted already.
class ConnectionSession {
public:
    ~ConnectionSession();
    ConnectionSession(const ConnectionSession&) = delete;
    ConnectionSession& operator=(const ConnectionSession&) = delete;

    const storage::Connection& connection() const { return connection_; }
    const Spec& spec() const { return spec_; }
    // Set when calls are to end soon; may be null.
    const std::atomic<bool>* stop() const { return stop_; }

    Result<CheckReport> check();
    Result<Page> read(const ReadRequest& request);
    // Pure, so its errors say nothing about the account and change nothing.
    Result<std::vector<Encoded>> encode(
        const EncodeContext& context,
        const std::vector<std::string>& records,
        const std::vector<std::vector<KnownDocument>>& known
    );
    // In as many calls as the connector's find_batch_max asks for.
    Result<std::vector<Found>> find(const FindRequest& request);
    Result<std::vector<Result<Written>>> write(const WriteRequest& request, const std::string& key);
    // Sees to it that the platform delivers to the registration's URL. Credentials that are good
    // for records may not be good for this: only a rate limit has an effect on the connection.
    Result<WebhookReport> webhook_register(const WebhookRegistration& registration);
    Result<void> webhook_unregister(const WebhookRegistration& registration);
    // Refreshes the access token unless it lives for so long.
    Result<void> keep_fresh(std::int64_t at_least_ms);
    // What is known of the account, discovered anew when it is older than facts_max_age_ms.
    Result<Json> facts();
    // The same with the account's entities.
    Result<Catalog> catalog();
    // The entities alone, as they are stored; null of a connector that cannot say. Valid until the
    // next call.
    Result<const Json*> entities();
    // Asks the platform, whatever is known; empty of a connector that cannot say.
    Result<Catalog> discover();
    // Of the plugin that speaks to the platform: "com.syncline.quickbooks".
    Result<std::string> connector_id() const;
    // Of all connections of the pool.
    CompiledMappings& compiled_mappings() const;

private:
    friend class ConnectionPool;
    ConnectionSession(
        ConnectionPool& pool,
        storage::Connection connection,
        const Spec& spec,
        std::unique_ptr<connectors::Connector> connector,
        const std::atomic<bool>* stop
    );
    connectors::CallContext context(std::string_view purpose, std::string key = {}) const;
    connectors::CallContext courtesy_context() const;
    // Runs `call(context)`; with an expired token refreshes once and runs it again.
    template <class Call>
    auto authorized(Call&& call) -> decltype(call());
    template <class Call>
    auto courtesy(Call&& call) -> decltype(call());
    bool knows_its_facts() const;
    void note_items(const std::vector<Result<Written>>& results, bool all_are_bugs);

    ConnectionPool& pool_;
    storage::Connection connection_;
    const Spec& spec_;
    std::unique_ptr<connectors::Connector> connector_;
    const std::atomic<bool>* stop_;
};

}  // namespace syncline::engine
