// The apps a tenant has registered at platforms: client ids, and client secrets sealed.
#pragma once

#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

using AppId = Id<struct AppTag>;

struct OAuthApp {
    AppId id;
    TenantId tenant;
    std::string platform;
    std::string name;
    std::string environment = "production";  // or "sandbox"
    std::string client_id;
    std::string redirect_uri;  // empty: the host's own
    std::int64_t created_at_ms = 0;
    std::int64_t updated_at_ms = 0;
};

class AppStore {
public:
    AppStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    // Makes the app or replaces it. `app.id` is not looked at.
    Result<OAuthApp> put(
        const OAuthApp& app, const std::string& client_secret, std::int64_t now_ms
    );
    // Errors: kNotFound app.unknown.
    Result<OAuthApp> find(TenantId tenant, const std::string& platform, const std::string& name)
        const;
    Result<OAuthApp> by_id(TenantId tenant, AppId id) const;
    // Ordered by name.
    Result<std::vector<OAuthApp>> list(TenantId tenant, const std::string& platform) const;
    Result<std::string> client_secret(const OAuthApp& app) const;
    // Ends authorizations under way, too.
    Result<void> remove(TenantId tenant, AppId id);
    // The connections that were granted through it.
    Result<std::vector<ConnectionId>> connections(TenantId tenant, AppId id) const;

private:
    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
