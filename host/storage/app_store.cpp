#include "storage/app_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_APP_COLUMNS                                                               \
    "id, tenant_id, platform, name, environment, client_id, redirect_uri, created_at_ms, " \
    "updated_at_ms FROM apps WHERE tenant_id = ? "

constexpr auto kFind = "SELECT " SYNCLINE_APP_COLUMNS "AND platform = ? AND name = ?";
constexpr auto kById = "SELECT " SYNCLINE_APP_COLUMNS "AND id = ?";
constexpr auto kList = "SELECT " SYNCLINE_APP_COLUMNS "AND platform = ? ORDER BY name";
#undef SYNCLINE_APP_COLUMNS

constexpr auto kPut = R"sql(
    INSERT INTO apps (tenant_id, platform, name, environment, client_id, redirect_uri, sealed,
                      created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, platform, name) DO UPDATE
       SET environment = excluded.environment, client_id = excluded.client_id,
           redirect_uri = excluded.redirect_uri, sealed = excluded.sealed,
           updated_at_ms = excluded.updated_at_ms
)sql";
constexpr auto kSecret = "SELECT sealed FROM apps WHERE tenant_id = ? AND id = ?";
constexpr auto kForgetGrants = R"sql(
    UPDATE oauth_grants SET app_id = NULL
     WHERE tenant_id = ? AND app_id = ?
)sql";
constexpr auto kRemove = "DELETE FROM apps WHERE tenant_id = ? AND id = ?";
constexpr auto kConnections = R"sql(
    SELECT connection_id FROM oauth_grants
     WHERE tenant_id = ? AND app_id = ? AND granted_at_ms > 0 ORDER BY connection_id
)sql";

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t>;

OAuthApp to_app(const Row& row) {
    OAuthApp app;
    app.id = AppId{std::get<0>(row)};
    app.tenant = TenantId{std::get<1>(row)};
    app.platform = std::get<2>(row);
    app.name = std::get<3>(row);
    app.environment = std::get<4>(row);
    app.client_id = std::get<5>(row);
    app.redirect_uri = std::get<6>(row);
    app.created_at_ms = std::get<7>(row);
    app.updated_at_ms = std::get<8>(row);
    return app;
}

Place secret_place(const OAuthApp& app) {
    return {app.tenant, ConnectionId{}, "app:" + app.platform + ":" + app.name};
}

Error unknown(const std::string& platform, const std::string& name) {
    return Error{
        ErrorCode::kNotFound,
        "there is no app '" + name.substr(0, 70) + "' of " + platform.substr(0, 60) +
            "; GET /api/integrations/" + platform.substr(0, 60) + "/apps lists them",
        "app.unknown"};
}

}  // namespace

Result<OAuthApp> AppStore::put(
    const OAuthApp& app, const std::string& client_secret, std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto sealed, vault_.seal(secret_place(app), client_secret));
    return database_.write([&](Sql& sql) -> Result<OAuthApp> {
        sql.run(
            kPut,
            app.tenant.value,
            app.platform,
            app.name,
            app.environment,
            app.client_id,
            app.redirect_uri,
            Blob{sealed},
            now_ms,
            now_ms
        );
        return to_app(sql.select<Row>(kFind, app.tenant.value, app.platform, app.name).front());
    });
}

Result<OAuthApp> AppStore::find(
    TenantId tenant, const std::string& platform, const std::string& name
) const {
    return database_.read([&](Sql& sql) -> Result<OAuthApp> {
        const auto rows = sql.select<Row>(kFind, tenant.value, platform, name);
        return rows.empty() ? Result<OAuthApp>(unknown(platform, name)) : to_app(rows.front());
    });
}

Result<OAuthApp> AppStore::by_id(TenantId tenant, AppId id) const {
    return database_.read([&](Sql& sql) -> Result<OAuthApp> {
        const auto rows = sql.select<Row>(kById, tenant.value, id.value);
        return rows.empty() ? Result<OAuthApp>(unknown("", "#" + std::to_string(id.value)))
                            : to_app(rows.front());
    });
}

Result<std::vector<OAuthApp>> AppStore::list(TenantId tenant, const std::string& platform) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<OAuthApp>> {
        std::vector<OAuthApp> apps;
        for (const auto& row : sql.select<Row>(kList, tenant.value, platform)) {
            apps.push_back(to_app(row));
        }
        return apps;
    });
}

Result<std::string> AppStore::client_secret(const OAuthApp& app) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, database_.read([&](Sql& sql) -> Result<std::optional<Blob>> {
            return sql.value<Blob>(kSecret, app.tenant.value, app.id.value);
        })
    );
    if (!sealed) {
        return unknown(app.platform, app.name);
    }
    if (sealed->bytes.empty()) {
        return Error{
            ErrorCode::kStorage,
            "the client secret of the app '" + app.name +
                "' was sealed with a key that is lost; PUT the app with its secret",
            "vault.unreadable"};
    }
    return vault_.open(secret_place(app), sealed->bytes);
}

Result<void> AppStore::remove(TenantId tenant, AppId id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForgetGrants, tenant.value, id.value);
        sql.run(kRemove, tenant.value, id.value);
        return {};
    });
}

Result<std::vector<ConnectionId>> AppStore::connections(TenantId tenant, AppId id) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<ConnectionId>> {
        std::vector<ConnectionId> all;
        for (const auto& [connection] :
             sql.rows<std::int64_t>(kConnections, tenant.value, id.value)) {
            all.push_back(ConnectionId{connection});
        }
        return all;
    });
}

}  // namespace syncline::storage
