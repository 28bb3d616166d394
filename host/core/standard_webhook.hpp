// Signatures of outgoing webhooks after the Standard Webhooks scheme: HMAC-SHA256 over
// "{id}.{timestamp}.{body}" with the bytes that stand in base64 behind "whsec_". Pure.
#pragma once

#include <string>
#include <string_view>

#include <syncline/result.hpp>

namespace syncline {

// The bytes of "whsec_..."; 24 to 64 of them. Errors: kInvalid that does not show the text.
Result<std::string> standard_webhook_key(std::string_view secret);

// "whsec_" and `random` in base64.
std::string standard_webhook_secret(std::string_view random);

// The value of webhook-signature: "v1,..."; `timestamp` in seconds. Errors: as
// standard_webhook_key().
Result<std::string> standard_webhook_signature(
    std::string_view secret, std::string_view id, std::int64_t timestamp, std::string_view body
);

}  // namespace syncline
