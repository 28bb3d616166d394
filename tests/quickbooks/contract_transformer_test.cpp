// A tenant's choices and every entity against the running sandbox, which checks currencies, lists
// and custom fields by itself.
#include "quickbooks/choice_checks.hpp"
#include "quickbooks/entities.hpp"
#include "sandbox_company.hpp"

namespace syncline::quickbooks {
namespace {

void prefer(const char* group, const Json& members) {
    Company::control_qbo("POST", "/preferences", {{group, members}});
}

// The order with the same figures in another currency.
Order order_in(const char* id, const char* code) {
    Json json = to_json(paid_order());
    std::string text = dump_json(json);
    const std::string home = "\"USD\"";
    const std::string wanted = "\"" + std::string(code) + "\"";
    for (auto at = text.find(home); at != std::string::npos; at = text.find(home, at + 5)) {
        text.replace(at, home.size(), wanted);
    }
    Order order = *from_json<Order>(parsed(text));
    order.id = order.number = id;
    return order;
}

Json object_of(Company& company, const char* entity, const char* type, const std::string& id) {
    FindKey key;
    key.key = "k";
    key.remote_id = id;
    EXPECT_EQ(company.find(entity, {key}).size(), 1u);
    ReadRequest request;
    request.entity = entity;
    request.ids = {id};
    const auto page = company.books.connector().read(company.books.call.call(), request);
    EXPECT_TRUE(page && page->records.size() == 1) << type;
    return page ? parsed(page->records.front().json) : Json();
}

TEST(ContractCurrencies, ABuyerHasACustomerForEachCurrencyAndEveryDocumentItsOwn) {
    Company company;
    prefer("CurrencyPrefs", {{"MultiCurrencyEnabled", true}});
    company.discover();
    ASSERT_TRUE(company.books.facts.multi_currency);
    company.books.settings["exchange_rate_meta"] = "_rate";
    Order euros = order_in("61", "EUR");
    euros.raw = {{"meta_data", Json::array({{{"key", "_rate"}, {"value", "1.0812"}}})}};
    auto items = company.prepare({company.books.order(paid_order()), company.books.order(euros)});
    ASSERT_EQ(items.size(), 2u);
    const auto delivery = company.write(items);
    ASSERT_EQ(delivery.done.size(), 2u) << delivery.failed.begin()->second.message;
    const Json& own = delivery.done.at(0).owned;
    const Json& foreign = delivery.done.at(1).owned;
    EXPECT_EQ(reference_at(own, "CurrencyRef"), "USD");
    EXPECT_EQ(reference_at(foreign, "CurrencyRef"), "EUR");
    EXPECT_EQ(text_at(foreign, "ExchangeRate"), "1.0812");
    EXPECT_NE(reference_at(own, "CustomerRef"), reference_at(foreign, "CustomerRef"));

    // Found again, each by its own key, and not made a third time.
    company.ids.clear();
    const auto again = company.prepare(
        {company.books.order(order_in("62", "EUR")), company.books.order(paid_order())}
    );
    EXPECT_EQ(reference_at(again.at(0).body, "CustomerRef"), reference_at(foreign, "CustomerRef"));
    EXPECT_EQ(reference_at(again.at(1).body, "CustomerRef"), reference_at(own, "CustomerRef"));
    EXPECT_TRUE(company.held.empty());

    // An update leaves the rate as it was, whatever the shop says by now.
    euros.raw["meta_data"][0]["value"] = "1.5";
    euros.customer_note = "Ring twice";
    WriteItem update =
        company
            .documents(
                euros, {{"sales_receipt", "salesreceipt", delivery.done.at(1).remote_id, foreign}}
            )
            .at(0);
    update.remote_id = delivery.done.at(1).remote_id;
    update.version = delivery.done.at(1).version;
    const auto updated = company.write({update});
    ASSERT_EQ(updated.done.size(), 1u) << updated.failed.begin()->second.message;
    EXPECT_EQ(text_at(updated.done.at(0).owned, "ExchangeRate"), "1.0812");
}

TEST(ContractCurrencies, AnInvoiceAndItsPaymentAreInTheOrdersCurrency) {
    Company company;
    prefer("CurrencyPrefs", {{"MultiCurrencyEnabled", true}});
    company.discover();
    company.books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    auto items = company.documents(order_in("63", "GBP"));
    ASSERT_EQ(items.size(), 2u);
    const auto invoice = company.write({items.at(0)});
    ASSERT_EQ(invoice.done.size(), 1u) << invoice.failed.begin()->second.message;
    company.ids["document:invoice"] = invoice.done.at(0).remote_id;
    const auto payment = company.write({company.documents(order_in("63", "GBP")).at(1)});
    ASSERT_EQ(payment.done.size(), 1u) << payment.failed.begin()->second.message;
    EXPECT_EQ(reference_at(payment.done.at(1).owned, "CurrencyRef"), "GBP");
    EXPECT_EQ(Company::ledger("Payment").at(0).at("total"), "76.56");
}

TEST(ContractDimensions, CustomFieldsClassAndLocationArriveAndStay) {
    Company company;
    prefer("AccountingInfoPrefs", {{"ClassTrackingPerTxn", true}, {"TrackDepartments", true}});
    company.make("class", {{"Name", "Online"}});
    company.make("department", {{"Name", "Duluth"}});
    company.discover();
    ASSERT_EQ(company.books.facts.custom_fields.size(), 1u);
    const Json choices = parsed(R"({
        "custom_field_mappings": {"1": "number"}, "class_rules": {"a": {"use": "Online"}},
        "location_rules": {"a": {"use": "Duluth"}}, "default_payment_terms_days": 15})");
    const auto checked =
        check_tenant_choices(company.books.host.handle(), choices, company.books.facts);
    EXPECT_TRUE(checked.skip) << dump_json(to_json(checked));
    company.books.settings.update(choices);
    const auto items = company.documents(unpaid_order());
    const auto made = company.write(items);
    ASSERT_EQ(made.done.size(), 1u) << made.failed.begin()->second.message;
    const Json& owned = made.done.at(0).owned;
    EXPECT_EQ(owned, items.at(0).body) << Json::diff(items.at(0).body, owned).dump(1);
    EXPECT_EQ(reference_at(owned, "ClassRef"), company.books.facts.classes.at(0).id);
    EXPECT_EQ(reference_at(owned, "DepartmentRef"), company.books.facts.locations.at(0).id);
    EXPECT_EQ(text_at(owned.at("CustomField").at(0), "StringValue"), "60");
    EXPECT_EQ(reference_at(owned, "SalesTermRef"), company.books.facts.term("Net 15")->id);
}

TEST(ContractInactive, ACustomerAndAnItemAreMadeActiveAgainWhenThatIsChosen) {
    Company company;
    auto items = company.documents(paid_order());
    const std::string customer = company.ids.at("customer:ines@example.test");
    const std::string item = company.ids.at("product:SKU-1");
    for (const auto& [entity, id] :
         {std::pair<const char*, std::string>{"customer", customer}, {"item", item}}) {
        company.make(entity, {{"Id", id}, {"SyncToken", "0"}, {"sparse", true}, {"Active", false}});
    }
    company.ids.clear();
    static_cast<void>(company.documents(paid_order()));
    EXPECT_EQ(company.held.at("customer:ines@example.test"), "INACTIVE_CUSTOMER");
    EXPECT_EQ(company.held.at("product:SKU-1"), "INACTIVE_ITEM");

    company.held.clear();
    company.books.settings["inactive_records"] = "reactivate";
    items = company.documents(paid_order());
    EXPECT_TRUE(company.held.empty());
    EXPECT_EQ(company.ids.at("customer:ines@example.test"), customer);
    EXPECT_EQ(company.ids.at("product:SKU-1"), item);
    const auto delivery = company.write(items);
    EXPECT_EQ(delivery.done.size(), 1u);
}

TEST(ContractEntities, NativeRecordsAreWrittenReadFoundChangedAndTakenAway) {
    Company company;
    const auto written = [&](const char* entity, const Json& raw, Written before = {}) {
        EncodeRequest request = company.books.request(entity);
        request.records = {{{"id", "n1"}, {"raw", raw}}};
        const auto encoded = company.books.connector().encode(company.books.call.call(), request);
        EXPECT_TRUE(encoded && !encoded->front().documents.empty()) << entity;
        WriteItem item = item_of(encoded->front().documents.front(), 0);
        item.remote_id = before.remote_id;
        item.version = before.version;
        const auto delivery = company.write({item});
        EXPECT_EQ(delivery.done.size(), 1u)
            << entity << (delivery.failed.empty() ? "" : delivery.failed.at(0).message);
        return delivery.done.empty() ? Written{} : delivery.done.at(0);
    };
    const Written vendor = written("vendor", {{"DisplayName", "Acme Tools"}});
    const std::string account = company.books.facts.account("Freight")->id;
    Json bill = {
        {"VendorRef", {{"value", vendor.remote_id}}},
        {"TotalAmt", "12.5"},
        {"Line",
         Json::array(
             {{{"Amount", "12.5"},
               {"DetailType", "AccountBasedExpenseLineDetail"},
               {"AccountBasedExpenseLineDetail", {{"AccountRef", {{"value", account}}}}}}}
         )}};
    const Written billed = written("bill", bill);
    static_cast<void>(company.documents(paid_order()));
    const Json estimate = {
        {"CustomerRef", {{"value", company.ids.at("customer:ines@example.test")}}},
        {"Line",
         Json::array(
             {{{"Amount", "20"},
               {"DetailType", "SalesItemLineDetail"},
               {"SalesItemLineDetail",
                {{"ItemRef", {{"value", company.ids.at("product:SKU-1")}}},
                 {"TaxCodeRef", {{"value", "NON"}}}}}}}
         )}};
    const Written estimated = written("estimate", estimate);

    EXPECT_EQ(object_of(company, "vendor", "Vendor", vendor.remote_id).at("name"), "Acme Tools");
    EXPECT_EQ(
        object_of(company, "bill", "Bill", billed.remote_id).at("raw").at("TotalAmt"),
        parsed("12.5")
    );
    EXPECT_EQ(company.find("vendor", {{"k", "name:Acme Tools", "", "", Json()}}).size(), 1u);
    const auto marked = company.find(
        "bill",
        {{"k", "woocommerce:shop:n1", "[syncline woocommerce:shop:n1 v1]", "", Json()}},
        Timestamp{0}
    );
    ASSERT_EQ(marked.size(), 1u);
    EXPECT_EQ(marked.front().remote_id, billed.remote_id);

    bill["TotalAmt"] = bill["Line"][0]["Amount"] = "14";
    const Written changed = written("bill", bill, billed);
    EXPECT_EQ(changed.remote_id, billed.remote_id);
    EXPECT_EQ(
        object_of(company, "bill", "Bill", billed.remote_id).at("raw").at("TotalAmt"), parsed("14")
    );

    const auto take = [&](const char* entity, DocumentOperation operation, const Written& which) {
        WriteItem item;
        item.entity = entity;
        item.operation = operation;
        item.remote_id = which.remote_id;
        item.version = which.version;
        return company.write({item});
    };
    for (const auto& [entity, which] :
         {std::pair<const char*, Written>{"bill", changed}, {"estimate", estimated}}) {
        const auto refused = take(entity, DocumentOperation::kVoid, which);
        ASSERT_EQ(refused.failed.size(), 1u) << entity;
        EXPECT_EQ(refused.failed.at(0).code, ErrorCode::kUnsupported) << entity;
        EXPECT_EQ(take(entity, DocumentOperation::kDelete, which).done.size(), 1u) << entity;
    }
    EXPECT_EQ(take("vendor", DocumentOperation::kDelete, vendor).done.size(), 1u);
    const auto gone = company.find("vendor", {{"k", "", "", vendor.remote_id, Json()}});
    ASSERT_EQ(gone.size(), 1u);
    EXPECT_EQ(gone.front().hold->code, "INACTIVE_VENDOR");
}

TEST(ContractEntities, TheListsOfTheBooksAreReadAndNotWritten) {
    Company company;
    company.make("class", {{"Name", "Online"}});
    company.make("department", {{"Name", "Duluth"}});
    for (const char* entity :
         {"account",
          "tax_code",
          "term",
          "payment_method",
          "class",
          "department",
          "company_info",
          "preferences"}) {
        Timestamp told;
        for (const bool changes : {false, true}) {
            ReadRequest request;
            request.entity = entity;
            if (changes) {
                company.books.host.now = told;
                request.window.from = Timestamp{told.ms - 3'600'000};
            }
            const auto page = company.books.connector().read(company.books.call.call(), request);
            ASSERT_TRUE(page) << entity << ": " << page.error().message;
            told = page->source_time;
            EXPECT_FALSE(page->records.empty() && !page->more) << entity;
            for (const auto& record : page->records) {
                const Json json = parsed(record.json);
                EXPECT_EQ(json.at("id"), record.key) << entity;
                EXPECT_EQ(text_at(json.at("raw"), "Id"), record.key) << entity;
            }
        }
        WriteItem item;
        item.entity = entity;
        item.body = {{"Name", "x"}};
        const auto refused = company.write({item});
        ASSERT_EQ(refused.failed.size(), 1u) << entity;
        EXPECT_EQ(refused.failed.at(0).name, "qbo.read_only") << entity;
    }
}

}  // namespace
}  // namespace syncline::quickbooks
