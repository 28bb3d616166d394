#include "engine/oauth_control.hpp"

#include "core/json_problems.hpp"
#include "core/sha256.hpp"
#include "engine/oauth_settings.hpp"

namespace syncline::engine {
namespace {

using storage::Connection;

}  // namespace

Result<storage::OAuthApp> OAuthControl::choose_app(
    TenantId tenant, const AuthorizeRequest& request, const std::optional<Connection>& before
) const {
    if (!request.app.empty()) {
        return stores_.apps.find(tenant, request.platform, request.app);
    }
    if (before) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto grant, stores_.oauth.grant(tenant, before->id));
        if (grant && grant->app) {
            return stores_.apps.by_id(tenant, grant->app);
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto apps, stores_.apps.list(tenant, request.platform));
    if (apps.size() == 1) {
        return std::move(apps.front());
    }
    std::string names;
    for (const auto& app : apps) {
        names += (names.empty() ? " (there are " : ", ") + app.name;
    }
    return joined(
        {"/app: " +
         (apps.empty() ? "there is no app of " + request.platform + " yet; PUT /api/integrations/" +
                             request.platform + "/apps/{app} stores one"
                       : "say which one" + names + ")")},
        "app.needed"
    );
}

Result<AuthorizationPage> OAuthControl::authorize(
    TenantId tenant, const AuthorizeRequest& request, const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Spec* spec, browser_spec(source_, request.platform));
    SYNCLINE_RETURN_IF_ERROR(storage::check_connection_name(request.connection));
    std::optional<Connection> before;
    if (auto found = stores_.connections.find(tenant, request.connection)) {
        before = std::move(*found);
    } else if (found.error().code != ErrorCode::kNotFound) {
        return found.error();
    }
    if (before && before->platform != request.platform) {
        return Error{
            ErrorCode::kExists,
            "the connection '" + request.connection + "' exists and is one of " + before->platform +
                "; choose another name",
            "connection.other_platform"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const storage::OAuthApp app, choose_app(tenant, request, before));
    const bool changes_file =
        before && before->declared &&
        (!request.settings.empty() || setting_text(before->settings, "client_id") != app.client_id);
    if (changes_file) {
        return managed_by_config("the connection '" + request.connection + "'");
    }
    const Json settings =
        settings_with(*spec, before ? before->settings : Json::object(), request.settings, app);
    SYNCLINE_RETURN_IF_ERROR(check_asked(*spec, request.settings, settings));

    const std::int64_t now = clock_.now().ms;
    AuthorizationPage page;
    page.app = app.name;
    page.redirect_uri = app.redirect_uri.empty() ? request.redirect_uri : app.redirect_uri;
    page.expires_at_ms = now + kStateLivesMs;
    std::string verifier;
    if (spec->oauth.pkce) {
        SYNCLINE_ASSIGN_OR_RETURN(verifier, random_token());
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string secret_state, random_token());
    storage::OAuthState state;
    state.tenant = tenant;
    state.app = app.id;
    state.platform = request.platform;
    state.connection = request.connection;
    state.other_account = request.other_account;
    state.actor = actor;
    state.payload = dump_json(
        {{"redirect_uri", page.redirect_uri},
         {"code_verifier", verifier},
         {"settings", request.settings}}
    );
    state.created_at_ms = now;
    state.expires_at_ms = page.expires_at_ms;
    SYNCLINE_RETURN_IF_ERROR(stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        auto noted = entry(tenant, "connection.authorizing", request.connection, actor);
        noted.detail = {
            {"platform", request.platform},
            {"app", app.name},
            {"other_account", request.other_account}};
        storage::append_audit(sql, noted);
        return stores_.oauth.put_state(sha256_hex(secret_state), state);
    }));
    page.url =
        authorize_url(*spec, settings, {app.client_id, page.redirect_uri, secret_state, verifier});
    return page;
}

storage::AuditEntry OAuthControl::entry(
    TenantId tenant,
    const char* event,
    const std::string& connection,
    const storage::AuditActor& actor
) const {
    storage::AuditEntry made;
    made.tenant = tenant;
    made.at_ms = clock_.now().ms;
    made.event = event;
    made.object = "connection " + connection;
    made.actor = actor;
    return made;
}

Result<void> OAuthControl::note_opening(
    TenantId tenant,
    const std::string& object,
    const char* secret,
    const char* purpose,
    const storage::AuditActor& actor
) {
    storage::AuditEntry noted = entry(tenant, "credential.opened", "", actor);
    noted.object = object;
    noted.detail = {{"secret", secret}, {"purpose", purpose}};
    return stores_.audit.append(noted);
}

}  // namespace syncline::engine
