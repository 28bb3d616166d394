// The apps that a tenant has registered at platforms with OAuth 2.0. Everything is within one
// tenant, and noted in the audit log in the same unit of work.
#pragma once

#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/connector_source.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

struct NewApp {
    std::string name;
    std::string environment = "production";
    std::string client_id;
    std::string client_secret;  // empty: the one that is stored stays
    std::string redirect_uri;   // empty: the host's own
};

struct AppView {
    storage::OAuthApp app;
    std::vector<std::string> connections;  // that were granted through it
    bool created = false;                  // by put(), just now
};

class AppControl {
public:
    AppControl(Stores& stores, const ConnectorSource& source, const Clock& clock)
        : stores_(stores), source_(source), clock_(clock) {}

    // Makes the app or replaces it; connections granted through it use the new secret from then on.
    // Errors: kNotFound connector.unknown; kUnsupported oauth.unsupported; kInvalid with every
    // problem; kExists app.in_use when the client id or environment of connections would change.
    Result<AppView> put(
        TenantId tenant,
        const std::string& platform,
        const NewApp& wanted,
        const storage::AuditActor& actor
    );
    Result<std::vector<AppView>> list(TenantId tenant, const std::string& platform) const;
    // Errors: kNotFound app.unknown.
    Result<AppView> find(TenantId tenant, const std::string& platform, const std::string& name)
        const;
    // Errors: kNotFound; kExists app.in_use.
    Result<void> remove(
        TenantId tenant,
        const std::string& platform,
        const std::string& name,
        const storage::AuditActor& actor
    );

private:
    Result<AppView> view(storage::OAuthApp app) const;
    Result<storage::OAuthApp> store(
        const storage::OAuthApp& app, const NewApp& wanted, const storage::AuditActor& actor
    );
    Result<std::string> secret_of(const storage::OAuthApp& app, const NewApp& wanted) const;

    Stores& stores_;
    const ConnectorSource& source_;
    const Clock& clock_;
};

// The connector's spec, if a person can connect an account of the platform in a browser. Errors:
// kNotFound connector.unknown, kUnsupported oauth.unsupported.
Result<const Spec*> browser_spec(const ConnectorSource& source, const std::string& platform);

}  // namespace syncline::engine
