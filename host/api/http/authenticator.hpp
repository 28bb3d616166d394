// Who asks: an API key, a token of ours, or one of somebody else's that the configuration takes.
// Failures are limited and noted in the audit log, and so is the first use of a credential from an
// address. [any thread]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/http/login_guard.hpp"
#include "api/http/message.hpp"
#include "api/http/token_issuer.hpp"
#include "core/clock.hpp"
#include "engine/stores.hpp"
#include "storage/seal.hpp"

namespace syncline::api {

class Authenticator {
public:
    Authenticator(
        engine::Stores& stores,
        const Clock& clock,
        storage::Key token_key,
        const IdentityConfig& config,
        const FetchKeys& fetch
    );

    // Errors: kUnauthorized "token....", "api_key...."; kForbidden "token.tenant",
    // "tenant.suspended"; kRateLimited "login.limited" (429).
    Result<Actor> authenticate(const Request& request);

private:
    // What was presented, before anything is known of it.
    Result<Actor> look_at(std::string_view credential, std::string_view prefix);
    Result<Actor> by_key(std::string_view text, const std::string& prefix);
    Result<Actor> by_token(std::string_view token);
    Result<Claims> claims_of(std::string_view token);
    Result<Actor> actor_of(
        std::string subject, const storage::Tenant& tenant, Role role, std::string credential
    ) const;
    void note_failure(const Request& request, const LoginAttempt& attempt, const Error& error);
    void note_success(const Request& request, const Actor& actor, const LoginAttempt& attempt);

    engine::Stores& stores_;
    const Clock& clock_;
    const storage::Key token_key_;
    const std::string admin_tenant_;
    std::vector<std::unique_ptr<TokenIssuer>> issuers_;
    LoginGuard guard_;
};

}  // namespace syncline::api
