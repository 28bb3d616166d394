// The recorded shops' orders as canonical models.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "books.hpp"
#include "woocommerce/convert.hpp"

namespace syncline::quickbooks {

struct RecordedOrder {
    Json source;  // as the shop answered it
    Order order;
};

// All orders of tests/data/{shop}/orders.json, by id.
inline std::vector<RecordedOrder> recorded_orders(const std::string& shop, std::string_view code) {
    std::ifstream file(std::string(SYNCLINE_TEST_DATA) + "/" + shop + "/orders.json");
    EXPECT_TRUE(file) << shop;
    std::stringstream text;
    text << file.rdbuf();
    const woocommerce::ShopFacts facts{currency(code), -300};
    std::vector<RecordedOrder> all;
    for (const auto& source : parsed(text.str())) {
        all.push_back({source, woocommerce::to_order(source, facts)});
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return id_less(a.order.id, b.order.id);
    });
    return all;
}

}  // namespace syncline::quickbooks
