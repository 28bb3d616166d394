// The host's own bearer tokens: JSON Web Tokens (RFC 7519) signed with HMAC SHA-256. There is one
// algorithm and one key, which seals nothing; whatever a token says about algorithms changes
// nothing. Tokens of others: token_issuer.hpp. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/json_fields.hpp>

namespace syncline::api {

// Each may do what those before it may.
enum class Role { kViewer, kOperator, kApprover, kAdmin };

}  // namespace syncline::api

namespace syncline {
template <>
struct EnumNames<api::Role> {
    static constexpr std::array<std::pair<api::Role, std::string_view>, 4> kNames{{
        {api::Role::kViewer, "viewer"},
        {api::Role::kOperator, "operator"},
        {api::Role::kApprover, "approver"},
        {api::Role::kAdmin, "admin"},
    }};
};
}  // namespace syncline

namespace syncline::api {

// "iss" and "aud" of our own tokens.
inline constexpr std::string_view kOwnIssuer = "syncline";
inline constexpr std::string_view kOwnAudience = "syncline-api";

struct Claims {
    std::string subject;  // whom it was given to; for the log
    std::string tenant;
    Role role = Role::kViewer;
    std::int64_t issued_at_s = 0;
    std::int64_t expires_at_s = 0;
    std::string id;
    std::string issuer{kOwnIssuer};
    std::string audience{kOwnAudience};
    std::int64_t not_before_s = 0;

    static constexpr auto fields() {
        return std::make_tuple(
            field("sub", &Claims::subject),
            field("tenant", &Claims::tenant),
            field("role", &Claims::role),
            field("iat", &Claims::issued_at_s),
            field("exp", &Claims::expires_at_s),
            field("jti", &Claims::id),
            field("iss", &Claims::issuer),
            field("aud", &Claims::audience),
            field("nbf", &Claims::not_before_s)
        );
    }
};

std::string sign_token(const Claims& claims, std::string_view key);

// Errors: kUnauthorized "token.malformed", "token.signature", "token.expired", "token.early",
// "token.claims".
// Nothing of the token is parsed before its signature is verified, and no message shows any of it.
Result<Claims> verify_token(std::string_view token, std::string_view key, Timestamp now);

}  // namespace syncline::api
