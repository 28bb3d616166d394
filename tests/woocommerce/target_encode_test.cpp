// What records become in the shop.
#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

#include "woocommerce/target/encode.hpp"

namespace syncline::woocommerce {
namespace {

template <class Model>
Encoded encode(const std::string& entity, const Model& model, Json settings = Json::object()) {
    EncodeRequest request;
    request.context.entity = entity;
    request.context.source = "supabase:warehouse";
    request.context.facts = {{"currency", "USD"}};
    request.records = {to_json(model)};
    const auto encoded = encode_records(settings, request);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
    return encoded ? encoded->front() : Encoded{};
}

Product mug() {
    Product product;
    product.id = "43";
    product.sku = "MUG-1";
    product.name = "Mug";
    product.regular_price = *Money::parse("24.50", *Currency::parse("USD"));
    product.stock_quantity = Decimal{5, 0};
    return product;
}

Customer ines() {
    Customer customer;
    customer.id = "7";
    customer.email = " Ines@Example.test ";
    customer.first_name = "Ines";
    return customer;
}

Order order(OrderStatus status) {
    Order order;
    order.id = "912";
    order.status = status;
    order.currency = *Currency::parse("USD");
    order.raw = {{"source_system", "woocommerce:shop"}, {"source_id", "60"}};
    return order;
}

std::string outcome(const Encoded& encoded) {
    return encoded.hold   ? "hold " + encoded.hold->code
           : encoded.skip ? "skip " + encoded.skip->code
                          : std::to_string(encoded.documents.size());
}

struct ProductCase {
    const char* name;
    void (*change)(Product&);
    const char* outcome;
};

class Products : public testing::TestWithParam<ProductCase> {};

TEST_P(Products, AreWrittenOrHeldWithAReason) {
    Product product = mug();
    GetParam().change(product);
    EXPECT_EQ(outcome(encode("product", product)), GetParam().outcome);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Products,
    testing::Values(
        ProductCase{"Simple", [](Product&) {}, "1"},
        ProductCase{"WithoutSku", [](Product& p) { p.sku.clear(); }, "1"},
        ProductCase{"WithoutPrice", [](Product& p) { p.regular_price.reset(); }, "1"},
        ProductCase{"WithoutName", [](Product& p) { p.name.clear(); }, "hold NAME_MISSING"},
        ProductCase{"Variable", [](Product& p) { p.type = "variable"; }, "hold PRODUCT_TYPE"},
        ProductCase{"Variation", [](Product& p) { p.parent_id = "1"; }, "hold PRODUCT_TYPE"},
        ProductCase{"Bundle", [](Product& p) { p.type = "Group"; }, "hold PRODUCT_TYPE"},
        ProductCase{
            "OtherCurrency",
            [](Product& p) { p.regular_price = *Money::parse("1.00", *Currency::parse("EUR")); },
            "hold FOREIGN_CURRENCY"},
        ProductCase{
            "UnreadablePrice",
            [](Product& p) {
                p.issues = {{"AMOUNT_UNREADABLE", "/price", "x"}};
            },
            "hold AMOUNT_UNREADABLE"}
    ),
    [](const auto& one) { return std::string(one.param.name); }
);

TEST(EncodeProduct, StockIsTheShopsOwnUnlessAsked) {
    EXPECT_FALSE(encode("product", mug()).documents.front().body.contains("stock_quantity"));
    const Encoded encoded = encode("product", mug(), {{"write_stock", true}});
    EXPECT_EQ(encoded.documents.front().body["stock_quantity"], 5);
    Product halves = mug();
    halves.stock_quantity = Decimal{25, 1};
    EXPECT_EQ(outcome(encode("product", halves, {{"write_stock", true}})), "hold STOCK_FRACTION");
}

TEST(EncodeProduct, IsPureAndKnownBySkuAndMarker) {
    const Encoded once = encode("product", mug());
    EXPECT_EQ(to_json(once), to_json(encode("product", mug())));
    EXPECT_EQ(once.documents.front().natural_key, "MUG-1");
    EXPECT_EQ(once.documents.front().marker, "supabase:warehouse:43");
    EXPECT_EQ(once.documents.front().body["regular_price"], "24.50");
}

TEST(EncodeCustomer, IsKnownByTheNormalisedEmailAndSendsNothingEmpty) {
    const Encoded encoded = encode("customer", ines());
    ASSERT_EQ(encoded.documents.size(), 1u);
    EXPECT_EQ(encoded.documents.front().natural_key, "ines@example.test");
    const Json& body = encoded.documents.front().body;
    EXPECT_FALSE(body.contains("last_name"));
    EXPECT_FALSE(body.contains("shipping"));
    EXPECT_EQ(body["billing"], (Json{{"first_name", "Ines"}}));
}

TEST(EncodeCustomer, GuestsAndInactiveOnesAreSkippedAndOnesWithoutEmailHeld) {
    Customer guest = ines();
    guest.guest = true;
    EXPECT_EQ(outcome(encode("customer", guest)), "skip GUEST");
    Customer inactive = ines();
    inactive.active = false;
    EXPECT_EQ(outcome(encode("customer", inactive)), "skip INACTIVE");
    Customer nobody = ines();
    nobody.email = "";
    EXPECT_EQ(outcome(encode("customer", nobody)), "hold EMAIL_MISSING");
}

TEST(EncodeOrder, GivesTheShopsOwnOrdersAStatus) {
    const Json settings{{"orders_of", "woocommerce:shop"}};
    const std::vector<std::pair<OrderStatus, std::string>> cases{
        {OrderStatus::kCompleted, "1"},
        {OrderStatus::kCancelled, "1"},
        {OrderStatus::kRefunded, "hold REFUND_IN_SHOP"},
        {OrderStatus::kDraft, "skip STATUS_NOT_WRITTEN"},
        {OrderStatus::kOther, "skip STATUS_NOT_WRITTEN"}};
    for (const auto& [status, expected] : cases) {
        EXPECT_EQ(outcome(encode("order", order(status), settings)), expected);
    }
    const Encoded encoded = encode("order", order(OrderStatus::kOnHold), settings);
    EXPECT_EQ(encoded.documents.front().natural_key, "60");
    EXPECT_EQ(encoded.documents.front().body, (Json{{"status", "on-hold"}}));
    EXPECT_EQ(outcome(encode("order", order(OrderStatus::kCompleted))), "hold ORDERS_OF_MISSING");
    EXPECT_EQ(
        outcome(encode("order", order(OrderStatus::kCompleted), {{"orders_of", "woocommerce:b"}})),
        "skip NOT_THIS_SHOP"
    );
}

TEST(EncodeOrder, AnUnknownEntityIsRefused) {
    EncodeRequest request;
    request.context.entity = "refund";
    const auto encoded = encode_records(Json::object(), request);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace syncline::woocommerce
