#include "books.hpp"
#include "quickbooks/encode/proof.hpp"

namespace syncline::quickbooks {
namespace {

// A company whose discounts are lines of their own, booked on account 86.
struct DiscountBooks : Books {
    DiscountBooks() {
        settings["discounts"] = "line";
        facts.discount_account_id = "86";
        facts.accounts.push_back({"87", "Promotions", "Income", "DiscountsRefundsGiven", "USD"});
    }
};

// "45 TAX + 27.36 NON - 4.36 (86)"
std::string shown(const Json& lines) {
    std::string text;
    for (const auto& line : lines) {
        const bool discount = text_at(line, "DetailType") == "DiscountLineDetail";
        text += discount ? " - " : (text.empty() ? "" : " + ");
        text += text_at(line, "Amount") + " ";
        text += discount
                    ? "(" + reference_at(line.at("DiscountLineDetail"), "DiscountAccountRef") + ")"
                    : reference_at(line.at("SalesItemLineDetail"), "TaxCodeRef");
    }
    return text;
}

std::string warnings_of(const Encoded& encoded) {
    std::string codes;
    for (const auto& warning : encoded.warnings) {
        codes += warning.code;
    }
    return codes;
}

// The order's line `at` cost that much before coupons.
void before_coupons(Order& order, std::size_t at, const char* subtotal, const char* tax) {
    order.lines[at].subtotal = money(subtotal);
    order.lines[at].subtotal_tax = money(tax);
    order.discounts = {{"SPRING", money("4.36"), money("0.39")}};
}

// Without a coupon: 40.64 TAX + 27.36 NON + 4.95 NON, and 3.61 of tax.
using Spoil = std::function<void(Order&, Books&)>;

TEST(Discount, OneLineTakesOffWhatTheCouponsTook) {
    struct Case {
        const char* name;
        Spoil change;
        const char* lines;
    };
    const Spoil coupon = [](Order& order, Books&) { before_coupons(order, 0, "45.00", "4.00"); };
    for (const auto& one : {
             Case{
                 "no coupon, no discount line",
                 [](Order&, Books&) {},
                 "40.64 TAX + 27.36 NON + 4.95 NON"},
             Case{"one line", coupon, "45 TAX + 27.36 NON - 4.36 (86) + 4.95 NON"},
             Case{
                 "several lines",
                 [&](Order&order, Books&books) {
                     coupon(order, books);
                     before_coupons(order, 1, "30.00", "0.00");
                 },
                 "45 TAX + 30 NON - 7 (86) + 4.95 NON"},
             Case{
                 "shipping as an item counts among the lines",
                 [&](Order&order, Books&books) {
                     coupon(order, books);
                     books.facts.allow_shipping = false;
                 },
                 "45 TAX + 27.36 NON + 4.95 NON - 4.36 (86)"},
             Case{
                 "an account of the tenant's choice",
                 [&](Order&order, Books&books) {
                     coupon(order, books);
                     books.settings["discount_account"] = "promotions";
                 },
                 "45 TAX + 27.36 NON - 4.36 (87) + 4.95 NON"},
             Case{
                 "a taxed line that was given away stays taxed, as its discount is",
                 [](Order&order, Books&) {
                     before_coupons(order, 1, "27.36", "2.43");
                     order.lines[1].total = money("0.00");
                     balanced(order);
                 },
                 "40.64 TAX + 27.36 TAX - 27.36 (86) + 4.95 NON"},
             Case{
                 "an untaxed line that was given away stays untaxed",
                 [](Order&order, Books&) {
                     before_coupons(order, 1, "27.36", "0.00");
                     order.lines[1].total = money("0.00");
                     balanced(order);
                 },
                 "40.64 TAX + 27.36 NON - 27.36 (86) + 4.95 NON"},
             Case{
                 "no tax at all",
                 [](Order&order, Books&) {
                     before_coupons(order, 0, "45.00", "4.00");
                     order.lines[0].total_tax = money("0.00");
                     balanced(order);
                 },
                 "45 NON + 27.36 NON - 4.36 (86) + 4.95 NON"},
             Case{
                 "rounding is of the net amounts",
                 [&](Order&order, Books&books) {
                     coupon(order, books);
                     order.total += money("0.02");
                 },
                 "45 TAX + 27.36 NON + 0.02 NON - 4.36 (86) + 4.95 NON"},
             Case{
                 "a line of no pieces is left out, and so is its discount",
                 [&](Order&order, Books&books) {
                     coupon(order, books);
                     order.lines.push_back(product_line("3", "0.00", "0.00", "0"));
                     before_coupons(order, 2, "5.00", "0.00");
                 },
                 "45 TAX + 27.36 NON - 4.36 (86) + 4.95 NON"},
         }) {
        DiscountBooks books;
        Order order = paid_order();
        one.change(order, books);
        const Encoded encoded = books.order(order);
        ASSERT_EQ(encoded.documents.size(), 1u) << one.name << Books::why(encoded);
        const Json& body = encoded.documents[0].body;
        EXPECT_EQ(shown(body.at("Line")), one.lines) << one.name;
        EXPECT_EQ(sum_of(body), order.total.decimal()) << one.name;
        EXPECT_EQ(body.at("TxnTaxDetail").at("TotalTax"), plain(order.tax_total.decimal()));
        EXPECT_EQ(warnings_of(encoded), "") << one.name;
    }
}

TEST(Discount, TheLineIsAFixedAmountAndTheTaxComesAfterIt) {
    DiscountBooks books;
    Order order = paid_order();
    before_coupons(order, 0, "45.00", "4.00");
    const Json body = books.body(order);
    EXPECT_EQ(body.at("Line").at(2), parsed(R"({
        "Amount": "4.36", "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": false, "DiscountAccountRef": {"value": "86"}}
    })"));
    EXPECT_EQ(body.at("ApplyTaxAfterDiscount"), true);
    EXPECT_EQ(body.at("Line").at(0).at("Description"), "Product 1 (coupon SPRING)");
    EXPECT_EQ(body.at("Line").at(0).at("SalesItemLineDetail").at("UnitPrice"), "22.5");
    EXPECT_FALSE(books.body(paid_order()).contains("ApplyTaxAfterDiscount"));
}

TEST(Discount, AnInvoiceAndItsPaymentAreOfTheSameTotal) {
    DiscountBooks books;
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    Order order = paid_order();
    before_coupons(order, 0, "45.00", "4.00");
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.documents.size(), 2u) << Books::why(encoded);
    EXPECT_EQ(sum_of(encoded.documents[0].body), decimal("76.56"));
    EXPECT_EQ(encoded.documents[0].money->total, money("76.56"));
    EXPECT_EQ(encoded.documents[1].body.at("TotalAmt"), "76.56");
}

TEST(Discount, WhatQuickBooksCannotShowStaysNetAndIsSaid) {
    struct Case {
        const char* lines;
        const char* says;
        Spoil change;
    };
    for (const auto& one : {
             Case{
                 "40.64 TAX + 27.36 NON + 4.95 NON",
                 "switched off",
                 [](Order&order, Books&books) {
                     before_coupons(order, 0, "45.00", "4.00");
                     books.facts.allow_discount = false;
                     books.facts.discount_account_id = "";
                 }},
             Case{
                 "40.64 TAX + 27.36 NON + 4.95 NON",
                 "cost less before",
                 [](Order&order, Books&) { before_coupons(order, 0, "40.00", "3.50"); }},
             Case{
                 "0 NON + -30 NON + 35 NON",
                 "more than the 10.64",
                 [](Order&order, Books&) {
                     before_coupons(order, 0, "40.64", "0.00");
                     order.lines[0].total = order.lines[0].total_tax = money("0.00");
                     order.lines.pop_back();
                     order.fees = {{"1", "Store credit", money("-30.00"), money("0.00"), {}}};
                     order.shipping_lines[0].total = money("35.00");
                     balanced(order);
                 }},
             // 1,000 of 1,040.64 come off: of the taxed 40.64 it would leave 1.59.
             Case{
                 "40.64 TAX + 0 NON + 4.95 NON",
                 "tax of 3.61",
                 [](Order&order, Books&) {
                     before_coupons(order, 1, "1000.00", "0.00");
                     order.lines[1].total = money("0.00");
                     balanced(order);
                 }},
         }) {
        DiscountBooks books;
        Order order = paid_order();
        one.change(order, books);
        const Encoded encoded = books.order(order);
        ASSERT_EQ(encoded.documents.size(), 1u) << one.says << Books::why(encoded);
        const Json& body = encoded.documents[0].body;
        EXPECT_EQ(shown(body.at("Line")), one.lines) << one.says;
        EXPECT_EQ(sum_of(body), order.total.decimal()) << one.says;
        EXPECT_EQ(warnings_of(encoded), "DISCOUNT_NET") << one.says;
        EXPECT_NE(encoded.warnings.at(0).message.find(one.says), std::string::npos)
            << encoded.warnings.at(0).message;
    }
}

TEST(Discount, WithoutTheChoiceTheLinesAreNet) {
    Books books;
    Order order = paid_order();
    before_coupons(order, 0, "45.00", "4.00");
    const Encoded encoded = books.order(order);
    EXPECT_EQ(shown(encoded.documents.at(0).body.at("Line")), "40.64 TAX + 27.36 NON + 4.95 NON");
    EXPECT_EQ(warnings_of(encoded), "");
}

TEST(Discount, WithoutAnAccountItIsHeldWithTheWayOut) {
    Order order = paid_order();
    before_coupons(order, 0, "45.00", "4.00");
    DiscountBooks none;
    none.facts.discount_account_id = "";
    const Encoded held = none.order(order);
    EXPECT_EQ(Books::hold_code(held), "DISCOUNT_ACCOUNT_UNKNOWN") << Books::why(held);
    EXPECT_NE(held.hold->message.find("set discount_account"), std::string::npos);
    EXPECT_EQ(none.order(paid_order()).documents.size(), 1u) << "nothing to book";
    DiscountBooks unknown;
    unknown.settings["discount_account"] = "Coupons";
    const Encoded wrong = unknown.order(order);
    EXPECT_EQ(Books::hold_code(wrong), "DISCOUNT_ACCOUNT_UNKNOWN") << Books::why(wrong);
    EXPECT_NE(wrong.hold->message.find("'Coupons'; change discount_account"), std::string::npos);
}

TEST(Discount, SubtotalsInAnotherCurrencyAreHeld) {
    DiscountBooks books;
    Order order = paid_order();
    order.lines[0].subtotal = money("45.00", "EUR");
    EXPECT_EQ(Books::hold_code(books.order(order)), "CURRENCY_MIXED");
}

TEST(Discount, TheProofFindsEveryCentThatIsAmiss) {
    DiscountBooks books;
    Order order = paid_order();
    before_coupons(order, 0, "45.00", "4.00");
    const Encoded encoded = books.order(order);
    const Document& document = encoded.documents.at(0);
    EXPECT_FALSE(disprove_sale(document.body, *document.money));
    const Json discount = document.body.at("Line").at(2);
    Json net = document.body.at("Line").at(0);
    net["Amount"] = "40.64";
    net["SalesItemLineDetail"]["UnitPrice"] = "20.32";
    const std::vector<std::pair<const char*, Json>> spoilt{
        {"/Line/0", net},
        {"/Line/2/Amount", "4.35"},
        {"/Line/2/Amount", "-4.36"},
        {"/Line/2/Amount", "0"},
        {"/Line/2/DetailType", "SalesItemLineDetail"},
        {"/Line/2/DiscountLineDetail/PercentBased", true},
        {"/Line/2/DiscountLineDetail/DiscountPercent", "5"},
        {"/Line/2/DiscountLineDetail/DiscountAccountRef/value", ""},
        {"/Line/2/DiscountLineDetail", Json::object()},
        {"/Line/4", discount},
        {"/TxnTaxDetail/TotalTax", "4"},
    };
    for (const auto& [path, value] : spoilt) {
        Json body = document.body;
        body[Json::json_pointer(path)] = value;
        EXPECT_TRUE(disprove_sale(body, *document.money)) << path << dump_json(value);
    }
    // Two that add up to the right sum are still one too many.
    Json two = document.body;
    two["Line"][2]["Amount"] = "4";
    two["Line"].push_back(two["Line"][2]);
    two["Line"][4]["Amount"] = "0.36";
    EXPECT_TRUE(disprove_sale(two, *document.money));
}

}  // namespace
}  // namespace syncline::quickbooks
