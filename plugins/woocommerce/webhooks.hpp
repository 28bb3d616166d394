// The shop's webhooks: how deliveries are told to be genuine, what they announce, and keeping them
// registered.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

WebhookSpec webhook_spec();

// What a delivery with this body announces. Errors: kData for what is no delivery of a record, such
// as the error document a shop sends when the webhook's user may not read the order.
Result<WebhookEvent> parse_webhook(const WebhookDelivery& delivery, std::string_view body);

// Makes the webhooks the registration wants and enables those the shop has disabled; with
// `secret`. Those a person has paused stay so. Errors: of the shop; it takes a key whose user may
// manage WooCommerce.
Result<WebhookReport> register_webhooks(
    plugin::Call& call,
    Shop& shop,
    const WebhookRegistration& registration,
    const std::string& secret
);

// Removes those that deliver to the registration's URL.
Result<WebhookReport> unregister_webhooks(
    plugin::Call& call, Shop& shop, const WebhookRegistration& registration
);

}  // namespace syncline::woocommerce
