#include "quickbooks/encode/refund.hpp"
#include "refunds.hpp"

namespace syncline::quickbooks {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

const Need* need_of_entity(const Encoded& one, std::string_view entity) {
    const auto found = std::find_if(one.needs.begin(), one.needs.end(), [&](const Need& need) {
        return need.entity == entity;
    });
    return found == one.needs.end() ? nullptr : &*found;
}

TEST(EncodeRefund, MoneyThatWentBackIsARefundReceipt) {
    Books books;
    books.settings["deposit_accounts"] = {{"stripe", "Stripe clearing"}};
    const Encoded one = encoded(books, piece_of(paid_order()));
    ASSERT_EQ(one.documents.size(), 1u) << Books::why(one);
    const Document& document = one.documents.front();
    EXPECT_EQ(document.role, "refund");
    EXPECT_EQ(document.entity, "refundreceipt");
    EXPECT_EQ(document.operation, DocumentOperation::kUpsert);
    EXPECT_EQ(document.natural_key, "woocommerce:shop:60:refund:115");
    EXPECT_EQ(document.marker, "[syncline woocommerce:shop:60:refund:115 v1]");
    EXPECT_EQ(document.money->total, money("22.12"));
    EXPECT_EQ(document.money->tax, money("1.80"));

    const Json& body = document.body;
    EXPECT_EQ(body.at("TxnDate"), "2026-11-24") << "the refund's own day, in the company's zone";
    EXPECT_EQ(body.at("DocNumber"), "WOO-60-R115");
    EXPECT_EQ(body.at("DepositToAccountRef").at("value"), "35");
    EXPECT_EQ(body.at("CustomerMemo").at("value"), "arrived broken");
    EXPECT_EQ(text_at(body, "PrivateNote").rfind(document.marker + "\nOrder 60", 0), 0u);
    EXPECT_FALSE(body.contains("PaymentRefNum")) << "that is the number of the sale's payment";
    EXPECT_FALSE(body.contains("DueDate"));
    EXPECT_EQ(sum_of(body), decimal("22.12"));
    const Json& line = body.at("Line").at(0);
    EXPECT_EQ(line.at("Amount"), "20.32");
    EXPECT_EQ(line.at("SalesItemLineDetail").at("Qty"), "1");
    EXPECT_EQ(line.at("SalesItemLineDetail").at("TaxCodeRef").at("value"), "TAX");
}

TEST(EncodeRefund, ItWaitsForItsOrdersDocument) {
    Books books;
    const Encoded one = encoded(books, piece_of(paid_order()));
    const Need* order = need_of_entity(one, "order");
    ASSERT_NE(order, nullptr) << Books::why(one);
    EXPECT_EQ(order->source_id, "60");
    EXPECT_TRUE(order->record.is_null()) << "it cannot be made from a refund";
    EXPECT_EQ(one.documents[0].body.at("$order"), Json({{"$need", order->key}}));
    // The buyer and the goods are those of the order, found under the same keys.
    const Encoded sale = books.order(paid_order());
    ASSERT_NE(need_of_entity(one, "customer"), nullptr);
    EXPECT_EQ(need_of_entity(one, "customer")->key, need_of_entity(sale, "customer")->key);
    EXPECT_EQ(need_of_entity(one, "product")->key, need_of_entity(sale, "product")->key);
}

TEST(EncodeRefund, TheAmountWinsOverTheLines) {
    Books books;
    struct Case {
        const char* amount;
        Lines lines;
    };
    for (const auto& one :
         {Case{"22.12", {{"20.32", "Product 1"}}},
          Case{"25.00", {{"20.32", "Product 1"}, {"2.88", "Refund adjustment"}}},
          Case{"22.13", {{"20.32", "Product 1"}, {"0.01", "Refund adjustment"}}},
          Case{"15.00", {{"20.32", "Product 1"}, {"-7.12", "Refund adjustment"}}}}) {
        Refund refund = piece_of(paid_order());
        refund.amount = money(one.amount);
        const Json body = refund_body(books, refund);
        EXPECT_EQ(lines_of_body(body), one.lines);
        EXPECT_EQ(sum_of(body), decimal(one.amount));
        EXPECT_EQ(tax_of(body), "1.8");
    }
}

TEST(EncodeRefund, AnAmountAloneIsOneLineWithoutTax) {
    Books books;
    books.settings["fee_items"] = {{"Refund", "id:77"}};
    const Json body = refund_body(books, refund_of(paid_order(), "115", "76.56"));
    EXPECT_EQ(lines_of_body(body), (Lines{{"76.56", "Refund"}}));
    const Json& detail = body.at("Line").at(0).at("SalesItemLineDetail");
    EXPECT_EQ(detail.at("ItemRef").at("value"), "77");
    EXPECT_EQ(detail.at("TaxCodeRef").at("value"), "NON");
    EXPECT_EQ(tax_of(body), "0") << "the shop took no tax back";
}

TEST(EncodeRefund, ShippingAndFeesGoBackToo) {
    Books books;
    Refund refund = refund_of(paid_order(), "115", "8.45");
    refund.shipping_lines = {{"9", "flat_rate", "Flat rate", money("4.95"), money("0.40"), {}}};
    FeeLine fee;
    fee.name = "Gift wrap";
    fee.total = money("3.00");
    fee.total_tax = money("0.10");
    refund.fees = {fee};
    const Json body = refund_body(books, refund);
    EXPECT_EQ(lines_of_body(body), (Lines{{"3", "Gift wrap"}, {"4.95", "Flat rate"}}));
    EXPECT_EQ(tax_of(body), "0.5");
    EXPECT_EQ(sum_of(body), decimal("8.45"));

    refund = refund_of(paid_order(), "116", "4.95");
    refund.shipping_lines = {{"9", "flat_rate", "Flat rate", money("4.95"), money("0.00"), {}}};
    EXPECT_EQ(lines_of_body(refund_body(books, refund)), (Lines{{"4.95", "Flat rate"}}));
}

TEST(EncodeRefund, MoneyForALineWithoutGoodsMovesNoStock) {
    Books books;
    Refund refund = refund_of(paid_order(), "115", "5.44");
    refund.lines = {product_line("1", "5.00", "0.44", "0")};
    const Encoded one = encoded(books, refund);
    ASSERT_EQ(one.documents.size(), 1u) << Books::why(one);
    EXPECT_EQ(lines_of_body(one.documents[0].body), (Lines{{"5", "Product 1"}}));
    EXPECT_EQ(tax_of(one.documents[0].body), "0.44");
    ASSERT_NE(need_of_entity(one, "product"), nullptr);
    EXPECT_EQ(need_of_entity(one, "product")->natural_key, "name:Web store fee");
}

TEST(EncodeRefund, SeveralOfAnOrderAreEachTheirOwnDocument) {
    Books books;
    Order order = paid_order();
    const Refund first = piece_of(order, "99");
    order.refunds = first.order->refunds;
    const Refund second = refund_of(order, "115", "54.44");  // the rest, to the cent
    EXPECT_EQ(refund_body(books, first).at("DocNumber"), "WOO-60-R99");
    EXPECT_EQ(sum_of(refund_body(books, second)), decimal("54.44"));

    // One cent more is too much; the one before it is not to blame.
    Refund excess = refund_of(order, "115", "54.45");
    const Encoded held = encoded(books, excess);
    ASSERT_EQ(Books::hold_code(held), "REFUNDS_EXCEED_ORDER");
    EXPECT_NE(held.hold->message.find("76.57"), std::string::npos) << held.hold->message;
    Refund earlier = first;
    earlier.order = excess.order;
    EXPECT_EQ(encoded(books, earlier).documents.size(), 1u);
}

TEST(EncodeRefund, OfAnUnpaidOrderItIsACreditThatPaysForTheInvoice) {
    Books books;
    const Encoded one = encoded(books, piece_of(unpaid_order()));
    ASSERT_EQ(one.documents.size(), 2u) << Books::why(one);
    const Document& memo = one.documents[0];
    EXPECT_EQ(memo.role, "credit_memo");
    EXPECT_EQ(memo.entity, "creditmemo");
    EXPECT_EQ(sum_of(memo.body), decimal("22.12"));
    EXPECT_FALSE(memo.body.contains("DepositToAccountRef"));
    const Document& use = one.documents[1];
    EXPECT_EQ(use.role, "credit_use");
    EXPECT_EQ(use.entity, "payment");
    EXPECT_EQ(use.marker, memo.marker);
    EXPECT_EQ(use.body.at("TotalAmt"), "0");
    EXPECT_EQ(use.body.at("TxnDate"), memo.body.at("TxnDate"));
    EXPECT_EQ(
        use.body.at("Line"),
        parsed(
            R"([{"Amount":"22.12","LinkedTxn":[{"TxnId":{"$need":"order:60"},"TxnType":"Invoice"}]},
                   {"Amount":"22.12","LinkedTxn":[{"TxnId":{"$need":"document:credit_memo"},
                                                   "TxnType":"CreditMemo"}]}])"
        )
    );
}

TEST(EncodeRefund, WhatAManualRefundBecomesIsTheTenantsChoice) {
    Books books;
    books.settings["manual_refunds"] = {{"stripe", "credit_memo"}, {"*", "hold"}};
    Refund refund = piece_of(paid_order());
    const Encoded credit = encoded(books, refund);
    ASSERT_EQ(credit.documents.size(), 1u) << "store credit stays the buyer's";
    EXPECT_EQ(credit.documents[0].role, "credit_memo");
    refund.payment_returned = true;
    EXPECT_EQ(encoded(books, refund).documents.at(0).role, "refund") << "the gateway paid it";
    refund.payment_returned = false;
    refund.order->payment_method = "paypal";
    EXPECT_EQ(Books::hold_code(encoded(books, refund)), "MANUAL_REFUND");
}

TEST(EncodeRefund, TheKindOfDocumentOnceChosenStays) {
    Books books;
    // Credited while the order was unpaid; it is paid now.
    const Encoded credit = encoded(
        books,
        piece_of(paid_order()),
        {{"credit_memo", "creditmemo", "9130"}, {"credit_use", "payment", "9131"}}
    );
    ASSERT_EQ(credit.documents.size(), 2u) << Books::why(credit);
    EXPECT_EQ(credit.documents[0].role, "credit_memo");
    const Encoded receipt =
        encoded(books, piece_of(unpaid_order()), {{"refund", "refundreceipt", "9132"}});
    ASSERT_EQ(receipt.documents.size(), 1u);
    EXPECT_EQ(receipt.documents[0].role, "refund");
}

TEST(EncodeRefund, ClosedBooksHoldItOrMoveItsDate) {
    Books books;
    books.facts.book_close_date = "2026-11-24";
    EXPECT_EQ(Books::hold_code(encoded(books, piece_of(paid_order()))), "CLOSED_PERIOD");
    books.settings["closed_books"] = "first_open_day";
    const Encoded moved = encoded(books, piece_of(paid_order()));
    ASSERT_EQ(moved.documents.size(), 1u) << Books::why(moved);
    const Json& body = moved.documents[0].body;
    EXPECT_EQ(body.at("TxnDate"), "2026-11-25");
    EXPECT_NE(text_at(body, "PrivateNote").find("Original date 2026-11-24"), std::string::npos);
    EXPECT_EQ(moved.warnings.at(0).code, "DATE_MOVED");
    // Closed further since: it stays where it was put.
    books.facts.book_close_date = "2026-12-31";
    const Encoded again =
        encoded(books, piece_of(paid_order()), {{"refund", "refundreceipt", "9132", body}});
    ASSERT_EQ(again.documents.size(), 1u) << Books::why(again);
    EXPECT_EQ(again.documents[0].body, body);
}

TEST(EncodeRefund, WhatMustNotBePostedIsHeldWithTheRulesName) {
    const auto code = [](const auto& change) {
        Books books;
        Refund refund = piece_of(paid_order());
        change(refund, books);
        const Encoded one = encoded(books, refund);
        EXPECT_TRUE(one.documents.empty());
        return Books::hold_code(one);
    };
    EXPECT_EQ(code([](Refund& refund, Books&) { refund.order.reset(); }), "ORDER_UNKNOWN");
    EXPECT_EQ(
        code([](Refund& refund, Books&) { refund.amount = money("22.12", "EUR"); }),
        "CURRENCY_MIXED"
    );
    EXPECT_EQ(
        code([](Refund& refund, Books&) { refund.lines[0].total = money("20.32", "EUR"); }),
        "CURRENCY_MIXED"
    );
    EXPECT_EQ(
        code([](Refund&, Books& books) { books.facts.home_currency = "EUR"; }), "FOREIGN_CURRENCY"
    );
    EXPECT_EQ(
        code([](Refund& refund, Books&) {
            refund.issues = {{"AMOUNT_PRECISION", "/amount", "22.125"}};
        }),
        "AMOUNT_PRECISION"
    );
    EXPECT_EQ(
        code([](Refund&, Books& books) { books.facts.accounts.pop_back(); }), "ACCOUNT_UNKNOWN"
    );
    EXPECT_EQ(
        code([](Refund&, Books& books) { books.facts.tax_mode = TaxMode::kUnknown; }),
        "TAX_MODE_UNSUPPORTED"
    );
}

TEST(EncodeRefund, OfNothingItIsSkipped) {
    Books books;
    const Refund refund = refund_of(paid_order(), "115", "0.00");
    EXPECT_EQ(Books::skip_code(encoded(books, refund)), "ZERO_TOTAL");
    EXPECT_EQ(
        Books::hold_code(encoded(books, refund, {{"refund", "refundreceipt", "9132"}})),
        "ZERO_TOTAL"
    );
}

TEST(EncodeRefund, TheAccountGoesByGatewayAndCurrency) {
    Books books;
    books.facts.accounts.push_back({"36", "Stripe EUR", "Bank", "Checking", "EUR"});
    books.settings["deposit_accounts"] = {
        {"stripe:USD", "Stripe clearing"}, {"stripe", "Stripe EUR"}, {"*", "4"}};
    EXPECT_EQ(
        refund_body(books, piece_of(paid_order())).at("DepositToAccountRef").at("value"), "35"
    );
    EXPECT_EQ(books.body(paid_order()).at("DepositToAccountRef").at("value"), "35");
    books.settings["deposit_accounts"] = {{"stripe", "Stripe EUR"}, {"*:USD", "Stripe clearing"}};
    EXPECT_EQ(Books::hold_code(books.order(paid_order())), "ACCOUNT_CURRENCY");
    books.settings["deposit_accounts"] = {{"*:USD", "Stripe clearing"}, {"*", "4"}};
    EXPECT_EQ(books.body(paid_order()).at("DepositToAccountRef").at("value"), "35");
}

// ---- accounting.md 4.21: refunded, but the shop has no refund of it

Order refunded_order() {
    Order order = paid_order();
    order.status = OrderStatus::kRefunded;
    order.source_status = "refunded";
    order.payment_status = PaymentStatus::kRefunded;
    order.updated_at = at("2026-11-26T12:00:00Z");
    return order;
}

TEST(EncodeRefund, InACompanyOfSeveralCurrenciesItNamesItsOwn) {
    Books books;
    books.facts.multi_currency = true;
    EXPECT_EQ(refund_body(books, piece_of(paid_order())).at("CurrencyRef").at("value"), "USD");
    Order unpaid = paid_order();
    unpaid.paid_at.reset();
    unpaid.payment_status = PaymentStatus::kUnpaid;
    const Encoded credit = encoded(books, piece_of(unpaid));
    for (const Document& document : credit.documents) {
        EXPECT_EQ(document.body.at("CurrencyRef").at("value"), "USD") << document.role;
    }
    EXPECT_FALSE(credit.documents.empty()) << Books::why(credit);
}

TEST(EncodeFullRefund, IsMadeOnlyWhereTheShopHasNoneAndTheTenantWantsIt) {
    Books books;
    EXPECT_EQ(Books::hold_code(books.order(refunded_order())), "REFUNDED_WITHOUT_REFUND");
    books.settings["refunded_without_refund"] = "full_refund";
    const Encoded both = books.order(refunded_order());
    ASSERT_EQ(both.documents.size(), 2u) << Books::why(both);
    EXPECT_EQ(both.documents[0].role, "sales_receipt");
    const Document& refund = both.documents[1];
    EXPECT_EQ(refund.role, "full_refund");
    EXPECT_EQ(refund.entity, "refundreceipt");
    EXPECT_EQ(refund.marker, "[syncline woocommerce:shop:60:refund:full v1]");
    EXPECT_EQ(refund.body.at("Line"), both.documents[0].body.at("Line"));
    EXPECT_EQ(sum_of(refund.body), decimal("76.56"));
    EXPECT_EQ(tax_of(refund.body), "3.61");
    EXPECT_EQ(refund.body.at("$order"), Json({{"$need", "document:sales_receipt"}}));
    EXPECT_EQ(refund.body.at("TxnDate"), "2026-11-26");
    EXPECT_EQ(refund.body.at("DocNumber"), "WOO-60-RF");

    // The order changes later: the refund stays where it is.
    Order touched = refunded_order();
    touched.updated_at = at("2026-12-24T12:00:00Z");
    const std::vector<KnownDocument> known{
        {"sales_receipt", "salesreceipt", "9121", both.documents[0].body},
        {"full_refund", "refundreceipt", "9122", refund.body}};
    const Encoded later = books.order(touched, known);
    ASSERT_EQ(later.documents.size(), 2u) << Books::why(later);
    EXPECT_EQ(later.documents[1].body, refund.body);

    // The shop has a refund after all, which becomes a document of its own.
    touched.refunds = {{"115", "", money("76.56")}};
    const Encoded mended = books.order(touched, known);
    ASSERT_EQ(mended.documents.size(), 2u);
    EXPECT_EQ(mended.documents[1].role, "full_refund");
    EXPECT_EQ(mended.documents[1].operation, DocumentOperation::kDelete);
    EXPECT_EQ(books.order(touched).documents.size(), 1u);
}

TEST(EncodeFullRefund, AnUnpaidOrderIsHeld) {
    Books books;
    books.settings["refunded_without_refund"] = "full_refund";
    Order order = refunded_order();
    order.paid_at.reset();
    EXPECT_EQ(Books::hold_code(books.order(order)), "REFUNDED_WITHOUT_REFUND");
}

}  // namespace
}  // namespace syncline::quickbooks
