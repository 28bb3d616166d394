// Connecting an account in a browser, and disconnecting it. A person is sent to the platform's page
// with a state that is bound to them, their tenant and the connection's name; the platform sends
// them back with the state and a code, which becomes the connection's tokens. Of the state only its
// hash is stored; it is good once and for ten minutes.
//
// What is done is noted in the audit log under the name of who began it. Calls may wait for the
// platform; none is made under a lock. [any thread]
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/app_control.hpp"
#include "engine/connection_control.hpp"
#include "engine/oauth_endpoints.hpp"

namespace syncline::engine {

struct AuthorizeRequest {
    std::string platform;
    std::string connection;  // its name; made if it is not there
    std::string app;         // empty: the one it had, or the only one there is
    Json settings = Json::object();
    bool other_account = false;  // it may change its account
    std::string redirect_uri;    // for apps that have none of their own
};

struct AuthorizationPage {
    std::string url;  // to open in a browser; holds the state
    std::int64_t expires_at_ms = 0;
    std::string app;
    std::string redirect_uri;
};

// What the platform said in its redirect.
struct Redirect {
    std::string platform;                      // of the address it came to
    std::map<std::string, std::string> query;  // state, code, error, the account
    std::string address;                       // of the client
    std::string request;                       // X-Request-Id
};

struct Connected {
    std::string connection;
    std::string platform;
    TestOutcome test;  // of the new tokens
};

struct Disconnected {
    ConnectionView view;
    bool revoked = false;        // at the platform
    std::optional<Error> error;  // why not
};

class OAuthControl {
public:
    static constexpr std::int64_t kStateLivesMs = 10 * 60'000;

    OAuthControl(
        Stores& stores,
        ConnectionControl& connections,
        const ConnectorSource& source,
        AskEndpoint ask,
        const Clock& clock
    )
        : stores_(stores),
          connections_(connections),
          source_(source),
          ask_(std::move(ask)),
          clock_(clock) {}

    // Errors: as browser_spec(); kInvalid with every problem of the settings; kNotFound
    // app.unknown; kExists managed_by_config, connection.other_platform.
    Result<AuthorizationPage> authorize(
        TenantId tenant, const AuthorizeRequest& request, const storage::AuditActor& actor
    );

    // Whose authorization it is. Errors: kInvalid oauth.state_missing, oauth.state_unknown,
    // oauth.state_foreign (of another platform), kExists oauth.state_used, oauth.state_expired,
    // kForbidden tenant.suspended.
    Result<TenantId> tenant_of(const Redirect& redirect) const;

    // Trades the code, stores the tokens, tests them. Errors: as tenant_of(); kForbidden
    // oauth.denied; kData oauth.refused; kInvalid oauth.code_missing, oauth.account_missing;
    // kExists oauth.other_account, oauth.has_history; as tokens_in().
    Result<Connected> complete(const Redirect& redirect);

    // Revokes at the platform, then forgets the tokens, whether the platform could be reached or
    // not. Errors: kNotFound; kExists managed_by_config.
    Result<Disconnected> disconnect(
        TenantId tenant,
        const std::string& platform,
        const std::string& name,
        const storage::AuditActor& actor
    );

private:
    struct Pending;  // an authorization that came back

    Result<storage::OAuthApp> choose_app(
        TenantId tenant,
        const AuthorizeRequest& request,
        const std::optional<storage::Connection>& before
    ) const;
    Result<storage::OAuthState> state_of(const Redirect& redirect, std::string& hash) const;
    Result<Connected> carry_on(Pending& pending);
    Result<void> check_account(Pending& pending) const;
    Result<Tokens> trade(const Pending& pending);
    Result<void> store(Pending& pending, const Tokens& tokens);
    Result<storage::Connection> put_connection(const Pending& pending);
    Result<void> revoke(const Spec& spec, const storage::Connection& connection);
    Result<void> forget(
        const storage::Connection& connection,
        const Disconnected& done,
        const storage::AuditActor& actor
    );
    storage::AuditEntry entry(
        TenantId tenant,
        const char* event,
        const std::string& connection,
        const storage::AuditActor& actor
    ) const;
    Result<void> note_opening(
        TenantId tenant,
        const std::string& object,
        const char* secret,
        const char* purpose,
        const storage::AuditActor& actor
    );

    Stores& stores_;
    ConnectionControl& connections_;
    const ConnectorSource& source_;
    const AskEndpoint ask_;
    const Clock& clock_;
};

}  // namespace syncline::engine
