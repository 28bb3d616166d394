// Intuit's webhooks, in both of its formats: they are told apart by their shape.
#pragma once

#include <string>
#include <string_view>

#include <syncline/operations.hpp>
#include <syncline/spec.hpp>

namespace syncline::quickbooks {

WebhookSpec webhook_spec();

// What a delivery announces of the company `realm`; others' are left out. Errors: kData for what
// has neither format.
Result<WebhookEvent> parse_webhook(std::string_view body, const std::string& realm);

}  // namespace syncline::quickbooks
