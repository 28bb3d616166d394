#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

Json priced(
    Books& books, const std::string& value, const std::string& qty, const std::string& price
) {
    Json line = books.line(value, "NON");
    if (!qty.empty())
        line["SalesItemLineDetail"]["Qty"] = amount(qty);
    if (!price.empty())
        line["SalesItemLineDetail"]["UnitPrice"] = amount(price);
    return line;
}

Json discount(const Json& detail, const std::string& value = "") {
    Json line{{"DetailType", "DiscountLineDetail"}, {"DiscountLineDetail", detail}};
    if (!value.empty())
        line["Amount"] = amount(value);
    return line;
}

Json shipping(const std::string& value) {
    return {
        {"Amount", amount(value)},
        {"DetailType", "SalesItemLineDetail"},
        {"SalesItemLineDetail", {{"ItemRef", {{"value", "SHIPPING_ITEM_ID"}}}}}};
}

TEST(SandboxSale, RefusesAnAmountThatIsNotQtyTimesPrice) {
    Books books;
    const std::vector<std::array<std::string, 4>> cases{
        {"49", "2", "24.5", ""},
        {"49.01", "2", "24.5", "6070"},
        {"48.99", "2", "24.5", "6070"},
        {"10", "3", "3.3333333", ""},
        {"10", "3", "3.33", "6070"},
        {"10", "", "10", ""},
        {"10", "", "9.99", "6070"},
        {"10", "3", "", ""},
        {"10", "", "", ""},
        {"0", "0", "5", ""},
        {"-5", "1", "-5", "6000"},  // the total would be negative
        {"0.01", "1", "0.005", ""},
        {"10", "1", "10.00000001", "2090"},
        {"10.005", "1", "10.005", "2090"},
    };
    for (const auto& [value, qty, price, fault] : cases)
        EXPECT_EQ(
            books.post("/invoice", books.document({priced(books, value, qty, price)})).fault(),
            fault
        ) << value
          << " = " << qty << " x " << price;
}

TEST(SandboxSale, NamesTheSuppliedAmountInTheFault) {
    Books books;
    const Answer answer =
        books.post("/invoice", books.document({priced(books, "49.01", "2", "24.5")}));
    EXPECT_NE(answer.detail().find("UnitPrice * Qty. Supplied value:49.01"), std::string::npos);
}

TEST(SandboxSale, ComputesThePriceFromAmountAndQuantity) {
    Books books;
    const Json invoice = books.made("/invoice", books.document({priced(books, "10", "3", "")}));
    EXPECT_EQ(invoice["Line"][0]["SalesItemLineDetail"]["UnitPrice"], amount("3.3333333"));
}

TEST(SandboxSale, NeedsLinesWithAmountItemAndDetail) {
    Books books;
    Json no_lines = books.document(Json::array());
    EXPECT_EQ(books.post("/invoice", no_lines).element(), "Line");
    Json no_amount = books.line("1", "NON");
    no_amount.erase("Amount");
    EXPECT_EQ(books.post("/invoice", books.document({no_amount})).element(), "Line.Amount");
    Json no_item = books.line("1", "NON");
    no_item["SalesItemLineDetail"].erase("ItemRef");
    EXPECT_EQ(books.post("/invoice", books.document({no_item})).element(), "ItemRef");
    Json no_detail = books.line("1", "NON");
    no_detail.erase("SalesItemLineDetail");
    EXPECT_EQ(books.post("/invoice", books.document({no_detail})).fault(), "2020");
    Json other_type = books.line("1", "NON");
    other_type["DetailType"] = "GroupLineDetail";
    EXPECT_EQ(books.post("/invoice", books.document({other_type})).fault(), "2170");
}

TEST(SandboxSale, RefusesAmountsInQuotesAndUnknownMembers) {
    Books books;
    Json quoted = books.line("1", "NON");
    quoted["Amount"] = "1.00";
    EXPECT_EQ(books.post("/invoice", books.document({quoted})).faults().substr(0, 4), "2010");
    Json unknown = books.line("1", "NON");
    unknown["SalesItemLineDetail"]["DiscountRate"] = 10;
    EXPECT_EQ(books.post("/invoice", books.document({unknown})).fault(), "2010");
    Json document = books.document({books.line("1", "NON")});
    document["CustomerMemoo"] = "x";
    EXPECT_EQ(books.post("/invoice", document).element(), "CustomerMemoo");
}

TEST(SandboxSale, ReportsSeveralErrorsAtOnce) {
    Books books;
    Json document = books.document({books.line("1", "NON")});
    document["DocNumber"] = std::string(22, '9');
    document["CustomerRef"]["value"] = "999";
    document["TxnDate"] = "2026-02-30";
    const Answer answer = books.post("/invoice", document);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.faults(), "2050 2070 2500");
}

TEST(SandboxSale, HasOneShippingLineWithoutQuantity) {
    Books books;
    const Json line = books.line("10", "NON");
    const Json invoice = books.made("/invoice", books.document({line, shipping("5")}));
    EXPECT_EQ(invoice["TotalAmt"], 15);
    EXPECT_EQ(invoice["Line"][1]["DetailType"], "SubTotalLineDetail");
    EXPECT_EQ(invoice["Line"][1]["Amount"], 10);
    EXPECT_EQ(
        books.post("/invoice", books.document({line, shipping("5"), shipping("2")})).fault(), "6000"
    );
    Json counted = shipping("5");
    counted["SalesItemLineDetail"]["Qty"] = 1;
    EXPECT_EQ(books.post("/invoice", books.document({line, counted})).fault(), "6000");
}

TEST(SandboxSale, HasOneDiscountLineUpToTheSubtotal) {
    Books books;
    const Json line = books.line("10", "NON");
    const Json fixed{{"PercentBased", false}};
    const auto post = [&](const Json& lines) {
        return books.post("/invoice", books.document(lines));
    };
    EXPECT_EQ(post({line, discount(fixed, "4")}).body["Invoice"]["TotalAmt"], 6);
    EXPECT_EQ(post({line, discount(fixed, "10")}).body["Invoice"]["TotalAmt"], 0);
    EXPECT_EQ(post({line, discount(fixed, "10.01")}).fault(), "6000");
    EXPECT_EQ(post({line, discount(fixed, "-4")}).fault(), "6000");
    EXPECT_EQ(post({line, discount(fixed, "1"), discount(fixed, "1")}).fault(), "6000");
    EXPECT_EQ(post({line, discount(fixed)}).fault(), "6090");
    const Json percent{{"PercentBased", true}, {"DiscountPercent", amount("12.5")}};
    EXPECT_EQ(post({line, discount(percent)}).body["Invoice"]["TotalAmt"], amount("8.75"));
    EXPECT_EQ(post({line, discount(percent, "1.25")}).body["Invoice"]["TotalAmt"], amount("8.75"));
    EXPECT_EQ(post({line, discount(percent, "2")}).fault(), "6070");
    EXPECT_EQ(post({line, discount(percent, "0")}).fault(), "6070");
    // Shipping cannot be discounted away.
    EXPECT_EQ(post({line, shipping("5"), discount(fixed, "12")}).fault(), "6000");
}

TEST(SandboxSale, TakesTheDiscountOffTheSubtotalOfItsLines) {
    Books books;
    Json taxed = books.document(
        {books.line("49", "TAX"),
         books.line("15", "NON"),
         discount({{"PercentBased", false}, {"DiscountAccountRef", {{"value", "79"}}}}, "6.4"),
         shipping("7.95")}
    );
    taxed["TxnTaxDetail"] = {{"TotalTax", amount("3.21")}};
    taxed["TotalAmt"] = 1;  // what the caller thinks it comes to
    for (const char* path : {"/invoice", "/salesreceipt"}) {
        const Json made = books.made(path, taxed);
        EXPECT_EQ(made["TotalAmt"], amount("68.76")) << path;
        EXPECT_EQ(made["TxnTaxDetail"]["TotalTax"], amount("3.21")) << path;
        ASSERT_EQ(made["Line"].size(), 5u) << path;
        EXPECT_EQ(made["Line"][2]["DetailType"], "SubTotalLineDetail");
        EXPECT_EQ(made["Line"][2]["Amount"], 64);
        EXPECT_EQ(made["Line"][3]["Amount"], amount("6.4"));
        EXPECT_EQ(made["Line"][3]["DiscountLineDetail"]["DiscountAccountRef"]["value"], "79");
        EXPECT_EQ(made["Line"][4]["Amount"], amount("7.95"));
    }
    const Json fixed = discount({{"PercentBased", false}}, "5");
    const Json own = books.made("/salesreceipt", books.document({books.line("10", "NON"), fixed}));
    EXPECT_EQ(own["Line"][2]["DiscountLineDetail"]["DiscountAccountRef"]["value"], "86");
}

TEST(SandboxSale, HonoursThePreferencesForShippingAndDiscounts) {
    Books books;
    books.control(
        "preferences", {{"SalesFormsPrefs", {{"AllowShipping", false}, {"AllowDiscount", false}}}}
    );
    const Json line = books.line("10", "NON");
    const Answer shipped = books.post("/invoice", books.document({line, shipping("5")}));
    EXPECT_EQ(shipped.fault(), "6000");
    EXPECT_NE(shipped.detail().find("AllowShipping"), std::string::npos);
    const Answer discounted =
        books.post("/invoice", books.document({line, discount({{"PercentBased", false}}, "1")}));
    EXPECT_EQ(discounted.fault(), "6000");
    EXPECT_NE(discounted.detail().find("AllowDiscount"), std::string::npos);
}

TEST(SandboxSale, NumbersDocumentsByThePreference) {
    Books books;
    Json document = books.document({books.line("1", "NON")});
    EXPECT_FALSE(books.made("/invoice", document).contains("DocNumber"));
    document["DocNumber"] = "AUTO_GENERATE";
    EXPECT_EQ(books.made("/invoice", document)["DocNumber"], "1001");
    EXPECT_EQ(books.made("/creditmemo", document)["DocNumber"], "AUTO_GENERATE");
    books.control("preferences", {{"SalesFormsPrefs", {{"CustomTxnNumbers", false}}}});
    document["DocNumber"] = "WOO-1";
    EXPECT_EQ(books.made("/invoice", document)["DocNumber"], "1002");
}

TEST(SandboxSale, NumbersAreUniqueOverFourKindsOfDocuments) {
    Books books;
    Json document = books.document({books.line("1", "NON")});
    document["DocNumber"] = "WOO-48213";
    document["DepositToAccountRef"] = {{"value", "35"}};
    Json invoice = document;
    invoice.erase("DepositToAccountRef");
    const std::string id = books.made("/invoice", invoice)["Id"];
    for (const char* path : {"/salesreceipt", "/creditmemo", "/refundreceipt"}) {
        const Answer answer = books.post(path, document);
        EXPECT_EQ(answer.fault(), "6140") << path;
        const std::string end = "is assigned to TxnType=Invoice with TxnId=" + id;
        EXPECT_EQ(answer.detail().substr(answer.detail().size() - end.size()), end);
    }
    EXPECT_EQ(books.post("/invoice?include=allowduplicatedocnum", invoice).fault(), "6140");
    EXPECT_EQ(books.post("/estimate", invoice).status, 200);
    books.control("options", {{"warn_duplicate_numbers", false}});
    EXPECT_EQ(books.post("/salesreceipt", document).status, 200);
}

TEST(SandboxSale, AVoidedDocumentKeepsItsNumberADeletedOneFreesIt) {
    Books books;
    Json document = books.document({books.line("1", "NON")});
    document["DocNumber"] = "A-1";
    const Json voided = books.made("/invoice", document);
    books.made("/invoice?operation=void", {{"Id", voided["Id"]}, {"SyncToken", "0"}});
    EXPECT_EQ(books.post("/invoice", document).fault(), "6140");
    books.made("/invoice?operation=delete", {{"Id", voided["Id"]}, {"SyncToken", "1"}});
    EXPECT_EQ(books.post("/invoice", document).status, 200);
}

TEST(SandboxSale, RefusesClosedPeriods) {
    Books books;
    Json document = books.document({books.line("1", "NON")});
    document["TxnDate"] = "2026-03-31";
    const Json open = books.made("/invoice", document);
    books.control("close-books", {{"date", "2026-03-31"}});
    EXPECT_EQ(books.post("/invoice", document).fault(), "6210");
    const Json change{
        {"Id", open["Id"]}, {"SyncToken", "0"}, {"sparse", true}, {"TxnDate", "2026-04-02"}};
    EXPECT_EQ(books.post("/invoice", change).fault(), "6210");
    EXPECT_EQ(books.post("/invoice?operation=delete", change).fault(), "6210");
    EXPECT_EQ(books.post("/invoice?operation=void", change).fault(), "6210");
    document["TxnDate"] = "2026-04-01";
    const Json later = books.made("/invoice", document);
    const Json back{
        {"Id", later["Id"]}, {"SyncToken", "0"}, {"sparse", true}, {"TxnDate", "2026-03-01"}};
    EXPECT_EQ(books.post("/invoice", back).fault(), "6210");
}

TEST(SandboxSale, FillsWhatTheCallerLeavesOut) {
    Books books;
    const Json customer = books.made(
        "/customer",
        {{"DisplayName", "Ann"},
         {"SalesTermRef", {{"value", "2"}}},
         {"BillAddr", {{"Line1", "1 A St"}, {"Country", "US"}}}}
    );
    Json document = books.document({books.line("1", "NON")});
    document["CustomerRef"]["value"] = customer["Id"];
    document["TxnDate"] = "2026-02-20";
    const Json invoice = books.made("/invoice", document);
    EXPECT_EQ(invoice["SalesTermRef"]["value"], "2");
    EXPECT_EQ(invoice["DueDate"], "2026-03-07");
    EXPECT_EQ(invoice["BillAddr"]["Country"], "USA");
    EXPECT_EQ(invoice["CurrencyRef"]["value"], "USD");
    const Json receipt = books.made("/salesreceipt", document);
    EXPECT_EQ(receipt["DepositToAccountRef"]["name"], "Undeposited Funds");
    EXPECT_EQ(receipt["Balance"], 0);
    Json anonymous = document;
    anonymous.erase("CustomerRef");
    EXPECT_EQ(books.post("/salesreceipt", anonymous).status, 200);
    EXPECT_EQ(books.post("/invoice", anonymous).element(), "CustomerRef");
    EXPECT_EQ(books.post("/refundreceipt", document).element(), "DepositToAccountRef");
}

TEST(SandboxSale, ChecksReferences) {
    Books books;
    Json document = books.document({books.line("1", "NON")});
    Json unknown_item = document;
    unknown_item["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] = "77";
    EXPECT_EQ(books.post("/invoice", unknown_item).fault(), "2500");
    Json unknown_account = document;
    unknown_account["DepositToAccountRef"] = {{"value", "999"}};
    const Answer answer = books.post("/salesreceipt", unknown_account);
    EXPECT_EQ(answer.body["Fault"], sample("fault_2500_invalid_ref")["Fault"]);
    const Json item = books.read("/item/" + books.item());
    books.made(
        "/item", {{"Id", item["Id"]}, {"SyncToken", "0"}, {"sparse", true}, {"Active", false}}
    );
    EXPECT_EQ(
        books.post("/invoice", document).body["Fault"], sample("fault_610_not_found")["Fault"]
    );
    Json numeric = document;
    numeric["CustomerRef"]["value"] = 181;
    EXPECT_EQ(books.post("/invoice", numeric).faults().substr(0, 4), "2010");
}

TEST(SandboxSale, LimitsTextsAsPublished) {
    Books books;
    const auto with = [&](const char* name, const Json& value) {
        Json document = books.document({books.line("1", "NON")});
        document[name] = value;
        return books.post("/salesreceipt", document);
    };
    EXPECT_EQ(with("DocNumber", std::string(21, 'x')).status, 200);
    const Answer too_long = with("DocNumber", std::string(24, 'x'));
    EXPECT_EQ(too_long.body["Fault"], sample("fault_2050_length")["Fault"]);
    EXPECT_EQ(with("PrivateNote", std::string(4000, 'x')).status, 200);
    EXPECT_EQ(with("PrivateNote", std::string(4001, 'x')).element(), "PrivateNote");
    std::string umlauts;
    for (int i = 0; i < 21; ++i) umlauts += "\xc3\xa4";
    EXPECT_EQ(with("PaymentRefNum", umlauts).status, 200);  // characters count, not bytes
    EXPECT_EQ(with("PaymentRefNum", std::string(22, 'x')).fault(), "2050");
    EXPECT_EQ(
        with("CustomerMemo", {{"value", std::string(1001, 'x')}}).element(), "CustomerMemo.value"
    );
    EXPECT_EQ(
        with("BillAddr", {{"PostalCode", std::string(31, 'x')}}).element(), "BillAddr.PostalCode"
    );
    EXPECT_EQ(with("BillAddr", {{"Street", "x"}}).fault(), "2010");
    EXPECT_EQ(with("BillEmail", {{"Address", "no at sign"}}).fault(), "2210");
    EXPECT_EQ(with("PrivateNote", "line\nbreak").status, 200);
    EXPECT_EQ(with("TrackingNum", "line\nbreak").fault(), "2040");
    EXPECT_EQ(with("PrivateNote", std::string("a\x01z")).fault(), "2040");
    EXPECT_EQ(with("EmailStatus", "Sent").fault(), "2170");
    Json document = books.document({books.line("1", "NON")});
    document["Line"][0]["Description"] = std::string(4001, 'x');
    EXPECT_EQ(books.post("/invoice", document).element(), "Line.Description");
}

TEST(SandboxSale, KeepsLegacyCustomFieldsInUse) {
    Books books;
    const auto with = [&](const Json& field) {
        Json document = books.document({books.line("1", "NON")});
        document["CustomField"] = Json::array({field});
        return books.post("/invoice", document);
    };
    const Answer kept = with({{"DefinitionId", "1"}, {"StringValue", "48213"}});
    EXPECT_EQ(kept.body["Invoice"]["CustomField"][0]["Name"], "Web order");
    EXPECT_EQ(with({{"StringValue", "48213"}}).body["Invoice"]["CustomField"].size(), 0u);
    EXPECT_EQ(with({{"DefinitionId", "2"}, {"StringValue", "x"}}).fault(), "3000");
    EXPECT_EQ(with({{"DefinitionId", "1"}, {"StringValue", std::string(32, 'x')}}).fault(), "2050");
}

TEST(SandboxSale, MovesStockByQuantityAndByOneWithoutOne) {
    Books books;
    const std::string mug = books.made(
        "/item",
        {{"Name", "Mug"},
         {"Type", "Inventory"},
         {"TrackQtyOnHand", true},
         {"QtyOnHand", 100},
         {"InvStartDate", "2026-01-01"},
         {"IncomeAccountRef", {{"value", "79"}}},
         {"ExpenseAccountRef", {{"value", "80"}}},
         {"AssetAccountRef", {{"value", "81"}}}}
    )["Id"];
    const auto left = [&] { return books.read("/item/" + mug)["QtyOnHand"]; };
    Json document = books.document({priced(books, "10", "2", "5")});
    document["TxnDate"] = "2026-02-01";
    document["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] = mug;
    const Json invoice = books.made("/invoice", document);
    EXPECT_EQ(left(), 98);
    Json uncounted = document;
    uncounted["Line"][0]["SalesItemLineDetail"].erase("Qty");
    uncounted["Line"][0]["SalesItemLineDetail"].erase("UnitPrice");
    books.made("/salesreceipt", uncounted);
    EXPECT_EQ(left(), 97);
    books.made("/creditmemo", document);
    EXPECT_EQ(left(), 99);
    books.made("/estimate", document);
    EXPECT_EQ(left(), 99);
    books.made("/invoice?operation=void", {{"Id", invoice["Id"]}, {"SyncToken", "0"}});
    EXPECT_EQ(left(), 101);
    document["TxnDate"] = "2025-12-31";
    EXPECT_EQ(books.post("/invoice", document).fault(), "6270");
}

TEST(SandboxCurrency, FollowsTheCustomer) {
    Books books("non_us");
    const std::string buyer = books.made(
        "/customer", {{"DisplayName", "Jo (EUR)"}, {"CurrencyRef", {{"value", "EUR"}}}}
    )["Id"];
    Json document = books.document({books.line("100", "4")});
    document["GlobalTaxCalculation"] = "TaxExcluded";
    document["CustomerRef"]["value"] = buyer;
    document["ExchangeRate"] = amount("0.8612");
    const Json invoice = books.made("/invoice", document);
    EXPECT_EQ(invoice["CurrencyRef"]["name"], "Euro");
    EXPECT_EQ(invoice["HomeTotalAmt"], amount("103.34"));
    document["CurrencyRef"] = {{"value", "GBP"}};
    document.erase("ExchangeRate");
    EXPECT_EQ(books.post("/invoice", document).fault(), "6000");
    const Json change{
        {"Id", buyer}, {"SyncToken", "0"}, {"sparse", true}, {"CurrencyRef", {{"value", "GBP"}}}};
    EXPECT_EQ(books.post("/customer", change).fault(), "6000");
}

TEST(SandboxCurrency, DepositAccountIsInTheHomeOrTheDocumentsCurrency) {
    Books books("non_us");
    const auto account = [&](const char* name, const char* currency) {
        return books.made(
            "/account",
            {{"Name", name}, {"AccountType", "Bank"}, {"CurrencyRef", {{"value", currency}}}}
        )["Id"];
    };
    Json document = books.document({books.line("100", "4")});
    document["GlobalTaxCalculation"] = "TaxExcluded";
    document["DepositToAccountRef"] = {{"value", account("Dollars", "USD")}};
    EXPECT_EQ(books.post("/salesreceipt", document).fault(), "6000");
    document["DepositToAccountRef"] = {{"value", account("Pounds", "GBP")}};
    EXPECT_EQ(books.post("/salesreceipt", document).status, 200);
}

TEST(SandboxCurrency, IsRefusedWhereThereIsOnlyOne) {
    Books books;
    EXPECT_EQ(
        books.post(
                 "/customer", {{"DisplayName", "E"}, {"CurrencyRef", {{"value", "EUR"}}}}
        ).fault(),
        "6000"
    );
    Json document = books.document({books.line("1", "NON")});
    document["CurrencyRef"] = {{"value", "USD"}};
    EXPECT_EQ(books.post("/invoice", document).status, 200);
    document["CurrencyRef"] = {{"value", "EUR"}};
    EXPECT_NE(books.post("/invoice", document).status, 200);
}

}  // namespace
}  // namespace sandbox::quickbooks::test
