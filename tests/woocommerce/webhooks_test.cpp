// What the shop's deliveries announce, and keeping its webhooks registered, against the sandbox.
#include "woocommerce/webhooks.hpp"

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "support/recorded_webhooks.hpp"
#include "woocommerce/woocommerce.hpp"

namespace syncline::woocommerce {
namespace {

WebhookDelivery about(const std::string& topic) {
    return {{{"x-wc-webhook-topic", topic}}};
}

TEST(Webhooks, TheSpecIsSound) {
    EXPECT_TRUE(check_spec(WooCommerce::spec()).empty());
    EXPECT_NE(plugin::kConnector<WooCommerce>.webhook_parse, nullptr);
    EXPECT_NE(plugin::kConnector<WooCommerce>.webhook_register, nullptr);
}

TEST(Webhooks, EveryRecordedDeliveryNamesItsOrder) {
    std::size_t orders = 0;
    for (const auto& recorded : test::recorded_webhooks()) {
        if (recorded.is_ping()) {
            continue;
        }
        WebhookDelivery delivery;
        for (const auto& [name, value] : recorded.headers) {
            delivery.headers.push_back({name, value});
        }
        const auto event = parse_webhook(delivery, recorded.body);
        ASSERT_TRUE(event.has_value()) << event.error().message;
        ASSERT_FALSE(event->changes.empty());
        EXPECT_EQ(event->changes[0].entity, "order");
        EXPECT_EQ(event->changes[0].id, parse_json(recorded.body)->at("id").dump());
        EXPECT_FALSE(event->changes[0].deleted);
        EXPECT_TRUE(event->changes[0].changed_at.has_value());
        ++orders;
    }
    EXPECT_EQ(orders, 130U);
}

TEST(Webhooks, DeletesRefundsVariationsAndCustomersAreHints) {
    const auto deleted = parse_webhook(about("order.deleted"), R"({"id":55})");
    ASSERT_TRUE(deleted.has_value());
    EXPECT_TRUE(deleted->changes.at(0).deleted);
    const auto refunded =
        parse_webhook(about("order.updated"), R"({"id":55,"refunds":[{"id":60},{"id":61}]})");
    ASSERT_EQ(refunded->changes.size(), 3U);
    EXPECT_EQ(refunded->changes[2].entity, "refund");
    EXPECT_EQ(refunded->changes[2].id, "61");
    const auto variation =
        parse_webhook(about("product.updated"), R"({"id":9,"type":"variation","parent_id":8})");
    EXPECT_EQ(variation->changes.at(0).id, "8");
    const auto customer = parse_webhook(about("customer.created"), R"({"id":3})");
    EXPECT_EQ(customer->changes.at(0).entity, "customer");
}

TEST(Webhooks, WhatIsNoRecordIsSaidNotGuessed) {
    const auto forbidden = parse_webhook(
        about("order.updated"),
        R"({"code":"woocommerce_rest_cannot_view","message":"Sorry","data":{"status":401}})"
    );
    ASSERT_FALSE(forbidden.has_value());
    EXPECT_EQ(forbidden.error().code, ErrorCode::kData);
    EXPECT_EQ(forbidden.error().name, "woo.webhook_of_error");
    EXPECT_FALSE(parse_webhook(about("order.updated"), "not JSON").has_value());
    EXPECT_FALSE(parse_webhook(about("order.updated"), "[]").has_value());
    EXPECT_FALSE(parse_webhook({}, R"({"id":55})").has_value());
    for (const char* topic : {"coupon.updated", "action.woocommerce_add_to_cart"}) {
        const auto event = parse_webhook(about(topic), R"({"action":"x","arg":1})");
        ASSERT_TRUE(event.has_value());
        EXPECT_EQ(event->ignored->code, "TOPIC");
    }
}

}  // namespace
}  // namespace syncline::woocommerce
