// The platform sends the person back: the other half of OAuthControl.
#include <algorithm>

#include "core/log.hpp"
#include "core/sha256.hpp"
#include "engine/oauth_control.hpp"
#include "engine/oauth_settings.hpp"

namespace syncline::engine {
namespace {

using storage::Connection;
using storage::ConnectionState;

constexpr std::size_t kParameterBytesMax = 4096;
constexpr std::size_t kAccountBytesMax = 60;
// No lifetime that a platform names is taken for longer than this.
constexpr std::int64_t kLifetimeMaxS = 10LL * 366 * 86'400;

std::string parameter(const Redirect& redirect, const std::string& name) {
    const auto found = redirect.query.find(name);
    return found == redirect.query.end() ? std::string() : found->second;
}

// An account is a number or a name; whatever else comes in its place is no account.
bool is_account(const std::string& text) {
    return !text.empty() && text.size() <= kAccountBytesMax && harmless(text) == text &&
           text.find(' ') == std::string::npos;
}

std::int64_t end_of(std::int64_t now_ms, std::int64_t lives_s) {
    return lives_s <= 0 ? 0 : now_ms + std::min(lives_s, kLifetimeMaxS) * 1000;
}

Error provider_error(const std::string& platform, const std::string& code) {
    if (code == "access_denied") {
        return Error{
            ErrorCode::kForbidden,
            platform +
                " says that the access was denied; nothing was changed, begin anew to try "
                "again",
            "oauth.denied"};
    }
    return Error{
        ErrorCode::kData,
        platform + " refused the authorization: " + harmless(code) + "; nothing was changed",
        "oauth.refused"};
}

}  // namespace

struct OAuthControl::Pending {
    const Redirect& redirect;
    const Spec& spec;
    storage::OAuthState state;
    storage::OAuthApp app;
    Json asked;  // settings
    std::string redirect_uri;
    std::string code_verifier;
    std::string account;               // empty: the platform does not tell
    std::optional<Connection> before;  // the connection, if it is there
};

Result<storage::OAuthState> OAuthControl::state_of(const Redirect& redirect, std::string& hash)
    const {
    const std::string state = parameter(redirect, "state");
    if (state.empty() || state.size() > kParameterBytesMax) {
        return Error{
            ErrorCode::kInvalid,
            "this address is where a platform sends people back to, and it was called without a "
            "state; POST /api/integrations/{platform}/authorize begins",
            "oauth.state_missing"};
    }
    hash = sha256_hex(state);
    SYNCLINE_ASSIGN_OR_RETURN(auto found, stores_.oauth.find_state(hash));
    if (!found) {
        return Error{
            ErrorCode::kInvalid,
            "the state is none that this host gave; begin anew",
            "oauth.state_unknown"};
    }
    if (found->platform != redirect.platform) {
        return Error{
            ErrorCode::kInvalid,
            "the state was given for another platform; begin anew",
            "oauth.state_foreign"};
    }
    if (found->used_at_ms != 0) {
        return Error{
            ErrorCode::kExists,
            "the state was used already, and is good once; begin anew",
            "oauth.state_used"};
    }
    if (found->expires_at_ms <= clock_.now().ms) {
        return Error{
            ErrorCode::kExists,
            "the authorization took longer than ten minutes; begin anew",
            "oauth.state_expired"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores_.tenants.by_id(found->tenant));
    if (!tenant || !tenant->active) {
        return Error{ErrorCode::kForbidden, "the tenant is suspended", "tenant.suspended"};
    }
    return std::move(*found);
}

Result<TenantId> OAuthControl::tenant_of(const Redirect& redirect) const {
    std::string hash;
    SYNCLINE_ASSIGN_OR_RETURN(const auto state, state_of(redirect, hash));
    return state.tenant;
}

Result<Connected> OAuthControl::complete(const Redirect& redirect) {
    std::string hash;
    SYNCLINE_ASSIGN_OR_RETURN(auto state, state_of(redirect, hash));
    state.actor.address = redirect.address;
    state.actor.request = redirect.request;
    SYNCLINE_ASSIGN_OR_RETURN(const bool taken, stores_.oauth.use_state(hash, clock_.now().ms));
    if (!taken) {
        return Error{
            ErrorCode::kExists,
            "the state was used already, and is good once; begin anew",
            "oauth.state_used"};
    }
    auto connected = [&]() -> Result<Connected> {
        SYNCLINE_ASSIGN_OR_RETURN(const Spec* spec, browser_spec(source_, state.platform));
        SYNCLINE_ASSIGN_OR_RETURN(auto app, stores_.apps.by_id(state.tenant, state.app));
        SYNCLINE_ASSIGN_OR_RETURN(const Json payload, parse_json(state.payload));
        Pending pending{
            redirect,
            *spec,
            state,
            std::move(app),
            payload.at("settings"),
            setting_text(payload, "redirect_uri"),
            setting_text(payload, "code_verifier"),
            {},
            {}};
        return carry_on(pending);
    }();
    if (!connected) {
        auto noted = entry(state.tenant, "connection.authorized", state.connection, state.actor);
        noted.outcome = "refused";
        noted.reason = connected.error().message;
        noted.detail = {{"platform", state.platform}, {"error", connected.error().name}};
        SYNCLINE_RETURN_IF_ERROR(stores_.audit.append(noted));
    }
    return connected;
}

Result<Connected> OAuthControl::carry_on(Pending& pending) {
    const std::string refusal = parameter(pending.redirect, "error");
    if (!refusal.empty()) {
        return provider_error(pending.state.platform, refusal);
    }
    const std::string code = parameter(pending.redirect, "code");
    if (code.empty() || code.size() > kParameterBytesMax) {
        return Error{
            ErrorCode::kInvalid,
            pending.state.platform + " sent neither a code nor an error; begin anew",
            "oauth.code_missing"};
    }
    SYNCLINE_RETURN_IF_ERROR(check_account(pending));
    SYNCLINE_ASSIGN_OR_RETURN(const Tokens tokens, trade(pending));
    SYNCLINE_RETURN_IF_ERROR(store(pending, tokens));
    const auto& state = pending.state;
    log::info(
        "connection authorized",
        {{"connection", state.connection}, {"platform", state.platform}, {"by", state.actor.name}}
    );
    Connected connected{state.connection, state.platform, {}};
    SYNCLINE_ASSIGN_OR_RETURN(
        connected.test,
        connections_.test(state.tenant, state.platform, state.connection, state.actor)
    );
    return connected;
}

// Before the code is traded: a company that is not wanted gets no grant.
Result<void> OAuthControl::check_account(Pending& pending) const {
    const auto& state = pending.state;
    if (auto found = stores_.connections.find(state.tenant, state.connection)) {
        pending.before = std::move(*found);
    } else if (found.error().code != ErrorCode::kNotFound) {
        return found.error();
    }
    const OAuthSpec& oauth = pending.spec.oauth;
    if (oauth.account_parameter.empty()) {
        return {};
    }
    pending.account = parameter(pending.redirect, oauth.account_parameter);
    if (!is_account(pending.account)) {
        return Error{
            ErrorCode::kInvalid,
            state.platform + " did not say which account was chosen (" + oauth.account_parameter +
                "); begin anew",
            "oauth.account_missing"};
    }
    const std::string before = pending.before
                                   ? setting_text(pending.before->settings, oauth.account_setting)
                                   : std::string();
    if (before.empty() || before == pending.account) {
        return {};
    }
    if (!state.other_account || pending.before->declared) {
        return Error{
            ErrorCode::kExists,
            "the connection '" + state.connection + "' is one to account " + before + ", and " +
                pending.account +
                " was chosen; begin anew and choose the former one, make a connection of another "
                "name, or begin with \"other_account\": true",
            "oauth.other_account"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const bool used, stores_.oauth.has_history(pending.before->id));
    if (used) {
        return Error{
            ErrorCode::kExists,
            "the connection '" + state.connection + "' cannot change from account " + before +
                " to " + pending.account +
                ": what was synced with the former one would be taken as synced with this one; "
                "make a connection of another name",
            "oauth.has_history"};
    }
    return {};
}

Result<Tokens> OAuthControl::trade(const Pending& pending) {
    const auto& state = pending.state;
    SYNCLINE_RETURN_IF_ERROR(note_opening(
        state.tenant,
        "app " + state.platform + "/" + pending.app.name,
        "client_secret",
        "authorize",
        state.actor
    ));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string secret, stores_.apps.client_secret(pending.app));
    const Json settings = settings_with(
        pending.spec,
        pending.before ? pending.before->settings : Json::object(),
        pending.asked,
        pending.app
    );
    const EndpointRequest request = code_request(
        pending.spec,
        settings,
        {pending.app.client_id, secret},
        {parameter(pending.redirect, "code"), pending.redirect_uri, pending.code_verifier}
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto answer, ask_(pending.spec, settings, request));
    return tokens_in(pending.spec, answer);
}

Result<Connection> OAuthControl::put_connection(const Pending& pending) {
    const auto& state = pending.state;
    if (pending.before && pending.before->declared) {
        return *pending.before;
    }
    Json settings = settings_with(
        pending.spec,
        pending.before ? pending.before->settings : Json::object(),
        pending.asked,
        pending.app
    );
    if (!pending.account.empty()) {
        settings[pending.spec.oauth.account_setting] = pending.account;
    }
    storage::NewConnection wanted;
    wanted.tenant = state.tenant;
    wanted.name = state.connection;
    wanted.platform = state.platform;
    wanted.settings = split_settings(pending.spec, settings).plain;
    return stores_.connections.put(wanted, clock_.now().ms);
}

Result<void> OAuthControl::store(Pending& pending, const Tokens& tokens) {
    const std::int64_t now = clock_.now().ms;
    const auto& state = pending.state;
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string client_secret, stores_.apps.client_secret(pending.app)
    );
    auto secrets = split_settings(pending.spec, pending.asked).secrets;
    secrets["client_secret"] = client_secret;
    secrets["refresh_token"] = tokens.refresh_token;
    secrets["access_token"] = tokens.access_token;
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(const Connection stored, put_connection(pending));
        // What was known of another account is not true of this one.
        const bool other =
            pending.before && !pending.account.empty() && !stored.remote_identity.empty() &&
            state.other_account &&
            setting_text(pending.before->settings, pending.spec.oauth.account_setting) !=
                pending.account;
        if (other) {
            SYNCLINE_RETURN_IF_ERROR(stores_.connections.set_remote_identity(stored.id, ""));
        }
        // A refresh under way is for the former tokens.
        SYNCLINE_RETURN_IF_ERROR(stores_.connections.raise_generation(stored.id));
        SYNCLINE_RETURN_IF_ERROR(
            stores_.vault.put_credentials(stored.tenant, stored.id, secrets, now)
        );
        SYNCLINE_RETURN_IF_ERROR(
            stores_.connections.set_token_expiry(stored.id, end_of(now, tokens.expires_in_s))
        );
        SYNCLINE_RETURN_IF_ERROR(stores_.oauth.put_grant(
            {stored.tenant,
             stored.id,
             pending.app.id,
             pending.app.name,
             now,
             state.actor.name,
             now,
             end_of(now, tokens.refresh_expires_in_s),
             end_of(now, tokens.hard_expires_in_s)}
        ));
        auto noted = entry(state.tenant, "connection.authorized", state.connection, state.actor);
        noted.detail = {
            {"platform", state.platform}, {"app", pending.app.name}, {"account", pending.account}};
        storage::append_audit(sql, noted);
        // Whose tokens these are is known from the redirect, or else by the test that follows.
        const bool known = !pending.account.empty() || stored.remote_identity.empty();
        return known ? resume(stores_, stored, now)
                     : stores_.connections.set_state(
                           stored.id,
                           ConnectionState::kPaused,
                           "its new credentials have not been tested yet",
                           now
                       );
    });
}

}  // namespace syncline::engine
