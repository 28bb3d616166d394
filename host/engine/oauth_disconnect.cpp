// The end of a grant: the last part of OAuthControl.
#include "engine/credential_openings.hpp"
#include "engine/oauth_control.hpp"
#include "engine/oauth_settings.hpp"

namespace syncline::engine {

using storage::Connection;
using storage::ConnectionState;

Result<void> OAuthControl::revoke(const Spec& spec, const Connection& connection) {
    if (endpoint_url(spec, connection.settings, "revoke_url").empty()) {
        return Error{
            ErrorCode::kUnsupported,
            connection.platform + " has no address for that",
            "oauth.no_revocation"};
    }
    CredentialOpenings openings(stores_, clock_);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto token, openings.open(connection, "refresh_token", "revoke")
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto client_secret, openings.open(connection, "client_secret", "revoke")
    );
    if (!token) {
        return Error{ErrorCode::kNotFound, "there is no token to revoke", "oauth.no_token"};
    }
    const Client client{
        setting_text(connection.settings, "client_id"), client_secret.value_or(std::string())};
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto answer,
        ask_(spec, connection.settings, revoke_request(spec, connection.settings, client, *token))
    );
    return revoked_by(answer);
}

Result<void> OAuthControl::forget(
    const Connection& connection, const Disconnected& done, const storage::AuditActor& actor
) {
    const std::int64_t now = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_state(
            connection.id,
            ConnectionState::kNeedsReauth,
            "it was disconnected by " + actor.name,
            now
        ));
        for (const char* secret : {"access_token", "refresh_token"}) {
            SYNCLINE_RETURN_IF_ERROR(
                stores_.vault.remove_credential({connection.tenant, connection.id, secret})
            );
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_token_expiry(connection.id, 0));
        SYNCLINE_RETURN_IF_ERROR(stores_.oauth.end_grant(connection.tenant, connection.id));
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.raise_generation(connection.id));
        auto noted = entry(connection.tenant, "connection.disconnected", connection.name, actor);
        noted.detail = {{"platform", connection.platform}, {"revoked", done.revoked}};
        noted.reason = done.error ? done.error->message : "";
        storage::append_audit(sql, noted);
        return {};
    });
}

Result<Disconnected> OAuthControl::disconnect(
    TenantId tenant,
    const std::string& platform,
    const std::string& name,
    const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Spec* spec, browser_spec(source_, platform));
    SYNCLINE_ASSIGN_OR_RETURN(const Connection connection, stores_.connections.find(tenant, name));
    if (connection.platform != platform) {
        return Error{
            ErrorCode::kNotFound,
            "the connection '" + name + "' is one of " + connection.platform + ", not of " +
                platform,
            "connection.unknown"};
    }
    if (connection.declared) {
        return managed_by_config("the connection '" + name + "'");
    }
    Disconnected done;
    const auto revoked = revoke(*spec, connection);
    done.revoked = revoked.has_value();
    if (!revoked) {
        done.error = revoked.error();
    }
    SYNCLINE_RETURN_IF_ERROR(forget(connection, done, actor));
    SYNCLINE_ASSIGN_OR_RETURN(done.view, connections_.show(tenant, platform, name));
    return done;
}

}  // namespace syncline::engine
