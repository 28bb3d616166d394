// Refunds, credits and voids against the running sandbox, which keeps balances by itself.
#include "refunds.hpp"
#include "sandbox_company.hpp"
#include "shop.hpp"

namespace syncline::quickbooks {
namespace {

class ContractRefund : public ::testing::Test {
protected:
    // Posts an order's only document; what QuickBooks has of it.
    Written post(const Order& order) {
        const auto items = company_.documents(order);
        const auto delivery = company_.write({items.at(0)});
        EXPECT_EQ(delivery.done.size(), 1u)
            << (delivery.failed.empty() ? "" : delivery.failed.begin()->second.message);
        const Written written = delivery.done.empty() ? Written{} : delivery.done.begin()->second;
        company_.ids["order:" + order.id] = written.remote_id;
        return written;
    }
    std::vector<WriteItem> documents(const Refund& refund) {
        return company_.prepare({encoded(company_.books, refund)});
    }
    // Writes a document whose siblings are there already; what failed fails the test.
    Written put(WriteItem item) {
        item.index = 0;
        item.body = company_.resolved(item.body);
        const auto delivery = company_.write({item});
        EXPECT_EQ(delivery.done.size(), 1u)
            << (delivery.failed.empty() ? "" : delivery.failed.begin()->second.message);
        const Written written = delivery.done.empty() ? Written{} : delivery.done.begin()->second;
        company_.ids["document:" + item.role] = written.remote_id;
        return written;
    }
    Company::Delivery remove(
        const std::string& entity, const Written& written, DocumentOperation operation
    ) {
        WriteItem item;
        item.entity = entity;
        item.operation = operation;
        item.remote_id = written.remote_id;
        item.version = written.version;
        item.body = {{"PrivateNote", "the marker"}};
        return company_.write({item});
    }
    static Json row(const std::string& type) {
        const auto rows = Company::ledger(type);
        EXPECT_EQ(rows.size(), 1u) << type;
        return rows.empty() ? Json() : rows.front();
    }

    Company company_;
};

TEST_F(ContractRefund, ItIsInTheBooksAsItWasEncodedAndOnlyOnce) {
    post(paid_order());
    const auto items = documents(piece_of(paid_order()));
    ASSERT_EQ(items.size(), 1u);
    const Written written = put(items[0]);
    EXPECT_EQ(written.owned, items[0].body) << Json::diff(items[0].body, written.owned).dump(1);
    EXPECT_EQ(row("RefundReceipt").at("total"), "22.12");
    EXPECT_EQ(row("RefundReceipt").at("tax"), "1.80");
    EXPECT_EQ(row("RefundReceipt").at("txn_date"), "2026-11-24");

    // Under another key: its number is taken, and by itself.
    const Written again = put(items[0]);
    EXPECT_TRUE(again.adopted);
    EXPECT_EQ(again.remote_id, written.remote_id);
    const auto found = company_.find(
        "refundreceipt", {{"k", items[0].natural_key, items[0].marker, "", items[0].body}}
    );
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].remote_id, written.remote_id);
    EXPECT_EQ(found[0].owned, items[0].body);
}

TEST_F(ContractRefund, ALostAnswerIsFoundByItsMarkerAmongRefundsAlike) {
    Company::control_qbo(
        "POST", "/preferences", {{"SalesFormsPrefs", {{"CustomTxnNumbers", false}}}}
    );
    company_.discover();
    post(paid_order());
    const auto first = documents(refund_of(paid_order(), "115", "5.00"));
    const auto second = documents(refund_of(paid_order(), "116", "5.00"));
    put(first[0]);
    const Written written = put(second[0]);
    const auto found = company_.find(
        "refundreceipt",
        {{"k", second[0].natural_key, second[0].marker, "", second[0].body}},
        Timestamp{0}
    );
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].remote_id, written.remote_id);
}

TEST_F(ContractRefund, WhatSomebodyChangedInItIsNotOverwritten) {
    post(paid_order());
    WriteItem item = documents(piece_of(paid_order()))[0];
    const Written written = put(item);
    Company::control_qbo(
        "POST", "/edit/refundreceipt/" + written.remote_id, {{"TxnDate", "2026-11-27"}}
    );
    item.remote_id = written.remote_id;
    item.version = written.version;
    const auto refused = company_.write({item});
    ASSERT_EQ(refused.failed.size(), 1u);
    EXPECT_EQ(refused.failed.at(0).code, ErrorCode::kConflict);
    // The sides of the merge: what we wrote, and what is there now.
    const auto found =
        company_.find("refundreceipt", {{"k", "", "", written.remote_id, written.owned}});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(
        Json::diff(written.owned, found[0].owned),
        parsed(R"([{"op":"replace","path":"/TxnDate","value":"2026-11-27"}])")
    );
    item.version = found[0].version;
    EXPECT_EQ(put(item).owned, item.body);
}

TEST_F(ContractRefund, AReadRefundNamesTheOrderOfItsMarker) {
    post(paid_order());
    const Written written = put(documents(piece_of(paid_order()))[0]);
    ReadRequest request;
    request.entity = "refund";
    request.ids = {written.remote_id};
    const auto page = company_.books.connector().read(company_.books.call.call(), request);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 1u);
    const Refund refund = *from_json<Refund>(parsed(page->records[0].json));
    EXPECT_EQ(refund.order_id, "60");
    EXPECT_EQ(refund.amount, money("22.12"));
    EXPECT_EQ(refund.reason, "arrived broken");
    ASSERT_TRUE(written.read_back) << "our own writes are no news";
    EXPECT_EQ(written.read_back->json, page->records[0].json);
}

TEST_F(ContractRefund, ACreditPaysForTheOpenInvoice) {
    post(unpaid_order());
    const auto items = documents(piece_of(unpaid_order()));
    ASSERT_EQ(items.size(), 2u);
    put(items[0]);
    const Written use = put(items[1]);
    EXPECT_EQ(row("Invoice").at("balance"), "54.44");
    EXPECT_EQ(row("Invoice").at("total"), "76.56");
    EXPECT_EQ(row("CreditMemo").at("total"), "22.12");
    EXPECT_EQ(row("Payment").at("total"), "0.00");
    EXPECT_EQ(use.owned, company_.resolved(items[1].body))
        << Json::diff(company_.resolved(items[1].body), use.owned).dump(1);

    // Taken back: first its use, then the credit itself.
    EXPECT_EQ(remove("payment", use, DocumentOperation::kVoid).done.size(), 1u);
    EXPECT_EQ(row("Invoice").at("balance"), "76.56");
}

TEST_F(ContractRefund, ACreditThatQuickBooksUsedByItselfIsNotUsedAgain) {
    Company::control_qbo(
        "POST", "/preferences", {{"SalesFormsPrefs", {{"AutoApplyCredit", true}}}}
    );
    post(unpaid_order());
    Refund whole = refund_of(unpaid_order(), "115", "76.56");
    const auto items = documents(whole);
    put(items.at(0));
    EXPECT_EQ(row("Invoice").at("balance"), "0.00");
    const Written use = put(items.at(1));
    EXPECT_TRUE(use.adopted);
    EXPECT_EQ(Company::ledger("Payment").size(), 1u);
}

TEST_F(ContractRefund, ACreditBeyondWhatTheInvoiceOwesIsHeld) {
    const Written invoice = post(unpaid_order());
    const auto items = documents(refund_of(unpaid_order(), "115", "76.56"));
    put(items.at(0));
    company_.make(
        "payment",
        {{"TotalAmt", "10.00"},
         {"CustomerRef", items[0].body.at("CustomerRef")},
         {"Line",
          Json::array(
              {{{"Amount", "10.00"},
                {"LinkedTxn",
                 Json::array({{{"TxnId", invoice.remote_id}, {"TxnType", "Invoice"}}})}}}
          )}}
    );
    WriteItem use = items.at(1);
    use.index = 0;
    use.body = company_.resolved(use.body);
    const auto delivery = company_.write({use});
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.at(0).name, "INVOICE_ALREADY_PAID");
    EXPECT_EQ(Company::ledger("Payment").size(), 1u);
}

TEST_F(ContractRefund, ARefundIsNotVoidedButDeleted) {
    post(paid_order());
    const Written written = put(documents(piece_of(paid_order()))[0]);
    const auto refused = remove("refundreceipt", written, DocumentOperation::kVoid);
    ASSERT_EQ(refused.failed.size(), 1u);
    EXPECT_EQ(refused.failed.at(0).code, ErrorCode::kUnsupported);
    EXPECT_EQ(row("RefundReceipt").at("total"), "22.12");
    EXPECT_EQ(remove("refundreceipt", written, DocumentOperation::kDelete).done.size(), 1u);
    EXPECT_TRUE(Company::ledger("RefundReceipt").empty());
}

TEST_F(ContractRefund, AnUnpaidInvoiceAndASalesReceiptAreVoided) {
    const Written invoice = post(unpaid_order());
    const auto voided = remove("invoice", invoice, DocumentOperation::kVoid);
    ASSERT_EQ(voided.done.size(), 1u);
    EXPECT_EQ(text_at(voided.done.at(0).owned, "PrivateNote").rfind("Voided", 0), 0u);
    EXPECT_TRUE(row("Invoice").at("voided").get<bool>());
    EXPECT_EQ(row("Invoice").at("balance"), "0.00");
    // By hand meanwhile, too: it is what we wanted.
    EXPECT_EQ(remove("invoice", invoice, DocumentOperation::kVoid).done.size(), 1u);

    Order other = paid_order();
    other.id = other.number = "61";
    EXPECT_EQ(remove("salesreceipt", post(other), DocumentOperation::kVoid).done.size(), 1u);
    EXPECT_TRUE(row("SalesReceipt").at("voided").get<bool>());
}

TEST_F(ContractRefund, WhatIsPaidOrDepositedIsNotVoided) {
    const Written invoice = post(unpaid_order());
    const auto bodies = company_.documents(unpaid_order());
    company_.make(
        "payment",
        {{"TotalAmt", "10.00"},
         {"CustomerRef", bodies.at(0).body.at("CustomerRef")},
         {"Line",
          Json::array(
              {{{"Amount", "10.00"},
                {"LinkedTxn",
                 Json::array({{{"TxnId", invoice.remote_id}, {"TxnType", "Invoice"}}})}}}
          )}}
    );
    const auto paid = remove("invoice", invoice, DocumentOperation::kVoid);
    ASSERT_EQ(paid.failed.size(), 1u);
    EXPECT_EQ(paid.failed.at(0).code, ErrorCode::kHold);
    EXPECT_EQ(paid.failed.at(0).name, "INVOICE_ALREADY_PAID");
    EXPECT_FALSE(row("Invoice").at("voided").get<bool>());

    Order other = paid_order();
    other.id = other.number = "61";
    const Written receipt = post(other);
    Company::control_qbo("POST", "/deposit/salesreceipt/" + receipt.remote_id, Json::object());
    const auto locked = remove("salesreceipt", receipt, DocumentOperation::kVoid);
    ASSERT_EQ(locked.failed.size(), 1u);
    EXPECT_EQ(locked.failed.at(0).code, ErrorCode::kHold);
    EXPECT_EQ(locked.failed.at(0).name, "LOCKED_DEPOSITED");
}

TEST_F(ContractRefund, TheRecordedShopsNetIsInTheBooks) {
    company_.books.host.on_local_date = [](const std::string&, Timestamp instant) {
        return instant.to_string().substr(0, 10);
    };
    std::vector<Encoded> sales;
    std::vector<Encoded> refunds;
    Decimal net;
    for (const auto& [source, order] : recorded_orders("woocommerce", "USD")) {
        const Encoded sale = company_.books.order(order);
        if (sale.documents.empty()) {
            continue;
        }
        sales.push_back(sale);
        company_.ids["order:" + order.id] = "17";
        net = *net.plus(order.total.decimal());
        for (const auto& summary : order.refunds) {
            Refund refund = refund_of(order, summary.id, summary.amount.to_string());
            refund.order = order;
            refunds.push_back(encoded(company_.books, refund));
            net = *net.minus(summary.amount.decimal());
        }
    }
    ASSERT_EQ(refunds.size(), 10u);
    company_.write_all(company_.prepare(sales), [](const auto&, const auto&) {});
    const auto items = company_.prepare(refunds);
    std::size_t alike = 0;
    company_.write_all(items, [&](const WriteItem& item, const Written& written) {
        EXPECT_EQ(written.owned, item.body) << Json::diff(item.body, written.owned).dump(1);
        ++alike;
    });
    EXPECT_EQ(alike, 10u);
    Decimal books;
    const Json ledger = Company::control_qbo("GET", "/ledger");
    for (const auto& one : ledger.at("documents")) {
        const Decimal total = decimal(one.at("total").get<std::string>());
        books = *books.plus(one.at("entity") == "RefundReceipt" ? total.negated() : total);
    }
    EXPECT_EQ(books, net);
    EXPECT_EQ(books, decimal("6557.79"));  // 7010.72 less 452.93
}

}  // namespace
}  // namespace syncline::quickbooks
