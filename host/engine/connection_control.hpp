// What the API and the command line can do with connections: store credentials (write-only), take
// them away, test, look. Everything is within one tenant.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/connection_pool.hpp"

namespace syncline::engine {

// A connection as people may see it.
struct ConnectionView {
    storage::Connection connection;        // settings hold only what the connector calls no secret
    std::vector<std::string> credentials;  // names of the secrets that are stored
    bool has_connector = false;            // a loaded plugin speaks to its platform
    bool in_browser = false;               // a person can connect it in a browser
    std::optional<storage::OAuthGrant> grant;
};

struct TestOutcome {
    ConnectionView view;         // after the test
    CheckReport report;          // if there is no error
    std::optional<Error> error;  // what the connector or the platform said
};

// Settings without the secrets, and the secrets, told apart by the spec.
struct SplitSettings {
    Json plain = Json::object();
    std::map<std::string, std::string> secrets;
};
SplitSettings split_settings(const Spec& spec, const Json& settings);

// The connection works again, with new credentials or settings: what they held up is due now.
Result<void> resume(Stores& stores, const storage::Connection& connection, std::int64_t now_ms);

// The refusal to change what the configuration file declares.
Error managed_by_config(const std::string& what);

// Calls of put(), test() and remove_credentials() may wait for the platform; none is made under a
// lock. What changes is noted in the audit log with its actor, in the same unit of work. [any
// thread]
class ConnectionControl {
public:
    ConnectionControl(
        Stores& stores,
        ConnectionPool& pool,
        const ConnectorSource& source,
        const Clock& clock,
        std::function<void()> wake,
        std::string webhook_public_url = {}
    )
        : stores_(stores),
          pool_(pool),
          source_(source),
          clock_(clock),
          wake_(std::move(wake)),
          webhook_public_url_(std::move(webhook_public_url)) {}

    // Makes the connection or replaces its settings and all of its secrets, except that those of
    // webhooks stay where none is given; one that needed new credentials goes on. When its account
    // is known, the new credentials are tested first: for another account they are refused and the
    // connection stays paused, since what was delivered to the former account would be taken as
    // delivered to this one. Errors: kNotFound (no connector of that platform), kInvalid with every
    // problem, kExists (managed_by_config, another platform's name, another account).
    Result<ConnectionView> put(
        TenantId tenant,
        const std::string& platform,
        const std::string& name,
        const Json& settings,
        const storage::AuditActor& actor = {}
    );

    // Forgets the secrets; the connection and its history stay. Before, the platform is asked to
    // remove the webhooks that were registered there; when it does not answer they stay
    // (webhook.left_behind), and the secrets go all the same.
    Result<void> remove_credentials(
        TenantId tenant,
        const std::string& platform,
        const std::string& name,
        const storage::AuditActor& actor = {}
    );

    // Runs the connector's check, also of a connection that is paused; if it succeeds, the account
    // is remembered and the connection goes on. Errors: kNotFound; kExists
    // "connection.other_account".
    Result<TestOutcome> test(
        TenantId tenant,
        const std::string& platform,
        const std::string& name,
        const storage::AuditActor& actor = {}
    );

    // Those of `platform`; empty: all.
    Result<std::vector<ConnectionView>> list(TenantId tenant, const std::string& platform) const;

    // One of them. Errors: kNotFound.
    Result<ConnectionView> show(
        TenantId tenant, const std::string& platform, const std::string& name
    ) const;

    // What is left of the reads that platforms count.
    Result<std::vector<ReadBudget>> budgets(TenantId tenant) const {
        return pool_.budgets().list(tenant);
    }

private:
    Result<storage::Connection> find(
        TenantId tenant, const std::string& platform, const std::string& name
    ) const;
    Result<ConnectionView> view(storage::Connection connection) const;
    Result<storage::Connection> store(
        const storage::NewConnection& wanted,
        const SplitSettings& split,
        const storage::AuditActor& actor
    );
    Result<void> replace_secrets(
        const storage::Connection& connection,
        const std::map<std::string, std::string>& secrets,
        std::int64_t now_ms
    );
    Result<void> replace(
        const storage::Connection& connection, const SplitSettings& split, bool known_account
    );
    Result<void> accept(
        const storage::Connection& connection,
        const CheckReport& report,
        const storage::AuditActor& actor
    );

    Stores& stores_;
    ConnectionPool& pool_;
    const ConnectorSource& source_;
    const Clock& clock_;
    const std::function<void()> wake_;
    const std::string webhook_public_url_;  // webhooks.public_url; may be empty
};

}  // namespace syncline::engine
