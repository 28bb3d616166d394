// The other directions: the books as a source, the shop as a target.
#include <gtest/gtest.h>
#include <sqlite3.h>

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

// Customers go both ways between shop and books.
class EchoesTest : public BothWaysTest {
protected:
    void SetUp() override {
        Json config =
            with_flow(shop_.config(), flow("shop-books-customers", "customer", "shop", "books"));
        host_.configure(with_flow(config, flow("books-shop-customers", "customer", "books", "shop"))
        );
        shop_.control("POST", "/requests", {{"bodies", true}});
        host_.start();
        ASSERT_NO_FATAL_FAILURE(meet());
        EXPECT_GT(writes("quickbooks"), 0U);
        forget_requests();
    }
    void TearDown() override { EXPECT_EQ(host_.stop(), 0) << host_.log(); }

    void run(const std::string& flow) {
        const Answer started = host_.post("/api/sync/customers", {{"flow", flow}});
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host_.unsettled(), "");
        last_ = host_.get("/api/sync/status/" + started.json.at("syncId").get<std::string>()).json;
    }
    void to_books() { run("shop-books-customers"); }
    void to_shop() { run("books-shop-customers"); }
    void both() {
        ASSERT_NO_FATAL_FAILURE(to_books());
        ASSERT_NO_FATAL_FAILURE(to_shop());
    }
    // A record's first way back tells whose it is and may write what one side shows in its own way;
    // that comes back once more.
    void meet() {
        ASSERT_NO_FATAL_FAILURE(both());
        ASSERT_NO_FATAL_FAILURE(both());
    }
    // Neither flow finds anything to do: what is read raises no job, and nothing is written.
    void expect_silence() {
        for (const char* flow : {"shop-books-customers", "books-shop-customers"}) {
            forget_requests();
            const std::int64_t before = raised();
            ASSERT_NO_FATAL_FAILURE(run(flow));
            EXPECT_EQ(writes("woocommerce"), 0U) << flow;
            EXPECT_EQ(writes("quickbooks"), 0U) << flow;
            EXPECT_EQ(raised(), before) << flow << ": " << last_.dump();
        }
    }
    // How often a record was found to be another than before, of all of them.
    std::int64_t raised() const {
        sqlite3* database = nullptr;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_open(host_.database().c_str(), &database), SQLITE_OK);
        EXPECT_EQ(
            sqlite3_prepare_v2(
                database, "SELECT TOTAL(wanted_version) FROM sync_queue", -1, &statement, nullptr
            ),
            SQLITE_OK
        );
        EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
        const std::int64_t count = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        sqlite3_close(database);
        return count;
    }
    void forget_requests() { shop_.control("DELETE", "/requests"); }
    // Requests since forget_requests() that made or changed something; one that is refused because
    // somebody else was there did not.
    std::size_t writes(const std::string& platform) {
        std::size_t count = 0;
        const Json journal = shop_.control("GET", "/requests?limit=5000");
        for (const auto& request : journal.at("requests")) {
            const std::string path = request.at("path");
            const std::string body = request.value("body", "");
            const bool asks = request.at("method") == "GET" || request.at("status") != 200 ||
                              path.find("/oauth2/") != std::string::npos ||
                              body.find("\"Query\"") != std::string::npos;
            count += request.at("platform") == platform && !asks ? 1U : 0U;
        }
        return count;
    }
    Json in_shop(const std::string& method, const std::string& path, const Json& body = Json()) {
        const Json shop = settings_of("shop");
        return ask(
            method,
            "/wp-json/wc/v3/customers" + path + (path.find('?') == std::string::npos ? "?" : "&") +
                "consumer_key=" + shop.at("consumer_key").get<std::string>() +
                "&consumer_secret=" + shop.at("consumer_secret").get<std::string>(),
            {},
            body
        );
    }
    std::string phone_in_shop(const std::string& id) {
        return in_shop("GET", "/" + id).at("billing").at("phone");
    }
    void phone_by_hand(const std::string& id, const std::string& phone) {
        shop_.control(
            "POST",
            "/quickbooks/edit/customer/" + id,
            {{"PrimaryPhone", {{"FreeFormNumber", phone}}}}
        );
    }
    std::string phone_in_books(const std::string& id) {
        const Json row = shop_.control("POST", "/quickbooks/edit/customer/" + id, Json::object());
        return row.value("Customer", row).at("PrimaryPhone").at("FreeFormNumber");
    }
    // Of a shop's customer, as the record's log has it.
    std::string id_in_books(const std::string& shop_id) {
        const Json record = host_.get("/api/records/customers/" + shop_id).json;
        for (const auto& entry : record.value("log", Json::array())) {
            const std::string message = entry.at("message");  // "customer customer 202"
            if (entry.at("event") == "created") {
                return message.substr(message.rfind(' ') + 1);
            }
        }
        ADD_FAILURE() << record.dump();
        return "";
    }
    // A new customer of the shop that is in the books.
    void make(const std::string& name) {
        const Json made = in_shop(
            "POST",
            "",
            {{"email", name + "@example.test"},
             {"first_name", name},
             {"last_name", "Lindqvist"},
             {"billing", {{"phone", "1-000"}, {"city", "Duluth"}}}}
        );
        in_shop_ = made.at("id").dump();
        forget_requests();
        ASSERT_NO_FATAL_FAILURE(to_books());
        ASSERT_EQ(writes("quickbooks"), 1U);
        in_books_ = id_in_books(in_shop_);
    }

    std::string in_shop_;
    std::string in_books_;
    HostProcess host_;
    Json last_;
};

TEST_F(EchoesTest, NothingGoesBackAndForth) {
    ASSERT_NO_FATAL_FAILURE(expect_silence());
    ASSERT_NO_FATAL_FAILURE(expect_silence());
}

TEST_F(EchoesTest, AChangeIsOneWriteOverThereAndDoesNotComeBack) {
    ASSERT_NO_FATAL_FAILURE(make("agda"));
    ASSERT_NO_FATAL_FAILURE(meet());
    ASSERT_NO_FATAL_FAILURE(expect_silence());
    const auto change = [&](const std::string& phone) {
        in_shop("PUT", "/" + in_shop_, {{"billing", {{"phone", phone}}}});
        forget_requests();
        ASSERT_NO_FATAL_FAILURE(to_books());
        EXPECT_EQ(writes("quickbooks"), 1U);
    };
    ASSERT_NO_FATAL_FAILURE(change("1-500"));
    ASSERT_NO_FATAL_FAILURE(to_shop());  // it stands on what the shop was told: given back once
    EXPECT_EQ(writes("woocommerce"), 0U);
    ASSERT_NO_FATAL_FAILURE(change("2-000"));
    ASSERT_NO_FATAL_FAILURE(expect_silence());
    EXPECT_EQ(phone_in_books(in_books_), "2-000");
    EXPECT_EQ(phone_in_shop(in_shop_), "2-000");
}

TEST_F(EchoesTest, WhatAPersonChangesAtTheSameTimeArrivesAndSoDoesTheWayBack) {
    ASSERT_NO_FATAL_FAILURE(make("berta"));
    phone_by_hand(in_books_, "3-000");
    ASSERT_NO_FATAL_FAILURE(to_shop());
    EXPECT_EQ(phone_in_shop(in_shop_), "3-000");
    forget_requests();
    // What was the shop's own stands under our update: given back once, and known from then on.
    ASSERT_NO_FATAL_FAILURE(both());
    EXPECT_EQ(writes("quickbooks"), 0U);
    EXPECT_EQ(writes("woocommerce"), 0U);
    ASSERT_NO_FATAL_FAILURE(expect_silence());
    phone_by_hand(in_books_, "1-000");
    forget_requests();
    ASSERT_NO_FATAL_FAILURE(to_shop());
    EXPECT_EQ(phone_in_shop(in_shop_), "1-000") << last_.dump();
    EXPECT_EQ(writes("woocommerce"), 1U);
    ASSERT_NO_FATAL_FAILURE(both());
    EXPECT_EQ(writes("quickbooks"), 0U);
    ASSERT_NO_FATAL_FAILURE(expect_silence());
}

}  // namespace
}  // namespace syncline::test
