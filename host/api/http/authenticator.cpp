#include "api/http/authenticator.hpp"

#include "core/log.hpp"
#include "core/sha256.hpp"
#include "engine/api_key_control.hpp"

namespace syncline::api {
namespace {

constexpr std::string_view kBearer = "Bearer ";
// A key's last use is known to within this.
constexpr std::int64_t kUseNotedEveryMs = 3'600'000;
constexpr std::size_t kIdShown = 40;

Error refused(const char* name, const std::string& message) {
    return Error{ErrorCode::kUnauthorized, message, name};
}

// Only what a wrong credential leads to is a failed login; a suspended tenant is not.
bool is_wrong_credential(const Error& error) {
    return error.code == ErrorCode::kUnauthorized;
}

storage::AuditEntry login_entry(
    const Request& request, const std::string& event, std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "login";
    entry.actor.address = request.address;
    entry.actor.request = request.id;
    return entry;
}

}  // namespace

Authenticator::Authenticator(
    engine::Stores& stores,
    const Clock& clock,
    storage::Key token_key,
    const IdentityConfig& config,
    const FetchKeys& fetch
)
    : stores_(stores),
      clock_(clock),
      token_key_(std::move(token_key)),
      admin_tenant_(config.admin_tenant),
      guard_(config) {
    for (const auto& issuer : config.issuers) {
        issuers_.push_back(std::make_unique<TokenIssuer>(issuer, fetch));
    }
}

Result<Actor> Authenticator::authenticate(const Request& request) {
    const std::string_view header = request.authorization;
    if (header.empty()) {
        return refused(
            "token.missing",
            "this needs a bearer token or an API key; `syncline token` and `syncline api-key "
            "create` make one"
        );
    }
    const bool bearer = header.substr(0, kBearer.size()) == kBearer;
    const std::string_view credential = header.substr(bearer ? kBearer.size() : header.size());
    const auto prefix = engine::api_key_prefix(credential);
    const LoginAttempt attempt{request.address, sha256_hex(header), prefix.value_or("")};
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(guard_.admit(attempt, now));
    auto actor = bearer ? look_at(credential, attempt.key_prefix)
                        : Result<Actor>(refused(
                              "token.malformed",
                              "the Authorization header must be: Bearer, a space and the token or "
                              "API key"
                          ));
    if (actor) {
        note_success(request, *actor, attempt);
    } else if (is_wrong_credential(actor.error())) {
        note_failure(request, attempt, actor.error());
    }
    return actor;
}

Result<Actor> Authenticator::look_at(std::string_view credential, std::string_view prefix) {
    return prefix.empty() ? by_token(credential) : by_key(credential, std::string(prefix));
}

Result<Actor> Authenticator::by_key(std::string_view text, const std::string& prefix) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto key, stores_.api_keys.by_prefix(prefix));
    if (!key || !engine::is_api_key(*key, text)) {
        return refused("api_key.unknown", "there is no such API key");
    }
    const std::int64_t now = clock_.now().ms;
    if (key->revoked_at_ms != 0) {
        return refused("api_key.revoked", "the API key " + prefix + " was revoked");
    }
    if (key->expires_at_ms != 0 && key->expires_at_ms <= now) {
        return refused(
            "api_key.expired",
            "the API key " + prefix + " expired at " + Timestamp{key->expires_at_ms}.to_string() +
                "; make a new one"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores_.tenants.by_id(key->tenant));
    const auto role = enum_from_name<Role>(key->role);
    if (!tenant || !role) {
        return Error{ErrorCode::kBug, "an API key without tenant or role", "api_key.broken"};
    }
    if (now - key->last_used_at_ms >= kUseNotedEveryMs) {
        if (const auto noted = stores_.api_keys.note_use(key->id, now); !noted) {
            log::warn("the use of an API key was not noted", {{"reason", noted.error().message}});
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(Actor actor, actor_of(key->name, *tenant, *role, "key " + prefix));
    actor.scopes = key->scopes;
    return actor;
}

Result<Claims> Authenticator::claims_of(std::string_view token) {
    const auto parts = take_apart(token);
    const Json issuer = parts ? parts->payload.value("iss", Json()) : Json();
    for (const auto& known : issuers_) {
        if (issuer == Json(known->config().issuer)) {
            return known->verify(*parts, clock_.now());
        }
    }
    return verify_token(token, token_key_.reveal(), clock_.now());
}

Result<Actor> Authenticator::by_token(std::string_view token) {
    SYNCLINE_ASSIGN_OR_RETURN(const Claims claims, claims_of(token));
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores_.tenants.find(claims.tenant));
    if (!tenant) {
        return Error{
            ErrorCode::kForbidden,
            "the token is for the tenant '" + claims.tenant.substr(0, 70) +
                "', which this host does not have; add it to the configuration's tenants, or with "
                "POST /api/tenants",
            "token.tenant"};
    }
    return actor_of(claims.subject, *tenant, claims.role, "token " + claims.id.substr(0, kIdShown));
}

Result<Actor> Authenticator::actor_of(
    std::string subject, const storage::Tenant& tenant, Role role, std::string credential
) const {
    if (!tenant.active) {
        return Error{
            ErrorCode::kForbidden,
            "the tenant '" + tenant.name + "' is suspended since " +
                Timestamp{tenant.state_at_ms}.to_string() + ": " + tenant.state_reason,
            "tenant.suspended"};
    }
    Actor actor;
    actor.subject = std::move(subject);
    actor.tenant = tenant.id;
    actor.tenant_name = tenant.name;
    actor.role = role;
    actor.credential = std::move(credential);
    actor.installation = role == Role::kAdmin && tenant.name == admin_tenant_;
    return actor;
}

void Authenticator::note_failure(
    const Request& request, const LoginAttempt& attempt, const Error& error
) {
    const std::int64_t now = clock_.now().ms;
    const bool none_left = guard_.failed(attempt, now);
    std::int64_t left_out = 0;
    if (!guard_.may_note(now, left_out)) {
        return;
    }
    auto entry = login_entry(request, none_left ? "login.limited" : "login.failed", now);
    entry.outcome = "refused";
    entry.reason = error.name;
    if (left_out > 0) {
        entry.detail["not_noted_before"] = left_out;
    }
    entry.actor.name = "";
    if (!attempt.key_prefix.empty()) {
        entry.actor.credential = "key " + attempt.key_prefix;
        const auto key = stores_.api_keys.by_prefix(attempt.key_prefix);
        entry.tenant = key && *key ? (*key)->tenant : TenantId{};
    }
    if (const auto noted = stores_.audit.append(entry); !noted) {
        log::warn("a failed login was not noted", {{"reason", noted.error().message}});
    }
}

void Authenticator::note_success(
    const Request& request, const Actor& actor, const LoginAttempt& attempt
) {
    const std::int64_t now = clock_.now().ms;
    if (!guard_.succeeded(attempt, now)) {
        return;
    }
    auto entry = login_entry(request, "login.succeeded", now);
    entry.tenant = actor.tenant;
    entry.actor.name = actor.subject;
    entry.actor.credential = actor.credential;
    entry.actor.role = enum_name(actor.role);
    if (const auto noted = stores_.audit.append(entry); !noted) {
        log::warn("a login was not noted", {{"reason", noted.error().message}});
    }
}

}  // namespace syncline::api
