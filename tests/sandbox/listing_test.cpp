// The traps of lists: paging, filters, dates and zones.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

using Ids = std::vector<std::int64_t>;

class Listing : public testing::Test {
protected:
    void set(const Json& settings) { shop_.control("POST", "/woocommerce/shop", settings); }
    // Gives an order a time of modification (UTC).
    void modify(int order, const std::string& gmt) {
        shop_.control(
            "POST", "/woocommerce/orders/" + std::to_string(order), {{"date_modified_gmt", gmt}}
        );
    }
    void set_time(std::int64_t unix_seconds) {
        const std::int64_t now = shop_.control("GET", "/clock")["now_ms"];
        const std::int64_t offset = shop_.control("GET", "/clock")["offset_ms"];
        shop_.control("POST", "/clock", {{"offset_ms", unix_seconds * 1000 - (now - offset)}});
    }

    Shop shop_;
};

TEST_F(Listing, WalksAllPagesByIdWithoutGapOrRepetition) {
    Ids all;
    for (int page = 1; page <= 7; ++page)
        for (const auto id : shop_.ids("/orders?orderby=id&order=asc&page=" + std::to_string(page)))
            all.push_back(id);
    EXPECT_EQ(all.size(), 61u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_F(Listing, AnswersAPageOfOrdersPastTheEndWithNothingAndATotalOfZero) {
    const SandboxReply orders = shop_.api("GET", "/orders?page=9");
    EXPECT_EQ(orders.status, 200);
    EXPECT_EQ(orders.body, "[]");
    EXPECT_EQ(orders.header("X-WP-Total"), "0");
    const SandboxReply products = shop_.api("GET", "/products?page=9");
    EXPECT_EQ(products.body, "[]");
    EXPECT_EQ(products.header("X-WP-Total"), "27");
}

TEST_F(Listing, TakesAnOffsetInPlaceOfThePage) {
    EXPECT_EQ(shop_.ids("/orders?orderby=id&order=asc&offset=58&page=3"), (Ids{113, 114, 125}));
}

TEST_F(Listing, HidesTrashAndDraftsFromAnyStatus) {
    shop_.api("DELETE", "/orders/55");
    shop_.control("POST", "/woocommerce/orders/56", {{"status", "auto-draft"}});
    const Ids any = shop_.ids("/orders?orderby=id&order=asc&per_page=100");
    EXPECT_EQ(any.size(), 59u);
    for (const std::int64_t hidden : {55, 56, 126})
        EXPECT_EQ(std::count(any.begin(), any.end(), hidden), 0) << hidden;
    EXPECT_EQ(shop_.ids("/orders?status=trash"), Ids{55});
    EXPECT_EQ(shop_.ids("/orders?status=checkout-draft"), Ids{126});
    EXPECT_EQ(shop_.ids("/orders?status=auto-draft"), Ids{});
    EXPECT_EQ(shop_.get("/orders/56")["status"], "auto-draft");
}

TEST_F(Listing, ShowsDraftsInAnyStatusAsOlderShopsDid) {
    set({{"any_shows_drafts", true}});
    EXPECT_EQ(shop_.ids("/orders?include=126"), Ids{126});
}

TEST_F(Listing, FiltersByIncludeExcludeCustomerProductAndSearch) {
    EXPECT_EQ(shop_.ids("/orders?include=60,58,59&orderby=include&order=asc"), (Ids{60, 58, 59}));
    EXPECT_EQ(shop_.ids("/orders?include=58,59,60&exclude=59"), (Ids{60, 58}));
    EXPECT_EQ(shop_.ids("/orders?include[]=58&include[]=59"), (Ids{59, 58}));
    EXPECT_EQ(shop_.ids("/orders?customer=8"), (Ids{112, 92, 72}));
    for (Json order : shop_.get("/orders?product=25&per_page=100"))
        EXPECT_NE(order.dump().find("\"product_id\":25"), std::string::npos);
    EXPECT_EQ(shop_.ids("/orders?search=GUEST35@"), Ids{89});
}

TEST_F(Listing, DropsUnreadableRowsAfterCounting) {
    set({{"unreadable", {59, 60}}});
    const SandboxReply reply =
        shop_.api("GET", "/orders?orderby=id&order=asc&per_page=10&_fields=id");
    EXPECT_EQ(Json::parse(reply.body).size(), 8u);
    EXPECT_EQ(reply.header("X-WP-Total"), "61");
}

TEST_F(Listing, LosesHeadersAtAProxyThatDropsThem) {
    set({{"dropped_headers", {"X-WP-Total", "X-WP-TotalPages"}}});
    const SandboxReply reply = shop_.api("GET", "/orders");
    EXPECT_EQ(reply.header("X-WP-Total"), "");
    EXPECT_NE(reply.header("Link"), "");
}

TEST_F(Listing, ComparesModificationStrictlyAndInWholeSeconds) {
    modify(60, "2026-12-01T10:00:00");
    const std::string after = "/orders?dates_are_gmt=true&modified_after=2026-12-01T";
    EXPECT_EQ(shop_.ids(after + "09:59:59"), Ids{60});
    EXPECT_EQ(shop_.ids(after + "10:00:00"), Ids{});
    EXPECT_EQ(shop_.ids(after + "09:59:59.999"), Ids{60}) << "a fraction is dropped";
    const std::string before = "/orders?dates_are_gmt=true&include=60&modified_before=2026-12-01T";
    EXPECT_EQ(shop_.ids(before + "10:00:00"), Ids{});
    EXPECT_EQ(shop_.ids(before + "10:00:01"), Ids{60});
}

TEST_F(Listing, TakesDatesForTheShopsWallClockUnlessTheyAreGmt) {
    modify(60, "2026-12-01T10:00:00");  // 05:00 in New York
    EXPECT_EQ(shop_.ids("/orders?modified_after=2026-12-01T04:59:59"), Ids{60});
    EXPECT_EQ(shop_.ids("/orders?modified_after=2026-12-01T05:00:00"), Ids{});
    EXPECT_EQ(shop_.ids("/orders?modified_after=2026-12-01T09:59:59Z"), Ids{60});
    EXPECT_EQ(shop_.ids("/orders?modified_after=2026-12-01T10:00:00Z"), Ids{});
    EXPECT_EQ(shop_.ids("/orders?modified_after=2026-12-01T12:00:00%2B02:00"), Ids{});
}

TEST_F(Listing, ReadsAZoneWronglyWhenDatesAreGmt) {
    modify(60, "2026-12-01T10:00:00");
    const std::string z = "/orders?include=60&dates_are_gmt=true&modified_after=2026-12-01T";
    EXPECT_EQ(shop_.ids(z + "14:59:59Z"), Ids{60}) << "New York's window is five hours too wide";
    set({{"timezone_string", "Asia/Tokyo"}});
    EXPECT_EQ(shop_.ids(z + "01:00:00Z"), Ids{}) << "Tokyo loses nine hours";
    EXPECT_EQ(shop_.ids(z + "09:59:59"), Ids{60}) << "naive UTC is right everywhere";
}

TEST_F(Listing, RefusesDatesThatAreNone) {
    for (const char* date :
         {"2026-12-01", "2026-13-01T00:00:00", "now", "2026-12-01T00:00:00+01:00"})
        EXPECT_EQ(shop_.api("GET", std::string("/orders?modified_after=") + date).status, 400)
            << date;
}

TEST_F(Listing, IgnoresParametersThatAnOlderShopDoesNotKnow) {
    EXPECT_EQ(shop_.ids("/orders?modified_after=2099-01-01T00:00:00"), Ids{});
    set({{"ignored_parameters", {"modified_after"}}});
    EXPECT_EQ(shop_.ids("/orders?modified_after=2099-01-01T00:00:00").size(), 10u);
    EXPECT_EQ(shop_.ids("/orders?invented=1").size(), 10u);
}

TEST_F(Listing, ShowsOneOrderInTheShopsZone) {
    EXPECT_EQ(shop_.get("/orders/55")["date_created"], "2026-11-21T02:34:10");
    set({{"timezone_string", "Asia/Tokyo"}});
    Json order = shop_.get("/orders/55");
    EXPECT_EQ(order["date_created"], "2026-11-21T16:34:10");
    EXPECT_EQ(order["date_created_gmt"], "2026-11-21T07:34:10");
    EXPECT_TRUE(shop_.get("/orders/56")["date_paid"].is_null());
}

// In the hour that daylight saving time repeats.
TEST_F(Listing, DatesAModificationAnHourBackInAmericasRepeatedHour) {
    set_time(1793514600);  // 2026-11-01T06:30:00Z, 01:30 for the second time in New York
    shop_.api("PUT", "/orders/60", R"({"customer_note":"x"})");
    const std::string modified = shop_.get("/orders/60")["date_modified_gmt"];
    EXPECT_EQ(modified.substr(0, 16), "2026-11-01T05:30");
    Json created = Json::parse(shop_.api("POST", "/orders", "{}").body);
    EXPECT_LT(created["date_modified_gmt"], created["date_created_gmt"]);
}

TEST_F(Listing, DatesAModificationAnHourAheadInEuropesRepeatedHour) {
    set({{"timezone_string", "Europe/Berlin"}});
    set_time(1792888200);  // 2026-10-25T00:30:00Z, 02:30 for the first time in Berlin
    shop_.api("PUT", "/orders/60", R"({"customer_note":"x"})");
    const std::string modified = shop_.get("/orders/60")["date_modified_gmt"];
    EXPECT_EQ(modified.substr(0, 16), "2026-10-25T01:30");
}

TEST_F(Listing, ShufflesEqualDatesInShopsWithoutATieBreaker) {
    for (int order = 60; order < 80; ++order) modify(order, "2026-12-01T10:00:00");
    const std::string path =
        "/orders?orderby=modified&order=asc&modified_after=2026-11-30T00:00:00&per_page=20";
    EXPECT_EQ(shop_.ids(path), shop_.ids(path));
    set({{"shuffle_ties", true}});
    EXPECT_NE(shop_.ids(path), shop_.ids(path));
}

TEST_F(Listing, ShowsCustomersOnlyUnlessAskedForAllRoles) {
    EXPECT_EQ(shop_.api("GET", "/customers").header("X-WP-Total"), "20");
    EXPECT_EQ(shop_.api("GET", "/customers?role=all").header("X-WP-Total"), "21");
    EXPECT_EQ(shop_.ids("/customers?role=administrator"), Ids{1});
    EXPECT_EQ(shop_.ids("/customers?email=C3@example.test"), Ids{4});
    const SandboxReply dated = shop_.api("GET", "/customers?modified_after=2099-01-01T00:00:00");
    EXPECT_EQ(dated.header("X-WP-Total"), "20") << "customers have no date filter";
}

TEST_F(Listing, FindsProductsBySkuAndVariationsOnlyBelowTheirProduct) {
    EXPECT_EQ(shop_.ids("/products?sku=SKU-002,SKU-003&orderby=id&order=asc"), (Ids{11, 12}));
    EXPECT_EQ(shop_.ids("/products?sku=VAR-1-L-Red"), Ids{});
    EXPECT_EQ(shop_.ids("/products/30/variations?sku=VAR-1-L-Red"), Ids{33});
}

TEST_F(Listing, PrunesFieldsAtEveryDepth) {
    Json order = shop_.get("/orders?include=55&_fields=id,billing.email,line_items.sku")[0];
    EXPECT_EQ(
        order.dump(),
        R"({"id":55,"billing":{"email":"c8@example.test"},)"
        R"("line_items":[{"sku":"SKU-006"},{"sku":"SKU-009"}]})"
    );
}

TEST_F(Listing, KeepsAndLeavesOutMetaAsAsked) {
    EXPECT_EQ(shop_.get("/orders?include=55&exclude_meta=_source")[0]["meta_data"].size(), 1u);
    EXPECT_EQ(shop_.get("/orders?include=55&include_meta=n")[0]["meta_data"][0]["value"], "1");
}

TEST_F(Listing, AnswersWithoutPrettyPermalinks) {
    const SandboxReply reply = send(
        shop_.process.port(),
        {"GET", "/?rest_route=/wc/v3/orders&per_page=1&_fields=id", {kReadWrite}}
    );
    EXPECT_EQ(reply.body, R"([{"id":125}])");
    const SandboxReply home = send(shop_.process.port(), {"GET", "/"});
    EXPECT_NE(home.header("Link").find("rel=\"https://api.w.org/\""), std::string::npos);
}

TEST(MultipliedOrders, HaveFreshIdsAndAddresses) {
    Shop shop({"--orders", "500"});
    std::set<std::int64_t> ids;
    std::set<std::string> guests;
    for (int page = 1; page <= 5; ++page)
        for (const Json& order :
             shop.get("/orders?orderby=id&order=asc&per_page=100&page=" + std::to_string(page))) {
            ids.insert(order["id"].get<std::int64_t>());
            EXPECT_EQ(order["number"], std::to_string(order["id"].get<std::int64_t>()));
            if (order["customer_id"] == 0)
                guests.insert(order["billing"]["email"].get<std::string>());
            for (const Json& refund : order["refunds"])
                EXPECT_EQ(
                    shop.get(
                        "/orders/" + order["id"].dump() + "/refunds/" + refund["id"].dump()
                    )["id"],
                    refund["id"]
                );
        }
    EXPECT_EQ(ids.size(), 500u);
    EXPECT_GT(guests.size(), 80u);
    EXPECT_EQ(shop.api("GET", "/orders").header("X-WP-Total"), "500");
    Json copy = shop.get("/orders?customer=31&per_page=1")[0];
    Json customer = shop.get("/customers/31");
    EXPECT_EQ(customer["email"], copy["billing"]["email"]);
}

}  // namespace
}  // namespace syncline::test
