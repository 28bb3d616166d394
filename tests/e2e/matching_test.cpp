// A new host meets a shop and books that already hold the same orders, customers and items: a match
// proposes them, and after its confirmation a sync makes nothing twice.
#include <fstream>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class MatchingTest : public ::testing::Test {
protected:
    // Somebody else's program filled the books, as far as the new host knows.
    void fill_the_books() {
        HostProcess before(shop_.config());
        before.start();
        ASSERT_EQ(before.post("/api/sync/orders", {{"flow", "shop-books-orders"}}).status, 202);
        ASSERT_EQ(before.unsettled(), "");
        ASSERT_EQ(before.stop(), 0);
    }
    Json config() const {
        Json config = shop_.config();
        // The other program has used up the token of before.
        config["connections"][1]["settings"]["refresh_token"] = shop_.consented_token();
        config["flows"].erase(1);  // the warehouse is another story
        for (auto& flow : config["flows"]) {
            flow.erase("approval");
        }
        for (const char* entity : {"customer", "product"}) {
            config["flows"].push_back(
                {{"name", std::string("shop-books-") + entity + "s"},
                 {"entity", entity},
                 {"source", {{"connection", "shop"}}},
                 {"target", {{"connection", "books"}}}}
            );
        }
        return config;
    }
    void edit(const std::string& entity, const std::string& id, const Json& change) {
        shop_.control("POST", "/quickbooks/edit/" + entity + "/" + id, change);
    }
    Json match(HostProcess& host, const std::string& flow) {
        const Finished done = host.run(
            {"match", "--flow", flow, "--wait", "-o", "json"},
            {"SYNCLINE_URL=" + host.url(), "SYNCLINE_TOKEN=" + host.token()}
        );
        EXPECT_EQ(done.status, 0) << done.output;
        return Json::parse(done.output.substr(done.output.find('{')));
    }
    Json proposals(HostProcess& host, const Json& match, const std::string& grade) {
        return host
            .get("/api/matches/" + match.at("id").dump() + "/proposals?limit=500&grade=" + grade)
            .json.at("items");
    }
    std::int64_t confirm(HostProcess& host, const Json& match) {
        const Answer answer =
            host.post("/api/matches/" + match.at("id").dump() + "/confirm", {{"grade", "exact"}});
        EXPECT_EQ(answer.status, 200) << answer.text;
        EXPECT_EQ(answer.json.at("refused"), Json::array());
        return answer.json.value("decided", std::int64_t{0});
    }

    DemoShop shop_;
};

TEST_F(MatchingTest, WhatBothSidesHaveIsLinkedAndASyncMakesNothingTwice) {
    ASSERT_NO_FATAL_FAILURE(fill_the_books());
    const auto before = shop_.inventory();
    // One document lost its marker: number, total and date are left. Another lost its number, too.
    std::vector<Json> sales;
    for (const auto& document : shop_.documents()) {
        if (document.at("entity") == "Invoice" || document.at("entity") == "SalesReceipt") {
            sales.push_back(document);
        }
    }
    ASSERT_GT(sales.size(), 20U);
    const auto path = [](const Json& document) {
        return document.at("entity") == "Invoice" ? "invoice" : "salesreceipt";
    };
    edit(path(sales[0]), sales[0].at("id"), {{"PrivateNote", "entered by hand"}});
    edit(
        path(sales[1]),
        sales[1].at("id"),
        {{"PrivateNote", "entered by hand"}, {"DocNumber", "HAND-X"}}
    );

    HostProcess host(config());
    host.start();
    // Nothing is posted before somebody looked.
    const Answer first = host.post("/api/sync/orders", {{"flow", "shop-books-orders"}});
    EXPECT_EQ(first.status, 409);
    expect_words(first.text, {"first ever", "syncline match --flow shop-books-orders"});

    const Json orders = match(host, "shop-books-orders");
    ASSERT_EQ(orders.at("state"), "completed") << orders.dump();
    const Json exact = proposals(host, orders, "exact");
    EXPECT_EQ(exact.size(), sales.size() - 2) << orders.dump();
    // The number has a prefix in the books: a person says that it is the same.
    Json by_number;
    const Json assisted = proposals(host, orders, "assisted");
    for (const auto& proposal : assisted) {
        if (proposal.at("target").at("id") == sales[0].at("id") &&
            proposal.at("evidence")[0].get<std::string>().find("the number ends with") == 0) {
            by_number = proposal.at("id");
        }
    }
    ASSERT_FALSE(by_number.is_null()) << assisted.dump(1);
    const Answer chosen = host.post(
        "/api/matches/" + orders.at("id").dump() + "/confirm", {{"proposals", {by_number}}}
    );
    EXPECT_EQ(chosen.json.value("decided", 0), 1) << chosen.text;
    EXPECT_EQ(confirm(host, orders), static_cast<std::int64_t>(exact.size()));

    const Json customers = match(host, "shop-books-customers");
    EXPECT_GT(customers.at("proposals").at("exact").value("proposed", 0), 0) << customers.dump();
    confirm(host, customers);
    const Json products = match(host, "shop-books-products");
    EXPECT_GT(products.at("proposals").at("exact").value("proposed", 0), 0) << products.dump();
    confirm(host, products);

    const Answer asked = host.post(
        "/api/sync/bulk/request-confirmation", {{"entity", "orders"}, {"flow", "shop-books-orders"}}
    );
    ASSERT_EQ(asked.status, 200) << asked.text;
    // What is not linked is all that is created: the document nobody can tell.
    EXPECT_LE(asked.json.at("plan").at("actions").value("create", 0), 1)
        << asked.text.substr(0, 900);
    ASSERT_EQ(
        host.post("/api/sync/confirm/" + asked.json.at("token").get<std::string>()).status, 202
    );
    ASSERT_EQ(host.unsettled(), "");
    auto after = shop_.inventory();
    const std::string made = sales[1].at("entity");
    EXPECT_LE(after[made], before.at(made) + 1);
    after[made] = before.at(made);
    EXPECT_EQ(after.at("Customer"), before.at("Customer"));
    EXPECT_EQ(after.at("Item"), before.at("Item"));
    for (const char* entity : {"Invoice", "SalesReceipt", "Payment"}) {
        EXPECT_EQ(after[entity], before.count(entity) == 0 ? 0U : before.at(entity)) << entity;
    }
    EXPECT_EQ(host.stop(), 0);
}

TEST_F(MatchingTest, IdMappingsGoToAFileAndBack) {
    HostProcess host(config());
    host.start();
    const std::vector<std::string> environment{
        "SYNCLINE_URL=" + host.url(), "SYNCLINE_TOKEN=" + host.token()};
    const auto run = [&](const std::vector<std::string>& words) {
        return host.run(words, environment);
    };
    const std::string file = host.file("links.csv");
    {
        std::ofstream out(file);
        out << "source,target,entity,source_id,role,target_entity,target_id\n"
               "shop,books,customer,1,customer,customer,'-5\n"
               "shop,books,customer,2,customer,customer,'-5\n";
    }
    const Finished wrong = run({"id-mappings", "import", file, "--dry-run"});
    EXPECT_EQ(wrong.status, 1) << wrong.output;
    expect_words(wrong.output, {"line 3, target_id", "1 would be linked"});
    {
        std::ofstream out(file);
        out << "source,target,entity,source_id,role,target_entity,target_id\n"
               "shop,books,customer,1,customer,customer,'-5\n";
    }
    const Finished done = run({"id-mappings", "import", file});
    EXPECT_EQ(done.status, 0) << done.output;
    const Finished exported = run({"id-mappings", "export"});
    expect_words(exported.output, {"shop,books,customer,1,customer,customer,'-5,#1,linked"});
    {
        std::ofstream out(file);
        out << exported.output;
    }
    expect_words(run({"id-mappings", "import", file}).output, {"1 linked before"});
    expect_words(run({"id-mappings"}).output, {"customer 1", "customer -5"});
    EXPECT_EQ(host.stop(), 0);
}

}  // namespace
}  // namespace syncline::test
