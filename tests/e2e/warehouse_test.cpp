// The host's own records in the warehouse, beside the orders they are about.
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

Json own_flow(const char* name, const char* entity) {
    return {
        {"name", name},
        {"entity", entity},
        {"source", {{"connection", "host"}}},
        {"target", {{"connection", "warehouse"}}},
        {"delete_policy", "void"},
        {"approval", {{"exempt", {"api", "schedule", "webhook"}}}}};
}

class WarehouseTest : public ::testing::Test {
protected:
    static Json with_own_flows(Json config) {
        config["connections"].push_back(
            {{"name", "host"}, {"platform", "syncline"}, {"settings", Json::object()}}
        );
        config["flows"].push_back(own_flow("host-warehouse-mappings", "id_mapping"));
        config["flows"].push_back(own_flow("host-warehouse-runs", "sync_log"));
        return config;
    }
    void sync(HostProcess& host, const std::string& entities) {
        const Answer started = host.post("/api/sync/" + entities);
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host.unsettled(), "");
    }

    DemoShop shop_;
};

TEST_F(WarehouseTest, TheHostsMappingsAndRunsStandBesideTheOrders) {
    HostProcess host(with_own_flows(shop_.config()));
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host, "orders"));
    ASSERT_NO_FATAL_FAILURE(sync(host, "id_mappings"));
    ASSERT_NO_FATAL_FAILURE(sync(host, "sync_logs"));

    std::set<std::pair<std::string, std::string>> mapped;  // target and id there
    std::set<std::string> orders_mapped;
    for (const auto& row : shop_.rows("id_mappings")) {
        EXPECT_EQ(row.at("tenant_id"), "default");
        EXPECT_EQ(row.at("source_system"), "woocommerce:shop") << row.dump();
        mapped.emplace(row.at("target_system"), row.at("target_id"));
        if (row.at("role") == "order") {
            orders_mapped.insert(row.at("record_id"));
        }
    }
    std::size_t posted = 0;
    for (const auto& document : shop_.documents()) {
        if (document.at("entity") == "Invoice" || document.at("entity") == "SalesReceipt") {
            ++posted;
            EXPECT_EQ(mapped.count({"quickbooks:books", document.at("id")}), 1u) << document.dump();
        }
    }
    EXPECT_GT(posted, 0u);
    const Json orders = shop_.rows("orders");
    EXPECT_EQ(orders_mapped.size(), orders.size());
    for (const auto& order : orders) {
        EXPECT_EQ(orders_mapped.count(order.at("source_id")), 1u) << order.at("source_id");
    }

    std::map<std::string, Json> runs;
    for (const auto& row : shop_.rows("sync_logs")) {
        runs[row.at("flow")] = row;
    }
    ASSERT_EQ(runs.size(), 2u) << "what the mirror does itself is left out";
    for (const char* flow : {"shop-books-orders", "shop-warehouse-orders"}) {
        ASSERT_EQ(runs.count(flow), 1u) << flow;
        EXPECT_EQ(runs.at(flow).at("source_system"), "woocommerce:shop");
        EXPECT_NE(runs.at(flow).at("status"), "running");
        EXPECT_GT(runs.at(flow).at("records_read").get<int>(), 0);
    }

    const std::size_t before = shop_.rows("id_mappings").size();
    ASSERT_NO_FATAL_FAILURE(sync(host, "id_mappings"));
    ASSERT_NO_FATAL_FAILURE(sync(host, "sync_logs"));
    EXPECT_EQ(shop_.rows("id_mappings").size(), before);
    EXPECT_EQ(shop_.rows("sync_logs").size(), 2u);
}

}  // namespace
}  // namespace syncline::test
