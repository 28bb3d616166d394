// What the connector asks as a source, and what it makes of recorded and odd answers.
#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>

#include "quickbooks/source/models.hpp"
#include "quickbooks/source/position.hpp"
#include "script.hpp"

namespace syncline::quickbooks {
namespace {

constexpr const char* kNow = "2026-09-14T07:15:22.318-07:00";

class ReadScript : public testing::Test {
protected:
    ReadScript() {
        books.host.memory["home_currency"] = "USD";
        books.host.now = at("2026-09-14T14:15:22Z");
    }
    Result<Page> read(const ReadRequest& request) {
        return books.connector().read(books.call.call(), request);
    }
    static ReadRequest window(const std::string& entity, const std::string& from) {
        ReadRequest request;
        request.entity = entity;
        request.window.from = at(from);
        return request;
    }
    Books books;
};

Json row(const std::string& id, const std::string& time) {
    return {{"Id", id}, {"MetaData", {{"CreateTime", time}, {"LastUpdatedTime", time}}}};
}

template <class T>
T model(const std::string& entity, const std::string& file, const std::string& type) {
    const SourceEntity* source = find_source_entity(entity);
    const auto json = source->record(recorded(file).at(type), currency("USD"));
    EXPECT_TRUE(json);
    const auto made = from_json<T>(*json);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? *made : T{};
}

TEST_F(ReadScript, TheRecordedChangesAreADeleteAndAnInvoice) {
    Script script(
        books,
        {{"GET cdc?entities=Invoice&changedSince=2026-09-14T13:00:00+00:00&minorversion=75",
          recorded_text("qbo_cdc_response")}}
    );
    const auto page = read(window("invoice", "2026-09-14T13:00:00Z"));
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 2u);
    EXPECT_EQ(page->records[0].key, "9001");
    EXPECT_EQ(page->records[0].operation, RecordOperation::kDelete);
    EXPECT_EQ(page->records[0].changed_at, at("2026-09-14T13:02:11Z"));
    EXPECT_EQ(page->records[1].key, "9120");
    EXPECT_EQ(page->source_time, at(kNow));
    EXPECT_FALSE(page->more);
}

TEST_F(ReadScript, ARefusedDateOfChangesIsReadByQueries) {
    Script script(
        books,
        {{"GET cdc?entities=Invoice", fault_answer("2190", "Invalid Date Range"), 400},
         {"GET query?query=SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime >= "
          "'2026-09-14T13:00:00+00:00' ORDERBY MetaData.LastUpdatedTime STARTPOSITION 1 "
          "MAXRESULTS 100&minorversion=75",
          query_answer("Invoice", {row("1", kNow)})}}
    );
    const auto page = read(window("invoice", "2026-09-14T13:00:00Z"));
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->records.size(), 1u);
}

TEST_F(ReadScript, AScanGoesOnBehindTheRowReadLast) {
    ReadRequest request;
    request.entity = "customer";
    request.limit = 2;
    Script script(
        books,
        {{"GET query?query=SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY "
          "MetaData.LastUpdatedTime STARTPOSITION 1 MAXRESULTS 2",
          query_answer("Customer", {row("7", kNow), row("3", kNow)})},
         {"GET query?query=SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= "
          "'2026-09-14T14:15:22+00:00' AND Active IN (true, false) ORDERBY "
          "MetaData.LastUpdatedTime STARTPOSITION 2 MAXRESULTS 3",
          query_answer("Customer", {row("3", kNow), row("9", kNow)})}}
    );
    const auto first = read(request);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->last_id, "query/2026-09-14T14:15:22.318Z/2/3");
    request.after_id = first->last_id;
    const auto second = read(request);
    ASSERT_TRUE(second) << second.error().message;
    ASSERT_EQ(second->records.size(), 1u);
    EXPECT_EQ(second->records.front().key, "9");
    EXPECT_FALSE(second->more);
}

// The host keeps them as records it cannot take (record.impossible_time).
TEST_F(ReadScript, RowsWithoutTheirTimeDoNotStopTheScanNorMoveIt) {
    ReadRequest request;
    request.entity = "customer";
    request.limit = 2;
    const std::string query =
        "GET query?query=SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY "
        "MetaData.LastUpdatedTime STARTPOSITION ";
    const Json none{{"Id", "1"}};
    const Json another{{"Id", "2"}};
    Script script(
        books,
        {{query + "1 MAXRESULTS 2", query_answer("Customer", {none, another})},
         {query + "3 MAXRESULTS 2", query_answer("Customer", {row("7", kNow), none})},
         {"GET query?query=SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= "
          "'2026-09-14T14:15:22+00:00' AND Active IN (true, false) ORDERBY "
          "MetaData.LastUpdatedTime STARTPOSITION 1 MAXRESULTS 3",
          query_answer("Customer", {row("7", kNow), none, row("9", kNow)})},
         {"GET query?query=SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= "
          "'2026-09-14T14:15:22+00:00' AND Active IN (true, false) ORDERBY "
          "MetaData.LastUpdatedTime STARTPOSITION 3 MAXRESULTS 3",
          query_answer("Customer", {row("9", kNow)})}}
    );
    const auto first = read(request);
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_EQ(first->records.size(), 4u);
    EXPECT_EQ(first->records[0].key, "1");
    EXPECT_GT(first->records[0].changed_at, at("9999-12-31T23:59:59Z"));
    EXPECT_EQ(first->records[2].changed_at, at(kNow));
    EXPECT_EQ(first->last_id, "query/2026-09-14T14:15:22.318Z/1/7");
    request.after_id = first->last_id;
    const auto second = read(request);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->records.size(), 2u);
    EXPECT_EQ(second->last_id, "query/2026-09-14T14:15:22.318Z/3/9");
    request.after_id = second->last_id;
    const auto third = read(request);
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_TRUE(third->records.empty());
    EXPECT_FALSE(third->more);
}

TEST_F(ReadScript, ARowThatIsNotInItsPlaceSendsTheScanBackToItsSecond) {
    ReadRequest request;
    request.entity = "invoice";
    request.limit = 2;
    request.after_id = "query/2026-09-14T14:15:22.000Z/3/5";
    const std::string start =
        "GET query?query=SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime >= "
        "'2026-09-14T14:15:22+00:00' ORDERBY MetaData.LastUpdatedTime STARTPOSITION ";
    Script script(
        books,
        {{start + "3 MAXRESULTS 3", query_answer("Invoice", {row("8", "2026-09-14T14:15:22Z")})},
         {start + "1 MAXRESULTS 2",
          query_answer(
              "Invoice", {row("4", "2026-09-14T14:15:22Z"), row("6", "2026-09-14T14:15:22Z")}
          )}}
    );
    const auto page = read(request);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->records.size(), 2u);
    EXPECT_EQ(page->last_id, "query/2026-09-14T14:15:22.000Z/2/6");
    EXPECT_FALSE(page->next.empty());
}

struct Wrong {
    const char* name;
    const char* entity;
    const char* after_id;
    const char* answer;
    ErrorCode code;
    const char* error;
};

class ReadRefuses : public ReadScript, public testing::WithParamInterface<Wrong> {};

TEST_P(ReadRefuses, WithAnErrorThatNamesIt) {
    const Wrong& wrong = GetParam();
    ReadRequest request;
    request.entity = wrong.entity;
    request.after_id = wrong.after_id;
    std::vector<Step> steps;
    if (*wrong.answer != 0) {
        steps.push_back({"GET query", wrong.answer});
    }
    Script script(books, steps);
    const auto page = read(request);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, wrong.code);
    EXPECT_EQ(page.error().name, wrong.error);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    ReadRefuses,
    testing::Values(
        Wrong{"Entity", "order", "", "", ErrorCode::kUnsupported, "qbo.entity"},
        Wrong{"Position", "invoice", "60", "", ErrorCode::kStaleCursor, "qbo.bad_position"},
        Wrong{
            "Place",
            "invoice",
            "query/2026-09-14T14:15:22Z/x/5",
            "",
            ErrorCode::kStaleCursor,
            "qbo.bad_position"},
        Wrong{
            "NoTimeOfTheAnswer",
            "invoice",
            "",
            R"({"QueryResponse":{}})",
            ErrorCode::kTransient,
            "qbo.no_time"}
    ),
    [](const auto& one) { return std::string(one.param.name); }
);

TEST(ReadModels, TheRecordedInvoiceBalancesWithItsDiscountAndShipping) {
    const auto invoice = model<Invoice>("invoice", "qbo_invoice", "Invoice");
    EXPECT_EQ(invoice.id, "9120");
    EXPECT_EQ(invoice.number, "WOO-48213");
    EXPECT_EQ(invoice.customer_email, "ines.okafor@example.test");
    EXPECT_EQ(invoice.issued_on, "2026-09-14");
    EXPECT_EQ(invoice.due_on, "2026-10-14");
    EXPECT_EQ(invoice.total, money("70.30"));
    EXPECT_EQ(invoice.tax_total, money("4.75"));
    ASSERT_EQ(invoice.lines.size(), 4u);  // without the subtotal
    EXPECT_EQ(invoice.lines[0].unit_price, decimal("24.5"));
    EXPECT_EQ(invoice.lines[2].total, money("-6.40"));
    EXPECT_EQ(invoice.lines[3].name, "Shipping");
    EXPECT_TRUE(invoice.issues.empty());
}

TEST(ReadModels, AnInvoiceInAForeignCurrencyKeepsIt) {
    const auto invoice = model<Invoice>("invoice", "qbo_invoice_non_us_multicurrency", "Invoice");
    const Json source = recorded("qbo_invoice_non_us_multicurrency").at("Invoice");
    EXPECT_EQ(invoice.currency.code(), reference_at(source, "CurrencyRef"));
    EXPECT_EQ(invoice.total.decimal(), *number_at(source, "TotalAmt"));
}

TEST(ReadModels, ARefundIsPositiveAndHasItsTax) {
    const auto refund = model<Refund>("refund", "qbo_refundreceipt", "RefundReceipt");
    EXPECT_EQ(refund.amount, money("23.87"));
    ASSERT_EQ(refund.lines.size(), 1u);
    EXPECT_EQ(refund.lines.front().total, money("22.05"));
    ASSERT_EQ(refund.tax_lines.size(), 1u);
    EXPECT_EQ(refund.tax_lines.front().amount, money("1.82"));
}

TEST(ReadModels, TheOthersHaveWhatTheirObjectsSay) {
    const auto payment = model<Payment>("payment", "qbo_payment", "Payment");
    EXPECT_EQ(payment.invoice_id, "9120");
    EXPECT_EQ(payment.amount, money("70.30"));
    EXPECT_EQ(payment.paid_at, at("2026-09-14T12:00:00Z"));
    const auto item = model<Product>("product", "qbo_item_inventory", "Item");
    EXPECT_EQ(item.sku, "MUG-CED-L");
    EXPECT_EQ(item.price, money("24.50"));
    EXPECT_EQ(item.stock_quantity, decimal("118"));
    const auto receipt = model<Invoice>("sales_receipt", "qbo_salesreceipt", "SalesReceipt");
    EXPECT_EQ(receipt.status, "paid");
    const auto customer = model<Customer>("customer", "qbo_customer", "Customer");
    EXPECT_EQ(customer.billing.country, "US");
    EXPECT_EQ(customer.first_name, "Ines");
}

TEST(ReadModels, APriceOfMoreDecimalsIsRoundedAndNoted) {
    const Json item{{"Id", "1"}, {"Name", "Screw"}, {"Type", "Service"}, {"UnitPrice", "0.0125"}};
    const auto json = find_source_entity("product")->record(item, currency("USD"));
    ASSERT_TRUE(json);
    const auto product = from_json<Product>(*json);
    ASSERT_TRUE(product) << product.error().message;
    EXPECT_EQ(product->price, money("0.01"));
    ASSERT_EQ(product->issues.size(), 1u);
    EXPECT_EQ(product->issues.front().code, "AMOUNT_PRECISION");
}

TEST(ReadModels, ACategoryIsNoProduct) {
    const Json item{{"Id", "1"}, {"Name", "Teas"}, {"Type", "Category"}};
    EXPECT_FALSE(find_source_entity("product")->record(item, currency("USD")));
}

TEST(ReadModels, ATotalThatIsNotTheSumOfItsPartsIsNoted) {
    Json object = recorded("qbo_invoice").at("Invoice");
    object["TotalAmt"] = "70.31";
    const auto invoice =
        from_json<Invoice>(*find_source_entity("invoice")->record(object, currency("USD")));
    ASSERT_TRUE(invoice) << invoice.error().message;
    ASSERT_EQ(invoice->issues.size(), 1u);
    EXPECT_EQ(invoice->issues.front().code, "AMOUNT_MISMATCH");
}

}  // namespace
}  // namespace syncline::quickbooks
