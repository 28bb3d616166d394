// Whether a webhook's delivery is genuine, and which account it is about, as the connector's spec
// declares it. On the bytes as they came. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/operations.hpp>
#include <syncline/spec.hpp>

namespace syncline {

// A secret as the platform uses it: with HTML entities resolved, where the spec says so.
std::string effective_secret(const WebhookSpec& spec, std::string_view secret);

// Whether the value of the spec's proof_header proves `body`. How long it takes depends on the
// body's length only, not on where a wrong proof differs. An empty secret proves nothing.
bool proves(
    const WebhookSpec& spec,
    std::string_view header,
    std::string_view body,
    std::string_view effective_secret
);

// The form in which sources are compared: a URL without scheme, "www." and final slash, its host in
// lower case; anything else as it is.
std::string source_identity(std::string_view source);

// What the delivery says of the account it is about, as source_identity()s in order; empty if it
// does not say. More than one, where a delivery is about several.
std::vector<std::string> sources_of(
    const WebhookSpec& spec, const WebhookDelivery& delivery, std::string_view body
);

// The body without those items of its arrays that the spec's source_paths say are about none of
// `sources`. It is another text then, with the same meaning (decimals may become texts). Empty when
// it is no JSON.
std::string body_about(
    const WebhookSpec& spec, std::string_view body, const std::vector<std::string>& sources
);

}  // namespace syncline
