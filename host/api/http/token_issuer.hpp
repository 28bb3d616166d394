// Tokens of somebody else: whose they are, and their keys, which are kept and fetched anew. A key
// set that cannot be fetched leaves the former keys in use for a day. [any thread]
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/http/bearer_token.hpp"
#include "api/http/json_web_token.hpp"
#include "core/guarded.hpp"

namespace syncline::api {

// The text behind an issuer's jwks_url, jwks_file or key_file. May wait for the network. Errors:
// kConfig, kTransient.
using FetchKeys = std::function<Result<std::string>(const IssuerConfig& issuer)>;

class TokenIssuer {
public:
    TokenIssuer(IssuerConfig config, FetchKeys fetch)
        : config_(std::move(config)), fetch_(std::move(fetch)) {}

    const IssuerConfig& config() const { return config_; }

    // Who the token says it is for, if it is this issuer's and good now. Its subject comes with
    // the issuer's name before it. Errors: kUnauthorized "token.signature", "token.expired",
    // "token.early", "token.audience", "token.claims"; kStorage "token.keys" while there are no
    // keys to check it with.
    Result<Claims> verify(const TokenParts& parts, Timestamp now);

private:
    using Keys = std::shared_ptr<const std::vector<VerificationKey>>;
    struct State {
        Keys keys;
        std::int64_t fetched_at_ms = 0;
        std::int64_t tried_at_ms = 0;
        bool fetching = false;
    };

    // Those to use now; fetched first when they are old, or when `again` and the last try was a
    // while ago.
    Result<Keys> keys(bool again, std::int64_t now_ms);
    Result<Keys> parse(const std::string& text) const;
    Result<void> check_signature(const TokenParts& parts, std::int64_t now_ms);
    Result<void> check_claims(const Json& payload, Timestamp now) const;
    Result<Claims> to_claims(const Json& payload) const;

    const IssuerConfig config_;
    const FetchKeys fetch_;
    Guarded<State> state_;
};

// What is wrong with the issuers of a configuration: "/identity/issuers/0/audience: ...".
std::vector<std::string> issuer_problems(const IdentityConfig& config);

}  // namespace syncline::api
