// The other directions: the books as a source, the shop as a target.
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

Json flow(const char* name, const char* entity, const char* source, const char* target) {
    return {
        {"name", name},
        {"entity", entity},
        {"source", {{"connection", source}}},
        {"target", {{"connection", target}}},
        {"approval", {{"exempt", {"api", "schedule", "webhook"}}}}};
}

// "7.1", "7.10" and 7.1 are the same amount: text without trailing zeros.
std::string amount(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        text.erase(text.find_last_not_of('.') + 1);
    }
    return text;
}

class BothWaysTest : public ::testing::Test {
protected:
    static Json with_flow(Json config, const Json& more) {
        config["flows"].push_back(more);
        return config;
    }
    void sync(HostProcess& host, const std::string& entities) {
        const Answer started = host.post("/api/sync/" + entities);
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host.unsettled(), "");
    }
    // A request to a platform itself, as somebody else would make it.
    Json ask(
        const std::string& method,
        const std::string& target,
        const std::vector<std::pair<std::string, std::string>>& headers = {},
        const Json& body = Json()
    ) {
        auto all = headers;
        all.emplace_back("Content-Type", "application/json");
        const auto reply =
            send(shop_.port(), {method, target, all, body.is_null() ? "" : body.dump()});
        EXPECT_EQ(reply.status / 100, 2) << method << " " << target << ": " << reply.body;
        return reply.body.empty() ? Json() : Json::parse(reply.body);
    }
    Json settings_of(const std::string& connection) const {
        const Json config = shop_.config();
        for (const auto& one : config.at("connections")) {
            if (one.at("name") == connection) {
                return one.at("settings");
            }
        }
        return {};
    }

    DemoShop shop_;
};

TEST_F(BothWaysTest, InvoicesOfTheBooksArriveInTheWarehouseAndAVoidFollows) {
    HostProcess host(
        with_flow(shop_.config(), flow("books-warehouse-invoices", "invoice", "books", "warehouse"))
    );
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host, "orders"));
    ASSERT_NO_FATAL_FAILURE(sync(host, "invoices"));
    std::map<std::string, Json> posted;
    for (const auto& document : shop_.documents()) {
        if (document.at("entity") == "Invoice") {
            posted[document.at("id")] = document;
        }
    }
    ASSERT_FALSE(posted.empty());
    std::map<std::string, Json> rows;
    for (const auto& row : shop_.rows("invoices")) {
        rows[row.at("source_id")] = row;
    }
    ASSERT_EQ(rows.size(), posted.size());
    std::string open;
    for (const auto& [id, document] : posted) {
        ASSERT_EQ(rows.count(id), 1u) << id;
        const Json& row = rows.at(id);
        EXPECT_EQ(row.at("source_system"), "quickbooks:books");
        EXPECT_EQ(row.at("number"), document.at("doc_number"));
        EXPECT_EQ(amount(row.at("total")), amount(document.at("total"))) << id;
        EXPECT_EQ(amount(row.at("tax_total")), amount(document.at("tax"))) << id;
        open = row.at("status") == "open" ? id : open;
    }
    ASSERT_FALSE(open.empty());
    shop_.control("POST", "/quickbooks/void/invoice/" + open, Json::object());
    ASSERT_NO_FATAL_FAILURE(sync(host, "invoices"));
    for (const auto& row : shop_.rows("invoices")) {
        if (row.at("source_id") == open) {
            EXPECT_EQ(row.at("status"), "void");
        }
    }
    EXPECT_EQ(shop_.rows("invoices").size(), posted.size());
}

TEST_F(BothWaysTest, ProductsOfTheWarehouseArriveInTheShopAndAreKeptUpToDate) {
    HostProcess host(
        with_flow(shop_.config(), flow("warehouse-shop-products", "product", "warehouse", "shop"))
    );
    const std::string key = settings_of("warehouse").at("service_role_key");
    const std::vector<std::pair<std::string, std::string>> rights{{"apikey", key}};
    const auto price = [&](const std::string& sku) {
        const Json shop = settings_of("shop");
        const Json found =
            ask("GET",
                "/wp-json/wc/v3/products?sku=" + sku +
                    "&consumer_key=" + shop.at("consumer_key").get<std::string>() +
                    "&consumer_secret=" + shop.at("consumer_secret").get<std::string>());
        return found.size() == 1 ? found[0].at("regular_price").get<std::string>()
                                 : std::to_string(found.size()) + " products";
    };
    for (const char* sku : {"WH-1", "WH-2"}) {
        ask("POST",
            "/rest/v1/products",
            rights,
            {{"tenant_id", "default"},
             {"source_system", "erp:main"},
             {"source_id", sku},
             {"sku", sku},
             {"name", std::string("Thing ") + sku},
             {"type", "simple"},
             {"active", true},
             {"taxable", true},
             {"currency", "USD"},
             {"regular_price", "12.30"}});
    }
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host, "products"));
    EXPECT_EQ(price("WH-1"), "12.30");
    EXPECT_EQ(price("WH-2"), "12.30");
    ask("PATCH", "/rest/v1/products?sku=eq.WH-2", rights, {{"regular_price", "13.00"}});
    ASSERT_NO_FATAL_FAILURE(sync(host, "products"));
    EXPECT_EQ(price("WH-1"), "12.30");
    EXPECT_EQ(price("WH-2"), "13.00");
}

}  // namespace
}  // namespace syncline::test
