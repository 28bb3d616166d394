// The connector as a source, against the running sandbox.
#include <set>

#include <syncline/model/customer.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>

#include "source_books.hpp"

namespace syncline::quickbooks {
namespace {

template <class T>
T model_of(const Record& record) {
    const auto model = from_json<T>(parsed(record.json));
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? *model : T{};
}

TEST(ReadSandbox, TheFirstScanReadsEverythingInactiveNamesToo) {
    SourceBooks books;
    const std::string first = books.customer("A");
    const std::string second = books.customer("B");
    books.by_hand("edit", "customer/" + second, {{"Active", false}});
    const Scanned scanned = books.scan(books.request("customer"));
    ASSERT_TRUE(scanned.has(first));
    ASSERT_TRUE(scanned.has(second));
    EXPECT_FALSE(model_of<Customer>(scanned.records.at(second)).active);
    EXPECT_GE(scanned.source_time.ms, scanned.records.at(second).changed_at.ms);
}

TEST(ReadSandbox, AnInvoiceHasItsAmountsToTheCentAndItsOrder) {
    SourceBooks books;
    const std::string id = books.invoice("12.30", "[syncline woocommerce:shop:60 v1]");
    const Scanned scanned = books.scan(books.request("invoice"));
    ASSERT_TRUE(scanned.has(id));
    const auto invoice = model_of<Invoice>(scanned.records.at(id));
    EXPECT_EQ(invoice.total, money("12.30"));
    EXPECT_EQ(invoice.balance, money("12.30"));
    EXPECT_EQ(invoice.order_id, "60");
    EXPECT_EQ(invoice.customer_id, books.buyer());
    EXPECT_EQ(invoice.status, "open");
    ASSERT_EQ(invoice.lines.size(), 1u);
    EXPECT_EQ(invoice.lines.front().product_id, books.item());
    EXPECT_TRUE(invoice.issues.empty());
}

TEST(ReadSandbox, ChangesWithinThirtyDaysComeByOneCall) {
    SourceBooks books;
    books.customer("old");
    books.pass(3600);
    const Timestamp from = books.now();
    const std::string fresh = books.customer("new");
    Company::control_qbo("DELETE", "/counters");
    const Scanned scanned = books.scan(books.request("customer", from));
    EXPECT_EQ(scanned.records.size(), 1u);
    EXPECT_TRUE(scanned.has(fresh));
    const Json counters = Company::control_qbo("GET", "/counters");
    EXPECT_EQ(counters.at("cdc"), 1);
    EXPECT_EQ(counters.at("queries"), 0);
}

TEST(ReadSandbox, ADeletedDocumentComesAsDelete) {
    SourceBooks books;
    const std::string gone = books.invoice("1.00");
    const std::string stays = books.invoice("2.00");
    const Timestamp from = books.now();
    books.by_hand("delete", "invoice/" + gone);
    const Scanned scanned = books.scan(books.request("invoice", from));
    EXPECT_TRUE(scanned.deleted(gone));
    EXPECT_TRUE(scanned.records.at(gone).json.empty());
    ASSERT_TRUE(scanned.has(stays));
    EXPECT_FALSE(scanned.deleted(stays));
}

TEST(ReadSandbox, AVoidedInvoiceIsVoidAndSaysSo) {
    SourceBooks books;
    const std::string id = books.invoice("9.99");
    const Timestamp from = books.now();
    books.by_hand("void", "invoice/" + id);
    const Scanned scanned = books.scan(books.request("invoice", from));
    ASSERT_TRUE(scanned.has(id));
    const auto invoice = model_of<Invoice>(scanned.records.at(id));
    EXPECT_EQ(invoice.status, "void");
    ASSERT_EQ(invoice.issues.size(), 1u);
    EXPECT_EQ(invoice.issues.front().code, "VOIDED");
}

TEST(ReadSandbox, AMergedCustomerIsGoneAndItsInvoicesNameTheOther) {
    SourceBooks books;
    const std::string invoice = books.invoice("5.00");
    const std::string other = books.customer("The same buyer");
    const Timestamp from = books.now();
    books.by_hand("merge", "customer/" + other, {{"goes", books.buyer()}});
    const Scanned customers = books.scan(books.request("customer", from));
    EXPECT_TRUE(customers.deleted(books.buyer()));
    EXPECT_FALSE(customers.deleted(other));
    const Scanned invoices = books.scan(books.request("invoice", from));
    ASSERT_TRUE(invoices.has(invoice));
    EXPECT_EQ(model_of<Invoice>(invoices.records.at(invoice)).customer_id, other);
}

TEST(ReadSandbox, APaymentNamesItsInvoice) {
    SourceBooks books;
    const std::string invoice = books.invoice("70.30");
    const std::string payment = books.made(
        "payment",
        {{"CustomerRef", {{"value", books.buyer()}}},
         {"TotalAmt", "70.30"},
         {"PaymentRefNum", "ch_1"},
         {"Line",
          Json::array(
              {{{"Amount", "70.30"},
                {"LinkedTxn", Json::array({{{"TxnId", invoice}, {"TxnType", "Invoice"}}})}}}
          )}},
        "Payment"
    );
    const Scanned scanned = books.scan(books.request("payment"));
    ASSERT_TRUE(scanned.has(payment));
    const auto model = model_of<Payment>(scanned.records.at(payment));
    EXPECT_EQ(model.invoice_id, invoice);
    EXPECT_EQ(model.amount, money("70.30"));
    EXPECT_EQ(model.transaction_id, "ch_1");
    const Scanned invoices = books.scan(books.request("invoice"));
    EXPECT_EQ(model_of<Invoice>(invoices.records.at(invoice)).status, "paid");
}

TEST(ReadSandbox, AWindowOlderThanThirtyDaysIsReadByQueriesAndDeletesAsFarAsTheyAreKnown) {
    SourceBooks books;
    const Timestamp from = books.now();
    const std::string early = books.invoice("1.00");
    const std::string late = books.invoice("2.00");
    books.pass(40 * 86'400);
    books.by_hand("delete", "invoice/" + late);
    const Scanned scanned = books.scan(books.request("invoice", from));
    EXPECT_TRUE(scanned.has(early));
    EXPECT_FALSE(scanned.deleted(early));
    EXPECT_TRUE(scanned.deleted(late));
}

TEST(ReadSandbox, AFullAnswerOfChangesIsReadByQueries) {
    SourceBooks books;
    const Timestamp from = books.now();
    const std::string gone = books.invoice("3.00");
    books.by_hand("delete", "invoice/" + gone);
    books.customers(1005, "many ");
    Company::control_qbo("DELETE", "/counters");
    const Scanned scanned = books.scan(books.request("customer", from, 500));
    EXPECT_EQ(scanned.records.size(), 1006u);  // and the buyer
    const Json counters = Company::control_qbo("GET", "/counters");
    EXPECT_EQ(counters.at("cdc"), 1);
    EXPECT_GE(counters.at("queries"), 3);
    EXPECT_EQ(scanned.pushed, scanned.records.size());  // none was read again without a reason
}

TEST(ReadSandbox, GivenIdsComeAndMissingOnesDoNot) {
    SourceBooks books;
    const std::string gone = books.invoice("1.00");
    const std::string stays = books.invoice("2.00");
    books.by_hand("delete", "invoice/" + gone);
    ReadRequest request = books.request("invoice");
    request.ids = {gone, stays, "999999"};
    const auto page = books.read(request);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 1u);
    EXPECT_EQ(page->records.front().key, stays);
    EXPECT_FALSE(page->more);
}

TEST(ReadSandbox, ABackfillEndsBeforeItsEnd) {
    SourceBooks books;
    const Timestamp from = books.now();
    const std::string inside = books.customer("inside");
    books.pass(60);
    const Timestamp to = books.now();
    books.pass(60);
    const std::string after = books.customer("after");
    ReadRequest request = books.request("customer", from);
    request.window.to = to;
    const Scanned scanned = books.scan(request);
    EXPECT_TRUE(scanned.has(inside));
    EXPECT_FALSE(scanned.has(after));
}

// One second holds them all, and pages are far smaller: the way there is nothing but ties.
TEST(ReadSandbox, TiesLargerThanAPageAreAllRead) {
    for (const std::int64_t limit : {1, 2, 7, 40}) {
        SourceBooks books;
        books.customers(90, "tie ");
        const Scanned scanned = books.scan(books.request("customer", std::nullopt, limit));
        EXPECT_EQ(scanned.records.size(), 90u) << limit;
        EXPECT_EQ(scanned.pushed, 90u) << limit;
    }
}

TEST(ReadSandbox, WhatChangesDuringAScanIsNotLostNorAreItsNeighbours) {
    SourceBooks books;
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i) {
        ids.push_back(books.customer("c" + std::to_string(i)));
    }
    std::size_t next = 0;
    int round = 0;
    const Scanned scanned = books.scan(books.request("customer", std::nullopt, 5), [&] {
        if (next >= ids.size()) {
            return;
        }
        books.pass(1);
        // The row read last, and some that were not read yet, move to the end.
        for (const std::size_t at : {next + 4, next + 6, next}) {
            books.by_hand(
                "edit",
                "customer/" + ids[at % ids.size()],
                {{"CompanyName", "v" + std::to_string(++round)}}
            );
        }
        next += 5;
    });
    const std::set<std::string> all(ids.begin(), ids.end());
    for (const auto& id : all) {
        EXPECT_TRUE(scanned.has(id)) << id;
    }
    // The newest word on each is what the books hold now.
    const Scanned now = books.scan(books.request("customer"));
    for (const auto& id : all) {
        EXPECT_EQ(scanned.records.at(id).json, now.records.at(id).json) << id;
    }
}

}  // namespace
}  // namespace syncline::quickbooks
