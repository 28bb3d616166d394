// The shop computes what the recorded shops computed: every recorded order is entered anew, by its
// products, quantities, fees, shipping, coupons and addresses, and compared to six decimals.
#include <fstream>

#include <gtest/gtest.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

Json recorded(const std::string& file) {
    std::ifstream stream(SYNCLINE_TEST_DATA "/" + file);
    return Json::parse(stream);
}

Json picked(const Json& from, std::initializer_list<const char*> names) {
    Json kept = Json::object();
    for (const char* name : names) kept[name] = from.at(name);
    return kept;
}

Json request_for(const Json& order) {
    Json request = picked(order, {"currency", "billing", "shipping"});
    if (order["billing"]["email"] == "")
        request["billing"].erase("email");
    for (const Json& line : order["line_items"]) {
        request["line_items"].push_back(picked(line, {"product_id", "variation_id", "quantity"}));
        if (order["id"] == 67 && line["subtotal"] == "100.000000")  // entered at an agreed price
            request["line_items"].back().update(picked(line, {"subtotal", "total"}));
    }
    for (const Json& line : order["shipping_lines"])
        request["shipping_lines"].push_back(picked(line, {"method_id", "method_title", "total"}));
    for (const Json& line : order["fee_lines"])
        request["fee_lines"].push_back(picked(line, {"name", "tax_class", "tax_status", "total"}));
    for (const Json& line : order["coupon_lines"])
        request["coupon_lines"].push_back(picked(line, {"code"}));
    return request;
}

// What of an order is computed rather than given.
Json computed(const Json& order) {
    Json result = picked(
        order,
        {"discount_total",
         "discount_tax",
         "shipping_total",
         "shipping_tax",
         "cart_tax",
         "total",
         "total_tax",
         "prices_include_tax",
         "currency_symbol"}
    );
    for (const Json& line : order["line_items"])
        result["lines"].push_back(picked(
            line,
            {"name",
             "product_id",
             "sku",
             "tax_class",
             "subtotal",
             "subtotal_tax",
             "total",
             "total_tax",
             "taxes",
             "price",
             "image",
             "parent_name"}
        ));
    for (const char* lines : {"shipping_lines", "fee_lines"})
        for (const Json& line : order[lines])
            result[lines].push_back(picked(line, {"total", "total_tax", "taxes"}));
    for (const Json& line : order["tax_lines"])
        result["taxes"].push_back(picked(
            line,
            {"rate_id",
             "rate_code",
             "label",
             "compound",
             "rate_percent",
             "tax_total",
             "shipping_tax_total"}
        ));
    for (const Json& line : order["coupon_lines"])
        result["coupons"].push_back(
            picked(line, {"code", "discount", "discount_tax", "discount_type", "nominal_amount"})
        );
    return result;
}

void compare_all(const std::string& folder, std::size_t expected_count) {
    Shop shop({"--shop", folder});
    const Json orders = recorded(folder + "/orders_dp6.json");
    ASSERT_EQ(orders.size(), expected_count);
    for (const Json& order : orders) {
        const SandboxReply reply = shop.api("POST", "/orders?dp=6", request_for(order).dump());
        ASSERT_EQ(reply.status, 201) << order["id"] << ": " << reply.body;
        const Json entered = Json::parse(reply.body);
        EXPECT_EQ(computed(entered).dump(1), computed(order).dump(1)) << "order " << order["id"];
    }
}

TEST(OrderTotals, AreThoseOfTheRecordedShopWhosePricesExcludeTax) {
    compare_all("woocommerce", 61);
}

TEST(OrderTotals, AreThoseOfTheRecordedShopWhosePricesIncludeTax) {
    compare_all("woocommerce-inclusive", 40);
}

}  // namespace
}  // namespace syncline::test
