// What writing to a shop does, beyond what the recorded answers show.
#include <gtest/gtest.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

class Writing : public testing::Test {
protected:
    Json write(const std::string& method, const std::string& path, const Json& body, int status) {
        const SandboxReply reply = shop_.api(method, path, body.dump());
        EXPECT_EQ(reply.status, status) << method << " " << path << ": " << reply.body;
        return Json::parse(reply.body);
    }
    Json post(const std::string& path, const Json& body) { return write("POST", path, body, 201); }
    Json put(const std::string& path, const Json& body) { return write("PUT", path, body, 200); }

    Shop shop_;
};

TEST_F(Writing, ChangesOnlyWhatAnUpdateNamesAndTheTimeOfModification) {
    Json before = shop_.get("/orders/60");
    Json after = put("/orders/60", {{"customer_note", "ring twice"}});
    EXPECT_EQ(after["customer_note"], "ring twice");
    EXPECT_GT(after["date_modified_gmt"], before["date_modified_gmt"]);
    for (const char* changed : {"customer_note", "date_modified", "date_modified_gmt"}) {
        before.erase(changed);
        after.erase(changed);
    }
    EXPECT_EQ(after.dump(), before.dump());
}

TEST_F(Writing, DuplicatesLinesSentWithoutTheirIdAndRemovesThoseOfQuantityZero) {
    Json order = post("/orders", {{"line_items", {{{"product_id", 10}, {"quantity", 1}}}}});
    const std::string path = "/orders/" + order["id"].dump();
    Json doubled = put(path, {{"line_items", {{{"product_id", 10}, {"quantity", 1}}}}});
    ASSERT_EQ(doubled["line_items"].size(), 2u);
    EXPECT_EQ(doubled["total"], "9.40");
    Json id = doubled["line_items"][1]["id"];
    Json single = put(path, {{"line_items", {{{"id", id}, {"quantity", 0}}}}});
    EXPECT_EQ(single["line_items"].size(), 1u);
    EXPECT_EQ(single["total"], order["total"]);
    Json null_product = {
        {"line_items", {{{"id", single["line_items"][0]["id"]}, {"product_id", nullptr}}}}};
    EXPECT_EQ(put(path, null_product)["line_items"].size(), 0u);
}

TEST_F(Writing, RefusesALineOfAnotherOrder) {
    const Json error =
        write("PUT", "/orders/60", {{"line_items", {{{"id", 1}, {"quantity", 2}}}}}, 400);
    EXPECT_EQ(error["code"], "woocommerce_rest_invalid_item_id");
}

TEST_F(Writing, RecalculatesWhenTheDeliveryAddressMovesToAnotherState) {
    Json order = post(
        "/orders",
        {{"billing", {{"country", "US"}, {"state", "NY"}}},
         {"line_items", {{{"product_id", 10}, {"quantity", 10}}}}}
    );
    EXPECT_EQ(order["total_tax"], "3.83");
    const Json moved =
        put("/orders/" + order["id"].dump(),
            {{"shipping", {{"country", "DE"}, {"state", "DE-BE"}}}});
    EXPECT_EQ(moved["total_tax"], "8.21");
    EXPECT_EQ(moved["tax_lines"][0]["rate_code"], "DE-MWST-1");
}

TEST_F(Writing, RefusesANegativeDiscountBelowTheOrdersWorth) {
    Json order = post(
        "/orders",
        {{"line_items", {{{"product_id", 25}, {"quantity", 1}}}},
         {"fee_lines", {{{"name", "Voucher"}, {"total", "-100"}}}}}
    );
    EXPECT_EQ(order["fee_lines"][0]["total"], "-54.27");
    EXPECT_EQ(order["total"], "0.00");
}

TEST_F(Writing, MarksPaidByTheStatusThatTheGoodsNeed) {
    Json goods = post(
        "/orders",
        {{"set_paid", true}, {"transaction_id", "t1"}, {"line_items", {{{"product_id", 10}}}}}
    );
    EXPECT_EQ(goods["status"], "processing");
    EXPECT_EQ(goods["transaction_id"], "t1");
    EXPECT_FALSE(goods["date_paid_gmt"].is_null());
    const Json download =
        post("/orders", {{"set_paid", true}, {"line_items", {{{"product_id", 29}}}}});
    EXPECT_EQ(download["status"], "completed");
}

TEST_F(Writing, RefusesToCreateAnOrderWithAnIdAndToChangeOneThatIsNotThere) {
    EXPECT_EQ(
        write("POST", "/orders", {{"id", 55}}, 400)["code"], "woocommerce_rest_shop_order_exists"
    );
    EXPECT_EQ(
        write("PUT", "/orders/999", {{"customer_note", "x"}}, 400)["code"],
        "woocommerce_rest_shop_order_invalid_id"
    );
}

TEST_F(Writing, AnswersABatchWithStatus200WhateverHappensInside) {
    Json answer = write(
        "POST",
        "/orders/batch",
        {{"create", {{{"customer_id", 9999}}, {{"customer_note", "good"}}}},
         {"update", {{{"id", 60}, {"status", "invented"}}, {{"id", 999}, {"customer_note", "x"}}}},
         {"delete", {61}}},
        200
    );
    EXPECT_EQ(answer["create"][0]["id"], 0);
    EXPECT_EQ(answer["create"][0]["error"]["code"], "woocommerce_rest_invalid_customer_id");
    EXPECT_EQ(answer["create"][1]["customer_note"], "good");
    EXPECT_EQ(answer["update"][0]["status"], "invented") << "a batch does not check arguments";
    EXPECT_EQ(answer["update"][1]["id"], 999);
    EXPECT_EQ(answer["update"][1]["error"]["data"]["status"], 400);
    EXPECT_EQ(answer["delete"][0]["id"], 61);
    EXPECT_EQ(shop_.api("GET", "/orders/61").status, 404) << "a batch deletes for good";
}

TEST_F(Writing, TouchesTheOrderWhenARefundIsMadeButNotWhenItIsDeleted) {
    shop_.control("POST", "/woocommerce/orders/63", {{"date_modified_gmt", "2026-11-21T07:34:13"}});
    Json refund = post("/orders/63/refunds", {{"amount", "1.00"}, {"api_refund", false}});
    Json refunded = shop_.get("/orders/63");
    EXPECT_EQ(refunded["total"], "96.50") << "refunds do not reduce the total";
    EXPECT_EQ(refunded["refunds"][0]["total"], "-1.00");
    EXPECT_GT(refunded["date_modified_gmt"], "2026-11-21T07:34:13");
    shop_.control("POST", "/woocommerce/orders/63", {{"date_modified_gmt", "2026-11-21T07:34:13"}});
    const std::string path = "/orders/63/refunds/" + refund["id"].dump();
    EXPECT_EQ(shop_.api("DELETE", path).status, 501);
    EXPECT_EQ(shop_.api("DELETE", path + "?force=true").status, 200);
    Json after = shop_.get("/orders/63");
    EXPECT_EQ(after["refunds"].size(), 0u);
    EXPECT_EQ(after["date_modified_gmt"], "2026-11-21T07:34:13");
}

TEST_F(Writing, RefundsALineWithItsTaxAndTheRestMakesTheOrderRefunded) {
    Json order = shop_.get("/orders/103");
    const Json& line = order["line_items"][0];
    Json taxes = Json::array();
    for (const Json& tax : line["taxes"])
        taxes.push_back({{"id", tax["id"]}, {"refund_total", tax["total"]}});
    Json refund = post(
        "/orders/103/refunds",
        {{"api_refund", false},
         {"line_items",
          {{{"id", line["id"]},
            {"quantity", line["quantity"]},
            {"refund_total", line["total"]},
            {"refund_tax", taxes}}}}}
    );
    EXPECT_EQ(refund["amount"], "45.54") << "what the line's 41.94 and 3.04 + 0.56 tax add up to";
    EXPECT_EQ(refund["line_items"][0]["total"], "-41.94");
    EXPECT_EQ(refund["line_items"][0]["quantity"], -2);
    EXPECT_EQ(refund["tax_lines"][0]["tax_total"], "-3.04");
    EXPECT_EQ(shop_.get("/orders/103")["status"], "completed");
    post("/orders/103/refunds", {{"amount", "107.35"}, {"api_refund", false}});
    EXPECT_EQ(shop_.get("/orders/103")["status"], "refunded");
    EXPECT_EQ(shop_.get("/orders/103")["refunds"].size(), 2u);
}

TEST_F(Writing, AnswersWithStatus500WhereARefundsOrderIsMissing) {
    const SandboxReply reply = shop_.api("GET", "/orders/999/refunds");
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.json()["data"], 404);
}

TEST_F(Writing, KeepsStockOnlyWhereItIsManaged) {
    EXPECT_TRUE(put("/products/10", {{"stock_quantity", 5}})["stock_quantity"].is_null());
    EXPECT_EQ(put("/products/11", {{"inventory_delta", -983}})["stock_status"], "outofstock");
}

TEST_F(Writing, HoldsSkusUniqueAcrossProductsVariationsAndTheTrash) {
    shop_.api("DELETE", "/products/10");
    Json error = write("POST", "/products", {{"name", "x"}, {"sku", "SKU-001"}}, 400);
    EXPECT_EQ(error["data"]["resource_id"], 10);
    EXPECT_EQ(
        write("PUT", "/products/11", {{"sku", "VAR-1-L-Red"}}, 400)["data"]["resource_id"], 33
    );
}

TEST_F(Writing, AddsAVariationToItsProduct) {
    Json variation = post(
        "/products/30/variations",
        {{"sku", "VAR-1-XL"},
         {"regular_price", "30.00"},
         {"attributes", {{{"name", "Size"}, {"option", "XL"}}}}}
    );
    EXPECT_EQ(shop_.get("/products/30")["variations"].back(), variation["id"]);
    EXPECT_EQ(
        variation["_links"]["up"][0]["href"], shop_.process.url() + "/wp-json/wc/v3/products/30"
    );
}

TEST_F(Writing, KeepsCustomersAddressesApartFromTheirNames) {
    Json customer = post(
        "/customers",
        {{"email", "new@example.test"}, {"first_name", "New"}, {"billing", {{"city", "Ulm"}}}}
    );
    EXPECT_TRUE(customer["date_modified"].is_null());
    EXPECT_EQ(customer["username"], "new");
    const std::string path = "/customers/" + customer["id"].dump();
    EXPECT_EQ(put(path, {{"last_name", "Name"}})["billing"]["city"], "Ulm");
    EXPECT_EQ(
        write("PUT", path, {{"email", "C1@example.test"}}, 400)["code"],
        "registration-error-email-exists"
    );
    EXPECT_EQ(shop_.api("DELETE", path + "?force=true").status, 200);
    EXPECT_EQ(shop_.api("GET", path).status, 404);
}

TEST_F(Writing, BreaksEverySecondItemOfABatchWhenAsked) {
    shop_.control("POST", "/woocommerce/shop", {{"broken_batches", 1}});
    const Json items{{"create", {{{"sku", "B-1"}}, {{"sku", "B-2"}}, {{"sku", "B-3"}}}}};
    Json first = write("POST", "/products/batch", items, 200)["create"];
    EXPECT_TRUE(first[0].contains("sku"));
    EXPECT_EQ(first[1]["error"]["code"], "internal_server_error");
    EXPECT_TRUE(first[2].contains("sku"));
    Json second = write("POST", "/products/batch", items, 200)["create"];
    EXPECT_EQ(second[0]["error"]["code"], "product_invalid_sku");
    EXPECT_EQ(second[1]["sku"], "B-2");
}

TEST_F(Writing, NeverShowsAWebhooksSecret) {
    Json webhook = post(
        "/webhooks",
        {{"topic", "order.updated"},
         {"delivery_url", "https://hooks.example.test/a"},
         {"secret", "s3cret"}}
    );
    EXPECT_FALSE(webhook.contains("secret"));
    const std::string path = "/webhooks/" + webhook["id"].dump();
    EXPECT_EQ(put(path, {{"status", "paused"}})["status"], "paused");
    EXPECT_EQ(shop_.ids("/webhooks?status=paused").size(), 1u);
    EXPECT_EQ(
        write(
            "POST",
            "/webhooks",
            {{"topic", "customer.restored"}, {"delivery_url", "https://a.b"}},
            400
        )["code"],
        "woocommerce_rest_shop_webhook_invalid_topic"
    );
}

TEST_F(Writing, TaxesNewOrdersByRatesOneAdds) {
    post("/taxes", {{"country", "FR"}, {"rate", "20"}, {"name", "TVA"}, {"class", "standard"}});
    Json order = post(
        "/orders",
        {{"billing", {{"country", "FR"}}}, {"line_items", {{{"product_id", 10}, {"quantity", 1}}}}}
    );
    EXPECT_EQ(order["total_tax"], "0.86");
    EXPECT_EQ(order["tax_lines"][0]["rate_code"], "FR-TVA-1");
}

TEST_F(Writing, TakesAFormAndAnOverriddenMethod) {
    const SandboxReply reply = send(
        shop_.process.port(),
        {"POST",
         "/wp-json/wc/v3/orders/60?_method=PUT",
         {kReadWrite, {"Content-Type", "application/x-www-form-urlencoded"}},
         "customer_note=by+form&billing%5Bcity%5D=Ulm"}
    );
    EXPECT_EQ(reply.json()["customer_note"], "by form");
    EXPECT_EQ(reply.json()["billing"]["city"], "Ulm");
}

}  // namespace
}  // namespace syncline::test
