// Authorizations that are under way, and what connections were granted.
#pragma once

#include <optional>
#include <string>

#include "core/ids.hpp"
#include "storage/app_store.hpp"
#include "storage/audit_log.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

// An authorization that was begun. The state itself is known to the person's browser only.
struct OAuthState {
    TenantId tenant;
    AppId app;
    std::string platform;
    std::string connection;  // its name
    bool other_account = false;
    AuditActor actor;     // who began it
    std::string payload;  // JSON, sealed at rest
    std::int64_t created_at_ms = 0;
    std::int64_t expires_at_ms = 0;
    std::int64_t used_at_ms = 0;  // 0: not yet
};

struct OAuthGrant {
    TenantId tenant;
    ConnectionId connection;
    AppId app;                       // 0: none
    std::string app_name;            // set by reading
    std::int64_t granted_at_ms = 0;  // 0: never in a browser
    std::string granted_by;
    std::int64_t refreshed_at_ms = 0;
    std::int64_t refresh_expires_at_ms = 0;  // 0: unknown
    std::int64_t hard_expires_at_ms = 0;     // 0: unknown
};

class OAuthStore {
public:
    OAuthStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    // Drops states that ended a day ago, on the way.
    Result<void> put_state(const std::string& hash, const OAuthState& state);
    // By the hash alone: it is the state that says whose it is.
    Result<std::optional<OAuthState>> find_state(const std::string& hash) const;
    // Takes the state; whether it was there to be taken. Only one of many callers is told so.
    Result<bool> use_state(const std::string& hash, std::int64_t now_ms);

    Result<std::optional<OAuthGrant>> grant(TenantId tenant, ConnectionId connection) const;
    Result<void> put_grant(const OAuthGrant& grant);
    // A refresh told when the tokens end; a hard end that it does not tell stays as it is known.
    Result<void> note_refresh(const OAuthGrant& grant);
    // The tokens are gone; the app is remembered for the next authorization.
    Result<void> end_grant(TenantId tenant, ConnectionId connection);

    // Whether anything stands in the database that is true of the connection's account only:
    // documents delivered to it, records read from it, work that waits for it.
    Result<bool> has_history(ConnectionId connection) const;

private:
    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
