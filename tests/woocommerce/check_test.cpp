// What a shop is asked before anything is read: whether it works, and what it is.
#include <gtest/gtest.h>

#include "woocommerce/world.hpp"

namespace syncline::woocommerce {
namespace {

using testing::html_answer;
using testing::json_answer;
using testing::ParsedUrl;
using testing::World;

TEST(Check, NamesTheShop) {
    World world;
    const auto report = world.connector.check(world.call.call());
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->account, "Peer & Shop (https://shop.example)");
    EXPECT_EQ(report->remote_identity, "shop.example");
    EXPECT_TRUE(report->warnings.empty());
}

TEST(Check, AsksInTheOrderThatTellsCausesApart) {
    World world;
    ASSERT_TRUE(world.connector.check(world.call.call()).has_value());
    ASSERT_EQ(world.host.requests.size(), 3U);
    EXPECT_EQ(ParsedUrl(world.host.requests[0].url).base, "https://shop.example/wp-json/");
    EXPECT_EQ(
        world.host.requests[1].url,
        "https://shop.example/wp-json/wc/v3/orders?_fields=id&per_page=1"
    );
    EXPECT_EQ(
        world.host.requests[2].url, "https://shop.example/wp-json/wc/v3/data/currencies/current"
    );
    EXPECT_TRUE(
        world.host.requests[0].headers.size() == 1
    );  // no credentials where none are needed
}

TEST(Check, ASiteWithoutWooCommerceIsNamed) {
    World world;
    world.shop.index["namespaces"] = {"wp/v2"};
    const auto report = world.connector.check(world.call.call());
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::kConfig);
    EXPECT_EQ(report.error().name, "woo.not_active");
}

TEST(Check, WrongKeySecretAndRightsAreToldApart) {
    const std::pair<plugin::HttpResponse, const char*> cases[] = {
        {json_answer(testing::error_body("woocommerce_rest_cannot_view", 401), 401),
         "does not know"},
        {json_answer(testing::error_body("woocommerce_rest_authentication_error", 401), 401),
         "secret does not belong"},
        {json_answer(testing::error_body("woocommerce_rest_cannot_view", 403), 403),
         "lacks the right"},
    };
    for (const auto& [answer, says] : cases) {
        World world;
        world.shop.fixed["orders"] = answer;
        const auto report = world.connector.check(world.call.call());
        ASSERT_FALSE(report.has_value());
        EXPECT_EQ(report.error().code, ErrorCode::kAuth);
        EXPECT_NE(report.error().message.find(says), std::string::npos) << report.error().message;
        EXPECT_EQ(report.error().message.find("Nicht erlaubt"), std::string::npos);
    }
}

TEST(Check, WarnsOfWhatWillHurtLater) {
    World world;
    world.shop.index["home"] = "https://other.example";
    world.shop.fixed["data/currencies/current"] = json_answer({{"code", "BTC"}});
    world.shop.fixed["orders"] = html_answer(200, "<b>Notice</b>: x<br />\n[]");
    const auto report = world.connector.check(world.call.call());
    ASSERT_TRUE(report.has_value());
    ASSERT_EQ(report->warnings.size(), 3U);
    EXPECT_NE(report->warnings[0].find("other.example"), std::string::npos);
    EXPECT_NE(report->warnings[1].find("WP_DEBUG_DISPLAY"), std::string::npos);
    EXPECT_NE(report->warnings[2].find("BTC"), std::string::npos);
}

TEST(Discover, TellsEntitiesAndFacts) {
    World world;
    const auto catalog = world.connector.discover(world.call.call());
    ASSERT_TRUE(catalog.has_value()) << catalog.error().message;
    std::vector<std::string> names;
    for (const auto& entity : catalog->entities) {
        names.push_back(entity.name);
        EXPECT_EQ(entity.write.empty(), entity.name == "refund");
        EXPECT_EQ(entity.owned_paths.empty(), entity.write.empty());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"order", "customer", "product", "refund"}));
    EXPECT_EQ(catalog->entities[1].read, (std::vector<std::string>{"sweep", "ids"}));
    EXPECT_EQ(catalog->entities[0].read.front(), "window");
    const Json expected{
        {"currency", "USD"},
        {"decimals", 2},
        {"time_zone", "America/New_York"},
        {"gmt_offset_minutes", -300},
        {"home", "https://shop.example"},
        {"version", "11.0.1"},
        {"hpos", true},
        {"prices_include_tax", false},
        {"tax_round_at_subtotal", false},
        {"modified_after", true},
        {"dates_are_gmt", true}};
    EXPECT_EQ(catalog->facts, expected);
}

TEST(Discover, WithoutRightsToSettingsTheWindowIsProbed) {
    for (const bool knows : {true, false}) {
        World world;
        world.shop.knows_modified_after = knows;
        const auto refused =
            json_answer(testing::error_body("woocommerce_rest_cannot_view", 403), 403);
        world.shop.fixed["system_status"] = refused;
        world.shop.fixed["settings/tax"] = refused;
        world.shop.fixed["settings/general/woocommerce_price_num_decimals"] =
            json_answer({{"id", "woocommerce_price_num_decimals"}, {"value", "3"}});
        const auto catalog = world.connector.discover(world.call.call());
        ASSERT_TRUE(catalog.has_value()) << catalog.error().message;
        EXPECT_EQ(catalog->facts["modified_after"], knows);
        EXPECT_EQ(catalog->facts["dates_are_gmt"], knows);
        EXPECT_EQ(catalog->facts["decimals"], 3);
        EXPECT_FALSE(catalog->facts.contains("version"));
        EXPECT_FALSE(catalog->facts.contains("prices_include_tax"));
    }
}

TEST(Discover, OldVersionsAreKnown) {
    for (const auto& [version, windows, gmt] :
         {std::tuple("5.7.2", false, true),
          std::tuple("5.3.0", false, false),
          std::tuple("5.8.0", true, true),
          std::tuple("10.8.1", true, true)}) {
        World world;
        world.shop.fixed["system_status"] = json_answer({{"environment", {{"version", version}}}});
        const auto catalog = world.connector.discover(world.call.call());
        ASSERT_TRUE(catalog.has_value());
        EXPECT_EQ(catalog->facts["modified_after"], windows) << version;
        EXPECT_EQ(catalog->facts["dates_are_gmt"], gmt) << version;
    }
}

TEST(Discover, AShopThatDoesNotAnswerIsNoShopWithoutFacts) {
    World world;
    world.shop.fixed["system_status"] = html_answer(502, "<h1>Bad gateway</h1>");
    const auto catalog = world.connector.discover(world.call.call());
    ASSERT_FALSE(catalog.has_value());
    EXPECT_EQ(catalog.error().code, ErrorCode::kTransient);
}

}  // namespace
}  // namespace syncline::woocommerce
