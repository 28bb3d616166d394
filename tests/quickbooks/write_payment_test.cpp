// Payments, which depend on what their invoice still owes.
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

WriteItem payment(Books& books, std::int64_t index = 0) {
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    WriteItem item = item_of(books.order(paid_order()).documents.at(1), index);
    item.body["Line"][0]["LinkedTxn"][0]["TxnId"] = "9120";
    return item;
}

Json open_invoice(const char* balance) {
    return {
        {"Id", "9120"},
        {"Balance", balance},
        {"LinkedTxn", Json::array({{{"TxnId", "9122"}, {"TxnType", "Payment"}}})}};
}

TEST(WritePayment, GoesOutWhenTheInvoiceIsOpen) {
    Books books;
    const WriteItem one = payment(books);
    plugin::testing::FakeOutcomes outcomes;
    Json made = stored(one, "9122");
    made["UnappliedAmt"] = "0";
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Invoice WHERE Id = '9120'",
          query_answer("Invoice", {open_invoice("76.56")})},
         {with_key("payment"), answered("Payment", made)}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9122");
}

TEST(WritePayment, OfAnInvoicePaidByHandIsHeld) {
    Books books;
    const WriteItem one = payment(books);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{"GET query", query_answer("Invoice", {open_invoice("76.55")})},
         {"GET query?query=SELECT * FROM Payment WHERE Id = '9122'",
          query_answer("Payment", {recorded("payment").at("Payment")})}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kHold);
    EXPECT_EQ(outcomes.failed.at(0).name, "INVOICE_ALREADY_PAID");
}

TEST(WritePayment, MadeBeforeIsAdopted) {
    Books books;
    const WriteItem one = payment(books);
    Json ours = stored(one, "9122");
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{"GET query", query_answer("Invoice", {open_invoice("0")})},
         {"GET query?query=SELECT * FROM Payment", query_answer("Payment", {ours})}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_TRUE(outcomes.done.at(0).adopted);
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9122");
}

TEST(WritePayment, ThatIsNotFullyAppliedIsTakenBack) {
    Books books;
    const WriteItem one = payment(books);
    Json made = stored(one, "9122");
    made["UnappliedAmt"] = "6.56";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{"GET query", query_answer("Invoice", {open_invoice("76.56")})},
         {with_key("payment"), answered("Payment", made)},
         {with_key("payment?operation=update&include=void", "-0v"), "{}"}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_NE(outcomes.failed.at(0).message.find("6.56 of the payment"), std::string::npos);
}

TEST(WritePayment, ARepeatedBatchStaysABatchWhenOnlyOneIsLeft) {
    Books books;
    const WriteItem paid = payment(books, 0);
    WriteItem open = payment(books, 1);
    open.body["Line"][0]["LinkedTxn"][0]["TxnId"] = "9130";
    Json other = open_invoice("76.56");
    other["Id"] = "9130";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Invoice WHERE Id IN ('9120', '9130')",
          query_answer("Invoice", {open_invoice("0"), other})},
         {"GET query?query=SELECT * FROM Payment", query_answer("Payment", {stored(paid, "9122")})},
         {with_key("batch"),
          *print_wire(
              {{"BatchItemResponse",
                Json::array({{{"bId", "b1"}, {"Payment", stored(open, "9132")}}})}}
          )}}
    );
    EXPECT_FALSE(written(books, {paid, open}, outcomes));
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9122");
    EXPECT_EQ(outcomes.done.at(1).remote_id, "9132");
}

}  // namespace
}  // namespace syncline::quickbooks
