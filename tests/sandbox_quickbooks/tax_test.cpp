#include "sandbox_quickbooks/support/books.hpp"

// What the books make of lines and rates, by hand calculated beforehand.
namespace sandbox::quickbooks::test {
namespace {

Json shipping(const std::string& value, const std::string& code) {
    Json detail{{"ItemRef", {{"value", "SHIPPING_ITEM_ID"}}}};
    if (!code.empty())
        detail["TaxCodeRef"] = {{"value", code}};
    return {
        {"Amount", amount(value)},
        {"DetailType", "SalesItemLineDetail"},
        {"SalesItemLineDetail", std::move(detail)}};
}

Json discount(const std::string& value) {
    return {
        {"Amount", amount(value)},
        {"DetailType", "DiscountLineDetail"},
        {"DiscountLineDetail", {{"PercentBased", false}}}};
}

Json gross(Json line, const std::string& value) {
    line["SalesItemLineDetail"]["TaxInclusiveAmt"] = amount(value);
    return line;
}

Json ship_to(Json document, const std::string& state) {
    document["ShipAddr"] = {{"CountrySubDivisionCode", state}, {"Country", "USA"}};
    return document;
}

Json total_tax(Json document, const std::string& value) {
    document["TxnTaxDetail"]["TotalTax"] = amount(value);
    return document;
}

Json calculated(Json document, const std::string& calculation) {
    document["GlobalTaxCalculation"] = calculation;
    return document;
}

Json tax_line(const std::string& rate, const std::string& value) {
    return {
        {"Amount", amount(value)},
        {"DetailType", "TaxLineDetail"},
        {"TaxLineDetail", {{"TaxRateRef", {{"value", rate}}}}}};
}

void expect_figures(const Json& invoice, const std::string& total, const std::string& tax) {
    EXPECT_EQ(invoice["TotalAmt"], amount(total)) << invoice.dump(1);
    EXPECT_EQ(invoice["Balance"], amount(total));
    EXPECT_EQ(invoice["TxnTaxDetail"]["TotalTax"], amount(tax)) << invoice.dump(1);
}

TEST(SandboxUsTax, IsComputedByTheStateOfTheShippingAddress) {
    Books books;
    const Json lines = Json::array({books.line("64", "TAX"), books.line("10", "NON")});
    const std::vector<std::array<std::string, 3>> cases{
        {"MN", "79.28", "5.28"},
        {"NY", "79.68", "5.68"},  // 2.56 + 3.12: each rate is rounded for itself
        {"OR", "74", "0"},
        {"MT", "74", "0"}  // nothing collected there
    };
    for (const auto& [state, total, tax] : cases)
        expect_figures(books.made("/invoice", ship_to(books.document(lines), state)), total, tax);
}

TEST(SandboxUsTax, UsesTheCompanysAddressWithoutAShippingAddress) {
    Books books;
    const Json invoice = books.made("/invoice", books.document({books.line("64", "TAX")}));
    expect_figures(invoice, "69.28", "5.28");
    EXPECT_FALSE(invoice["TxnTaxDetail"]["TxnTaxCodeRef"]["value"].get<std::string>().empty());
}

TEST(SandboxUsTax, IsZeroForAShippingAddressAbroadAndForExemptCustomers) {
    Books books;
    Json abroad = books.document({books.line("64", "TAX")});
    abroad["ShipAddr"] = {{"CountrySubDivisionCode", "MN"}, {"Country", "CAN"}};
    expect_figures(books.made("/invoice", abroad), "64", "0");
    const Json exempt = books.made("/customer", {{"DisplayName", "A School"}, {"Taxable", false}});
    Json document = books.document({books.line("64", "TAX")});
    document["CustomerRef"]["value"] = exempt["Id"];
    expect_figures(books.made("/invoice", document), "64", "0");
}

TEST(SandboxUsTax, CountsALineWithoutCodeByItsItem) {
    Books books;
    expect_figures(books.made("/invoice", books.document({books.line("100")})), "108.25", "8.25");
}

TEST(SandboxUsTax, IsLeviedAfterTheDiscountAndOnTaxedShipping) {
    Books books;
    const Json lines = Json::array(
        {books.line("49", "TAX"), books.line("15", "TAX"), discount("6.4"), shipping("7.95", "NON")}
    );
    expect_figures(books.made("/invoice", books.document(lines)), "70.3", "4.75");
    Json taxed = lines;
    taxed[3] = shipping("7.95", "TAX");
    expect_figures(books.made("/invoice", books.document(taxed)), "70.96", "5.41");
    Json before = books.document(lines);
    before["ApplyTaxAfterDiscount"] = false;
    expect_figures(books.made("/invoice", before), "70.83", "5.28");
}

TEST(SandboxUsTax, SpreadsADiscountOverTaxedAndUntaxedLines) {
    Books books;
    // 10 off 100, of which 60 are taxed: 54 remain, 4.455 -> 4.46 tax.
    const Json lines =
        Json::array({books.line("60", "TAX"), books.line("40", "NON"), discount("10")});
    expect_figures(books.made("/invoice", books.document(lines)), "94.46", "4.46");
}

TEST(SandboxUsTax, HonoursAGivenTotal) {
    Books books;
    const Json document = total_tax(books.document({books.line("64", "TAX")}), "4.75");
    const Json invoice = books.made("/invoice", document);
    expect_figures(invoice, "68.75", "4.75");
    EXPECT_EQ(invoice["TxnTaxDetail"]["TaxLine"][0]["Amount"], amount("4.75"));
}

TEST(SandboxUsTax, SpreadsAGivenTotalOverTheRates) {
    Books books;
    const Json document = ship_to(total_tax(books.document({books.line("100", "TAX")}), "9"), "NY");
    const Json lines = books.made("/invoice", document)["TxnTaxDetail"]["TaxLine"];
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0]["Amount"], amount("4.06"));
    EXPECT_EQ(lines[1]["Amount"], amount("4.94"));
}

TEST(SandboxUsTax, DoesNotHonourATotalWhenNoLineIsTaxed) {
    Books books;
    const Json document = total_tax(books.document({books.line("64", "NON")}), "4.75");
    expect_figures(books.made("/invoice", document), "64", "0");
}

TEST(SandboxUsTax, RefusesATotalThatCannotBe) {
    Books books;
    const Json document = books.document({books.line("64", "TAX")});
    EXPECT_EQ(books.post("/invoice", total_tax(document, "64.01")).fault(), "6000");
    EXPECT_EQ(books.post("/invoice", total_tax(document, "-0.01")).fault(), "6000");
    EXPECT_EQ(books.post("/invoice", total_tax(document, "64")).status, 200);
}

TEST(SandboxUsTax, TakesOnlyTaxAndNonOnLines) {
    Books books;
    const Answer answer = books.post("/invoice", books.document({books.line("64", "3")}));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.fault(), "6100");
}

TEST(SandboxUsTax, ManualModeNeedsACodeForATotal) {
    Books books("us_manual");
    const std::string code =
        books.control("tax-codes", {{"name", "Duluth"}, {"rates", {"6.875", "1.5"}}})["id"];
    Json document = total_tax(books.document({books.line("64", "TAX")}), "4.75");
    EXPECT_EQ(books.post("/invoice", document).fault(), "6000");
    document["TxnTaxDetail"]["TxnTaxCodeRef"] = {{"value", code}};
    expect_figures(books.made("/invoice", document), "68.75", "4.75");
    document["TxnTaxDetail"].erase("TotalTax");
    expect_figures(books.made("/invoice", document), "69.36", "5.36");  // 4.40 + 0.96
    document["TxnTaxDetail"]["TxnTaxCodeRef"] = {{"value", "999"}};
    EXPECT_EQ(books.post("/invoice", document).fault(), "2500");
    document.erase("TxnTaxDetail");
    expect_figures(books.made("/invoice", document), "64", "0");
}

TEST(SandboxTaxOff, LosesTheTaxOfADocumentWithoutAWord) {
    Books books("tax_off");
    const Json invoice =
        books.made("/invoice", total_tax(books.document({books.line("64", "TAX")}), "4.75"));
    EXPECT_EQ(invoice["TotalAmt"], 64);
    EXPECT_FALSE(invoice.contains("TxnTaxDetail"));
}

// Accounting rule 4.4 (a): 29 lines of 1.59 and two of 11 x 1.59 at 12 %.
TEST(SandboxVat, IsComputedOnTheSumNotPerLine) {
    Books books("non_us");
    Json lines = Json::array();
    for (int i = 0; i < 29; ++i) lines.push_back(books.line("1.59", "11"));
    for (int i = 0; i < 2; ++i) {
        Json line = books.line("17.49", "11");
        line["SalesItemLineDetail"]["Qty"] = 11;
        line["SalesItemLineDetail"]["UnitPrice"] = amount("1.59");
        lines.push_back(std::move(line));
    }
    const Json document = calculated(books.document(lines), "TaxExcluded");
    expect_figures(books.made("/invoice", document), "90.82", "9.73");
    // A shop that rounds per line says 9.71 and gets it with an override.
    const std::string rate = books.made(
        "/invoice", document
    )["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["TaxRateRef"]["value"];
    Json per_line = total_tax(document, "9.71");
    per_line["TxnTaxDetail"]["TaxLine"] = Json::array({tax_line(rate, "9.71")});
    expect_figures(books.made("/invoice", per_line), "90.8", "9.71");
}

// Accounting rule 4.4 (b): 14.90 with 10 % in it is 13.55 + 1.35; computed from the net it
// is 14.91.
TEST(SandboxVat, KeepsTheGrossOfInclusivePrices) {
    Books books("non_us");
    const Json lines = Json::array({books.line("13.55", "10")});
    expect_figures(
        books.made("/invoice", calculated(books.document(lines), "TaxExcluded")), "14.91", "1.36"
    );
    const Json inclusive = Json::array({gross(books.line("13.55", "10"), "14.90")});
    const Json invoice =
        books.made("/invoice", calculated(books.document(inclusive), "TaxInclusive"));
    expect_figures(invoice, "14.9", "1.35");
    EXPECT_EQ(invoice["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"], amount("14.9"));
}

TEST(SandboxVat, RefusesAGrossThatIsNotTheNetWithTax) {
    Books books("non_us");
    for (const char* wrong : {"14.88", "14.93", "13.55"}) {
        const Json lines = Json::array({gross(books.line("13.55", "10"), wrong)});
        const Json document = calculated(books.document(lines), "TaxInclusive");
        EXPECT_EQ(books.post("/invoice", document).fault(), "6000") << wrong;
    }
}

TEST(SandboxVat, MakesOneTaxLinePerRate) {
    Books books("non_us");
    const Json lines = Json::array(
        {books.line("100", "4"), books.line("50", "5"), books.line("10", "4"), books.line("7", "6")}
    );
    const Json invoice = books.made("/invoice", calculated(books.document(lines), "TaxExcluded"));
    expect_figures(invoice, "191.5", "24.5");
    const Json& tax = invoice["TxnTaxDetail"]["TaxLine"];
    ASSERT_EQ(tax.size(), 3u);
    EXPECT_EQ(tax[0]["Amount"], 22);
    EXPECT_EQ(tax[0]["TaxLineDetail"]["NetAmountTaxable"], 110);
    EXPECT_EQ(tax[1]["Amount"], amount("2.5"));
    EXPECT_EQ(tax[2]["Amount"], 0);
}

TEST(SandboxVat, SpreadsADiscountOverTheCodes) {
    Books books("non_us");
    // 10 off 100 at 20 % and 50 at 5 %: 6.67 and 3.33 less.
    const Json lines = Json::array({books.line("100", "4"), books.line("50", "5"), discount("10")});
    const Json invoice = books.made("/invoice", calculated(books.document(lines), "TaxExcluded"));
    expect_figures(invoice, "161", "21");  // 18.67 + 2.33
}

TEST(SandboxVat, NeedsACalculationAndACodeOnEveryLine) {
    Books books("non_us");
    const Answer no_calculation = books.post("/invoice", books.document({books.line("100", "4")}));
    EXPECT_EQ(no_calculation.fault(), "2020");
    EXPECT_EQ(no_calculation.element(), "GlobalTaxCalculation");
    const Answer no_code =
        books.post("/invoice", calculated(books.document({books.line("100")}), "TaxExcluded"));
    EXPECT_EQ(no_code.fault(), "6000");
    EXPECT_EQ(no_code.detail(), sample("fault_6000_tax_required")["Fault"]["Error"][0]["Detail"]);
    const Json shipped = Json::array({books.line("100", "4"), shipping("5", "")});
    EXPECT_EQ(
        books.post("/invoice", calculated(books.document(shipped), "TaxExcluded")).fault(), "6000"
    );
    const Json us_code = Json::array({books.line("100", "TAX")});
    EXPECT_EQ(
        books.post("/invoice", calculated(books.document(us_code), "TaxExcluded")).fault(), "2500"
    );
}

TEST(SandboxVat, IgnoresATotalAlone) {
    Books books("non_us");
    const Json document = calculated(books.document({books.line("100", "4")}), "TaxExcluded");
    expect_figures(books.made("/invoice", total_tax(document, "19")), "120", "20");
}

TEST(SandboxVat, AnOverrideNamesEveryRateAndAddsUp) {
    Books books("non_us");
    const Json lines = Json::array({books.line("100", "4"), books.line("50", "5")});
    Json document = calculated(books.document(lines), "TaxExcluded");
    const Json made = books.made("/invoice", document)["TxnTaxDetail"]["TaxLine"];
    const std::string standard = made[0]["TaxLineDetail"]["TaxRateRef"]["value"];
    const std::string reduced = made[1]["TaxLineDetail"]["TaxRateRef"]["value"];
    const auto with = [&](const Json& tax_lines, const std::string& total) {
        Json overridden = total_tax(document, total);
        overridden["TxnTaxDetail"]["TaxLine"] = tax_lines;
        return books.post("/invoice", overridden);
    };
    const Json both = Json::array({tax_line(standard, "19.99"), tax_line(reduced, "2.51")});
    EXPECT_EQ(with(both, "22.5").body["Invoice"]["TotalAmt"], amount("172.5"));
    EXPECT_EQ(with(both, "22.51").fault(), "6000");  // not the sum
    EXPECT_EQ(with(Json::array({tax_line(standard, "22.5")}), "22.5").fault(), "6000");
    Json twice = both;
    twice[1] = tax_line(standard, "2.51");
    EXPECT_NE(with(twice, "22.5").status, 200);
    Json stranger = both;
    stranger.push_back(tax_line("16", "0"));
    EXPECT_EQ(with(stranger, "22.5").fault(), "6000");
    Json wrong_percent = both;
    wrong_percent[0]["TaxLineDetail"]["TaxPercent"] = amount("0.2");
    EXPECT_EQ(with(wrong_percent, "22.5").fault(), "6000");
    Json wrong_net = both;
    wrong_net[0]["TaxLineDetail"]["NetAmountTaxable"] = 150;
    EXPECT_EQ(with(wrong_net, "22.5").fault(), "6000");
    Json too_much = both;
    too_much[0] = tax_line(standard, "100.01");
    EXPECT_EQ(with(too_much, "102.52").fault(), "6000");
}

TEST(SandboxVat, CanBeNotApplicable) {
    Books books("non_us");
    const Json document = calculated(books.document({books.line("100")}), "NotApplicable");
    const Json invoice = books.made("/invoice", document);
    EXPECT_EQ(invoice["TotalAmt"], 100);
    EXPECT_FALSE(invoice.contains("TxnTaxDetail"));
    EXPECT_EQ(books.post("/invoice", total_tax(document, "20")).fault(), "6170");
}

TEST(SandboxVat, SplitsACodeOfTwoRates) {
    Books books("non_us");
    const std::string code =
        books.control("tax-codes", {{"name", "GST+PST"}, {"rates", {5, 7}}})["id"];
    const Json net = calculated(books.document({books.line("10.1", code)}), "TaxExcluded");
    expect_figures(books.made("/invoice", net), "11.32", "1.22");  // 0.51 + 0.71
    const Json lines = Json::array({gross(books.line("10.1", code), "11.31")});
    expect_figures(
        books.made("/invoice", calculated(books.document(lines), "TaxInclusive")), "11.31", "1.21"
    );
}

}  // namespace
}  // namespace sandbox::quickbooks::test
