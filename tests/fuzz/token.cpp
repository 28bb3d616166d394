// Bearer tokens and key sets: none that we did not sign is ever believed.
#include <algorithm>

#include "api/http/bearer_token.hpp"
#include "api/http/json_web_token.hpp"
#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

using api::Claims;
using api::TokenAlgorithm;

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";
constexpr Timestamp kNow{1'790'000'000'000};
// The public key of RFC 7517, appendix A.1.
constexpr std::string_view kKeySet =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})";

void strangers(std::string_view text) {
    const auto claims = api::verify_token(text, kKey, kNow);
    require(!claims, "a token that we did not sign is not believed");
    require(
        claims.error().code == ErrorCode::kUnauthorized &&
            claims.error().name.rfind("token.", 0) == 0,
        "a refusal says why"
    );
    static const auto kKeys = api::parse_key_set(kKeySet, TokenAlgorithm::kEs256).value();
    const auto parts = api::take_apart(text);
    if (!parts) {
        return;
    }
    api::VerificationKey shared;
    shared.secret = kKey;
    require(!api::has_signature_of(*parts, shared), "nobody else has our key");
    require(!api::has_signature_of(*parts, kKeys.front()), "nobody has the issuer's key");
    static_cast<void>(api::key_for(kKeys, parts->header));
}

void ours(Feed feed) {
    const std::size_t changed_at = feed.number(2);
    const auto change = static_cast<char>(feed.byte());
    Claims claims;
    claims.role = static_cast<api::Role>(feed.byte() % 4);
    claims.tenant = "default";
    claims.issued_at_s = kNow.ms / 1000;
    claims.expires_at_s = kNow.ms / 1000 + 1 + static_cast<std::int64_t>(feed.number(2));
    claims.subject = feed.rest().substr(0, 200);
    const std::string signed_token = api::sign_token(claims, kKey);
    const auto read = api::verify_token(signed_token, kKey, kNow);
    require(read.has_value(), "a token of ours is believed");
    require(
        read->role == claims.role && read->tenant == claims.tenant &&
            read->expires_at_s == claims.expires_at_s,
        "a token says what it was given"
    );
    require(
        !api::verify_token(signed_token, kKey, Timestamp{claims.expires_at_s * 1000}),
        "an expired token is not believed"
    );
    std::string forged = signed_token;
    char& byte = forged[changed_at % forged.size()];
    byte = byte == change ? static_cast<char>(change ^ 1) : change;
    require(!api::verify_token(forged, kKey, kNow), "a token with another byte is not believed");
}

}  // namespace

void token(std::string_view input) {
    strangers(input);
    for (const auto algorithm : {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256}) {
        const auto keys = api::parse_key_set(input, algorithm);
        require(!keys || !keys->empty(), "a key set has a key");
    }
    ours(Feed(input));
}

}  // namespace syncline::fuzz
