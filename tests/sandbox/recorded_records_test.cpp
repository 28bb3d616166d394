// Every record of the recorded shops comes out of the simulator as the real shop showed it.
#include <fstream>
#include <regex>

#include <gtest/gtest.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

// Hosts differ, and PHP's "\/" is parsed away on both sides.
std::string normalised(const Json& records) {
    static const std::regex kHost(R"(https?://(127\.0\.0\.1:\d+|[a-z0-9-]+\.example)(?=/))");
    return std::regex_replace(records.dump(1), kHost, "https://SHOP");
}

Json recorded(const std::string& folder, const std::string& file) {
    std::ifstream stream(SYNCLINE_TEST_DATA "/" + folder + "/" + file);
    return Json::parse(stream);
}

// All pages of a list, by id.
Json everything(Shop& shop, const std::string& path) {
    Json all = Json::array();
    for (int page = 1;; ++page) {
        const Json rows = shop.get(path + "&per_page=100&page=" + std::to_string(page));
        for (const Json& row : rows) all.push_back(row);
        if (rows.size() < 100)
            return all;
    }
}

void sort_by_id(Json& records) {
    std::sort(records.begin(), records.end(), [](const Json& a, const Json& b) {
        return a["id"].get<int>() < b["id"].get<int>();
    });
}

class RecordedRecords : public testing::TestWithParam<const char*> {
protected:
    void expect_same(const std::string& file, const std::string& path) {
        SCOPED_TRACE(file);
        Json expected = recorded(GetParam(), file);
        Json served = everything(shop_, path);
        sort_by_id(expected);
        sort_by_id(served);
        ASSERT_GT(expected.size(), 0u);
        EXPECT_EQ(normalised(served), normalised(expected));
    }

    Shop shop_{{"--shop", GetParam()}};
};

TEST_P(RecordedRecords, OrdersWithTheShopsDecimals) {
    expect_same("orders.json", "/orders?orderby=id&order=asc");
}

TEST_P(RecordedRecords, OrdersWithSixDecimals) {
    expect_same("orders_dp6.json", "/orders?dp=6&orderby=id&order=asc");
}

TEST_P(RecordedRecords, Products) {
    expect_same("products.json", "/products?orderby=id");
}
TEST_P(RecordedRecords, Customers) {
    expect_same("customers.json", "/customers?role=all");
}
TEST_P(RecordedRecords, Refunds) {
    expect_same("refunds.json", "/refunds?orderby=id");
}
TEST_P(RecordedRecords, Coupons) {
    expect_same("coupons.json", "/coupons?orderby=id");
}
TEST_P(RecordedRecords, Taxes) {
    expect_same("taxes.json", "/taxes?orderby=id");
}

TEST_P(RecordedRecords, SystemStatus) {
    EXPECT_EQ(
        normalised(shop_.get("/system_status")),
        normalised(recorded(GetParam(), "system_status.json"))
    );
}

INSTANTIATE_TEST_SUITE_P(
    Shops,
    RecordedRecords,
    testing::Values("woocommerce", "woocommerce-inclusive"),
    [](const auto& shop) {
        return std::string(shop.param).size() > 11 ? "PricesIncludeTax" : "PricesExcludeTax";
    }
);

TEST(RecordedRecords, VariationsBelowTheirProducts) {
    Shop shop;
    const Json by_parent = recorded("woocommerce", "variations.json");
    for (const auto& [parent, expected] : by_parent.items())
        EXPECT_EQ(
            normalised(shop.get("/products/" + parent + "/variations")), normalised(expected)
        );
}

TEST(RecordedRecords, TaxSettingsWhole) {
    Shop shop;
    EXPECT_EQ(
        normalised(shop.get("/settings/tax")),
        normalised(recorded("woocommerce", "settings_tax.json"))
    );
}

}  // namespace
}  // namespace syncline::test
