#include "supabase/encode.hpp"

#include <set>

#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>

#include "../support/models.hpp"
#include "supabase/tables.hpp"

namespace syncline::supabase {
namespace {

using test::make_order;
using test::make_product;
using test::money;

Result<std::vector<Encoded>> encode(const std::string& entity, const Json& record) {
    EncodeRequest request;
    request.context.entity = entity;
    request.context.tenant = "acme";
    request.context.source = "woocommerce:shop";
    request.records = {record};
    return encode_records(request);
}

Encoded encoded(const std::string& entity, const Json& record) {
    auto result = encode(entity, record);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? result->front() : Encoded{};
}

// Columns of a row and of its table must be the same, or PostgREST refuses the array.
void expect_columns_of(const std::string& table, const Json& row) {
    std::set<std::string> expected;
    for (const auto& column : find_table(table)->columns) {
        expected.insert(std::string(column.name));
    }
    std::set<std::string> actual;
    for (const auto& entry : row.items()) {
        actual.insert(entry.key());
    }
    EXPECT_EQ(actual, expected) << table;
}

TEST(SupabaseEncode, AnOrderBecomesItsRowAndTheSetOfItsLines) {
    Order order = make_order("730", 2);
    order.customer_id = "7";
    order.refunds = {{"1", "broken", money("1.10", "USD")}, {"2", "", money("0.05", "USD")}};
    const Encoded one = encoded("order", to_json(order));
    ASSERT_EQ(one.documents.size(), 2U);
    EXPECT_TRUE(one.needs.empty());
    const Document& row = one.documents[0];
    EXPECT_EQ(row.role, "order");
    EXPECT_EQ(row.entity, "orders");
    EXPECT_EQ(row.natural_key, "woocommerce:shop:730");
    EXPECT_EQ(row.body["tenant_id"], "acme");
    EXPECT_EQ(row.body["source_system"], "woocommerce:shop");
    EXPECT_EQ(row.body["total"], "24.30");
    EXPECT_EQ(row.body["tax_total"], "1.80");
    EXPECT_EQ(row.body["refunded_total"], "1.15");
    EXPECT_EQ(row.body["customer_source_id"], "7");
    EXPECT_EQ(row.body["customer_email"], "ann@shop.example");
    EXPECT_EQ(row.body["customer_name"], "Ann Example");
    EXPECT_EQ(row.body["shipping"], Json());
    EXPECT_EQ(row.body["source_created_at"], "2026-11-01T10:00:00.000Z");
    ASSERT_TRUE(row.money);
    EXPECT_EQ(row.money->total.to_string(), "24.30");
    expect_columns_of("orders", row.body);

    const Document& lines = one.documents[1];
    EXPECT_EQ(lines.role, "order_lines");
    EXPECT_EQ(lines.entity, "order_lines");
    EXPECT_EQ(lines.body["parent_source_id"], "730");
    ASSERT_EQ(lines.body["rows"].size(), 3U);
    for (const auto& line : lines.body["rows"]) {
        EXPECT_EQ(line["order_source_id"], "730");
        EXPECT_EQ(line["currency"], "USD");
        expect_columns_of("order_lines", line);
    }
    EXPECT_EQ(lines.body["rows"][0]["source_id"], "730:item:7301");
    EXPECT_EQ(lines.body["rows"][2]["source_id"], "730:shipping:7309");
}

TEST(SupabaseEncode, LinesAddUpToTheOrder) {
    const Encoded one = encoded("order", to_json(make_order("730", 7)));
    Decimal sum;
    for (const auto& line : one.documents[1].body["rows"]) {
        sum = sum.plus(Decimal::parse(line["total"].get<std::string>()).value()).value();
        sum = sum.plus(Decimal::parse(line["total_tax"].get<std::string>()).value()).value();
    }
    EXPECT_EQ(sum, Decimal::parse(one.documents[0].body["total"].get<std::string>()).value());
}

TEST(SupabaseEncode, LinesWithoutAnIdOrWithTheSameOneStayApart) {
    Order order = make_order("730", 3);
    order.lines[0].id = "";
    order.lines[1].id = order.lines[2].id = "5";
    const Encoded one = encoded("order", to_json(order));
    std::set<std::string> ids;
    for (const auto& line : one.documents[1].body["rows"]) {
        ids.insert(line["source_id"].get<std::string>());
    }
    EXPECT_EQ(
        ids,
        (std::set<std::string>{"730:item:at1", "730:item:5", "730:item:5:at3", "730:shipping:7309"})
    );
}

TEST(SupabaseEncode, KeepsTheDecimalsOfTheCurrency) {
    EXPECT_EQ(
        encoded("order", to_json(make_order("1", 1, "KWD"))).documents[0].body["total"], "13.500"
    );
    Order yen = make_order("1", 0, "USD");
    yen.currency = test::currency("JPY");
    yen.total = yen.tax_total = yen.shipping_total = yen.discount_total = money("1500", "JPY");
    yen.shipping_lines.clear();
    const Encoded one = encoded("order", to_json(yen));
    EXPECT_EQ(one.documents[0].body["total"], "1500");
    EXPECT_EQ(one.documents[0].body["refunded_total"], "0");
}

TEST(SupabaseEncode, HoldsAnOrderWhoseFiguresCannotBeTrusted) {
    Order order = make_order("730", 1);
    order.issues = {{"AMOUNT_UNREADABLE", "/total", "12,x"}};
    ASSERT_TRUE(encoded("order", to_json(order)).hold);
    EXPECT_EQ(encoded("order", to_json(order)).hold->code, "AMOUNT_UNREADABLE");
    order.issues = {{"AMOUNT_PRECISION", "/line_items/0/total", "8.678"}};
    const Encoded rounded = encoded("order", to_json(order));
    EXPECT_FALSE(rounded.hold);
    ASSERT_EQ(rounded.warnings.size(), 1U);
    Json without_currency = to_json(make_order("730", 0));
    without_currency["currency"] = nullptr;
    EXPECT_EQ(encoded("order", without_currency).hold->code, "CURRENCY_UNKNOWN");
}

TEST(SupabaseEncode, AGuestIsKnownByTheEMail) {
    const Encoded guest = encoded("customer", {{"email", " Ann@Shop.example "}});
    EXPECT_EQ(guest.documents[0].body["source_id"], "guest:ann@shop.example");
    EXPECT_EQ(guest.documents[0].body["guest"], true);
    expect_columns_of("customers", guest.documents[0].body);
    EXPECT_EQ(encoded("customer", {{"first_name", "Nobody"}}).hold->code, "NO_IDENTITY");
    EXPECT_EQ(encoded("customer", {{"id", "7"}}).documents[0].body["guest"], false);
}

TEST(SupabaseEncode, AProductBecomesARowAndTheSetOfItsVariations) {
    const Encoded one = encoded("product", to_json(make_product("10", {"11", "12"})));
    ASSERT_EQ(one.documents.size(), 2U);
    expect_columns_of("products", one.documents[0].body);
    EXPECT_EQ(one.documents[0].body["parent_source_id"], Json());
    EXPECT_EQ(one.documents[0].body["price"], "19.90");
    EXPECT_EQ(one.documents[0].body["currency"], "EUR");
    EXPECT_EQ(one.documents[1].role, "variations");
    ASSERT_EQ(one.documents[1].body["rows"].size(), 2U);
    EXPECT_EQ(one.documents[1].body["rows"][0]["parent_source_id"], "10");
    expect_columns_of("products", one.documents[1].body["rows"][0]);
    const Encoded simple = encoded("product", to_json(make_product("20", {})));
    EXPECT_TRUE(simple.documents[1].body["rows"].empty());  // it may have had variations before
    Product variation = make_product("11", {});
    variation.parent_id = "10";
    EXPECT_EQ(encoded("product", to_json(variation)).documents.size(), 1U);
}

TEST(SupabaseEncode, AnInvoiceBecomesARow) {
    Invoice invoice;
    invoice.id = "145";
    invoice.status = "open";
    invoice.currency = test::currency("USD");
    invoice.total = money("10.80", "USD");
    invoice.tax_total = money("0.80", "USD");
    invoice.balance = money("5.00", "USD");
    invoice.issued_on = "2026-11-01";
    const Encoded one = encoded("invoice", to_json(invoice));
    ASSERT_EQ(one.documents.size(), 1U);
    expect_columns_of("invoices", one.documents[0].body);
    EXPECT_EQ(one.documents[0].body["balance"], "5.00");
    EXPECT_EQ(one.documents[0].body["due_on"], Json());
}

TEST(SupabaseEncode, SaysWhatItHasNoTableFor) {
    const auto refund = encode("refund", Json::object());
    ASSERT_FALSE(refund);
    EXPECT_EQ(refund.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(refund.error().message.find("refunded_total"), std::string::npos);
    EXPECT_EQ(encode("order_lines", Json::object()).error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(encode("payment", Json::object()).error().code, ErrorCode::kUnsupported);
}

TEST(SupabaseEncode, NamesThePlaceInARecordThatIsNotItsModel) {
    const auto bad = encode("order", {{"id", "730"}, {"total", "12.30"}});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::kData);
    EXPECT_NE(bad.error().message.find("/total"), std::string::npos) << bad.error().message;
}

TEST(SupabaseEncode, OwnsKeysMoneyAndSets) {
    const auto paths = owned_paths("order");
    for (const auto* path :
         {"/tenant_id",
          "/source_system",
          "/source_id",
          "/total",
          "/tax_total",
          "/currency",
          "/rows"}) {
        EXPECT_NE(std::find(paths.begin(), paths.end(), path), paths.end()) << path;
    }
    EXPECT_EQ(std::find(paths.begin(), paths.end(), "/customer_note"), paths.end());
}

}  // namespace
}  // namespace syncline::supabase
