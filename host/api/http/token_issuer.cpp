#include "api/http/token_issuer.hpp"

#include <algorithm>
#include <set>

#include "core/log.hpp"
#include "storage/seal.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kFreshMs = 10 * 60'000;
constexpr std::int64_t kStaleMaxMs = 24 * 3'600'000;
// Tokens with unknown key ids must not make us ask all the time.
constexpr std::int64_t kAgainMs = 30'000;
constexpr std::int64_t kSkewMaxS = 300;
constexpr std::size_t kKeySetBytesMax = 256 * 1024;
constexpr std::size_t kSubjectMax = 200;

Error refused(const char* name, const char* message) {
    return Error{ErrorCode::kUnauthorized, message, name};
}

std::optional<std::int64_t> seconds_of(const Json& payload, const std::string& name) {
    const auto found = payload.find(name);
    if (found == payload.end() || !found->is_number_integer()) {
        return std::nullopt;
    }
    return found->get<std::int64_t>();
}

std::string text_of(const Json& payload, const std::string& name) {
    const auto found = payload.find(name);
    return found != payload.end() && found->is_string() ? found->get<std::string>() : "";
}

bool is_for(const Json& payload, const std::string& audience) {
    const auto found = payload.find("aud");
    if (found == payload.end()) {
        return false;
    }
    return *found == Json(audience) ||
           (found->is_array() &&
            std::find(found->begin(), found->end(), Json(audience)) != found->end());
}

}  // namespace

Result<TokenIssuer::Keys> TokenIssuer::parse(const std::string& text) const {
    if (config_.algorithm == TokenAlgorithm::kHs256) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto key, storage::Key::from_base64(text));
        std::vector<VerificationKey> one(1);
        one.front().secret = std::string(key.reveal());
        return Keys(std::make_shared<const std::vector<VerificationKey>>(std::move(one)));
    }
    if (text.size() > kKeySetBytesMax) {
        return Error{ErrorCode::kConfig, "the key set is too large", "identity.key_set"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto parsed, parse_key_set(text, config_.algorithm));
    return Keys(std::make_shared<const std::vector<VerificationKey>>(std::move(parsed)));
}

Result<TokenIssuer::Keys> TokenIssuer::keys(bool again, std::int64_t now_ms) {
    struct Turn {
        Keys keys;
        bool fetch = false;
    };
    const Turn turn = state_.with([&](State& state) {
        // A clock that was set back makes everything old.
        const bool back = state.tried_at_ms > now_ms || state.fetched_at_ms > now_ms;
        const bool old = back || state.keys == nullptr || now_ms - state.fetched_at_ms > kFreshMs;
        const bool rested =
            back || state.tried_at_ms == 0 || now_ms - state.tried_at_ms >= kAgainMs;
        const bool usable = state.keys != nullptr && now_ms - state.fetched_at_ms <= kStaleMaxMs;
        const bool fetch = (old || again) && rested && !state.fetching;
        if (fetch) {
            state.fetching = true;
            state.tried_at_ms = now_ms;
        }
        return Turn{usable ? state.keys : nullptr, fetch};
    });
    Keys usable = turn.keys;
    if (turn.fetch) {
        const auto text = fetch_(config_);
        const auto parsed = text ? parse(*text) : Result<Keys>(text.error());
        if (!parsed) {
            log::warn(
                "the keys of a token issuer could not be fetched",
                {{"issuer", config_.name}, {"reason", parsed.error().message}}
            );
        }
        state_.with([&](State& state) {
            state.fetching = false;
            if (parsed) {
                state.keys = *parsed;
                state.fetched_at_ms = now_ms;
            }
        });
        usable = parsed ? *parsed : usable;
    }
    if (usable == nullptr) {
        return Error{
            ErrorCode::kStorage,
            "the keys of the token's issuer '" + config_.name +
                "' cannot be had at the moment; the host's log has the reason",
            "token.keys"};
    }
    return usable;
}

Result<void> TokenIssuer::check_signature(const TokenParts& parts, std::int64_t now_ms) {
    const Error wrong =
        refused("token.signature", "the bearer token was not signed with a key of its issuer");
    for (const bool again : {false, true}) {
        SYNCLINE_ASSIGN_OR_RETURN(const Keys known, keys(again, now_ms));
        const VerificationKey* key = config_.algorithm == TokenAlgorithm::kHs256
                                         ? &known->front()
                                         : key_for(*known, parts.header);
        if (key != nullptr) {
            return has_signature_of(parts, *key) ? Result<void>() : Result<void>(wrong);
        }
    }
    return wrong;
}

Result<void> TokenIssuer::check_claims(const Json& payload, Timestamp now) const {
    const std::int64_t now_s = now.ms / 1000;
    const std::int64_t skew = config_.clock_skew_s;
    const auto expires = seconds_of(payload, "exp");
    const auto issued = seconds_of(payload, "iat");
    const auto not_before = seconds_of(payload, "nbf");
    if (text_of(payload, "iss") != config_.issuer || !expires ||
        (payload.contains("nbf") && !not_before) || (payload.contains("iat") && !issued)) {
        return refused("token.claims", "the bearer token does not hold the claims of its issuer");
    }
    if (!is_for(payload, config_.audience)) {
        return refused("token.audience", "the bearer token is meant for another audience");
    }
    if (*expires <= now_s - skew) {
        return refused("token.expired", "the bearer token has expired");
    }
    if (not_before.value_or(0) > now_s + skew || issued.value_or(0) > now_s + skew) {
        return refused("token.early", "the bearer token is not good yet; check the clocks");
    }
    return {};
}

Result<Claims> TokenIssuer::to_claims(const Json& payload) const {
    const std::string subject = text_of(payload, "sub");
    const auto role = enum_from_name<Role>(text_of(payload, config_.role_claim));
    Claims claims;
    claims.tenant = text_of(payload, config_.tenant_claim);
    if (subject.empty() || subject.size() > kSubjectMax || !role || claims.tenant.empty()) {
        return refused(
            "token.claims", "the bearer token does not say whose it is, for which tenant and role"
        );
    }
    const bool permitted =
        std::any_of(config_.tenants.begin(), config_.tenants.end(), [&](const auto& tenant) {
            return tenant == "*" || tenant == claims.tenant;
        });
    if (!permitted) {
        return refused("token.claims", "the bearer token's issuer may not speak for its tenant");
    }
    claims.subject = config_.name + ":" + subject;
    claims.role = *role;
    claims.id = text_of(payload, "jti");
    return claims;
}

Result<Claims> TokenIssuer::verify(const TokenParts& parts, Timestamp now) {
    SYNCLINE_RETURN_IF_ERROR(check_signature(parts, now.ms));
    SYNCLINE_RETURN_IF_ERROR(check_claims(parts.payload, now));
    return to_claims(parts.payload);
}

std::vector<std::string> issuer_problems(const IdentityConfig& config) {
    std::vector<std::string> problems;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < config.issuers.size(); ++i) {
        const IssuerConfig& issuer = config.issuers[i];
        const std::string place = "/identity/issuers/" + std::to_string(i);
        const auto expect = [&](bool good, const std::string& member, const std::string& what) {
            if (!good) {
                problems.push_back(place + member + ": " + what);
            }
        };
        const bool named = !issuer.name.empty() && issuer.name.size() <= 40 &&
                           issuer.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                               std::string::npos;
        expect(named, "/name", "expected 1 to 40 characters of a-z, 0-9 and '-'");
        expect(
            !issuer.issuer.empty() && issuer.issuer != kOwnIssuer,
            "/issuer",
            "expected what the tokens have as \"iss\"; '" + std::string(kOwnIssuer) + "' is ours"
        );
        expect(seen.insert(issuer.issuer).second, "/issuer", "comes twice");
        expect(!issuer.audience.empty(), "/audience", "missing: what the tokens have as \"aud\"");
        expect(
            !issuer.tenants.empty(), "/tenants", "missing: whose tokens it may issue; \"*\" is any"
        );
        expect(
            issuer.clock_skew_s >= 0 && issuer.clock_skew_s <= kSkewMaxS,
            "/clock_skew_s",
            "expected 0 to " + std::to_string(kSkewMaxS)
        );
        const bool shared = issuer.algorithm == TokenAlgorithm::kHs256;
        const int sets = (issuer.jwks_url.empty() ? 0 : 1) + (issuer.jwks_file.empty() ? 0 : 1);
        expect(
            shared ? sets == 0 && !issuer.key_file.empty() : sets == 1 && issuer.key_file.empty(),
            shared ? "/key_file" : "/jwks_url",
            shared ? "HS256 takes a key_file, and nothing else"
                   : "RS256 and ES256 take either jwks_url or jwks_file"
        );
    }
    return problems;
}

}  // namespace syncline::api
