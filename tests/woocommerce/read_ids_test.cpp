// Records that are asked for by their ids.
#include <gtest/gtest.h>

#include "woocommerce/world.hpp"

namespace syncline::woocommerce {
namespace {

using testing::given;
using testing::html_answer;
using testing::json_answer;
using testing::model_of;
using testing::World;

TEST(ReadIds, GivesRecordsTrashAndTombstones) {
    World world;
    for (auto& order : world.shop.lists["orders"]) {
        if (order["id"] == 60) {
            order["status"] = "trash";
        } else if (order["id"] == 61) {
            order["status"] = "checkout-draft";
        }
    }
    const auto page = world.read(given("order", {"99999", "58", "61", "60", "0057"}));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->records.size(), 4U);
    EXPECT_EQ(page->records[0].key, "57");
    EXPECT_EQ(page->records[1].key, "58");
    EXPECT_EQ(page->records[2].key, "60");
    EXPECT_EQ(model_of<Order>(page->records[2]).status, OrderStatus::kTrash);
    EXPECT_EQ(page->records[3].key, "99999");
    EXPECT_EQ(page->records[3].operation, RecordOperation::kDelete);
    EXPECT_TRUE(page->records[3].json.empty());
    EXPECT_FALSE(page->more);
}

TEST(ReadIds, AsksForAHundredAtATime) {
    World world;
    std::vector<std::string> ids;
    world.shop.lists["orders"].clear();
    for (int id = 1; id <= 250; ++id) {
        world.shop.lists["orders"].push_back({{"id", id}, {"status", "completed"}});
        ids.push_back(std::to_string(id));
    }
    const auto page = world.read(given("order", ids));
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->records.size(), 250U);
    EXPECT_EQ(world.requests_to("orders"), 3U);
}

TEST(ReadIds, OnlyWhatTheShopCallsMissingIsGone) {
    World world;
    world.shop.fixed["orders/99999"] = html_answer(503, "<h1>Busy</h1>");
    const auto page = world.read(given("order", {"58", "99999"}));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kTransient);
}

TEST(ReadIds, CustomersAndRefundsCanBeGoneToo) {
    World world;
    const auto customers = world.read(given("customer", {"1", "777"}));
    ASSERT_TRUE(customers.has_value()) << customers.error().message;
    ASSERT_EQ(customers->records.size(), 2U);
    EXPECT_EQ(customers->records[1].operation, RecordOperation::kDelete);
    const auto refunds = world.read(given("refund", {"116", "777"}));
    ASSERT_TRUE(refunds.has_value()) << refunds.error().message;
    ASSERT_EQ(refunds->records.size(), 2U);
    EXPECT_EQ(model_of<Refund>(refunds->records[0]).order_id, "58");
    EXPECT_EQ(refunds->records[1].operation, RecordOperation::kDelete);
}

TEST(ReadIds, TheIdOfAVariationGivesItsProduct) {
    World world;
    world.shop.fixed["products/32"] =
        json_answer({{"id", 32}, {"type", "variation"}, {"parent_id", 30}});
    const auto page = world.read(given("product", {"32"}));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->records.size(), 1U);
    EXPECT_EQ(page->records[0].key, "30");
    EXPECT_EQ(model_of<Product>(page->records[0]).variants.size(), 3U);
}

TEST(ReadIds, TextThatIsNoIdIsNamed) {
    for (const auto* id : {"abc", "", "-1", "1,2", "1e3"}) {
        World world;
        const auto page = world.read(given("order", {"58", id}));
        ASSERT_FALSE(page.has_value()) << id;
        EXPECT_EQ(page.error().code, ErrorCode::kData);
        EXPECT_NE(page.error().message.find("'" + std::string(id) + "'"), std::string::npos);
    }
}

}  // namespace
}  // namespace syncline::woocommerce
