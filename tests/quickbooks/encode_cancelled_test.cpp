// Orders that are no sale any more, and those whose money the shop's plugins handle.
#include "quickbooks/encode/counted.hpp"
#include "refunds.hpp"

namespace syncline::quickbooks {
namespace {

Order cancelled(Order order, OrderStatus status = OrderStatus::kCancelled) {
    order.status = status;
    order.source_status = std::string(enum_name(status));
    return order;
}

class EncodeCancelled : public ::testing::Test {
protected:
    void SetUp() override { books_.settings["cancelled"] = "void"; }
    // As it is known after the order was posted.
    KnownDocument posted(const Order& order) {
        const Document document = books_.order(order).documents.at(0);
        return {document.role, document.entity, "9120", document.body};
    }
    std::string hold(const Order& order, const std::vector<KnownDocument>& known) {
        const Encoded one = books_.order(order, known);
        EXPECT_TRUE(one.documents.empty()) << Books::why(one);
        EXPECT_NE(one.hold ? one.hold->message.find("9120") : std::string::npos, std::string::npos);
        return Books::hold_code(one);
    }

    Books books_;
};

TEST_F(EncodeCancelled, AnUnpaidInvoiceIsVoidedWhereTheTenantWantsIt) {
    const std::vector<KnownDocument> known{posted(unpaid_order())};
    for (const auto status : {OrderStatus::kCancelled, OrderStatus::kFailed, OrderStatus::kTrash}) {
        const Encoded one = books_.order(cancelled(unpaid_order(), status), known);
        ASSERT_EQ(one.documents.size(), 1u) << Books::why(one);
        EXPECT_EQ(one.documents[0].operation, DocumentOperation::kVoid);
        EXPECT_EQ(one.documents[0].role, "invoice");
        EXPECT_EQ(one.documents[0].entity, "invoice");
        EXPECT_FALSE(one.documents[0].money) << "it adds nothing to what a plan posts";
        EXPECT_TRUE(one.needs.empty());
    }
    EXPECT_EQ(
        hold(cancelled(unpaid_order(), OrderStatus::kDraft), known), "CANCELLED_AFTER_POSTING"
    );
    books_.settings["cancelled"] = "hold";
    EXPECT_EQ(hold(cancelled(unpaid_order()), known), "CANCELLED_AFTER_POSTING");
}

TEST_F(EncodeCancelled, ASalesReceiptIsVoidedAPaidInvoiceIsNot) {
    const Encoded receipt = books_.order(cancelled(paid_order()), {posted(paid_order())});
    ASSERT_EQ(receipt.documents.size(), 1u) << Books::why(receipt);
    EXPECT_EQ(receipt.documents[0].operation, DocumentOperation::kVoid);
    EXPECT_EQ(receipt.documents[0].entity, "salesreceipt");

    books_.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    const std::vector<KnownDocument> paid{
        posted(paid_order()), {"payment", "payment", "9121", Json::object()}};
    EXPECT_EQ(hold(cancelled(paid_order()), paid), "CANCELLED_AFTER_PAYMENT");
}

TEST_F(EncodeCancelled, WhatWasRefundedOrLiesInClosedBooksIsNotVoided) {
    Order refunded = cancelled(paid_order());
    refunded.refunds = {{"115", "", money("22.12")}};
    EXPECT_EQ(hold(refunded, {posted(paid_order())}), "CANCELLED_AFTER_REFUND");
    const std::vector<KnownDocument> known{posted(paid_order())};
    books_.facts.book_close_date = "2026-11-20";
    EXPECT_EQ(hold(cancelled(paid_order()), known), "CLOSED_PERIOD");
    books_.facts.book_close_date = "2026-11-19";
    EXPECT_EQ(books_.order(cancelled(paid_order()), known).documents.size(), 1u);
}

TEST_F(EncodeCancelled, AVoidedDocumentStaysVoid) {
    const Order order = cancelled(unpaid_order());
    const Document first = books_.order(order, {posted(unpaid_order())}).documents.at(0);
    books_.facts.book_close_date = "2026-12-31";
    const KnownDocument voided{
        "invoice", "invoice", "9120", {{"PrivateNote", "Voided - " + first.marker}}};
    const Encoded again = books_.order(order, {voided});
    ASSERT_EQ(again.documents.size(), 1u) << Books::why(again);
    EXPECT_EQ(to_json(again.documents[0]), to_json(first)) << "so it is skipped as unchanged";
    // It cannot come to life again with its order.
    EXPECT_EQ(hold(unpaid_order(), {voided}), "VOIDED_IN_BOOKS");
    EXPECT_EQ(hold(paid_order(), {voided}), "VOIDED_IN_BOOKS");
}

TEST_F(EncodeCancelled, AnOrderThatComesToNothingIsHeldAlthoughVoidsAreWanted) {
    Order nothing = unpaid_order();
    nothing.lines = {product_line("1", "0.00", "0.00", "1")};
    nothing.shipping_lines.clear();
    EXPECT_EQ(hold(balanced(nothing), {posted(unpaid_order())}), "ZERO_AFTER_POSTING");
}

// ---- when the money is there (accounting.md 4.18)

TEST(EncodeConfirmed, CashOnDeliveryIsPaidWhenTheOrderIsCompleted) {
    Books books;
    books.settings["payment_confirmed"] = {{"cod", "completed"}, {"cheque", "by_hand"}};
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    Order order = paid_order();
    order.payment_method = "cod";
    const Encoded open = books.order(order);
    ASSERT_EQ(open.documents.size(), 1u) << "the shop says paid, but nobody has the money yet";
    EXPECT_EQ(open.documents[0].role, "invoice");
    order.status = OrderStatus::kCompleted;
    order.completed_at = at("2026-11-28T18:00:00Z");
    const Encoded paid = books.order(order);
    ASSERT_EQ(paid.documents.size(), 2u) << Books::why(paid);
    EXPECT_EQ(paid.documents[1].body.at("TxnDate"), "2026-11-28");
    order.payment_method = "cheque";
    EXPECT_EQ(books.order(order).documents.size(), 1u);
    order.payment_method = "stripe";
    EXPECT_EQ(books.order(order).documents.size(), 2u);
}

// ---- what plugins add (accounting.md 4.28)

TEST(EncodeGiftCards, ASaleGoesToTheItemOfTheirLiability) {
    Books books;
    books.settings["product_items"] = {{"SKU-1", "name:Gift cards"}, {"Product 2", "id:78"}};
    const Encoded one = books.order(paid_order());
    ASSERT_EQ(one.documents.size(), 1u) << Books::why(one);
    const Json& lines = one.documents[0].body.at("Line");
    EXPECT_EQ(
        lines.at(0).at("SalesItemLineDetail").at("ItemRef").at("value"),
        Json({{"$need", "product:name:Gift cards"}})
    );
    EXPECT_EQ(lines.at(1).at("SalesItemLineDetail").at("ItemRef").at("value"), "78");
    EXPECT_TRUE(one.needs.at(0).record.is_null()) << "it must exist";
}

TEST(EncodeGiftCards, RedeemedOnesAreANegativeLine) {
    Books books;
    Order order = paid_order();
    order.raw = parsed(R"({"gift_cards":[{"code":"ABCD","amount":"20.00"},
                                         {"code":"EFGH","amount":6.56}]})");
    order.total = money("50.00");  // 76.56 less the cards
    EXPECT_EQ(Books::hold_code(books.order(order)), "GIFT_CARD_ITEM_UNKNOWN");
    books.settings["fee_items"] = {{std::string(kGiftCard), "id:78"}};
    const Json body = books.body(order);
    EXPECT_EQ(sum_of(body), decimal("50"));
    const auto lines = lines_of_body(body);
    EXPECT_EQ(lines.at(2), (std::pair<std::string, std::string>("-26.56", "Gift card")));
    // Where they pay for the order the total is whole, and nothing is missing.
    order.total = money("76.56");
    EXPECT_EQ(lines_of_body(books.body(order)).size(), 3u);
}

TEST(EncodePlugins, OrdersPaidInPartsAreHeld) {
    Books books;
    Order order = paid_order();
    order.raw = parsed(R"({"meta_data":[{"key":"_wc_deposits_order_has_deposit","value":"yes"}]})");
    EXPECT_EQ(Books::hold_code(books.order(order)), "PARTIAL_PAYMENTS");
    order.raw = parsed(R"({"line_items":[{"meta_data":[{"key":"_is_deposit","value":"yes"}]}]})");
    EXPECT_EQ(Books::hold_code(books.order(order)), "PARTIAL_PAYMENTS");
    order.raw = parsed(R"({"meta_data":[{"key":"_wc_deposits_order_has_deposit","value":"no"}]})");
    EXPECT_EQ(books.order(order).documents.size(), 1u);
}

TEST(EncodePlugins, ARenewalIsAnOrderThatNamesItsSubscription) {
    Books books;
    Order order = paid_order();
    order.raw = parsed(R"({"meta_data":[{"key":"_subscription_renewal","value":"812"}]})");
    const std::string note = text_at(books.body(order), "PrivateNote");
    EXPECT_NE(note.find("\nRenewal of subscription 812"), std::string::npos) << note;
}

TEST(EncodePlugins, ABundlesPartsKeepTheirQuantitiesAtNothing) {
    Books books;
    Order order = paid_order();
    order.lines.push_back(product_line("3", "0.00", "0.00", "4"));
    const Json body = books.body(order);
    const Json& part = body.at("Line").at(2);
    EXPECT_EQ(part.at("Amount"), "0");
    EXPECT_EQ(part.at("SalesItemLineDetail").at("Qty"), "4") << "for the stock";
}

}  // namespace
}  // namespace syncline::quickbooks
