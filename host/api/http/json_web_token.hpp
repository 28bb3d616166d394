// JSON Web Tokens (RFC 7519) in compact form, signed (RFC 7515): taking apart, and the signature.
// Which algorithm is used is decided by whoever holds the key, never by the token. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

#include "api/identity_config.hpp"

struct evp_pkey_st;

namespace syncline::api {

inline constexpr std::size_t kTokenBytesMax = 4096;

// A key that signatures are checked with: of one algorithm only.
struct VerificationKey {
    std::string id;  // "kid"; may be empty
    TokenAlgorithm algorithm = TokenAlgorithm::kHs256;
    std::string secret;                             // of HS256
    std::shared_ptr<const evp_pkey_st> public_key;  // of the others
};

struct TokenParts {
    std::string_view signed_text;
    std::string signature;  // bytes
    Json header;
    Json payload;
};

// The parts of what looks like a token; borrows from `token`. Nothing of it may be believed before
// the signature was checked. Errors: kUnauthorized "token.malformed".
Result<TokenParts> take_apart(std::string_view token);

bool has_signature_of(const TokenParts& parts, const VerificationKey& key);

// Keys of a JSON Web Key Set (RFC 7517) that can check signatures of that algorithm (RS256, ES256);
// others are passed over. Errors: kConfig for what is no key set, has no such key, more than 50, a
// key id twice, or RSA keys below 2048 bits.
Result<std::vector<VerificationKey>> parse_key_set(std::string_view text, TokenAlgorithm algorithm);

// The one key a token means by its "kid": that of this id; without an id the only key there is.
// nullptr: none.
const VerificationKey* key_for(const std::vector<VerificationKey>& keys, const Json& header);

}  // namespace syncline::api
