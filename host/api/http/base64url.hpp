// Base64 as URLs and tokens have it (RFC 4648 section 5), without padding. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace syncline::api {

std::string base64url_encode(std::string_view bytes);

// Nothing for any text that base64url_encode() would not have made.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace syncline::api
