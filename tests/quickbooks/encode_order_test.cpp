#include "books.hpp"

namespace syncline::quickbooks {
namespace {

TEST(EncodeOrder, APaidOrderBecomesASalesReceipt) {
    Books books;
    const Encoded encoded = books.order(paid_order());
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Document& document = encoded.documents.front();
    EXPECT_EQ(document.role, "sales_receipt");
    EXPECT_EQ(document.entity, "salesreceipt");
    EXPECT_EQ(document.natural_key, "woocommerce:shop:60");
    EXPECT_EQ(document.marker, "[syncline woocommerce:shop:60 v1]");
    ASSERT_TRUE(document.money);
    EXPECT_EQ(document.money->total, money("76.56"));
    EXPECT_EQ(document.money->tax, money("3.61"));
    const Json expected = parsed(R"json({
        "DocNumber": "WOO-60", "TxnDate": "2026-11-20",
        "CustomerRef": {"value": {"$need": "customer:ines@example.test"}},
        "DepositToAccountRef": {"value": "4"}, "PaymentRefNum": "ch_3Qtest0000",
        "PaymentMethodRef": {"value": "7"},
        "PrivateNote":
            "[syncline woocommerce:shop:60 v1]\nOrder 60, Credit card\nTransaction ch_3Qtest0000",
        "BillEmail": {"Address": "ines@example.test"},
        "BillAddr": {"Line1": "3 Main St", "Line2": "Apt 3", "City": "Duluth", "Country": "USA",
                     "CountrySubDivisionCode": "MN", "PostalCode": "55802"},
        "ShipAddr": {"Line1": "3 Main St", "Line2": "Apt 3", "City": "Duluth", "Country": "USA",
                     "CountrySubDivisionCode": "MN", "PostalCode": "55802"},
        "TxnTaxDetail": {"TotalTax": "3.61"},
        "Line": [
            {"Amount": "40.64", "Description": "Product 1", "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": {"$need": "product:SKU-1"}}, "Qty": "2",
                                     "UnitPrice": "20.32", "TaxCodeRef": {"value": "TAX"}}},
            {"Amount": "27.36", "Description": "Product 2", "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": {"$need": "product:SKU-2"}}, "Qty": "3",
                                     "UnitPrice": "9.12", "TaxCodeRef": {"value": "NON"}}},
            {"Amount": "4.95", "Description": "Flat rate", "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"},
                                     "TaxCodeRef": {"value": "NON"}}}]
    })json");
    EXPECT_EQ(document.body, expected) << Json::diff(expected, document.body).dump(1);
}

TEST(EncodeOrder, ItsNeedsCarryTheRecordsToMake) {
    Books books;
    const Encoded encoded = books.order(paid_order());
    ASSERT_EQ(encoded.needs.size(), 3u);
    EXPECT_EQ(encoded.needs[0].key, "product:SKU-1");
    EXPECT_EQ(encoded.needs[0].entity, "product");
    EXPECT_EQ(encoded.needs[0].source_id, "21");
    EXPECT_EQ(encoded.needs[0].record.at("sku"), "SKU-1");
    EXPECT_EQ(encoded.needs[2].key, "customer:ines@example.test");
    EXPECT_EQ(encoded.needs[2].natural_key, "ines@example.test");
    EXPECT_EQ(encoded.needs[2].source_id, "4");
    const auto customer = from_json<Customer>(encoded.needs[2].record);
    ASSERT_TRUE(customer);
    EXPECT_EQ(customer->last_name, "Okafor");
}

TEST(EncodeOrder, AnUnpaidOrderBecomesAnInvoiceDueByItsTerm) {
    Books books;
    books.settings["terms"] = {{"bacs", "Net 30"}};
    const Encoded encoded = books.order(unpaid_order());
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Document& document = encoded.documents.front();
    EXPECT_EQ(document.role, "invoice");
    EXPECT_EQ(document.entity, "invoice");
    EXPECT_EQ(document.body.at("TxnDate"), "2026-11-20");
    EXPECT_EQ(document.body.at("DueDate"), "2026-12-20");
    EXPECT_EQ(document.body.at("SalesTermRef").at("value"), "3");
    EXPECT_FALSE(document.body.contains("DepositToAccountRef"));
}

TEST(EncodeOrder, ATermTheCompanyLacksIsHeldOnlyWhereATermIsNeeded) {
    Books books;
    books.settings["terms"] = {{"*", "Net 45"}};
    const Encoded unpaid = books.order(unpaid_order());
    EXPECT_EQ(Books::hold_code(unpaid), "TERM_UNKNOWN");
    EXPECT_NE(unpaid.hold->message.find("Net 45"), std::string::npos);
    EXPECT_EQ(books.order(paid_order()).documents.size(), 1u);
}

// accounting.md 4.18: no date of payment, no payment.
TEST(EncodeOrder, WithoutADateOfPaymentItIsAnInvoiceAlone) {
    Books books;
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    Order order = paid_order();
    order.paid_at.reset();
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    EXPECT_EQ(encoded.documents[0].role, "invoice");
}

TEST(EncodeOrder, AGatewayMayAskForAnInvoiceAndItsPayment) {
    Books books;
    books.settings["document_choice"] = {{"stripe", "invoice_and_payment"}};
    books.settings["deposit_accounts"] = {{"stripe", "Stripe clearing"}};
    Order order = paid_order();
    order.transaction_id = "pi_3QabcdefghijklmnopqrstuvwX";
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.documents.size(), 2u) << Books::why(encoded);
    EXPECT_EQ(encoded.documents[0].role, "invoice");
    EXPECT_EQ(encoded.documents[0].body.at("DueDate"), "2026-11-20");
    EXPECT_FALSE(encoded.documents[0].body.contains("SalesTermRef"));
    const Document& payment = encoded.documents[1];
    EXPECT_EQ(payment.role, "payment");
    EXPECT_EQ(payment.money->total, money("76.56"));
    EXPECT_EQ(payment.money->tax, money("0.00"));
    const Json expected = parsed(R"json({
        "TotalAmt": "76.56", "TxnDate": "2026-11-20",
        "CustomerRef": {"value": {"$need": "customer:ines@example.test"}},
        "DepositToAccountRef": {"value": "35"}, "PaymentMethodRef": {"value": "7"},
        "PaymentRefNum": "pi_3Qabcdefghijklmnop",
        "PrivateNote": "[syncline woocommerce:shop:60 v1]\nOrder 60, Credit card\nTransaction pi_3QabcdefghijklmnopqrstuvwX",
        "Line": [{"Amount": "76.56",
                  "LinkedTxn": [{"TxnId": {"$need": "document:invoice"}, "TxnType": "Invoice"}]}]
    })json");
    EXPECT_EQ(payment.body, expected) << Json::diff(expected, payment.body).dump(1);
}

TEST(EncodeOrder, TheKindOfDocumentOnceChosenStays) {
    Books books;
    // Posted as an invoice while it was unpaid, then paid: the same invoice, and a payment.
    const Encoded unpaid = books.order(unpaid_order());
    Order paid = unpaid_order();
    paid.status = OrderStatus::kProcessing;
    paid.payment_status = PaymentStatus::kPaid;
    paid.paid_at = at("2026-11-25T15:00:00Z");
    const Encoded later = books.order(paid, {{"invoice", "invoice", "9120"}});
    ASSERT_EQ(later.documents.size(), 2u) << Books::why(later);
    EXPECT_EQ(later.documents[0].role, "invoice");
    EXPECT_EQ(later.documents[0].body, unpaid.documents[0].body) << "it needs no update";
    EXPECT_EQ(later.documents[1].body.at("TxnDate"), "2026-11-25");

    // Posted as a receipt; the tenant changes the choice afterwards.
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    const Encoded receipt = books.order(paid_order(), {{"sales_receipt", "salesreceipt", "9121"}});
    ASSERT_EQ(receipt.documents.size(), 1u);
    EXPECT_EQ(receipt.documents[0].role, "sales_receipt");
}

TEST(EncodeOrder, OrdersThatAreNoSaleAreSkipped) {
    Books books;
    for (const auto status :
         {OrderStatus::kCancelled,
          OrderStatus::kFailed,
          OrderStatus::kDraft,
          OrderStatus::kTrash}) {
        Order order = paid_order();
        order.status = status;
        const Encoded encoded = books.order(order);
        EXPECT_EQ(Books::skip_code(encoded), "NOT_POSTED_STATUS") << enum_name(status);
        EXPECT_TRUE(encoded.documents.empty());
        const Encoded posted = books.order(order, {{"invoice", "invoice", "9120"}});
        EXPECT_EQ(Books::hold_code(posted), "CANCELLED_AFTER_POSTING") << enum_name(status);
        EXPECT_NE(posted.hold->message.find("9120"), std::string::npos);
    }
}

TEST(EncodeOrder, AnOrderOfNothingIsSkippedUnlessItsStockMustMove) {
    Books books;
    Order order = unpaid_order();
    order.lines = {product_line("1", "0.00", "0.00", "1")};
    order.shipping_lines.clear();
    balanced(order);
    EXPECT_EQ(Books::skip_code(books.order(order)), "ZERO_TOTAL");
    const Encoded posted = books.order(order, {{"invoice", "invoice", "9120"}});
    EXPECT_EQ(Books::hold_code(posted), "ZERO_AFTER_POSTING");
    EXPECT_NE(posted.hold->message.find("9120"), std::string::npos);
    books.settings["post_zero_total"] = true;
    const Json body = books.body(order);
    EXPECT_EQ(body.at("Line").at(0).at("Amount"), "0");
    EXPECT_EQ(body.at("Line").at(0).at("SalesItemLineDetail").at("Qty"), "1");
}

TEST(EncodeOrder, TheShopsOwnStatusesAreHeldUntilTheTenantDecides) {
    Books books;
    Order order = paid_order();
    order.status = OrderStatus::kOther;
    order.source_status = "shipped";
    EXPECT_EQ(Books::hold_code(books.order(order)), "UNKNOWN_STATUS");
    books.settings["other_statuses"] = {{"shipped", "post"}, {"*", "skip"}};
    EXPECT_EQ(books.order(order).documents.size(), 1u);
    order.source_status = "quote";
    EXPECT_EQ(Books::skip_code(books.order(order)), "NOT_POSTED_STATUS");
}

TEST(EncodeOrder, WhatMustNotBePostedIsHeldWithTheRulesName) {
    struct Case {
        const char* code;
        std::function<void(Order&, Books&)> spoil;
    };
    const std::vector<Case> cases{
        {"FOREIGN_CURRENCY",
         [](Order& order, Books& books) {
             static_cast<void>(order);
             books.facts.home_currency = "EUR";
         }},
        {"CURRENCY_MIXED",
         [](Order& order, Books&) { order.lines[0].total = money("40.64", "EUR"); }},
        {"AMOUNT_PRECISION",
         [](Order& order, Books&) {
             order.issues = {{"AMOUNT_PRECISION", "/line_items/0/total", "1.005"}};
         }},
        {"NEGATIVE_TOTAL",
         [](Order& order, Books&) {
             order.fees = {{"5", "Store credit", money("-100.00"), money("0.00"), {}}};
             balanced(order);
         }},
        {"AMOUNT_MISMATCH", [](Order& order, Books&) { order.total += money("0.04"); }},
        {"NO_LINES",
         [](Order& order, Books& books) {
             order.lines.clear();
             order.shipping_lines.clear();
             balanced(order);
             books.settings["post_zero_total"] = true;
         }},
        {"QUANTITY_ZERO", [](Order& order, Books&) { order.lines[0].quantity = decimal("0"); }},
        {"DELETED_PRODUCT", [](Order& order, Books&) { order.lines[1].product_id = ""; }},
        {"DUPLICATE_SKU", [](Order& order, Books&) { order.lines[1].sku = order.lines[0].sku; }},
        {"SKU_TOO_LONG", [](Order& order, Books&) { order.lines[1].sku = std::string(101, 'x'); }},
        {"TAX_CODE_UNMAPPED", [](Order&, Books& books) { books.facts.tax_mode = TaxMode::kNonUs; }},
        {"TAX_RATES_MISMATCH",
         [](Order&, Books& books) { books.facts.tax_mode = TaxMode::kUsManual; }},
        {"TAX_ITEM_MISSING", [](Order&, Books& books) { books.facts.tax_mode = TaxMode::kOff; }},
        {"TAX_MODE_UNSUPPORTED",
         [](Order&, Books& books) { books.facts.tax_mode = TaxMode::kUnknown; }},
        {"TAX_MODE_UNSUPPORTED",
         [](Order&, Books& books) { books.facts.tax_mode = TaxMode::kUsAstNotSetUp; }},
        {"TAX_WITHOUT_LINE",
         [](Order& order, Books&) { order.lines[0].total_tax = money("0.00"); }},
        {"TAX_EXCEEDS_LINES",
         [](Order& order, Books&) {
             order.lines[0].total_tax = money("40.65");
             balanced(order);
         }},
        {"NEGATIVE_TAX",
         [](Order& order, Books&) {
             order.lines[0].total_tax = money("-0.50");
             balanced(order);
         }},
        {"CLOSED_PERIOD", [](Order&, Books& books) { books.facts.book_close_date = "2026-11-20"; }},
        {"TIME_ZONE_UNKNOWN", [](Order&, Books& books) { books.facts.time_zone = "Mars/Base"; }},
        {"TIME_ZONE_UNKNOWN", [](Order&, Books& books) { books.facts.time_zone = ""; }},
        {"ACCOUNT_UNKNOWN",
         [](Order&, Books& books) {
             books.settings["deposit_accounts"] = {{"*", "Bank"}};
         }},
        {"PAYMENT_METHOD_UNKNOWN",
         [](Order&, Books& books) {
             books.settings["payment_methods"] = {{"stripe", "Visa"}};
         }},
    };
    for (const auto& one : cases) {
        Books books;
        Order order = paid_order();
        one.spoil(order, books);
        const Encoded encoded = books.order(order);
        EXPECT_EQ(Books::hold_code(encoded), one.code) << Books::why(encoded);
        EXPECT_TRUE(encoded.documents.empty());
        EXPECT_FALSE(encoded.skip);
    }
}

TEST(EncodeOrder, ClosedBooksDoNotHoldWhatWasPostedBefore) {
    Books books;
    books.facts.book_close_date = "2026-11-30";
    EXPECT_EQ(Books::hold_code(books.order(unpaid_order())), "CLOSED_PERIOD");
    Order paid = unpaid_order();
    paid.payment_status = PaymentStatus::kPaid;
    paid.paid_at = at("2026-12-05T15:00:00Z");
    const Encoded encoded = books.order(paid, {{"invoice", "invoice", "9120"}});
    EXPECT_EQ(encoded.documents.size(), 2u) << Books::why(encoded);
    paid.paid_at = at("2026-11-29T15:00:00Z");
    EXPECT_EQ(
        Books::hold_code(books.order(paid, {{"invoice", "invoice", "9120"}})), "CLOSED_PERIOD"
    ) << "the payment itself falls into the closed books";
}

TEST(EncodeOrder, TheDateIsTheTenantsChoiceInTheCompanysZone) {
    Order order = paid_order();
    order.created_at = at("2026-11-20T23:00:00Z");
    order.paid_at = at("2026-11-22T05:59:59Z");       // 21st in Chicago
    order.completed_at = at("2026-11-24T06:00:00Z");  // 24th in Chicago
    for (const auto& [choice, date] :
         {std::pair{"paid", "2026-11-21"},
          {"completed", "2026-11-24"},
          {"created", "2026-11-20"}}) {
        Books books;
        books.settings["txn_date"] = choice;
        EXPECT_EQ(books.body(order).at("TxnDate"), date) << choice;
    }
    Books books;
    books.settings["time_zone"] = "UTC";
    EXPECT_EQ(books.body(order).at("TxnDate"), "2026-11-22");
}

TEST(EncodeOrder, TheNumberFitsAndStaysUnique) {
    Books books;
    Order order = paid_order();
    order.number = "12345678901234567";  // WOO- and 17 digits: exactly 21
    EXPECT_EQ(books.body(order).at("DocNumber"), "WOO-12345678901234567");
    order.number = "A-2026-11-00000000000000001";
    const std::string first = books.body(order).at("DocNumber");
    order.number = "B-2026-11-00000000000000001";
    const std::string second = books.body(order).at("DocNumber");
    EXPECT_EQ(first.size(), 21u);
    EXPECT_EQ(first.substr(0, 17), second.substr(0, 17));
    EXPECT_NE(first, second) << "the part that was cut off counts too";
    order.number = "60";
    books.settings["doc_number_format"] = "{number}/W";
    EXPECT_EQ(books.body(order).at("DocNumber"), "60/W");
    books.facts.custom_txn_numbers = false;
    EXPECT_FALSE(books.body(order).contains("DocNumber"));
}

TEST(EncodeOrder, ADeletedProductGoesToTheFallbackItemWithAWarning) {
    Books books;
    Order order = paid_order();
    order.lines[1].product_id = "";
    order.lines[1].sku = "";
    books.settings["fallback_item"] = "id:42";
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Json& line = encoded.documents[0].body.at("Line").at(1);
    EXPECT_EQ(line.at("SalesItemLineDetail").at("ItemRef").at("value"), "42");
    ASSERT_EQ(encoded.warnings.size(), 1u);
    EXPECT_EQ(encoded.warnings[0].code, "PRODUCT_FALLBACK");
    books.settings["fallback_item"] = "sku:MISC";
    const Encoded needed = books.order(order);
    EXPECT_EQ(needed.needs[1].key, "product:MISC");
    EXPECT_TRUE(needed.needs[1].record.is_null()) << "a named item is not made, but held for";
}

TEST(EncodeOrder, AGuestIsKnownByEmailAndWithoutOneIsWebSales) {
    Books books;
    Order order = paid_order();
    order.customer_id = "";
    EXPECT_EQ(books.order(order).needs.back().key, "customer:ines@example.test");
    EXPECT_EQ(books.order(order).needs.back().source_id, "");
    order.billing.email = " ";
    EXPECT_EQ(books.order(order).needs.back().key, "customer:name:Web sales");
    EXPECT_FALSE(books.body(order).contains("BillEmail"));
    order.billing.email = "Ines@Example.test";
    books.settings["customers"] = "guests_together";
    EXPECT_EQ(books.order(order).needs.back().key, "customer:name:Web sales");
    order.customer_id = "4";
    EXPECT_EQ(books.order(order).needs.back().key, "customer:ines@example.test");
    books.settings["customers"] = "all_together";
    EXPECT_EQ(books.order(order).needs.back().key, "customer:name:Web sales");
}

TEST(EncodeOrder, TheBuyersNoteIsCleanedAndCut) {
    Books books;
    Order order = paid_order();
    order.customer_note = "Leave <b>at</b> the\x01 door &amp; ring\r\n3 < 4";
    EXPECT_EQ(books.body(order).at("CustomerMemo").at("value"), "Leave at the door & ring\n3 < 4");
    order.customer_note = std::string(1001, 'x');
    const Encoded encoded = books.order(order);
    EXPECT_EQ(encoded.documents[0].body.at("CustomerMemo").at("value"), std::string(1000, 'x'));
    ASSERT_EQ(encoded.warnings.size(), 1u);
    EXPECT_EQ(encoded.warnings[0].code, "TEXT_CUT");
}

TEST(EncodeOrder, TheShippingAddressIsTheBillingAddressWhenThereIsNone) {
    Books books;
    Order order = paid_order();
    order.shipping.line1 = "9 Dock Rd";
    order.shipping.country = "CA";
    const Json body = books.body(order);
    EXPECT_EQ(body.at("ShipAddr"), parsed(R"({"Line1": "9 Dock Rd", "Country": "CAN"})"));
    EXPECT_EQ(body.at("BillAddr").at("Line1"), "3 Main St");
}

TEST(EncodeOrder, ACurrencyIsNamedOnlyWhereTheCompanyHasSeveral) {
    Books books;
    EXPECT_FALSE(books.body(paid_order()).contains("CurrencyRef"));
    books.facts.multi_currency = true;
    EXPECT_EQ(books.body(paid_order()).at("CurrencyRef").at("value"), "USD");
}

TEST(EncodeOrder, OneUnreadableRecordStopsNoOther) {
    Books books;
    EncodeRequest request = books.request("order");
    request.records = {parsed(R"({"id": "1", "lines": 7})"), to_json(paid_order())};
    const auto encoded = books.connector().encode(books.call.call(), request);
    ASSERT_TRUE(encoded);
    EXPECT_EQ(Books::hold_code((*encoded)[0]), "RECORD_UNREADABLE");
    EXPECT_NE((*encoded)[0].hold->message.find("/lines"), std::string::npos);
    EXPECT_EQ((*encoded)[1].documents.size(), 1u);
}

TEST(EncodeOrder, WithoutFactsNothingIsEncoded) {
    Books books;
    EncodeRequest request = books.request("order");
    request.context.facts = Json::object();
    request.records = {to_json(paid_order())};
    const auto encoded = books.connector().encode(books.call.call(), request);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().code, ErrorCode::kConfig);
    request.context.entity = "payment";
    request.context.facts = to_json(books.facts);
    const auto payments = books.connector().encode(books.call.call(), request);
    ASSERT_FALSE(payments);
    EXPECT_EQ(payments.error().code, ErrorCode::kUnsupported);
}

TEST(EncodeOrder, MakesNoRequest) {
    Books books;
    books.order(paid_order());
    books.order(unpaid_order());
    EXPECT_TRUE(books.host.requests.empty());
}

}  // namespace
}  // namespace syncline::quickbooks
