#include <gtest/gtest.h>

#include "woocommerce/convert.hpp"
#include "woocommerce/recorded.hpp"

namespace syncline::woocommerce {
namespace {

using testing::recorded;
using testing::recorded_shops;

Currency currency(const char* code) {
    return Currency::parse(code).value();
}
const ShopFacts kShop{currency("USD"), -300};

template <class Model>
void expect_round_trip(const Model& model) {
    const Json json = to_json(model);
    const auto back = from_json<Model>(json, Unknown::kRefuse);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(to_json(*back), json);
}

Json by_id(const std::string& file, int id) {
    for (const auto& source : recorded(file)) {
        if (source["id"] == id) {
            return source;
        }
    }
    throw std::runtime_error("not recorded: " + std::to_string(id));
}

TEST(CustomerConversion, EveryRecordedCustomerSurvivesTheTripThroughJson) {
    for (const auto& shop : recorded_shops()) {
        for (const auto& source : recorded(shop + "/customers.json")) {
            const Customer customer = to_customer(source, kShop);
            EXPECT_FALSE(customer.id.empty());
            EXPECT_FALSE(customer.email.empty());
            EXPECT_FALSE(customer.guest);
            EXPECT_TRUE(customer.created_at.has_value());
            expect_round_trip(customer);
        }
    }
}

TEST(CustomerConversion, ReadsOneThatWasNeverEdited) {
    const Customer customer =
        to_customer(recorded("woocommerce-samples/woo_customer_fresh.json"), kShop);
    EXPECT_EQ(customer.id, "732");
    EXPECT_EQ(customer.email, "new.person@example.test");
    EXPECT_EQ(customer.first_name, "");
    EXPECT_FALSE(customer.updated_at.has_value());
    EXPECT_EQ(customer.created_at->to_string(), "2025-03-02T17:40:09.000Z");
    EXPECT_TRUE(customer.billing.empty());
}

TEST(CustomerConversion, TakesCompanyAndPhoneFromTheBillingAddress) {
    const Json source = recorded("woocommerce-samples/woo_customer.json");
    const Customer customer = to_customer(source, kShop);
    EXPECT_EQ(customer.company, source["billing"]["company"].get<std::string>());
    EXPECT_EQ(customer.phone, source["billing"]["phone"].get<std::string>());
    EXPECT_EQ(customer.role, source["role"].get<std::string>());
}

TEST(CustomerConversion, WithoutAnAccountEMailTheBillingOneCounts) {
    const Customer customer =
        to_customer({{"id", 3}, {"email", ""}, {"billing", {{"email", "b@example.test"}}}}, kShop);
    EXPECT_EQ(customer.email, "b@example.test");
}

TEST(ProductConversion, EveryRecordedProductSurvivesTheTripThroughJson) {
    for (const auto& shop : recorded_shops()) {
        for (const auto& source : recorded(shop + "/products.json")) {
            const Product product = to_product(source, {}, kShop);
            EXPECT_TRUE(product.issues.empty()) << product.id;
            EXPECT_TRUE(product.active) << product.id;
            expect_round_trip(product);
        }
    }
}

TEST(ProductConversion, ReadsASimpleProductWithStock) {
    const Product product = to_product(by_id("woocommerce/products.json", 11), {}, kShop);
    EXPECT_EQ(product.sku, "SKU-002");
    EXPECT_EQ(product.name, "Product 002");
    EXPECT_EQ(product.description, "Description 2");
    EXPECT_EQ(product.price->to_string(), "7.65");
    EXPECT_FALSE(product.sale_price.has_value());
    EXPECT_TRUE(product.manage_stock);
    EXPECT_EQ(product.stock_quantity->to_string(), "983");
    EXPECT_FALSE(product.raw.contains("related_ids"));
}

TEST(ProductConversion, AVariableProductCarriesItsVariationsInOrder) {
    const Json variations = recorded("woocommerce/variations.json")["30"];
    const Product product = to_product(
        by_id("woocommerce/products.json", 30), {variations.begin(), variations.end()}, kShop
    );
    EXPECT_EQ(product.type, "variable");
    EXPECT_FALSE(product.regular_price.has_value());
    ASSERT_EQ(product.attributes.size(), 2U);
    EXPECT_EQ(product.attributes[0].option, "S, M, L");
    ASSERT_EQ(product.variants.size(), 3U);
    const Product& last = product.variants[2];
    EXPECT_EQ(last.id, "33");
    EXPECT_EQ(last.parent_id, "30");
    EXPECT_EQ(last.sku, "VAR-1-L-Red");
    EXPECT_EQ(last.name, "Variable 1 - L, Red");  // as in the order lines
    EXPECT_EQ(last.price->to_string(), "26.00");
    EXPECT_EQ(last.attributes[1].name, "Color");
    EXPECT_EQ(last.attributes[1].option, "Red");
    expect_round_trip(product);
}

TEST(ProductConversion, AVariationMayCountItsStockOnTheProduct) {
    Json parent = recorded("woocommerce-samples/woo_product_variable.json");
    parent["manage_stock"] = true;
    parent["stock_quantity"] = 7;
    const Json variation = recorded("woocommerce-samples/woo_variation.json");
    ASSERT_EQ(variation["manage_stock"], "parent");
    const Product product = to_product(parent, {variation}, kShop);
    EXPECT_TRUE(product.variants.at(0).manage_stock);
    EXPECT_EQ(product.variants.at(0).stock_quantity->to_string(), "7");
}

TEST(ProductConversion, AVariationWithoutANameIsNamedByItsOptions) {
    const Product product = to_product(
        {{"id", 5}, {"name", "Mug"}},
        {{{"id", 6},
          {"attributes",
           {{{"name", "Size"}, {"option", "Large"}},
            {{"name", "Glaze"}, {"option", "Blue &amp; White"}}}}},
         {{"id", 7}}},
        kShop
    );
    EXPECT_EQ(product.variants.at(0).name, "Mug - Large, Blue & White");
    EXPECT_EQ(product.variants.at(1).name, "Mug");
}

TEST(RefundConversion, EveryRecordedRefundIsPositiveAndSurvivesTheTripThroughJson) {
    for (const auto& shop : recorded_shops()) {
        for (const auto& source : recorded(shop + "/refunds.json")) {
            const Refund refund = to_refund(source, "55", currency("EUR"), kShop);
            EXPECT_FALSE(refund.amount.is_negative()) << refund.id;
            EXPECT_TRUE(refund.issues.empty()) << refund.id;
            Money parts{0, refund.amount.currency()};
            for (const auto& line : refund.lines) {
                EXPECT_GT(line.quantity, Decimal()) << refund.id;
                EXPECT_GT(line.unit_price, Decimal()) << refund.id;
                EXPECT_FALSE(line.total.is_negative()) << refund.id;
                parts += line.total + line.total_tax;
            }
            if (!refund.lines.empty()) {
                EXPECT_EQ(parts, refund.amount) << shop << " " << refund.id;
            }
            expect_round_trip(refund);
        }
    }
}

TEST(RefundConversion, ReadsARefundOfOneLine) {
    const Refund refund =
        to_refund(by_id("woocommerce-inclusive/refunds.json", 63), "25", currency("EUR"), kShop);
    EXPECT_EQ(refund.order_id, "25");
    EXPECT_EQ(refund.amount.to_string(), "17.96");
    EXPECT_FALSE(refund.payment_returned);
    EXPECT_EQ(refund.created_at.to_string(), "2026-11-21T08:55:12.000Z");
    ASSERT_EQ(refund.lines.size(), 1U);
    EXPECT_EQ(refund.lines[0].quantity.to_string(), "4");
    EXPECT_EQ(refund.lines[0].total.to_string(), "15.09");
    EXPECT_EQ(refund.lines[0].total_tax.to_string(), "2.87");
    EXPECT_EQ(refund.lines[0].taxes.at(0).amount.to_string(), "2.87");
    EXPECT_EQ(refund.tax_lines.at(0).amount.to_string(), "2.87");
    EXPECT_EQ(refund.tax_lines.at(0).percent.to_string(), "19");
}

TEST(RefundConversion, TheSignOfThePriceDoesNotMatter) {
    const Refund refund =
        to_refund(recorded("woocommerce-samples/woo_refund.json"), "48213", currency("USD"), kShop);
    EXPECT_EQ(refund.lines.at(0).unit_price.to_string(), "22.05");
    EXPECT_TRUE(refund.payment_returned);
}

TEST(RefundConversion, ARefundMayHaveNoLinesAndNoAmount) {
    const Refund refund = to_refund(
        {{"id", 128}, {"date_created_gmt", "2026-11-21T07:40:48"}, {"amount", ""}},
        "127",
        currency("USD"),
        kShop
    );
    EXPECT_TRUE(refund.amount.is_zero());
    EXPECT_TRUE(refund.lines.empty());
    EXPECT_TRUE(refund.issues.empty());
}

TEST(RefundConversion, WithoutItsOrdersCurrencyThereIsAnIssue) {
    const Refund refund = to_refund({{"id", 1}, {"amount", "5.00"}}, "9", Currency(), kShop);
    ASSERT_FALSE(refund.issues.empty());
    EXPECT_EQ(refund.issues[0].code, "CURRENCY_UNKNOWN");
    EXPECT_EQ(refund.issues[0].value, "9");
    expect_round_trip(refund);
}

}  // namespace
}  // namespace syncline::woocommerce
