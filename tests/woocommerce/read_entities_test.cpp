// What scans do for each of the other entities.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "woocommerce/world.hpp"

namespace syncline::woocommerce {
namespace {

using testing::everything;
using testing::given;
using testing::json_answer;
using testing::model_of;
using testing::ParsedUrl;
using testing::recorded;
using testing::World;

TEST(ReadWindow, CustomersOfEveryRoleAreSweptWhateverTheWindow) {
    World world;
    ReadRequest request = everything("customer");
    request.window.from = Timestamp::parse("2099-01-01T00:00:00Z").value();
    const Page page = world.read_all(request);
    ASSERT_EQ(page.records.size(), 21U);
    EXPECT_EQ(model_of<Customer>(page.records[0]).role, "administrator");
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("role"), "all");
    EXPECT_EQ(url.get("modified_after", "absent"), "absent");
}

TEST(ReadWindow, ProductsCarryTheirVariations) {
    World world;
    const Page page = world.read_all(everything("product"));
    ASSERT_EQ(page.records.size(), recorded("woocommerce/products.json").size());
    std::size_t variants = 0;
    for (const auto& record : page.records) {
        variants += model_of<Product>(record).variants.size();
    }
    EXPECT_EQ(variants, 15U);
    EXPECT_EQ(world.requests_to("data/currencies/current"), 1U);
    EXPECT_EQ(world.requests_to("products/30/variations"), 1U);
    EXPECT_EQ(world.requests_to("products/10/variations"), 0U);

    world.shop.fixed["data/currencies/current"] = json_answer({{"code", "EUR"}});
    const Page later = world.read_all(everything("product"));  // a new scan asks anew
    EXPECT_EQ(model_of<Product>(later.records[0]).price->currency().code(), "EUR");
}

TEST(ReadWindow, ManyVariationsArePaged) {
    World world;
    auto& variations = world.shop.lists["products/30/variations"];
    variations.clear();
    for (int id = 1000; id < 1230; ++id) {
        variations.push_back(
            {{"id", id}, {"parent_id", 30}, {"status", "publish"}, {"price", "1.00"}}
        );
    }
    const auto page = world.read(given("product", {"30"}));
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(model_of<Product>(page->records.at(0)).variants.size(), 230U);
}

TEST(ReadWindow, AProductDeletedMeanwhileIsLeftOut) {
    World world;
    world.shop.lists.erase("products/30/variations");
    world.shop.fixed["products/30/variations"] =
        json_answer(testing::error_body("woocommerce_rest_product_invalid_id", 404), 404);
    const Page page = world.read_all(everything("product"));
    EXPECT_EQ(page.records.size(), recorded("woocommerce/products.json").size() - 1);
}

TEST(ReadWindow, RefundsHaveTheCurrencyOfTheirOrders) {
    World world;
    for (auto& order : world.shop.lists["orders"]) {
        if (order["id"] == 58) {
            order["currency"] = "EUR";
        } else if (order["id"] == 62) {
            order["status"] = "trash";
        } else if (order["id"] == 78) {
            order["status"] = "checkout-draft";
        }
    }
    auto& refunds = world.shop.lists["refunds"];
    refunds.push_back({{"id", 500}, {"parent_id", 99999}, {"amount", "1.00"}});
    const Page page = world.read_all(everything("refund"));
    ASSERT_EQ(page.records.size(), 11U);
    EXPECT_EQ(model_of<Refund>(page.records[0]).amount.currency().code(), "USD");
    const Refund in_euro = model_of<Refund>(page.records[1]);
    EXPECT_EQ(in_euro.order_id, "58");
    EXPECT_EQ(in_euro.amount.currency().code(), "EUR");
    EXPECT_EQ(model_of<Refund>(page.records[2]).amount.currency().code(), "USD");
    EXPECT_EQ(model_of<Refund>(page.records[3]).amount.currency().code(), "USD");
    const Refund lost = model_of<Refund>(page.records[10]);
    EXPECT_EQ(lost.issues.at(0).code, "CURRENCY_UNKNOWN");
    EXPECT_FALSE(lost.order.has_value());
}

TEST(ReadWindow, RefundsCarryWhatTheyAreRefundsOf) {
    World world;
    const Page page = world.read_all(everything("refund"));
    ASSERT_EQ(page.records.size(), 10U);
    const Page orders = world.read_all(everything("order"));
    for (const auto& record : page.records) {
        const Refund refund = model_of<Refund>(record);
        ASSERT_TRUE(refund.order.has_value()) << record.key;
        const auto own =
            std::find_if(orders.records.begin(), orders.records.end(), [&](const Record& one) {
                return one.key == refund.order_id;
            });
        ASSERT_NE(own, orders.records.end()) << record.key;
        Order order = model_of<Order>(*own);
        order.raw = nullptr;
        EXPECT_EQ(to_json(*refund.order), to_json(order)) << "all but the shop's own form";
    }
}

TEST(ReadWindow, OldShopsGiveRefundsOrderByOrder) {
    World world;
    std::map<std::string, std::vector<Json>> by_order;
    for (Json refund : world.shop.lists["refunds"]) {
        const std::string order = dump_json(refund["parent_id"]);
        refund.erase("parent_id");
        by_order["orders/" + order + "/refunds"].push_back(refund);
    }
    world.shop.lists.erase("refunds");
    world.shop.lists.insert(by_order.begin(), by_order.end());
    world.shop
        .fixed["orders/55/refunds"] =  // deleted meanwhile; the status stands in a bare number
        json_answer(recorded("woocommerce-samples/woo_error_refund_int_data.json"), 500);

    ReadRequest request = everything("refund");
    request.window.from = Timestamp::parse("2026-11-25T00:00:00Z").value();
    request.limit = 20;
    const auto first = world.read(request);
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->last_id, "order:74");
    const Page page = world.read_all(request);
    ASSERT_EQ(page.records.size(), 9U);  // found 30 days back
    EXPECT_EQ(model_of<Refund>(page.records[0]).order_id, "58");
    EXPECT_EQ(model_of<Refund>(page.records[8]).id, "124");
    EXPECT_EQ(model_of<Refund>(page.records[8]).order.value().id, "111");

    const auto by_id = world.read(given("refund", {"116"}));
    ASSERT_FALSE(by_id.has_value());
    EXPECT_EQ(by_id.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace syncline::woocommerce
