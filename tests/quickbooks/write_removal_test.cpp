// Documents that are voided, deleted or made inactive.
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

TEST(WriteRemoval, IsDoneTheWayEachEntityWantsIt) {
    struct Case {
        const char* entity;
        const char* type;
        DocumentOperation operation;
        const char* path;
        const char* body;
    };
    for (const auto& one : {
             Case{
                 "invoice",
                 "Invoice",
                 DocumentOperation::kVoid,
                 "invoice?operation=void",
                 R"({"Id":"7","SyncToken":"1"})"},
             Case{
                 "salesreceipt",
                 "SalesReceipt",
                 DocumentOperation::kVoid,
                 "salesreceipt?operation=update&include=void",
                 R"({"Id":"7","SyncToken":"1","sparse":true})"},
             Case{
                 "payment",
                 "Payment",
                 DocumentOperation::kDelete,
                 "payment?operation=delete",
                 R"({"Id":"7","SyncToken":"1"})"},
             Case{
                 "customer",
                 "Customer",
                 DocumentOperation::kDelete,
                 "customer",
                 R"({"Active":false,"Id":"7","SyncToken":"1","sparse":true})"},
         }) {
        Books books;
        WriteItem item;
        item.entity = one.entity;
        item.operation = one.operation;
        item.remote_id = "7";
        item.version = "1";
        plugin::testing::FakeOutcomes outcomes;
        std::vector<Step> steps;
        if (one.type == std::string("Invoice")) {  // it must not have a payment
            steps.push_back(
                {"GET invoice/7", answered("Invoice", {{"Balance", "9"}, {"TotalAmt", "9"}})}
            );
        }
        steps.push_back(
            {with_key(one.path, "-0x"),
             answered(one.type, {{"Id", "7"}, {"SyncToken", "2"}, {"domain", "QBO"}})}
        );
        const Script script(books, steps);
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.done.size(), 1u) << one.entity;
        EXPECT_EQ(outcomes.done.at(0).remote_id, "7");
        EXPECT_EQ(books.host.requests.back().body, one.body);
    }
}

TEST(WriteRemoval, AnInvoiceThatIsPaidOrVoidAlreadyIsLeftAlone) {
    struct Case {
        Json invoice;
        bool done;
    };
    for (const auto& one :
         {Case{{{"Id", "7"}, {"Balance", "4"}, {"TotalAmt", "9"}}, false},
          Case{
              {{"Id", "7"},
               {"SyncToken", "3"},
               {"Balance", "0"},
               {"TotalAmt", "0"},
               {"PrivateNote", "Voided - note"}},
              true}}) {
        Books books;
        WriteItem item;
        item.entity = "invoice";
        item.operation = DocumentOperation::kVoid;
        item.remote_id = "7";
        item.version = "1";
        plugin::testing::FakeOutcomes outcomes;
        const Script script(books, {{"GET invoice/7", answered("Invoice", one.invoice)}});
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.done.size(), one.done ? 1u : 0u);
        if (one.done) {
            EXPECT_EQ(outcomes.done.at(0).version, "3");
        } else {
            EXPECT_EQ(outcomes.failed.at(0).name, "INVOICE_ALREADY_PAID");
        }
    }
}

TEST(WriteRemoval, WhatCannotBeVoidedIsNotAskedFor) {
    for (const char* entity : {"refundreceipt", "creditmemo"}) {
        Books books;
        WriteItem item;
        item.entity = entity;
        item.operation = DocumentOperation::kVoid;
        item.remote_id = "7";
        item.version = "1";
        plugin::testing::FakeOutcomes outcomes;
        const Script script(books, {});
        EXPECT_FALSE(written(books, {item}, outcomes));
        EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kUnsupported) << entity;
    }
}

TEST(WriteRemoval, IsRepeatedIfTheAnswerDoesNotNameWhatIsGone) {
    Books books;
    WriteItem item;
    item.entity = "invoice";
    item.operation = DocumentOperation::kDelete;
    item.remote_id = "7";
    item.version = "1";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(books, {{with_key("invoice?operation=delete", "-0x"), "{}"}});
    EXPECT_FALSE(written(books, {item}, outcomes));
    ASSERT_EQ(outcomes.failed.size(), 1u);
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kTransient);
    EXPECT_EQ(outcomes.failed.at(0).name, "qbo.no_answer");
}

}  // namespace
}  // namespace syncline::quickbooks
