// What the shop's answers mean. WooCommerce answers JSON; what stands in front of it (firewall,
// cache, maintenance page, a PHP notice printed into the body) often does not.
#pragma once

#include <optional>
#include <string_view>

#include <syncline/json.hpp>
#include <syncline/plugin/http.hpp>
#include <syncline/result.hpp>

namespace syncline::woocommerce {

enum class Auth { kNone, kBasic, kQuery, kOAuth1 };

// The body as JSON. `after_notices` is set when text stood before it, as PHP prints notices; it is
// skipped only where a whole JSON document follows. nullopt: the body is no JSON document (HTML, or
// JSON that is cut off).
std::optional<Json> json_in(std::string_view body, bool& after_notices);

// The error of an answer that is not a success, or that is one but not JSON. `what` names the
// request
// ("GET orders"), `auth` how it was authenticated. Decided by the status and the machine `code`,
// never by the message, which is in the shop's language. Error::name is the shop's code where there
// is one.
//   kAuth         the key, its secret, or the rights of its user
//   kRateLimited  429 and 503 with Retry-After (WordPress' maintenance page)
//   kTransient    HTML in place of JSON, JSON cut off, 5xx
//   kConfig       a redirect, or no WooCommerce at this address
//   kUnsupported  the shop does not take a parameter we send
//   kData         all else, such as a record that is not there (http_status 404)
Error answer_error(const plugin::HttpResponse& response, std::string_view what, Auth auth);

}  // namespace syncline::woocommerce
