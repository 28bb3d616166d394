// Who may come in, as the configuration file's "identity" says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline::api {

// How a token is signed. Each issuer has exactly one; what a token says of itself changes nothing.
enum class TokenAlgorithm { kHs256, kRs256, kEs256 };

}  // namespace syncline::api

namespace syncline {
template <>
struct EnumNames<api::TokenAlgorithm> {
    static constexpr std::array<std::pair<api::TokenAlgorithm, std::string_view>, 3> kNames{{
        {api::TokenAlgorithm::kHs256, "HS256"},
        {api::TokenAlgorithm::kRs256, "RS256"},
        {api::TokenAlgorithm::kEs256, "ES256"},
    }};
};
}  // namespace syncline

namespace syncline::api {

// Somebody else whose tokens are taken: a company's login service.
struct IssuerConfig {
    std::string name;      // short; comes before its people's names: "corp:ann"
    std::string issuer;    // the tokens' "iss", exactly
    std::string audience;  // must be among the tokens' "aud"
    TokenAlgorithm algorithm = TokenAlgorithm::kRs256;
    // Where its keys are, exactly one of them: a JSON Web Key Set (RS256, ES256), or a file of ours
    // with 32 bytes in base64 (HS256).
    std::string jwks_url;
    std::string jwks_file;
    std::string key_file;
    // The tenants its tokens may be for; "*" is any.
    std::vector<std::string> tenants;
    std::string tenant_claim = "tenant";
    std::string role_claim = "role";
    // How far its clock may be from ours.
    std::int64_t clock_skew_s = 60;

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &IssuerConfig::name),
            field("issuer", &IssuerConfig::issuer),
            field("audience", &IssuerConfig::audience),
            field("algorithm", &IssuerConfig::algorithm),
            field("jwks_url", &IssuerConfig::jwks_url),
            field("jwks_file", &IssuerConfig::jwks_file),
            field("key_file", &IssuerConfig::key_file),
            field("tenants", &IssuerConfig::tenants),
            field("tenant_claim", &IssuerConfig::tenant_claim),
            field("role_claim", &IssuerConfig::role_claim),
            field("clock_skew_s", &IssuerConfig::clock_skew_s)
        );
    }
};

struct IdentityConfig {
    // The operator's own tenant: its admins are those of the whole installation. Empty: nobody is,
    // by the API.
    std::string admin_tenant = "default";
    // Failed logins from one address that are let through at once, and how many more a minute.
    // 0: no limit.
    std::int64_t failed_logins_max = 100;
    std::int64_t failed_logins_per_minute = 20;
    // The same for one API key's prefix.
    std::int64_t failed_logins_per_key_max = 10;
    std::vector<IssuerConfig> issuers;

    static constexpr auto fields() {
        return std::make_tuple(
            field("admin_tenant", &IdentityConfig::admin_tenant),
            field("failed_logins_max", &IdentityConfig::failed_logins_max),
            field("failed_logins_per_minute", &IdentityConfig::failed_logins_per_minute),
            field("failed_logins_per_key_max", &IdentityConfig::failed_logins_per_key_max),
            field("issuers", &IdentityConfig::issuers)
        );
    }
};

}  // namespace syncline::api
