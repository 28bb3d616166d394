// OAuth 1.0a, one-legged, as WooCommerce checks it over plain http (RFC 5849 without tokens).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

namespace syncline::woocommerce {

// Decoded names and values of the query, in the byte order the signature wants.
using QueryParameters = std::map<std::string, std::string>;

// "GET&http%3A%2F%2F...&a%3D1%26b%3D2". `url` is without query.
std::string oauth1_base_string(
    std::string_view method, std::string_view url, const QueryParameters& parameters
);

// base64(HMAC(base_string)) by `method`, "HMAC-SHA256" or "HMAC-SHA1". The
// key is the consumer secret and "&". Errors: kBug for another method.
Result<std::string> oauth1_signature(
    std::string_view base_string, std::string_view consumer_secret, std::string_view method
);

// RFC 4648, with padding.
std::string base64(std::string_view bytes);

}  // namespace syncline::woocommerce
