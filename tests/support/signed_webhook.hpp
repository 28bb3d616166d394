// A delivery as a shop with the secret "s3cret" signs it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "engine/webhook_inbox.hpp"

namespace syncline::testing {

inline std::string signature(const std::string& body, const std::string& secret = "s3cret") {
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        secret.data(),
        static_cast<int>(secret.size()),
        reinterpret_cast<const unsigned char*>(body.data()),
        body.size(),
        digest.data(),
        &size
    );
    return storage::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

inline WebhookDelivery delivery(
    const std::string& body,
    const std::string& delivery_id = "d-1",
    const std::string& topic = "order.updated",
    const std::string& secret = "s3cret"
) {
    return {
        {{"Content-Type", "application/json"},
         {"X-WC-Webhook-Source", "https://shop.example/"},
         {"X-WC-Webhook-Topic", topic},
         {"X-WC-Webhook-Signature", signature(body, secret)},
         {"X-WC-Webhook-ID", "1"},
         {"X-WC-Webhook-Delivery-ID", delivery_id}}};
}

}  // namespace syncline::testing
