// The demo's claims, as a test.
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"

namespace syncline::test {
namespace {

TEST(FirstLight, TheRecordedShopArrivesToTheCentAndASecondRunWritesNothing) {
    DemoShop shop;
    HostProcess host(shop.config());
    host.start();
    const auto before = shop.inventory();
    const Answer preview = host.post("/api/sync/dry-run/orders");
    ASSERT_EQ(preview.status, 200) << preview.text;
    EXPECT_EQ(shop.inventory(), before);

    const Answer started = host.post("/api/sync/orders");
    ASSERT_EQ(started.status, 202) << started.text;
    ASSERT_EQ(host.unsettled(), "");
    EXPECT_EQ(shop.wrong(), "");
    const Json sync =
        host.get("/api/sync/status/" + started.json["syncId"].get<std::string>()).json;
    std::map<std::string, Json> counts;
    for (const auto& run : sync.at("runs")) {
        EXPECT_EQ(run.at("status"), "completed");
        counts[run.at("flow")] = run.at("counts");
    }
    EXPECT_EQ(counts["shop-books-orders"]["created"], 45);
    EXPECT_EQ(counts["shop-books-orders"]["skipped"], 15);
    EXPECT_EQ(counts["shop-books-orders"]["held"], 1);
    EXPECT_EQ(counts["shop-warehouse-orders"]["created"], 61);

    // The sandbox's own sums, which are the figures an operator compares.
    const Json totals = shop.control("GET", "/quickbooks/ledger").at("totals");
    EXPECT_EQ(
        shop.control("GET", "/supabase/tables/orders").at("sums").at("USD").at("total"), "11530.93"
    );
    EXPECT_EQ(
        shop.control("GET", "/supabase/tables/orders").at("sums").at("EUR").at("total"), "332.15"
    );
    for (const auto& row : totals) {
        if (row.at("entity") == "Invoice") {
            EXPECT_EQ(row.at("total"), "5395.94");
        } else if (row.at("entity") == "SalesReceipt") {
            EXPECT_EQ(row.at("total"), "1614.78");  // together 7,010.72
        }
    }

    const auto writes = shop.writes();
    const auto inventory = shop.inventory();
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    ASSERT_EQ(host.unsettled(), "");
    EXPECT_EQ(shop.writes(), writes);
    EXPECT_EQ(shop.inventory(), inventory);
    EXPECT_EQ(host.stop(), 0) << host.log();
}

}  // namespace
}  // namespace syncline::test
