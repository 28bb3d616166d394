// The connector against the running sandbox, which computes totals and taxes by itself.
#include "sandbox_company.hpp"
#include "shop.hpp"

namespace syncline::quickbooks {
namespace {

FindKey key_of(const WriteItem& item, const std::string& remote_id = "") {
    return FindKey{"k", item.natural_key, item.marker, remote_id, item.body};
}

TEST(Contract, TheCompanyIsFoundAndUnderstood) {
    Company company;
    const auto report = company.books.connector().check(company.books.call.call());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->remote_identity, "9130350000000001");
    const CompanyFacts& facts = company.books.facts;
    EXPECT_EQ(facts.tax_mode, TaxMode::kUsAst);
    EXPECT_EQ(facts.home_currency, "USD");
    EXPECT_TRUE(facts.allow_shipping);
    EXPECT_TRUE(facts.custom_txn_numbers);
    EXPECT_NE(facts.default_income_account(), nullptr);
    EXPECT_NE(facts.undeposited_funds(), nullptr);
    EXPECT_NE(facts.payment_method("Stripe"), nullptr);
    EXPECT_EQ(facts.term(facts.default_term_id)->due_days, 30);
}

TEST(Contract, TheRecordedShopIsInTheBooksToTheCent) {
    Company company;
    company.books.host.on_local_date = [](const std::string&, Timestamp instant) {
        return instant.to_string().substr(0, 10);
    };
    std::vector<Encoded> encoded;
    std::map<std::string, Json> posted;  // marker to the shop's own order
    for (const auto& [source, order] : recorded_orders("woocommerce", "USD")) {
        encoded.push_back(company.books.order(order));
        if (!encoded.back().documents.empty()) {
            posted[encoded.back().documents.front().marker] = source;
        }
    }
    const auto items = company.prepare(encoded);
    EXPECT_TRUE(company.held.empty());
    std::size_t owned_alike = 0;
    company.write_all(items, [&](const WriteItem& item, const Written& written) {
        EXPECT_EQ(written.owned, item.body) << Json::diff(item.body, written.owned).dump(1);
        owned_alike += written.owned == item.body ? 1U : 0U;
    });
    EXPECT_EQ(owned_alike, 45u);

    Decimal total;
    const Json ledger = Company::control_qbo("GET", "/ledger");
    EXPECT_EQ(ledger.at("documents").size(), 45u);
    for (const auto& row : ledger.at("documents")) {
        const Json& source = posted.at(row.at("marker"));
        EXPECT_EQ(row.at("total"), source.at("total")) << row.at("doc_number");
        EXPECT_EQ(row.at("tax"), source.at("total_tax")) << row.at("doc_number");
        EXPECT_EQ(row.at("doc_number"), "WOO-" + source.at("number").get<std::string>());
        total = *total.plus(decimal(row.at("total").get<std::string>()));
    }
    EXPECT_EQ(total, decimal("7010.72"));
    const Json counters = Company::control_qbo("GET", "/counters");
    const int calls = counters.at("reads").get<int>() + counters.at("queries").get<int>() +
                      counters.at("writes").get<int>() + counters.at("batches").get<int>();
    RecordProperty("remote_calls_for_61_orders", calls);
    EXPECT_LE(calls, 20) << dump_json(counters);
}

TEST(Contract, ARepeatedWriteChangesNothing) {
    Company company;
    std::vector<Encoded> orders;
    for (const char* id : {"60", "61", "62"}) {
        Order order = paid_order();
        order.id = order.number = id;
        orders.push_back(company.books.order(order));
    }
    const auto items = company.prepare(orders);
    const std::string key = company.next_key();
    const auto first = company.write(items, key);
    ASSERT_EQ(first.done.size(), 3u);
    const auto again = company.write(items, key);
    ASSERT_EQ(again.done.size(), 3u);
    for (const auto& [index, written] : first.done) {
        EXPECT_EQ(again.done.at(index).remote_id, written.remote_id);
    }
    Order unpaid = unpaid_order();
    unpaid.id = unpaid.number = "63";
    const auto alone = company.documents(unpaid);
    const std::string second_key = company.next_key();
    EXPECT_EQ(company.write(alone, second_key).done.size(), 1u);
    EXPECT_EQ(company.write(alone, second_key).done.size(), 1u);
    EXPECT_EQ(Company::ledger("SalesReceipt").size(), 3u);
    EXPECT_EQ(Company::ledger("Invoice").size(), 1u);
}

TEST(Contract, AForgottenRequestIdDoesNotDoubleADocument) {
    Company company;
    Order second = paid_order();
    second.id = second.number = "61";
    const auto items =
        company.prepare({company.books.order(paid_order()), company.books.order(second)});
    const std::string key = company.next_key();
    const auto first = company.write(items, key);
    ASSERT_EQ(first.done.size(), 2u);
    Company::control_qbo("POST", "/forget-requests");
    const auto again = company.write(items, key);
    ASSERT_EQ(again.done.size(), 2u) << again.failed.begin()->second.message;
    for (const auto& [index, written] : again.done) {
        EXPECT_TRUE(written.adopted);
        EXPECT_EQ(written.remote_id, first.done.at(index).remote_id);
        EXPECT_EQ(written.owned, first.done.at(index).owned);
    }
    EXPECT_EQ(Company::ledger("SalesReceipt").size(), 2u);
}

TEST(Contract, ALostAnswerIsFoundByNumberAndByMarker) {
    for (const bool numbered : {true, false}) {
        Company company;
        Company::control_qbo(
            "POST", "/preferences", {{"SalesFormsPrefs", {{"CustomTxnNumbers", numbered}}}}
        );
        company.discover();
        const auto items = company.documents(paid_order());
        Company::control(
            "POST",
            "/faults",
            {{"platform", "quickbooks"}, {"path", "/salesreceipt"}, {"action", {{"drop", "after"}}}}
        );
        const Timestamp since{
            std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch()
            )
                .count() -
            300'000};
        const auto lost = company.write(items);
        ASSERT_TRUE(lost.error);
        EXPECT_EQ(lost.error->code, ErrorCode::kTransient);
        const auto found = company.find("salesreceipt", {key_of(items.at(0))}, since);
        ASSERT_EQ(found.size(), 1u) << numbered;
        EXPECT_EQ(found.at(0).owned, items.at(0).body)
            << Json::diff(items.at(0).body, found.at(0).owned).dump(1);
        const auto rows = Company::ledger("SalesReceipt");
        ASSERT_EQ(rows.size(), 1u);
        EXPECT_EQ(rows.at(0).at("id"), found.at(0).remote_id);
    }
}

TEST(Contract, AnEditByHandIsAConflictAndThenAnUpdate) {
    Company company;
    Order order = unpaid_order();
    auto items = company.documents(order);
    const auto made = company.write(items);
    ASSERT_EQ(made.done.size(), 1u);
    const std::string id = made.done.at(0).remote_id;
    Company::control_qbo("POST", "/edit/invoice/" + id, {{"CustomerMemo", {{"value", "by hand"}}}});

    order.lines[0].total += money("1.00");
    order.lines[0].subtotal = order.lines[0].total;
    balanced(order);
    items = company.documents(order, {{"invoice", "invoice", id}});
    items.at(0).remote_id = id;
    items.at(0).version = made.done.at(0).version;
    const auto stale = company.write(items);
    ASSERT_EQ(stale.failed.size(), 1u);
    EXPECT_EQ(stale.failed.at(0).code, ErrorCode::kConflict);

    const auto found = company.find("invoice", {key_of(items.at(0), id)});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.at(0).owned, made.done.at(0).owned) << "the memo is not ours";
    items.at(0).version = found.at(0).version;
    const auto updated = company.write(items);
    ASSERT_EQ(updated.done.size(), 1u) << updated.failed.begin()->second.message;
    const auto rows = Company::ledger("Invoice");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows.at(0).at("total"), "77.56");
}

TEST(Contract, ATakenNumberIsHeld) {
    Company company;
    const auto items = company.documents(paid_order());
    Json by_hand = items.at(0).body;
    by_hand["PrivateNote"] = "by hand";
    const Json made = company.make("salesreceipt", by_hand);
    const auto delivery = company.write(items);
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.at(0).name, "DUPLICATE_DOC_NUMBER") << delivery.failed.at(0).message;
    EXPECT_NE(
        delivery.failed.at(0).message.find(made.at("SalesReceipt").at("Id").get<std::string>()),
        std::string::npos
    );
    EXPECT_EQ(Company::ledger("SalesReceipt").size(), 1u);
}

TEST(Contract, ATakenNameGetsAnEndingAndTheSameEmailIsAdopted) {
    Company company;
    company.make("vendor", {{"DisplayName", "Ines Okafor"}});
    const auto items = company.documents(paid_order());
    ASSERT_EQ(company.write(items).done.size(), 1u);
    EXPECT_EQ(
        Company::ledger("SalesReceipt").at(0).at("customer"), "Ines Okafor (ines@example.test)"
    );

    // Made by somebody else between our search and our write.
    Customer bob;
    bob.id = "9";
    bob.email = "bob@example.test";
    bob.first_name = "Bob";
    const WriteItem customer = item_of(company.books.encode("customer", bob).documents.at(0), 0);
    const Json theirs = company.make(
        "customer",
        {{"DisplayName", "Bob"}, {"PrimaryEmailAddr", {{"Address", "bob@example.test"}}}}
    );
    const auto adopted = company.write({customer});
    ASSERT_EQ(adopted.done.size(), 1u) << adopted.failed.begin()->second.message;
    EXPECT_TRUE(adopted.done.at(0).adopted);
    EXPECT_EQ(adopted.done.at(0).remote_id, theirs.at("Customer").at("Id"));
}

TEST(Contract, InactiveAndAmbiguousOnesAreHeld) {
    Company company;
    const Json customer = company.make(
        "customer",
        {{"DisplayName", "Old Ines"}, {"PrimaryEmailAddr", {{"Address", "ines@example.test"}}}}
    );
    company.make(
        "customer",
        {{"Id", customer.at("Customer").at("Id")},
         {"SyncToken", customer.at("Customer").at("SyncToken")},
         {"sparse", true},
         {"Active", false}}
    );
    company.documents(paid_order());
    EXPECT_EQ(company.held.at("customer:ines@example.test"), "INACTIVE_CUSTOMER");
    for (const char* name : {"A", "B"}) {
        company.make(
            "customer",
            {{"DisplayName", name}, {"PrimaryEmailAddr", {{"Address", "two@example.test"}}}}
        );
    }
    Order order = paid_order();
    order.billing.email = "two@example.test";
    company.documents(order);
    EXPECT_EQ(company.held.at("customer:two@example.test"), "AMBIGUOUS_CUSTOMER");
}

TEST(Contract, OneBadItemOfABatchStopsNoOther) {
    Company company;
    Company::control_qbo("POST", "/options", {{"reverse_batches", true}});
    std::vector<Encoded> orders;
    for (int i = 0; i < 5; ++i) {
        Order order = paid_order();
        order.id = order.number = std::to_string(60 + i);
        order.paid_at = at(i == 2 ? "2026-10-31T15:00:00Z" : "2026-11-21T15:00:00Z");
        orders.push_back(company.books.order(order));
    }
    auto items = company.prepare(orders);
    items.at(4).body["CustomerRef"]["value"] = "99999";
    Company::control_qbo("POST", "/close-books", {{"date", "2026-10-31"}});
    const auto delivery = company.write(items);
    EXPECT_EQ(delivery.done.size(), 3u);
    ASSERT_EQ(delivery.failed.size(), 2u);
    EXPECT_EQ(delivery.failed.at(2).name, "CLOSED_PERIOD");
    EXPECT_EQ(delivery.failed.at(4).name, "qbo.reference");
    for (const auto& row : Company::ledger("SalesReceipt")) {
        const auto index = std::stol(row.at("doc_number").get<std::string>().substr(4)) - 60;
        EXPECT_EQ(delivery.done.at(index).remote_id, row.at("id")) << "matched by bId";
    }
}

TEST(Contract, AnInvoiceIsPaidOnceAndOnlyByUs) {
    Company company;
    company.books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    auto items = company.documents(paid_order());
    ASSERT_EQ(items.size(), 2u);
    const auto invoice = company.write({items.at(0)});
    ASSERT_EQ(invoice.done.size(), 1u);
    company.ids["document:invoice"] = invoice.done.at(0).remote_id;
    items = company.documents(paid_order());
    const std::string key = company.next_key();
    const auto payment = company.write({items.at(1)}, key);
    ASSERT_EQ(payment.done.size(), 1u) << payment.failed.begin()->second.message;
    EXPECT_EQ(payment.done.at(1).owned, items.at(1).body);
    EXPECT_EQ(Company::ledger("Invoice").at(0).at("balance"), "0.00");

    Company::control_qbo("POST", "/forget-requests");
    const auto again = company.write({items.at(1)}, key);
    ASSERT_EQ(again.done.size(), 1u) << again.failed.begin()->second.message;
    EXPECT_TRUE(again.done.at(1).adopted);
    EXPECT_EQ(again.done.at(1).remote_id, payment.done.at(1).remote_id);
    EXPECT_EQ(Company::ledger("Payment").size(), 1u);
}

TEST(Contract, AnInvoicePaidByHandIsNotPaidTwice) {
    Company company;
    company.books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    auto items = company.documents(paid_order());
    const auto invoice = company.write({items.at(0)});
    company.ids["document:invoice"] = invoice.done.at(0).remote_id;
    items = company.documents(paid_order());
    Json by_hand = items.at(1).body;
    by_hand["PrivateNote"] = "by hand";
    company.make("payment", by_hand);
    const auto delivery = company.write({items.at(1)});
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.at(1).name, "INVOICE_ALREADY_PAID");
    EXPECT_EQ(Company::ledger("Payment").size(), 1u);
}

TEST(Contract, TokensAreRefreshedAndRotate) {
    Company company;
    const std::string first = company.books.host.secrets["refresh_token"];
    Company::control_qbo("POST", "/expire-tokens", Json::object());
    const auto report = company.books.connector().check(company.books.call.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().name, "auth.token_expired");
    company.refresh();
    EXPECT_NE(company.books.host.secrets["refresh_token"], first);
    EXPECT_TRUE(company.books.connector().check(company.books.call.call()));

    Company::control_qbo("POST", "/expire-tokens", {{"refresh_tokens", true}});
    const auto dead = company.books.connector().oauth_refresh(company.books.call.call());
    ASSERT_FALSE(dead);
    EXPECT_EQ(dead.error().code, ErrorCode::kAuth);
    EXPECT_EQ(dead.error().name, "auth.invalid_grant");
    company.books.host.secrets["client_secret"] = "wrong";
    const auto wrong = company.books.connector().oauth_refresh(company.books.call.call());
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().name, "auth.invalid_client");
}

TEST(Contract, AnUnknownRealmIsRefusedWithTheWayOut) {
    Company company;
    company.books.settings["realm_id"] = "123456789012345";
    const auto report = company.books.connector().check(company.books.call.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kAuth);
    EXPECT_EQ(report.error().name, "qbo.not_authorised");
}

TEST(Contract, TooManyRequestsAreToldToWait) {
    Company company;
    Company::control_qbo("POST", "/options", {{"limits", true}, {"requests_per_second", 1}});
    std::optional<Error> error;
    for (int i = 0; i < 5 && !error; ++i) {
        const auto report = company.books.connector().check(company.books.call.call());
        error = report ? std::nullopt : std::optional<Error>(report.error());
    }
    Company::control_qbo("POST", "/options", {{"limits", false}});
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::kRateLimited);
    EXPECT_TRUE(error->retry_after);
}

TEST(Contract, ADocumentThatLostItsTaxIsTakenBack) {
    Company company;
    const auto items = company.documents(paid_order());
    // Somebody switches sales tax off after the facts were read.
    Company::control_qbo("POST", "/preferences", {{"TaxPrefs", {{"UsingSalesTax", false}}}});
    const auto delivery = company.write(items);
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.at(0).name, "qbo.amount_mismatch") << delivery.failed.at(0).message;
    const auto kept = Company::ledger("SalesReceipt");
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_TRUE(kept.front().at("voided").get<bool>());
    EXPECT_EQ(kept.front().at("total"), "0.00");
    // Until somebody deletes it there, its number is taken.
    const auto again = company.write(items);
    ASSERT_EQ(again.failed.size(), 1u);
    EXPECT_EQ(again.failed.at(0).name, "VOIDED_IN_BOOKS");
    company.discover();
    EXPECT_EQ(company.books.facts.tax_mode, TaxMode::kOff);
    EXPECT_EQ(Books::hold_code(company.books.order(paid_order())), "TAX_ITEM_MISSING");
}

TEST(Contract, ADocumentThatDoesNotAddUpIsRefusedThereToo) {
    Company company;
    auto items = company.documents(paid_order());
    items.at(0).body["Line"][0]["Amount"] = "40.65";
    const auto delivery = company.write(items);
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.at(0).code, ErrorCode::kBug) << "6070";
    // A cent that follows from the lines is caught by comparing the answer.
    items = company.documents(paid_order());
    items.at(0).body["Line"][2]["Amount"] = "4.96";
    const auto cent = company.write(items);
    ASSERT_EQ(cent.failed.size(), 1u);
    EXPECT_EQ(cent.failed.at(0).name, "qbo.amount_mismatch") << cent.failed.at(0).message;
    EXPECT_NE(cent.failed.at(0).message.find("76.57"), std::string::npos);
    EXPECT_NE(cent.failed.at(0).message.find("76.56"), std::string::npos);
    ASSERT_EQ(Company::ledger("SalesReceipt").size(), 1u);
    EXPECT_TRUE(Company::ledger("SalesReceipt").front().at("voided").get<bool>());
}

TEST(Contract, AnErrorPageAndACutAnswerAreTransient) {
    for (const Json& action :
         {Json{{"status", 503}, {"html", nullptr}},
          Json{{"malformed", true}},
          Json{{"drop", "before"}},
          Json{{"status", 500}, {"body", ""}}}) {
        Company company;
        const auto items = company.documents(paid_order());
        Company::control(
            "POST",
            "/faults",
            {{"platform", "quickbooks"}, {"path", "/salesreceipt"}, {"action", action}}
        );
        const std::string key = company.next_key();
        const auto delivery = company.write(items, key);
        ASSERT_TRUE(delivery.error) << dump_json(action);
        EXPECT_EQ(delivery.error->code, ErrorCode::kTransient) << dump_json(action);
        EXPECT_EQ(company.write(items, key).done.size(), 1u);
        EXPECT_EQ(Company::ledger("SalesReceipt").size(), 1u);
    }
}

}  // namespace
}  // namespace syncline::quickbooks
