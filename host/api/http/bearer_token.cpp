#include "api/http/bearer_token.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "api/http/base64url.hpp"
#include "api/http/json_web_token.hpp"

namespace syncline::api {
namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
// How far the clock of whoever issued the token may be ahead of ours.
constexpr std::int64_t kClockSkewS = 60;

Error refused(const char* name, const char* message) {
    return Error{ErrorCode::kUnauthorized, message, name};
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        bytes.data(),
        &size
    );
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

bool same_bytes(const std::string& a, const std::string& b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<Json> parse_part(std::string_view part) {
    const auto text = base64url_decode(part);
    return text ? parse_json(*text) : Result<Json>(invalid("not base64url"));
}

bool is_our_header(std::string_view part) {
    const auto header = parse_part(part);
    return header && header->is_object() && header->value("alg", Json()) == Json("HS256");
}

}  // namespace

std::string sign_token(const Claims& claims, std::string_view key) {
    const std::string text =
        base64url_encode(kHeader) + "." + base64url_encode(dump_json(to_json(claims)));
    return text + "." + base64url_encode(hmac_sha256(key, text));
}

Result<Claims> verify_token(std::string_view token, std::string_view key, Timestamp now) {
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (token.size() > kTokenBytesMax || first == std::string_view::npos || first == last ||
        token.find('.', first + 1) != last) {
        return refused("token.malformed", "the bearer token is not a JSON Web Token");
    }
    const auto signature = base64url_decode(token.substr(last + 1));
    if (!signature || !same_bytes(*signature, hmac_sha256(key, token.substr(0, last)))) {
        return refused(
            "token.signature",
            "the bearer token was not signed with this host's key (`syncline token` makes one)"
        );
    }
    const auto payload = parse_part(token.substr(first + 1, last - first - 1));
    const auto claims = payload ? from_json<Claims>(*payload) : Result<Claims>(payload.error());
    if (!is_our_header(token.substr(0, first)) || !claims || claims->tenant.empty() ||
        !payload->contains("role") || claims->expires_at_s == 0 ||
        payload->value("iss", Json()) != Json(kOwnIssuer) ||
        payload->value("aud", Json()) != Json(kOwnAudience)) {
        return refused("token.claims", "the bearer token does not hold the claims of this host");
    }
    if (claims->expires_at_s <= now.ms / 1000) {
        return refused("token.expired", "the bearer token has expired; `syncline token` makes one");
    }
    const std::int64_t latest_s = now.ms / 1000 + kClockSkewS;
    if (claims->issued_at_s > latest_s) {
        return refused("token.claims", "the bearer token is from the future; check the clocks");
    }
    if (claims->not_before_s > latest_s) {
        return refused("token.early", "the bearer token is not good yet; check the clocks");
    }
    return *claims;
}

}  // namespace syncline::api
