#include <gtest/gtest.h>

#include <syncline/record.hpp>

#include "woocommerce/convert.hpp"
#include "woocommerce/recorded.hpp"

namespace syncline::woocommerce {
namespace {

using testing::recorded;
using testing::recorded_shops;

const ShopFacts kShop{Currency::parse("USD").value(), -300};

Order recorded_order(const std::string& shop, const std::string& id) {
    for (const auto& source : recorded(shop + "/orders.json")) {
        if (dump_json(source["id"]) == id) {
            return to_order(source, kShop);
        }
    }
    throw std::runtime_error("no recorded order " + id);
}

Money sum_of_parts(const Order& order) {
    Money sum = order.tax_total;
    for (const auto& line : order.lines) {
        sum += line.total;
    }
    for (const auto& line : order.shipping_lines) {
        sum += line.total;
    }
    for (const auto& fee : order.fees) {
        sum += fee.total;
    }
    return sum;
}

TEST(OrderConversion, EveryRecordedOrderBalancesToTheMinorUnit) {
    std::size_t orders = 0;
    for (const auto& shop : recorded_shops()) {
        for (const auto& source : recorded(shop + "/orders.json")) {
            const Order order = to_order(source, kShop);
            EXPECT_EQ(sum_of_parts(order), order.total) << shop << " order " << order.id;
            EXPECT_TRUE(order.issues.empty()) << shop << " order " << order.id;
            ++orders;
        }
    }
    EXPECT_EQ(orders, 101U);
}

TEST(OrderConversion, EveryRecordedOrderHasTaxLinesThatAddUpToItsTax) {
    for (const auto& shop : recorded_shops()) {
        for (const auto& source : recorded(shop + "/orders.json")) {
            const Order order = to_order(source, kShop);
            Money tax{0, order.currency};
            for (const auto& line : order.tax_lines) {
                tax += line.amount + line.shipping_amount;
            }
            EXPECT_EQ(tax, order.tax_total) << shop << " order " << order.id;
        }
    }
}

TEST(OrderConversion, EveryRecordedOrderSurvivesTheTripThroughJson) {
    for (const auto& shop : recorded_shops()) {
        for (const auto& source : recorded(shop + "/orders.json")) {
            const Json json = to_json(to_order(source, kShop));
            const auto back = from_json<Order>(json, Unknown::kRefuse);
            ASSERT_TRUE(back.has_value()) << back.error().message;
            EXPECT_EQ(to_json(*back), json) << shop << " order " << source["id"];
        }
    }
}

TEST(OrderConversion, SumsOfTheRecordedShopAreThoseOfTheIssue) {
    std::map<std::string, Money> sums;
    for (const auto& source : recorded("woocommerce/orders.json")) {
        const Order order = to_order(source, kShop);
        sums.try_emplace(std::string(order.currency.code()), 0, order.currency).first->second +=
            order.total;
    }
    EXPECT_EQ(sums["USD"].to_string(), "11530.93");
    EXPECT_EQ(sums["EUR"].to_string(), "332.15");
}

TEST(OrderConversion, ReadsARefundedOrderWithACoupon) {
    const Order order = recorded_order("woocommerce", "58");
    EXPECT_EQ(order.number, "58");
    EXPECT_EQ(order.status, OrderStatus::kCompleted);
    EXPECT_EQ(order.payment_status, PaymentStatus::kPartiallyRefunded);
    EXPECT_EQ(order.created_at.to_string(), "2026-11-21T07:34:11.000Z");
    EXPECT_EQ(order.updated_at.to_string(), "2026-11-21T07:34:26.000Z");
    EXPECT_EQ(order.paid_at->to_string(), "2026-11-21T07:34:11.000Z");
    EXPECT_EQ(order.customer_id, "10");
    EXPECT_EQ(order.billing.email, "c9@example.test");
    EXPECT_EQ(order.billing.line2, "Apt 9");
    ASSERT_EQ(order.lines.size(), 1U);
    EXPECT_EQ(order.lines[0].sku, "SKU-001");
    EXPECT_EQ(order.lines[0].quantity.to_string(), "2");
    EXPECT_EQ(order.lines[0].unit_price.to_string(), "1.82");
    EXPECT_EQ(order.lines[0].subtotal.to_string(), "8.64");
    EXPECT_EQ(order.lines[0].total.to_string(), "3.64");
    EXPECT_EQ(order.lines[0].variation_id, "");
    ASSERT_EQ(order.lines[0].taxes.size(), 1U);
    EXPECT_EQ(order.lines[0].taxes[0].amount.to_string(), "0.32");
    ASSERT_EQ(order.discounts.size(), 1U);
    EXPECT_EQ(order.discounts[0].amount.to_string(), "5.00");
    EXPECT_EQ(order.discounts[0].tax.to_string(), "0.44");
    ASSERT_EQ(order.tax_lines.size(), 1U);
    EXPECT_EQ(order.tax_lines[0].percent.to_string(), "8.875");
    ASSERT_EQ(order.refunds.size(), 1U);
    EXPECT_EQ(order.refunds[0].amount.to_string(), "1.00");
    EXPECT_EQ(order.total.to_string(), "3.96");
}

TEST(OrderConversion, ReadsAnOrderWithADeletedProduct) {
    const Order order = recorded_order("woocommerce", "125");
    ASSERT_EQ(order.lines.size(), 1U);
    EXPECT_EQ(order.lines[0].sku, "");
    EXPECT_EQ(order.lines[0].product_id, "");
    EXPECT_EQ(order.customer_id, "");
    EXPECT_EQ(order.payment_status, PaymentStatus::kUnpaid);
    EXPECT_TRUE(order.total.is_zero());
}

TEST(OrderConversion, ReadsAnOrderOfAShopWithInclusivePrices) {
    const Order order = recorded_order("woocommerce-inclusive", "26");
    EXPECT_TRUE(order.prices_include_tax);
    EXPECT_EQ(order.currency.code(), "EUR");
    EXPECT_EQ(order.lines[0].total.to_string(), "7.55");
    EXPECT_EQ(order.tax_total.to_string(), "1.44");
    EXPECT_EQ(order.total.to_string(), "8.99");
    EXPECT_EQ(order.billing.line1, "5 Hauptstra\u00dfe");
    EXPECT_EQ(order.discounts[0].code, "zehn");
}

TEST(OrderConversion, FullyRefundedOrdersAreRefunded) {
    for (const auto* id : {"55", "62", "82", "91"}) {
        EXPECT_EQ(recorded_order("woocommerce", id).payment_status, PaymentStatus::kRefunded) << id;
    }
}

TEST(OrderConversion, TheSourcesFormHasNoLinksAndItsRefundsInOrder) {
    Json source = recorded("woocommerce-samples/woo_order.json");
    source["refunds"] = {{{"id", 130}, {"total", "-1.00"}}, {{"id", 9}, {"total", "-2.00"}}};
    const Order order = to_order(source, kShop);
    EXPECT_FALSE(order.raw.contains("_links"));
    EXPECT_EQ(order.raw["refunds"][0]["id"], 9);
    ASSERT_EQ(order.refunds.size(), 2U);
    EXPECT_EQ(order.refunds[0].id, "9");
    EXPECT_EQ(order.refunds[1].id, "130");

    Json other_order = source;
    std::swap(other_order["refunds"][0], other_order["refunds"][1]);
    EXPECT_EQ(to_json(to_order(other_order, kShop)), to_json(order));
}

TEST(OrderConversion, GuestsHaveNoCustomer) {
    const Order order = to_order(recorded("woocommerce-samples/woo_order_guest.json"), kShop);
    EXPECT_EQ(order.customer_id, "");
    EXPECT_TRUE(order.shipping.empty());
    EXPECT_EQ(order.lines[0].sku, "");
}

TEST(OrderConversion, KnowsCartsThatAreNoOrdersYet) {
    EXPECT_TRUE(is_draft_order(recorded("woocommerce-samples/woo_order_checkout_draft.json")));
    for (const auto* status : {"checkout-draft", "auto-draft", "draft", "new"}) {
        EXPECT_TRUE(is_draft_order({{"status", status}})) << status;
    }
    for (const auto* status : {"pending", "trash", "wc-new", ""}) {
        EXPECT_FALSE(is_draft_order({{"status", status}})) << status;
    }
    EXPECT_FALSE(is_draft_order(Json::array()));
}

}  // namespace
}  // namespace syncline::woocommerce
