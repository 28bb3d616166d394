// Tables of the tenant's own as targets: what of a record goes where, and what is refused.
#include "supabase/own_table.hpp"

#include <gtest/gtest.h>

#include <syncline/model/payment.hpp>
#include <syncline/model/refund.hpp>

#include "../support/models.hpp"
#include "supabase/encode.hpp"

namespace syncline::supabase {
namespace {

Result<std::vector<Encoded>> encode_for(
    const std::string& entity, const Json& record, const std::string& target, const Json& table
) {
    EncodeRequest request;
    request.context.entity = entity;
    request.context.target_entity = target;
    request.context.tenant = "acme";
    request.context.source = "woocommerce:shop";
    if (!table.is_null()) {
        request.context.settings = {{"table", table}, {"default_payment_terms_days", 14}};
    }
    request.records = {record};
    return encode_records(request);
}

Json one_order() {
    return to_json(test::make_order("730", 2));
}

TEST(SupabaseOwnTable, TakesTheChosenColumnsUnderItsOwnNames) {
    const auto encoded = encode_for(
        "order",
        one_order(),
        "sales",
        {{"columns", {{"number", "order_no"}, {"total", "gross"}, {"lines", "positions"}}},
         {"values", {{"origin", "shop"}}},
         {"key", {"order_no"}}}
    );
    ASSERT_TRUE(encoded) << encoded.error().message;
    ASSERT_EQ(encoded->at(0).documents.size(), 1U);
    const Document& document = encoded->at(0).documents[0];
    EXPECT_EQ(document.entity, "sales");
    EXPECT_EQ(document.role, "order");
    EXPECT_EQ(document.natural_key, "woocommerce:shop:730");
    EXPECT_EQ(document.body["order_no"], "N730");
    EXPECT_EQ(document.body["gross"], "24.30");
    EXPECT_EQ(document.body["origin"], "shop");
    EXPECT_EQ(document.body["$key"], Json({"order_no"}));
    EXPECT_EQ(document.body["positions"].size(), 3U);
    EXPECT_EQ(document.body.size(), 5U) << document.body.dump();
}

TEST(SupabaseOwnTable, WithoutAChoiceItHasTheDocumentedColumnsAndTheirKey) {
    const auto encoded = encode_for("order", one_order(), "orders_archive", nullptr);
    ASSERT_TRUE(encoded) << encoded.error().message;
    const Json& body = encoded->at(0).documents.at(0).body;
    EXPECT_EQ(body["$key"], Json({"tenant_id", "source_system", "source_id"}));
    for (const auto& column : find_table("orders")->columns) {
        EXPECT_TRUE(body.contains(column.name)) << column.name;
    }
    EXPECT_FALSE(body.contains("lines"));
}

TEST(SupabaseOwnTable, RefundsAndPaymentsHaveColumnsToo) {
    Refund refund;
    refund.id = "91";
    refund.order_id = "730";
    refund.amount = test::money("4.50", "USD");
    refund.reason = "broken";
    const auto refunds = encode_for("refund", to_json(refund), "refunds", nullptr);
    ASSERT_TRUE(refunds) << refunds.error().message;
    const Json& row = refunds->at(0).documents.at(0).body;
    EXPECT_EQ(row["source_id"], "91");
    EXPECT_EQ(row["order_source_id"], "730");
    EXPECT_EQ(row["amount"], "4.50");
    EXPECT_EQ(row["currency"], "USD");
    Payment payment;
    payment.id = "77";
    payment.invoice_id = "145";
    payment.amount = test::money("24.30", "USD");
    const auto payments = encode_for(
        "payment",
        to_json(payment),
        "receipts",
        {{"columns", {{"source_id", "no"}, {"amount", "paid"}}}, {"key", {"no"}}}
    );
    ASSERT_TRUE(payments) << payments.error().message;
    EXPECT_EQ(
        payments->at(0).documents.at(0).body,
        Json({{"no", "77"}, {"paid", "24.30"}, {"$key", {"no"}}})
    );
}

TEST(SupabaseOwnTable, ARecordWithoutItsKeyIsHeld) {
    Json order = one_order();
    order["number"] = "";
    const auto encoded = encode_for(
        "order", order, "sales", {{"columns", {{"number", "order_no"}}}, {"key", {"order_no"}}}
    );
    ASSERT_TRUE(encoded) << encoded.error().message;
    ASSERT_TRUE(encoded->at(0).hold);
    EXPECT_EQ(encoded->at(0).hold->code, "NO_KEY");
    EXPECT_TRUE(encoded->at(0).documents.empty());
}

TEST(SupabaseOwnTable, ARecordThatIsHeldForItsTableIsHeldForAnotherToo) {
    Json order = one_order();
    order["issues"] = {{{"code", "AMOUNT_UNREADABLE"}, {"path", "/total"}, {"value", "x"}}};
    const auto encoded = encode_for("order", order, "sales", nullptr);
    ASSERT_TRUE(encoded) << encoded.error().message;
    ASSERT_TRUE(encoded->at(0).hold);
    EXPECT_EQ(encoded->at(0).hold->code, "AMOUNT_UNREADABLE");
}

TEST(SupabaseOwnTable, RefusesAnOptionWithItsPlace) {
    const struct {
        const char* target;
        Json table;
        const char* place;
    } cases[] = {
        {"sales", {{"colums", Json::object()}}, "/target/options/table"},
        {"sales", {{"columns", {{"colour", "c"}}}}, "/target/options/table/columns/colour"},
        {"sales", {{"columns", {{"number", "a b"}}}}, "/target/options/table/columns/number"},
        {"sales", {{"columns", {{"number", "no"}}}}, "/target/options/table/key"},
        {"sales",
         {{"columns", {{"number", "no"}}}, {"key", {"nr"}}},
         "/target/options/table/key/0"},
        {"sales", {{"values", {1}}}, "/target/options/table"},
        {"orders", {{"columns", {{"number", "no"}}}}, "/target/options/table"},
        {"a,b", Json(), "/target/entity"},
    };
    for (const auto& [target, table, place] : cases) {
        const auto encoded = encode_for("order", one_order(), target, table);
        ASSERT_FALSE(encoded) << target << " " << table.dump();
        EXPECT_EQ(encoded.error().code, ErrorCode::kConfig);
        EXPECT_EQ(encoded.error().message.rfind(place, 0), 0U) << encoded.error().message;
    }
}

TEST(SupabaseOwnTable, AnIdNamesTheColumnsAndValuesOfItsKey) {
    const Json body{{"a", "x/y&z=1"}, {"b", 7}, {"$key", {"a", "b"}}};
    const auto table = own_table_of("sales", body);
    ASSERT_TRUE(table);
    const auto key = key_in(*table, body);
    ASSERT_TRUE(key);
    using Parts = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(parse_own_id(key->source_id), (Parts{{"a", "x/y&z=1"}, {"b", "7"}}));
    const auto again = own_table_of_id("sales", key->source_id);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->own_key, table->own_key);
    EXPECT_FALSE(own_table_of_id("sales", "17"));
    EXPECT_TRUE(parse_own_id("17").empty());
}

}  // namespace
}  // namespace syncline::supabase
