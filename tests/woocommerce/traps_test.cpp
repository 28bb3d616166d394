// Every odd value that facts/woocommerce.md has seen, one by one.
#include <ostream>

#include <gtest/gtest.h>

#include "woocommerce/convert.hpp"
#include "woocommerce/html.hpp"
#include "woocommerce/recorded.hpp"

namespace syncline::woocommerce {
namespace {

const ShopFacts kShop{Currency::parse("USD").value(), -300};

// A recorded order with one member changed.
Json order_with(const char* pointer, const Json& value) {
    Json source = testing::recorded("woocommerce/orders.json")[3];
    source[Json::json_pointer(pointer)] = value;
    return source;
}

struct AmountCase {
    const char* name;
    const char* currency;
    const char* written;  // JSON
    const char* read;
    const char* issue;  // "" = none
};

void PrintTo(const AmountCase& one, std::ostream* out) {
    *out << one.name;
}

class Amounts : public ::testing::TestWithParam<AmountCase> {};

TEST_P(Amounts, AreReadExactlyOrNoted) {
    const AmountCase& c = GetParam();
    Json source = order_with(
        "/line_items/0/total", parse_json(std::string("[") + c.written + "]").value()[0]
    );
    source["currency"] = c.currency;
    const Order order = to_order(source, kShop);
    EXPECT_EQ(order.lines[0].total.to_string(), c.read);
    std::string issue;
    for (const auto& one : order.issues) {
        if (one.path == "/line_items/0/total") {
            issue = one.code;
        }
    }
    EXPECT_EQ(issue, c.issue);
}

INSTANTIATE_TEST_SUITE_P(
    Traps,
    Amounts,
    ::testing::Values(
        AmountCase{"ANegativeCent", "USD", R"("-0.01")", "-0.01", ""},
        AmountCase{"ThirdDecimalRoundsUp", "USD", R"("8.678")", "8.68", "AMOUNT_PRECISION"},
        AmountCase{"NegativeHalfRoundsAway", "USD", R"("-8.675")", "-8.68", "AMOUNT_PRECISION"},
        AmountCase{"TrailingZeros", "USD", R"("8.6700")", "8.67", ""},
        AmountCase{"WholeDollars", "USD", R"("8")", "8.00", ""},
        AmountCase{"YenWithDecimals", "JPY", R"("12.42")", "12", "AMOUNT_PRECISION"},
        AmountCase{"YenWithZeros", "JPY", R"("12.00")", "12", ""},
        AmountCase{"DinarOfThreeDecimals", "KWD", R"("1.234")", "1.234", ""},
        AmountCase{"Empty", "USD", R"("")", "0.00", ""},
        AmountCase{"Null", "USD", "null", "0.00", ""},
        AmountCase{"LoneMinus", "USD", R"("-")", "0.00", "AMOUNT_UNREADABLE"},
        AmountCase{"ThousandsComma", "USD", R"("1,234.50")", "0.00", "AMOUNT_UNREADABLE"},
        AmountCase{"NotANumber", "USD", R"("NaN")", "0.00", "AMOUNT_UNREADABLE"},
        AmountCase{"TooLarge", "USD", R"("99999999999999999.00")", "0.00", "AMOUNT_UNREADABLE"},
        AmountCase{"BareInteger", "USD", "12", "12.00", ""},
        AmountCase{"BareFraction", "USD", "12.5", "12.50", ""},
        AmountCase{"Boolean", "USD", "true", "0.00", "AMOUNT_UNREADABLE"},
        AmountCase{"Object", "USD", R"({"a": 1})", "0.00", ""},
        AmountCase{"LowerCaseCurrency", "usd", R"("1.00")", "1.00", ""}
    ),
    ::testing::PrintToStringParamName()
);

TEST(Traps, APriceMayBeInExponentFormOrFullOfBinaryNoise) {
    const std::pair<const char*, const char*> cases[] = {
        {R"(7.0e-5)", "0.00007"},
        {R"(3.3200000000000003)", "3.32"},
        {R"(0.10000000000000000555)", "0.1"},
        {R"(7.0000000000000007e-5)", "0.00007"},
        {R"("")", "0"},
        {R"(25)", "25"},
        {R"(null)", "0"},
    };
    for (const auto& [written, read] : cases) {
        const Order order = to_order(
            order_with(
                "/line_items/0/price", parse_json(std::string("[") + written + "]").value()[0]
            ),
            kShop
        );
        EXPECT_EQ(order.lines[0].unit_price.normalized().to_string(), read) << written;
        EXPECT_TRUE(order.issues.empty()) << written;
    }
}

TEST(Traps, AnUnreadableRefundTotalLosesNeitherOrderNorFigure) {
    Json source = order_with("/refunds/0/total", "-");
    const Order order = to_order(source, kShop);
    ASSERT_EQ(order.issues.size(), 1U);
    EXPECT_EQ(order.issues[0].path, "/refunds/0/total");
    EXPECT_EQ(order.issues[0].value, "-");
    EXPECT_EQ(order.total.to_string(), "3.96");
    EXPECT_EQ(order.payment_status, PaymentStatus::kPaid);
}

TEST(Traps, ATotalThatIsMissingIsNotSilentlyZero) {
    for (const Json& value : {Json(""), Json()}) {
        const Order order = to_order(order_with("/total", value), kShop);
        ASSERT_EQ(order.issues.size(), 1U);
        EXPECT_EQ(order.issues[0].code, "AMOUNT_UNREADABLE");
        EXPECT_EQ(order.issues[0].path, "/total");
    }
}

TEST(Traps, AnUnknownCurrencyIsAnIssueAndNotALostOrder) {
    for (const char* code : {"BTC", "", "EURO"}) {
        const Order order = to_order(order_with("/currency", code), kShop);
        ASSERT_EQ(order.issues.size(), 1U) << code;
        EXPECT_EQ(order.issues[0].code, "CURRENCY_UNKNOWN");
        EXPECT_EQ(order.issues[0].value, code);
        EXPECT_EQ(order.raw["total"], "3.96");
    }
}

TEST(Traps, LineTaxesMayHaveMoreDecimalsOrNone) {
    const Order order = to_order(
        order_with(
            "/line_items/0/taxes",
            Json::parse(R"([{"id": 1, "total": "3.63825"}, {"id": 2, "total": ""}])")
        ),
        kShop
    );
    EXPECT_EQ(order.lines[0].taxes.at(0).amount.to_string(), "3.63825");
    EXPECT_TRUE(order.lines[0].taxes.at(1).amount.is_zero());
    EXPECT_TRUE(order.issues.empty());
}

TEST(Traps, QuantitiesMayBeFractions) {
    EXPECT_EQ(
        to_order(order_with("/line_items/0/quantity", "0.125"), kShop)
            .lines[0]
            .quantity.to_string(),
        "0.125"
    );
}

TEST(Traps, NegativeFeesAreLegal) {
    const Order order = to_order(
        order_with(
            "/fee_lines",
            {{{"id", 4}, {"name", "Store credit"}, {"amount", ""}, {"total", "-3.00"}}}
        ),
        kShop
    );
    EXPECT_EQ(order.fees.at(0).total.to_string(), "-3.00");
}

TEST(Traps, IdsAndTextsMayBeOfAnyType) {
    Json source = order_with("/line_items/0/sku", Json());
    source["line_items"][0]["product_id"] = 0;
    source["line_items"][0]["image"] = {{"id", 0}};
    source["line_items"][0]["meta_data"] = {{{"value", Json::parse(R"({"a": [1, null]})")}}};
    source["customer_id"] = "12";
    source["number"] = 58;
    source["line_items"].push_back("not a line");
    const Order order = to_order(source, kShop);
    EXPECT_EQ(order.lines.size(), 1U);
    EXPECT_EQ(order.lines[0].sku, "");
    EXPECT_EQ(order.lines[0].product_id, "");
    EXPECT_EQ(order.customer_id, "12");
    EXPECT_EQ(order.number, "58");
}

TEST(Traps, ConversionIsTotal) {
    for (const char* text :
         {"{}",
          "[]",
          "null",
          "7",
          R"({"id": null, "line_items": 3, "billing": []})",
          R"({"refunds": [null, 1, {"id": {}}], "total": []})"}) {
        const Json source = Json::parse(text);
        EXPECT_EQ(to_order(source, kShop).issues.front().code, "CURRENCY_UNKNOWN") << text;
        EXPECT_TRUE(from_json<Customer>(to_json(to_customer(source, kShop))).has_value()) << text;
        EXPECT_TRUE(from_json<Product>(to_json(to_product(source, {source}, kShop))).has_value())
            << text;
        EXPECT_TRUE(
            from_json<Refund>(to_json(to_refund(source, "1", kShop.currency, kShop))).has_value()
        ) << text;
    }
}

TEST(Traps, StatusesOfPluginsAreKept) {
    const Order order = to_order(order_with("/status", "shipped-partially"), kShop);
    EXPECT_EQ(order.status, OrderStatus::kOther);
    EXPECT_EQ(order.source_status, "shipped-partially");
    EXPECT_EQ(to_order(order_with("/status", "on-hold"), kShop).status, OrderStatus::kOnHold);
    EXPECT_EQ(to_order(order_with("/status", "trash"), kShop).status, OrderStatus::kTrash);
    EXPECT_EQ(to_order(order_with("/status", "checkout-draft"), kShop).status, OrderStatus::kDraft);
}

TEST(Traps, TheLocalTwinOfADateCountsOnlyWithoutTheGmtOne) {
    Json source = order_with("/date_created", "2026-11-21T02:34:11");
    source["date_created_gmt"] = "2026-11-21T08:00:00";
    EXPECT_EQ(to_order(source, kShop).created_at.to_string(), "2026-11-21T08:00:00.000Z");
    source.erase("date_created_gmt");
    EXPECT_EQ(to_order(source, kShop).created_at.to_string(), "2026-11-21T07:34:11.000Z");
    source["date_created"] = "0000-00-00T00:00:00";
    const Order order = to_order(source, kShop);
    EXPECT_EQ(order.created_at.ms, 0);
    ASSERT_EQ(order.issues.size(), 1U);
    EXPECT_EQ(order.issues[0].code, "DATE_UNREADABLE");
}

TEST(Traps, NamesAreWithoutEntities) {
    const std::pair<const char*, const char*> cases[] = {
        {"Mug &amp; Tea", "Mug & Tea"},
        {"5&#8221; &#x2013; &quot;big&quot;", "5\u201d \u2013 \"big\""},
        {"Caf&eacute; &nbsp;&ndash; 3&euro;", "Caf\u00e9 \u00a0\u2013 3\u20ac"},
        {"&amp;lt;b&gt;", "&lt;b>"},
        {"AT&T & Co; &unknown; &#xD800; &#0; &", "AT&T & Co; &unknown; &#xD800; &#0; &"},
        {"&yuml;&#128512;", "\u00ff\U0001f600"},
    };
    for (const auto& [written, read] : cases) {
        EXPECT_EQ(to_order(order_with("/line_items/0/name", written), kShop).lines[0].name, read);
    }
}

TEST(Traps, DescriptionsAreWithoutMarkup) {
    EXPECT_EQ(
        plain_text(
            "<style>p{}</style><p>A &lt; B</p>\n<!-- x > y --><SCRIPT>a<b</script>5 < 6<br/>end"
        ),
        "A < B 5 < 6 end"
    );
    EXPECT_EQ(plain_text("<p unclosed"), "");
    EXPECT_EQ(excerpt("Stra\u00dfe", 5), "Stra...");
}

}  // namespace
}  // namespace syncline::woocommerce
