#include "storage/oauth_store.hpp"

namespace syncline::storage {
namespace {

constexpr std::int64_t kKeptMs = 86'400'000;

constexpr auto kForgetStates = "DELETE FROM oauth_states WHERE expires_at_ms < ?";
constexpr auto kPutState = R"sql(
    INSERT INTO oauth_states (hash, tenant_id, app_id, platform, connection, other_account, actor,
                              credential, role, sealed, created_at_ms, expires_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kFindState = R"sql(
    SELECT tenant_id, app_id, platform, connection, other_account, actor, credential, role, sealed,
           created_at_ms, expires_at_ms, used_at_ms
      FROM oauth_states WHERE hash = ?
)sql";
constexpr auto kUseState = R"sql(
    UPDATE oauth_states SET used_at_ms = ? WHERE hash = ? AND used_at_ms = 0 AND expires_at_ms > ?
)sql";
constexpr auto kGrant = R"sql(
    SELECT coalesce(g.app_id, 0), coalesce(a.name, ''), g.granted_at_ms, g.granted_by,
           g.refreshed_at_ms, g.refresh_expires_at_ms, g.hard_expires_at_ms
      FROM oauth_grants g LEFT JOIN apps a ON a.id = g.app_id
     WHERE g.tenant_id = ? AND g.connection_id = ?
)sql";
constexpr auto kPutGrant = R"sql(
    INSERT INTO oauth_grants (connection_id, tenant_id, app_id, granted_at_ms, granted_by,
                              refreshed_at_ms, refresh_expires_at_ms, hard_expires_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (connection_id) DO UPDATE
       SET app_id = excluded.app_id, granted_at_ms = excluded.granted_at_ms,
           granted_by = excluded.granted_by, refreshed_at_ms = excluded.refreshed_at_ms,
           refresh_expires_at_ms = excluded.refresh_expires_at_ms,
           hard_expires_at_ms = excluded.hard_expires_at_ms
)sql";
constexpr auto kNoteRefresh = R"sql(
    INSERT INTO oauth_grants (connection_id, tenant_id, refreshed_at_ms, refresh_expires_at_ms,
                              hard_expires_at_ms)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (connection_id) DO UPDATE
       SET refreshed_at_ms = excluded.refreshed_at_ms,
           refresh_expires_at_ms = excluded.refresh_expires_at_ms,
           hard_expires_at_ms = CASE excluded.hard_expires_at_ms WHEN 0
                                THEN hard_expires_at_ms ELSE excluded.hard_expires_at_ms END
)sql";
constexpr auto kEndGrant = R"sql(
    UPDATE oauth_grants
       SET granted_at_ms = 0, granted_by = '', refreshed_at_ms = 0, refresh_expires_at_ms = 0,
           hard_expires_at_ms = 0
     WHERE tenant_id = ? AND connection_id = ?
)sql";
constexpr auto kHistory = R"sql(
    SELECT EXISTS (SELECT 1 FROM id_mappings
                    WHERE target_connection_id = ? OR source_connection_id = ?)
        OR EXISTS (SELECT 1 FROM intents WHERE connection_id = ?)
        OR EXISTS (SELECT 1 FROM sync_queue WHERE target_connection_id = ?)
        OR EXISTS (SELECT 1 FROM sync_state s JOIN flows f ON f.id = s.flow_id
                    WHERE f.source_connection_id = ? AND (s.cursor_ms > 0 OR s.scanning <> 0))
)sql";

Place state_place(const std::string& hash, TenantId tenant) {
    return {tenant, ConnectionId{}, "oauth_state:" + hash};
}

std::optional<std::int64_t> id_or_null(AppId app) {
    return app ? std::optional<std::int64_t>(app.value) : std::nullopt;
}

}  // namespace

Result<void> OAuthStore::put_state(const std::string& hash, const OAuthState& state) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, vault_.seal(state_place(hash, state.tenant), state.payload)
    );
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForgetStates, state.created_at_ms - kKeptMs);
        sql.run(
            kPutState,
            hash,
            state.tenant.value,
            state.app.value,
            state.platform,
            state.connection,
            state.other_account,
            state.actor.name,
            state.actor.credential,
            state.actor.role,
            Blob{sealed},
            state.created_at_ms,
            state.expires_at_ms
        );
        return {};
    });
}

Result<std::optional<OAuthState>> OAuthStore::find_state(const std::string& hash) const {
    Blob sealed;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto found, database_.read([&](Sql& sql) -> Result<std::optional<OAuthState>> {
            const auto row = sql.row<
                std::int64_t,
                std::int64_t,
                std::string,
                std::string,
                std::int64_t,
                std::string,
                std::string,
                std::string,
                Blob,
                std::int64_t,
                std::int64_t,
                std::int64_t>(kFindState, hash);
            if (!row) {
                return std::optional<OAuthState>();
            }
            OAuthState state;
            state.tenant = TenantId{std::get<0>(*row)};
            state.app = AppId{std::get<1>(*row)};
            state.platform = std::get<2>(*row);
            state.connection = std::get<3>(*row);
            state.other_account = std::get<4>(*row) != 0;
            state.actor.name = std::get<5>(*row);
            state.actor.credential = std::get<6>(*row);
            state.actor.role = std::get<7>(*row);
            sealed = std::get<8>(*row);
            state.created_at_ms = std::get<9>(*row);
            state.expires_at_ms = std::get<10>(*row);
            state.used_at_ms = std::get<11>(*row);
            return std::optional<OAuthState>(std::move(state));
        })
    );
    if (found) {
        SYNCLINE_ASSIGN_OR_RETURN(
            found->payload, vault_.open(state_place(hash, found->tenant), sealed.bytes)
        );
    }
    return found;
}

Result<bool> OAuthStore::use_state(const std::string& hash, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<bool> {
        return sql.run(kUseState, now_ms, hash, now_ms) > 0;
    });
}

Result<std::optional<OAuthGrant>> OAuthStore::grant(TenantId tenant, ConnectionId connection)
    const {
    return database_.read([&](Sql& sql) -> Result<std::optional<OAuthGrant>> {
        const auto row = sql.row<
            std::int64_t,
            std::string,
            std::int64_t,
            std::string,
            std::int64_t,
            std::int64_t,
            std::int64_t>(kGrant, tenant.value, connection.value);
        if (!row) {
            return std::optional<OAuthGrant>();
        }
        OAuthGrant grant;
        grant.tenant = tenant;
        grant.connection = connection;
        grant.app = AppId{std::get<0>(*row)};
        grant.app_name = std::get<1>(*row);
        grant.granted_at_ms = std::get<2>(*row);
        grant.granted_by = std::get<3>(*row);
        grant.refreshed_at_ms = std::get<4>(*row);
        grant.refresh_expires_at_ms = std::get<5>(*row);
        grant.hard_expires_at_ms = std::get<6>(*row);
        return std::optional<OAuthGrant>(std::move(grant));
    });
}

Result<void> OAuthStore::put_grant(const OAuthGrant& grant) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kPutGrant,
            grant.connection.value,
            grant.tenant.value,
            id_or_null(grant.app),
            grant.granted_at_ms,
            grant.granted_by,
            grant.refreshed_at_ms,
            grant.refresh_expires_at_ms,
            grant.hard_expires_at_ms
        );
        return {};
    });
}

Result<void> OAuthStore::note_refresh(const OAuthGrant& grant) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kNoteRefresh,
            grant.connection.value,
            grant.tenant.value,
            grant.refreshed_at_ms,
            grant.refresh_expires_at_ms,
            grant.hard_expires_at_ms
        );
        return {};
    });
}

Result<void> OAuthStore::end_grant(TenantId tenant, ConnectionId connection) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kEndGrant, tenant.value, connection.value);
        return {};
    });
}

Result<bool> OAuthStore::has_history(ConnectionId connection) const {
    const std::int64_t id = connection.value;
    return database_.read([&](Sql& sql) -> Result<bool> {
        return sql.value<std::int64_t>(kHistory, id, id, id, id, id).value_or(0) != 0;
    });
}

}  // namespace syncline::storage
