// The forms in which each way of keeping sales tax takes the shop's tax (accounting.md 4.6 - 4.9).
#include "books.hpp"
#include "quickbooks/encode/proof.hpp"

namespace syncline::quickbooks {
namespace {

// Rate 1 is 20 %, 2 is 5 %, 3 is 1.25 % on top of 2, 4 is 0 %.
std::vector<TaxLine> shop_rates() {
    return {
        {"1", "VAT", decimal("20"), false, money("0.00"), money("0.00")},
        {"2", "State", decimal("5"), false, money("0.00"), money("0.00")},
        {"3", "County", decimal("1.25"), true, money("0.00"), money("0.00")},
        {"4", "Zero", decimal("0"), false, money("0.00"), money("0.00")}};
}

Decimal tax_of(const std::vector<LineTax>& taxes) {
    Decimal sum;
    for (const auto& tax : taxes) {
        sum = *sum.plus(tax.amount);
    }
    return sum;
}

// Sums up the lines' taxes as the order's tax lines.
Order& taxed(Order& order) {
    order.tax_lines = shop_rates();
    const auto add = [&](std::vector<LineTax>& taxes, Money& total) {
        total = *Money::from_decimal(tax_of(taxes), order.currency);
        for (const auto& tax : taxes) {
            for (auto& rate : order.tax_lines) {
                rate.amount += rate.rate_id == tax.rate_id
                                   ? *Money::from_decimal(tax.amount, order.currency)
                                   : Money{0, order.currency};
            }
        }
    };
    for (auto& line : order.lines) {
        add(line.taxes, line.total_tax);
    }
    for (auto& line : order.shipping_lines) {
        add(line.taxes, line.total_tax);
    }
    for (auto& fee : order.fees) {
        add(fee.taxes, fee.total_tax);
    }
    return balanced(order);
}

// 100.00 at 20 %, 27.36 at 5 % and 1.25 % on top, 4.95 of shipping without tax.
Order two_kinds() {
    Order order = paid_order();
    order.lines[0].total = order.lines[0].subtotal = money("100.00");
    order.lines[0].taxes = {{"1", decimal("20.00")}};
    order.lines[1].taxes = {{"2", decimal("1.37")}, {"3", decimal("0.36")}};
    return taxed(order);
}

class TaxBooks : public Books {
public:
    explicit TaxBooks(TaxMode mode) {
        facts.tax_mode = mode;
        facts.country = mode == TaxMode::kNonUs ? "GB" : "US";
        facts.tax_codes = {
            {"4", "20.0% S", {{"9", decimal("20"), false}}},
            {"5", "State and county", {{"10", decimal("5"), false}, {"11", decimal("1.25"), true}}},
            {"6", "0.0% Z", {{"12", decimal("0"), false}}},
            {"7", "Exempt", {}},
            {"8",
             "All three",
             {{"9", decimal("20"), false},
              {"10", decimal("5"), false},
              {"11", decimal("1.25"), false}}}};
        settings["tax_code_mappings"] = {{"1", "20.0% S"}, {"2+3", "5"}, {"1+2+3", "All three"}};
        settings["zero_tax_code_id"] = "6";
    }
};

// "amount@code" of each line.
std::string lines_and_codes(const Json& body) {
    std::string text;
    for (const auto& line : body.at("Line")) {
        const std::string code = reference_at(child_at(line, "SalesItemLineDetail"), "TaxCodeRef");
        text += (text.empty() ? "" : " ") + text_at(line, "Amount") + "@" + code;
    }
    return text;
}

// "rate: amount of net" of each tax line.
std::string tax_lines(const Json& body) {
    std::string text;
    for (const auto& line : child_at(child_at(body, "TxnTaxDetail"), "TaxLine")) {
        const Json& detail = line.at("TaxLineDetail");
        text += (text.empty() ? "" : ", ") + reference_at(detail, "TaxRateRef") + ": " +
                text_at(line, "Amount") + " of " + text_at(detail, "NetAmountTaxable");
    }
    return text;
}

TEST(EncodeTax, OutsideTheUsEachLineHasItsCodeAndEachRateItsTax) {
    TaxBooks books(TaxMode::kNonUs);
    const Json body = books.body(two_kinds());
    EXPECT_EQ(body.at("GlobalTaxCalculation"), "TaxExcluded");
    EXPECT_EQ(lines_and_codes(body), "100@4 27.36@5 4.95@6");
    EXPECT_EQ(tax_lines(body), "9: 20 of 100, 10: 1.37 of 27.36, 11: 0.36 of 27.36, 12: 0 of 4.95");
    EXPECT_EQ(body.at("TxnTaxDetail").at("TotalTax"), "21.73");
    EXPECT_FALSE(body.at("Line").at(0).at("SalesItemLineDetail").contains("TaxInclusiveAmt"));
}

TEST(EncodeTax, ACodeWithoutARateNeedsNoTaxLine) {
    TaxBooks books(TaxMode::kNonUs);
    books.settings["zero_tax_code_id"] = "Exempt";
    const Json body = books.body(two_kinds());
    EXPECT_EQ(lines_and_codes(body), "100@4 27.36@5 4.95@7");
    EXPECT_EQ(tax_lines(body), "9: 20 of 100, 10: 1.37 of 27.36, 11: 0.36 of 27.36");
}

TEST(EncodeTax, PricesWithTaxAreShownWhereEachFitsItsCode) {
    TaxBooks books(TaxMode::kNonUs);
    Order order = two_kinds();
    order.prices_include_tax = true;
    const Json body = books.body(order);
    EXPECT_EQ(body.at("GlobalTaxCalculation"), "TaxInclusive");
    EXPECT_EQ(body.at("Line").at(0).at("SalesItemLineDetail").at("TaxInclusiveAmt"), "120");
    EXPECT_EQ(body.at("Line").at(1).at("SalesItemLineDetail").at("TaxInclusiveAmt"), "29.09");
    EXPECT_EQ(body.at("Line").at(2).at("SalesItemLineDetail").at("TaxInclusiveAmt"), "4.95");
    // A line whose tax is not what its rate makes of it: the same figures, without tax in the
    // lines.
    order.lines[0].taxes[0].amount = decimal("19.00");
    const Encoded apart = books.order(taxed(order));
    ASSERT_EQ(apart.documents.size(), 1u) << Books::why(apart);
    EXPECT_EQ(apart.documents[0].body.at("GlobalTaxCalculation"), "TaxExcluded");
    EXPECT_EQ(apart.documents[0].body.at("TxnTaxDetail").at("TotalTax"), "20.73");
    ASSERT_EQ(apart.warnings.size(), 1u);
    EXPECT_EQ(apart.warnings[0].code, "TAX_SHOWN_APART");
}

TEST(EncodeTax, KeptByHandADocumentHasOneCodeForAllItsRates) {
    TaxBooks books(TaxMode::kUsManual);
    const Json body = books.body(two_kinds());
    EXPECT_EQ(lines_and_codes(body), "100@TAX 27.36@TAX 4.95@NON");
    EXPECT_EQ(
        body.at("TxnTaxDetail"), (Json{{"TotalTax", "21.73"}, {"TxnTaxCodeRef", {{"value", "8"}}}})
    );
    EXPECT_FALSE(body.contains("GlobalTaxCalculation"));
    books.settings["tax_code_mappings"].erase("1+2+3");
    EXPECT_EQ(Books::hold_code(books.order(two_kinds())), "TAX_CODE_UNMAPPED");
}

TEST(EncodeTax, SwitchedOffItStandsOnALineOfTheItemThatTakesIt) {
    TaxBooks books(TaxMode::kOff);
    const Encoded held = books.order(two_kinds());
    EXPECT_EQ(Books::hold_code(held), "TAX_ITEM_MISSING");
    EXPECT_NE(held.hold->message.find("set sales_tax_item"), std::string::npos);
    books.settings["sales_tax_item"] = "id:77";
    const Encoded encoded = books.order(two_kinds());
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Json& body = encoded.documents[0].body;
    EXPECT_EQ(lines_and_codes(body), "100@ 27.36@ 21.73@ 4.95@");
    EXPECT_EQ(body.at("Line").at(2).at("SalesItemLineDetail").at("ItemRef").at("value"), "77");
    EXPECT_FALSE(body.contains("TxnTaxDetail"));
    EXPECT_EQ(encoded.documents[0].money->tax, money("0.00"));
    EXPECT_EQ(encoded.documents[0].money->total, two_kinds().total);
    // Nothing to keep: no line, no choice needed.
    books.settings.erase("sales_tax_item");
    Order untaxed = paid_order();
    untaxed.lines[0].total_tax = money("0.00");
    EXPECT_EQ(lines_and_codes(books.body(balanced(untaxed))), "40.64@ 27.36@ 4.95@");
}

TEST(EncodeTax, ARateIsFoundByItsPlaceAndPercentageOrByDefault) {
    TaxBooks books(TaxMode::kNonUs);
    books.settings["tax_code_mappings"] = {{"US:MN:20", "4"}, {"US::5+1.25", "5"}};
    EXPECT_EQ(lines_and_codes(books.body(two_kinds())), "100@4 27.36@5 4.95@6");
    books.settings["tax_code_mappings"] = {{"2", "5"}, {"3", "5"}};
    books.settings["default_tax_code_id"] = "4";
    EXPECT_EQ(lines_and_codes(books.body(two_kinds())), "100@4 27.36@5 4.95@6")
        << "rates that are mapped to one code each are levied under it together";
}

TEST(EncodeTax, WhatCannotBeRightIsHeldAndSaysTheWayOut) {
    struct Case {
        const char* code;
        const char* says;
        std::function<void(Order&, TaxBooks&)> spoil;
    };
    for (const auto& one : std::vector<Case>{
             {"TAX_CODE_UNMAPPED",
              "add '1' to tax_code_mappings",
              [](Order&, TaxBooks&books) { books.settings["tax_code_mappings"].erase("1"); }},
             {"TAX_CODE_UNMAPPED",
              "set zero_tax_code_id",
              [](Order&, TaxBooks&books) { books.settings.erase("zero_tax_code_id"); }},
             {"TAX_CODE_UNKNOWN",
              "no tax code '99'",
              [](Order&, TaxBooks&books) { books.settings["tax_code_mappings"]["1"] = "99"; }},
             {"TAX_RATE_DIFFERS",
              "20.001 % (rate 1)",
              [](Order&order, TaxBooks&) { order.tax_lines[0].percent = decimal("20.001"); }},
             {"TAX_RATE_DIFFERS",
              "another tax",
              [](Order&, TaxBooks&books) { books.settings["tax_code_mappings"]["1"] = "5"; }},
             {"TAX_RATE_DIFFERS",
              "1.25 % on tax",
              [](Order&order, TaxBooks&) { order.tax_lines[2].compound = false; }},
             {"TAX_RATE_DIFFERS",
              "0 %",
              [](Order&, TaxBooks&books) { books.settings["zero_tax_code_id"] = "4"; }},
             {"TAX_RATES_MISMATCH",
              "does not list",
              [](Order&order, TaxBooks&) { order.lines[0].taxes[0].rate_id = "8"; }},
             {"TAX_RATES_MISMATCH",
              "rates adds up to 16.73",
              [](Order&order, TaxBooks&) { order.tax_lines[0].amount = money("15.00"); }},
             {"TAX_WITHOUT_LINE",
              "under rate 4",
              [](Order&order, TaxBooks&) { order.tax_lines[3].amount = money("0.01"); }},
             {"TAX_EXCEEDS_LINES",
              "20.00 at 20 % is on lines of 19.99",
              [](Order&order, TaxBooks&) {
                  order.lines[0].total = order.lines[0].subtotal = money("19.99");
                  taxed(order);
              }},
         }) {
        TaxBooks books(TaxMode::kNonUs);
        Order order = two_kinds();
        one.spoil(order, books);
        const Encoded encoded = books.order(order);
        ASSERT_EQ(Books::hold_code(encoded), one.code) << one.says << Books::why(encoded);
        EXPECT_NE(encoded.hold->message.find(one.says), std::string::npos) << encoded.hold->message;
    }
}

TEST(EncodeTax, APercentageMayDifferByATenThousandth) {
    TaxBooks books(TaxMode::kNonUs);
    Order order = two_kinds();
    order.tax_lines[0].percent = decimal("20.0001");
    EXPECT_EQ(lines_and_codes(books.body(order)), "100@4 27.36@5 4.95@6");
    order.tax_lines[0].percent = decimal("20.0002");
    EXPECT_EQ(Books::hold_code(books.order(order)), "TAX_RATE_DIFFERS");
}

TEST(EncodeTax, ARebateOverSeveralKindsOfTaxBecomesOneLinePerCode) {
    TaxBooks books(TaxMode::kNonUs);
    Order order = paid_order();
    order.shipping_lines.clear();
    order.lines[0].total = order.lines[0].subtotal = money("60.00");
    order.lines[0].taxes = {{"1", decimal("12.00")}};
    order.lines[1].total = order.lines[1].subtotal = money("40.00");
    order.lines[1].taxes = {};
    // Ten off: six of them at 20 %.
    order.fees = {{"5", "Rebate", money("-10.00"), money("-1.20"), {{"1", decimal("-1.20")}}}};
    const Json body = books.body(taxed(order));
    EXPECT_EQ(lines_and_codes(body), "60@4 40@6 -6@4 -4@6");
    EXPECT_EQ(tax_lines(body), "9: 10.8 of 54, 12: 0 of 36");
}

TEST(EncodeTax, ACentBetweenTheRatesAndTheTotalGoesToTheLargestRate) {
    TaxBooks books(TaxMode::kNonUs);
    Order order = two_kinds();
    order.tax_total += money("0.01");
    order.total += money("0.01");
    EXPECT_EQ(
        tax_lines(books.body(order)),
        "9: 20.01 of 100, 10: 1.37 of 27.36, 11: 0.36 of 27.36, 12: 0 of 4.95"
    );
}

TEST(EncodeTax, SeveralKindsOfShippingStayLinesOfTheirOwn) {
    TaxBooks books(TaxMode::kNonUs);
    Order order = two_kinds();
    order.shipping_lines.push_back({"10", "express", "Express", money("5.00"), money("0.00"), {}});
    EXPECT_EQ(lines_and_codes(books.body(taxed(order))), "100@4 27.36@5 9.95@6");
    order.shipping_lines[1].taxes = {{"1", decimal("1.00")}};
    EXPECT_EQ(lines_and_codes(books.body(taxed(order))), "100@4 27.36@5 4.95@6 5@4");
}

TEST(EncodeTax, ADiscountThatWouldMoveBetweenCodesStaysInsideTheLines) {
    TaxBooks books(TaxMode::kNonUs);
    books.settings["discounts"] = "line";
    books.facts.discount_account_id = "86";
    Order order = two_kinds();
    order.prices_include_tax = true;
    order.lines[0].subtotal = money("110.00");
    order.lines[0].subtotal_tax = money("22.00");
    const Encoded moved = books.order(order);
    ASSERT_EQ(moved.warnings.size(), 1u) << Books::why(moved);
    EXPECT_EQ(moved.warnings[0].code, "DISCOUNT_NET");
    EXPECT_EQ(moved.documents.at(0).body.at("GlobalTaxCalculation"), "TaxInclusive");
    // Ten percent off each line are taken off each code alike; the tax is on what is left.
    order.lines[1].subtotal = money("30.10");
    order.lines[1].subtotal_tax = money("1.89");
    const Json body = books.body(order);
    EXPECT_EQ(lines_and_codes(body), "110@4 30.1@5 12.74@ 4.95@6");
    EXPECT_EQ(body.at("GlobalTaxCalculation"), "TaxExcluded");
    EXPECT_EQ(tax_lines(body), "9: 20 of 100, 10: 1.37 of 27.36, 11: 0.36 of 27.36, 12: 0 of 4.95");
}

TEST(Proof, FindsEachPartOfTheTaxThatIsAmiss) {
    TaxBooks books(TaxMode::kNonUs);
    Order order = two_kinds();
    order.prices_include_tax = true;
    const Json good = books.body(order);
    const EncodeContext context;
    const Scope scope{books.host.handle(), context, {}, books.facts, currency("USD")};
    ASSERT_EQ(disprove_tax(scope, good, order.tax_total), std::nullopt);
    const std::string detail = "/TxnTaxDetail/TaxLine/0/TaxLineDetail";
    for (const auto& [path, value] : std::vector<std::pair<std::string, Json>>{
             {"/GlobalTaxCalculation", ""},
             {"/TxnTaxDetail/TotalTax", "21.74"},
             {"/TxnTaxDetail/TaxLine", Json::array()},
             {"/TxnTaxDetail/TaxLine/0/Amount", "20.01"},
             {"/TxnTaxDetail/TaxLine/1/Amount", "27.37"},
             {detail + "/TaxPercent", "19"},
             {detail + "/NetAmountTaxable", "100.01"},
             {detail + "/TaxRateRef/value", "10"},
             {"/Line/0/SalesItemLineDetail/TaxCodeRef/value", "6"},
             {"/Line/0/SalesItemLineDetail/TaxCodeRef/value", "TAX"},
             {"/Line/0/SalesItemLineDetail/TaxInclusiveAmt", "120.01"},
             {"/Line/0/SalesItemLineDetail/TaxInclusiveAmt", Json()},
         }) {
        Json body = good;
        body[Json::json_pointer(path)] = value;
        EXPECT_TRUE(disprove_tax(scope, body, order.tax_total)) << path << value;
    }
}

}  // namespace
}  // namespace syncline::quickbooks
