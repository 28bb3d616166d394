// What a tenant's rules make of orders: terms, classes, locations, custom fields, currencies, and
// records without a model.
#include "books.hpp"
#include "quickbooks/customer_key.hpp"
#include "quickbooks/entities.hpp"
#include "quickbooks/native.hpp"

namespace syncline::quickbooks {
namespace {

Json with_meta(std::vector<std::pair<std::string, Json>> entries) {
    Json meta = Json::array();
    for (const auto& [key, value] : entries) {
        meta.push_back({{"key", key}, {"value", value}});
    }
    return {{"meta_data", std::move(meta)}};
}

Order in_currency(Order order, const char* code) {
    const Currency wanted = currency(code);
    const auto change = [&](Money& amount) { amount = Money{amount.minor(), wanted}; };
    order.currency = wanted;
    for (auto& line : order.lines) {
        for (Money* amount : {&line.total, &line.total_tax, &line.subtotal, &line.subtotal_tax}) {
            change(*amount);
        }
    }
    for (auto& line : order.shipping_lines) {
        change(line.total);
        change(line.total_tax);
    }
    for (Money* amount :
         {&order.total, &order.tax_total, &order.discount_total, &order.shipping_total}) {
        change(*amount);
    }
    return order;
}

Need customer_of(const Encoded& encoded) {
    const auto found =
        std::find_if(encoded.needs.begin(), encoded.needs.end(), [](const Need& need) {
            return need.entity == "customer";
        });
    EXPECT_NE(found, encoded.needs.end());
    return *found;
}

TEST(Terms, AreChosenByRuleThenGatewayThenDaysThenTheCompanys) {
    const auto term_and_due = [](Books& books, const Order& order) {
        const Json body = books.body(order);
        return reference_at(body, "SalesTermRef") + " " + text_at(body, "DueDate");
    };
    Books books;
    Order order = unpaid_order();
    EXPECT_EQ(term_and_due(books, order), "3 2026-12-20");
    books.settings["default_payment_terms_days"] = 14;
    EXPECT_EQ(term_and_due(books, order), " 2026-12-04") << "no term of 14 days is there";
    books.settings["default_payment_terms_days"] = 30;
    EXPECT_EQ(term_and_due(books, order), "3 2026-12-20");
    books.settings["default_payment_terms_days"] = 0;
    EXPECT_EQ(term_and_due(books, order), " 2026-11-20");
    books.settings["terms"] = {{"bacs", "15th"}};
    EXPECT_EQ(term_and_due(books, order), "5 2026-12-15");
    books.settings["term_rules"] = parsed(
        R"({"2": {"use": "15th"}, "1": {"when": {"meta": {"_b2b": "yes"}}, "use": "net 30"}})"
    );
    EXPECT_EQ(term_and_due(books, order), "5 2026-12-15");
    order.raw = with_meta({{"_b2b", "yes"}});
    EXPECT_EQ(term_and_due(books, order), "3 2026-12-20");
    books.settings["term_rules"]["1"]["use"] = "Net 90";
    EXPECT_EQ(Books::hold_code(books.order(order)), "TERM_UNKNOWN");
}

TEST(Rules, MatchOnlyWhenEveryMemberDoes) {
    Order order = paid_order();
    order.raw = with_meta({{"_role", "wholesale"}, {"_n", 7}, {"_none", nullptr}});
    const auto chosen = [&](const char* when) {
        const Rules rules{{"a", Rule{*from_json<Condition>(parsed(when)), "x"}}};
        return rule_for(rules, order) != nullptr;
    };
    EXPECT_TRUE(chosen("{}"));
    EXPECT_TRUE(chosen(R"({"gateways": ["bacs", "stripe"], "countries": ["US"],
                           "currencies": ["USD"], "statuses": ["processing"]})"));
    EXPECT_FALSE(chosen(R"({"gateways": ["stripe"], "countries": ["DE"]})"));
    EXPECT_FALSE(chosen(R"({"currencies": ["EUR"]})"));
    EXPECT_FALSE(chosen(R"({"statuses": ["completed"]})"));
    EXPECT_TRUE(chosen(R"({"meta": {"_role": "wholesale", "_n": "7"}})"));
    EXPECT_FALSE(chosen(R"({"meta": {"_role": "retail"}})"));
    EXPECT_TRUE(chosen(R"({"meta": {"_role": "*"}})"));
    EXPECT_FALSE(chosen(R"({"meta": {"_none": "*"}})"));
    EXPECT_FALSE(chosen(R"({"meta": {"_other": "*"}})"));
}

TEST(Dimensions, ClassAndLocationComeByRuleWhereTheCompanyTracksByThem) {
    Books books;
    books.facts.classes = {{"200", "Online"}};
    books.facts.locations = {{"300", "Duluth"}};
    books.settings["class_rules"] = parsed(R"({"a": {"use": "online"}})");
    books.settings["location_rules"] =
        parsed(R"({"a": {"when": {"gateways": ["bacs"]}, "use": "Duluth"}})");
    EXPECT_EQ(Books::hold_code(books.order(paid_order())), "DIMENSION_NOT_TRACKED");
    books.facts.classes_per_document = true;
    Json body = books.body(paid_order());
    EXPECT_EQ(reference_at(body, "ClassRef"), "200");
    EXPECT_FALSE(body.contains("DepartmentRef"));
    books.facts.classes_per_document = false;
    books.facts.classes_per_line = books.facts.tracks_locations = true;
    body = books.body(unpaid_order());
    EXPECT_FALSE(body.contains("ClassRef"));
    EXPECT_EQ(reference_at(body, "DepartmentRef"), "300");
    for (const auto& line : body.at("Line")) {
        EXPECT_EQ(reference_at(child_at(line, "SalesItemLineDetail"), "ClassRef"), "200");
    }
    books.settings["class_rules"]["a"]["use"] = "Shop";
    EXPECT_EQ(Books::hold_code(books.order(paid_order())), "CLASS_UNKNOWN");
    books.settings.erase("class_rules");
    books.settings["location_rules"]["a"] = {{"use", "Moon"}};
    EXPECT_EQ(Books::hold_code(books.order(paid_order())), "LOCATION_UNKNOWN");
}

TEST(CustomFields, HoldWhatTheirSourceSaysByDefinitionId) {
    Books books;
    books.facts.custom_fields = {{"1", "Web order"}, {"3", "PO"}};
    books.settings["custom_field_mappings"] = parsed(R"({"1": "number", "3": "meta:_po_number"})");
    Order order = paid_order();
    EXPECT_EQ(
        books.body(order).at("CustomField"),
        parsed(R"([{"DefinitionId": "1", "Type": "StringType", "StringValue": "60"}])")
    ) << "what the order has not is left out";
    order.raw = with_meta({{"_po_number", " PO\n7 "}});
    EXPECT_EQ(text_at(books.body(order).at("CustomField").at(1), "StringValue"), "PO 7");
    order.raw = with_meta({{"_po_number", std::string(40, 'x')}});
    const Encoded cut = books.order(order);
    EXPECT_EQ(
        text_at(cut.documents.at(0).body.at("CustomField").at(1), "StringValue"),
        std::string(31, 'x')
    );
    EXPECT_EQ(cut.warnings.at(0).code, "TEXT_CUT");
    books.facts.custom_fields.pop_back();
    EXPECT_EQ(Books::hold_code(books.order(order)), "CUSTOM_FIELD_UNKNOWN");
}

TEST(StartDate, LeavesOutWhatIsFromBeforeUnlessItWasPosted) {
    Books books;
    books.settings["start_date"] = "2026-11-21";  // in Chicago the order is of the 20th
    EXPECT_EQ(Books::skip_code(books.order(paid_order())), "BEFORE_START");
    EXPECT_EQ(
        books.order(paid_order(), {{"sales_receipt", "salesreceipt", "9001"}}).documents.size(), 1u
    );
    books.settings["start_date"] = "2026-11-20";
    EXPECT_EQ(books.order(paid_order()).documents.size(), 1u);
}

TEST(StartDate, IsTheDayTheCompanyWasConnectedUnlessOneIsChosen) {
    Books books;
    books.facts.start_day = "2026-11-21";
    const Encoded early = books.order(paid_order());  // of the 20th in Chicago
    ASSERT_EQ(Books::skip_code(early), "BEFORE_START");
    EXPECT_NE(early.skip->message.find("set start_date"), std::string::npos);
    EXPECT_EQ(
        books.order(paid_order(), {{"sales_receipt", "salesreceipt", "9"}}).documents.size(), 1u
    );
    books.settings["start_date"] = "2026-11-20";
    EXPECT_EQ(books.order(paid_order()).documents.size(), 1u);
    books.settings.erase("start_date");
    books.facts.start_day = "2026-11-20";
    EXPECT_EQ(books.order(paid_order()).documents.size(), 1u);
}

TEST(ForeignCurrency, IsHeldWhereTheBooksHaveOneOnly) {
    Books books;
    EXPECT_EQ(Books::hold_code(books.order(in_currency(paid_order(), "EUR"))), "FOREIGN_CURRENCY");
}

TEST(ForeignCurrency, HasACustomerOfItsOwnAndTheOrdersRate) {
    Books books;
    books.facts.multi_currency = true;
    books.settings["exchange_rate_meta"] = "_rate";
    Order order = in_currency(paid_order(), "EUR");
    order.raw = with_meta({{"_rate", "1.081234567"}});
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Json& body = encoded.documents.at(0).body;
    EXPECT_EQ(reference_at(body, "CurrencyRef"), "EUR");
    EXPECT_EQ(text_at(body, "ExchangeRate"), "1.0812346");
    EXPECT_EQ(encoded.documents.at(0).money->total.currency(), currency("EUR"));
    const Need need = customer_of(encoded);
    EXPECT_EQ(need.natural_key, "ines@example.test (EUR)");
    EXPECT_EQ(need.source_id, "") << "the shop's customer is the one in the books' own currency";

    EncodeRequest request = books.request("customer");
    request.records = {need.record};
    const auto made = books.connector().encode(books.call.call(), request);
    ASSERT_TRUE(made);
    const Document& customer = made->front().documents.at(0);
    EXPECT_EQ(customer.natural_key, need.natural_key);
    EXPECT_EQ(text_at(customer.body, "DisplayName"), "Ines Okafor (EUR)");
    EXPECT_EQ(reference_at(customer.body, "CurrencyRef"), "EUR");
    for (const auto& name : customer.body.at("$alternatives")) {
        EXPECT_NE(name.get<std::string>().find(" (EUR)"), std::string::npos);
    }

    const Encoded own = books.order(paid_order());
    EXPECT_EQ(customer_of(own).natural_key, "ines@example.test");
    EXPECT_EQ(customer_of(own).source_id, "4");
    EXPECT_EQ(reference_at(own.documents.at(0).body, "CurrencyRef"), "USD");
    EXPECT_FALSE(own.documents.at(0).body.contains("ExchangeRate"));
}

TEST(ForeignCurrency, TheRateOfAPostedDocumentStays) {
    Books books;
    books.facts.multi_currency = true;
    books.settings["exchange_rate_meta"] = "_rate";
    Order order = in_currency(paid_order(), "EUR");
    order.raw = with_meta({{"_rate", "1.2"}});
    KnownDocument posted{"sales_receipt", "salesreceipt", "9001"};
    posted.owned = {{"ExchangeRate", "1.08"}};
    EXPECT_EQ(text_at(books.order(order, {posted}).documents.at(0).body, "ExchangeRate"), "1.08");
    posted.owned = {{"TotalAmt", "1"}};  // QuickBooks' own, which an update leaves alone
    EXPECT_FALSE(books.order(order, {posted}).documents.at(0).body.contains("ExchangeRate"));
    for (const char* wrong : {"0", "-1", "one", "1,08"}) {
        order.raw = with_meta({{"_rate", wrong}});
        EXPECT_EQ(Books::hold_code(books.order(order)), "EXCHANGE_RATE_UNREADABLE") << wrong;
    }
    order.raw = with_meta({{"_rate", ""}});
    EXPECT_FALSE(books.order(order).documents.at(0).body.contains("ExchangeRate"));
}

TEST(CustomerKeys, TheCurrencyIsWhatStandsBehindTheAddress) {
    const auto parsed_key = [](const char* key) {
        const CustomerKey parsed = parse_customer_key(key);
        return parsed.email + "|" + (parsed.currency ? std::string(parsed.currency->code()) : "");
    };
    EXPECT_EQ(parsed_key("ann@x.example (EUR)"), "ann@x.example|EUR");
    EXPECT_EQ(parsed_key("ann@x.example"), "ann@x.example|");
    EXPECT_EQ(parsed_key("ann@x.example (eur)"), "ann@x.example (eur)|");
    EXPECT_EQ(parsed_key(" (EUR)"), " (EUR)|");
    EXPECT_EQ(
        parse_customer_key("a@b.c" + currency_key_suffix(currency("JPY"))).currency, currency("JPY")
    );
}

TEST(MissingRecords, AreMadeOnlyIfTheTenantWantsThat) {
    Books books;
    books.settings["missing_customers"] = "hold";
    books.settings["missing_items"] = "hold";
    Encoded encoded = books.order(paid_order());
    ASSERT_EQ(encoded.needs.size(), 3u);
    for (const auto& need : encoded.needs) {
        EXPECT_TRUE(need.record.is_null()) << need.key;
    }
    Order guest = paid_order();
    guest.customer_id = guest.billing.email = "";
    EXPECT_FALSE(customer_of(books.order(guest)).record.is_null()) << "our own Web sales";
}

TEST(InactiveRecords, TheChoiceTravelsWithNeedsAndDocuments) {
    Books books;
    EXPECT_FALSE(customer_of(books.order(paid_order())).record.contains(kInactiveMember));
    books.settings["inactive_records"] = "reactivate";
    const Encoded encoded = books.order(paid_order());
    for (const auto& need : encoded.needs) {
        EXPECT_EQ(text_at(need.record, kInactiveMember), "reactivate");
    }
    Customer customer;
    customer.email = "ann@x.example";
    const Json body = books.encode("customer", customer).documents.at(0).body;
    EXPECT_EQ(text_at(body, kInactiveMember), "reactivate");
    EXPECT_EQ(print_wire(body)->find("inactive"), std::string::npos);
}

TEST(NativeRecords, BecomeTheirObjectWithoutWhatQuickBooksMakes) {
    Books books;
    const Json bill = parsed(R"json({"id": "b7", "raw": {
        "Id": "9", "SyncToken": "3", "MetaData": {}, "domain": "QBO", "TotalAmt": "12.5",
        "Balance": "0", "VendorRef": {"value": "4"}, "PrivateNote": "Rent",
        "Line": [{"Id": "1", "LineNum": 1, "Amount": "12.5",
                  "DetailType": "AccountBasedExpenseLineDetail",
                  "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "92"}}},
                 {"Amount": "12.5", "DetailType": "SubTotalLineDetail"}]}})json");
    const Encoded encoded = books.encode("bill", bill);
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    const Document& document = encoded.documents.front();
    EXPECT_EQ(document.entity, "bill");
    EXPECT_EQ(document.natural_key, "woocommerce:shop:b7");
    EXPECT_EQ(document.money->total, money("12.50"));
    EXPECT_EQ(document.body, parsed(R"json({"VendorRef": {"value": "4"},
            "PrivateNote": "[syncline woocommerce:shop:b7 v1]\nRent",
            "Line": [{"Amount": "12.5", "DetailType": "AccountBasedExpenseLineDetail",
                      "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "92"}}}]})json"));
    const Encoded vendor =
        books.encode("vendor", parsed(R"({"id": "v", "raw": {"DisplayName": "Acme: Tools"}})"));
    EXPECT_EQ(vendor.documents.at(0).natural_key, "name:Acme- Tools");
    EXPECT_FALSE(vendor.documents.at(0).money);
    for (const auto& [record, code] : std::vector<std::pair<const char*, const char*>>{
             {R"({"raw": {"DisplayName": "A"}})", "RECORD_UNREADABLE"},
             {R"({"id": "v"})", "RECORD_UNREADABLE"},
             {R"({"id": "v", "raw": {"DisplayName": "A", "X": [{"$need": "a"}]}})",
              "RECORD_UNREADABLE"},
             {R"({"id": "v", "raw": {"Notes": "A"}})", "NAME_MISSING"}}) {
        EXPECT_EQ(Books::hold_code(books.encode("vendor", parsed(record))), code) << record;
    }
}

TEST(Entities, EveryRowHasWhatTheGenericOperationsAskOfIt) {
    std::set<std::string> names;
    for (const auto& row : entities()) {
        const std::string name(row.entity);
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_EQ(find_entity(row.canonical), &row) << name;
        EXPECT_TRUE(parse_json(row.shape)) << name;
        EXPECT_EQ(row.owned_paths.empty(), !row.writable) << name;
        EXPECT_EQ(row.removal == Removal::kDeactivate, !row.transaction) << name;
    }
    for (const char* name :
         {"customer",
          "vendor",
          "item",
          "invoice",
          "salesreceipt",
          "payment",
          "bill",
          "estimate",
          "account",
          "taxcode",
          "term",
          "paymentmethod",
          "class",
          "department",
          "companyinfo",
          "preferences"}) {
        EXPECT_EQ(names.count(name), 1u) << name;
    }
}

}  // namespace
}  // namespace syncline::quickbooks
