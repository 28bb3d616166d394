#include "script.hpp"

namespace syncline::quickbooks {
namespace {

Json customer_row(const std::string& id, const std::string& email, bool active = true) {
    Json row = recorded("customer").at("Customer");
    row["Id"] = id;
    row["PrimaryEmailAddr"] = {{"Address", email}};
    row["Active"] = active;
    return row;
}

Json item_row(const std::string& id, const std::string& sku, bool active = true) {
    Json row = recorded("item_noninventory").at("Item");
    row["Id"] = id;
    row["Sku"] = sku;
    row["Name"] = "Item " + id;
    row["Active"] = active;
    return row;
}

FindKey by_key(const std::string& key) {
    return FindKey{key, key, "", "", Json()};
}

std::map<std::string, Found> found_by(
    Books& books,
    const std::string& entity,
    std::vector<FindKey> keys,
    std::optional<Timestamp> since = std::nullopt
) {
    FindRequest request;
    request.entity = entity;
    request.keys = std::move(keys);
    request.since = since;
    const auto found = books.connector().find(books.call.call(), request);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    std::map<std::string, Found> by;
    for (const auto& one : found ? *found : std::vector<Found>()) {
        by[one.key] = one;
    }
    return by;
}

std::string code_of(const Found& found) {
    return found.hold ? found.hold->code : "";
}

TEST(FindCustomer, ByEmailInOneQueryWithInactiveOnes) {
    Books books;
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Customer WHERE PrimaryEmailAddr IN ('ann@x.example', "
          "'o\\'hara+a@x.example', 'two@x.example', 'gone@x.example', 'no@x.example') AND Active "
          "IN "
          "(true, false) STARTPOSITION 1 MAXRESULTS 1000&minorversion=75",
          query_answer(
              "Customer",
              {customer_row("1", "info@x.example, Ann@X.example"),
               customer_row("2", "o'hara+a@x.example"),
               customer_row("3", "two@x.example"),
               customer_row("4", "two@x.example"),
               customer_row("5", "two@x.example", false),
               customer_row("6", "gone@x.example", false),
               customer_row("7", "ann@x.example", false)}
          )}}
    );
    const auto found = found_by(
        books,
        "customer",
        {by_key("ann@x.example"),
         by_key("o'hara+a@x.example"),
         by_key("two@x.example"),
         by_key("gone@x.example"),
         by_key("no@x.example")}
    );
    ASSERT_EQ(found.size(), 4u);
    EXPECT_EQ(found.at("ann@x.example").remote_id, "1");
    EXPECT_EQ(code_of(found.at("ann@x.example")), "");
    EXPECT_EQ(found.at("ann@x.example").entity, "customer");
    EXPECT_EQ(found.at("ann@x.example").version, "0");
    EXPECT_EQ(found.at("o'hara+a@x.example").remote_id, "2");
    EXPECT_EQ(code_of(found.at("two@x.example")), "AMBIGUOUS_CUSTOMER");
    EXPECT_NE(found.at("two@x.example").hold->message.find("3, 4"), std::string::npos);
    EXPECT_EQ(code_of(found.at("gone@x.example")), "INACTIVE_CUSTOMER");
    const std::string url = books.host.requests.at(0).url;
    EXPECT_NE(url.find("o%5C%27hara%2Ba%40x.example"), std::string::npos) << url;
}

TEST(FindCustomer, EveryRequestCarriesTokenAndWantsJson) {
    Books books;
    const Script script(books, {{"GET query", query_answer("Customer", {})}});
    EXPECT_TRUE(found_by(books, "customer", {by_key("ann@x.example")}).empty());
    const auto& request = books.host.requests.at(0);
    std::map<std::string, std::string> headers(request.headers.begin(), request.headers.end());
    EXPECT_EQ(headers["Authorization"], "Bearer the-access-token");
    EXPECT_EQ(headers["Accept"], "application/json");
    EXPECT_EQ(request.url.find("the-access-token"), std::string::npos);
}

TEST(FindCustomer, ByOurNameWhereThereIsNoEmail) {
    Books books;
    Json row = customer_row("9", "");
    row["DisplayName"] = "Web sales";
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Customer WHERE DisplayName = 'Web sales' AND Active",
          query_answer("Customer", {row})}}
    );
    EXPECT_EQ(
        found_by(books, "customer", {by_key("name:Web sales")}).at("name:Web sales").remote_id, "9"
    );
}

TEST(FindCustomer, ByIdReadsTheRecordItself) {
    Books books;
    FindKey there{"a", "ann@x.example", "", "184", Json()};
    FindKey gone{"b", "bob@x.example", "", "185", Json()};
    const Script script(
        books,
        {{"GET customer/184?minorversion=75", recorded_text("customer")},
         {"GET customer/185", recorded_text("fault_610_not_found"), 400}}
    );
    const auto found = found_by(books, "customer", {there, gone});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.at("a").remote_id, "184");
}

TEST(FindItem, BySkuExactlyAndByOurNames) {
    Books books;
    Json named = item_row("8", "");
    named.erase("Sku");
    named["Name"] = "Web store fee";
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Item WHERE Sku IN ('MUG', 'mug', 'TWICE', 'OLD') AND "
          "Active IN (true, false)",
          query_answer(
              "Item",
              {item_row("1", "MUG"),
               item_row("2", "TWICE"),
               item_row("3", "TWICE"),
               item_row("4", "OLD", false)}
          )},
         {"GET query?query=SELECT * FROM Item WHERE Name = 'Web store fee' AND Active",
          query_answer("Item", {named})}}
    );
    const auto found = found_by(
        books,
        "product",
        {by_key("MUG"), by_key("mug"), by_key("TWICE"), by_key("OLD"), by_key("name:Web store fee")}
    );
    ASSERT_EQ(found.size(), 4u);
    EXPECT_EQ(found.at("MUG").remote_id, "1");
    EXPECT_EQ(found.at("MUG").entity, "item");
    EXPECT_EQ(code_of(found.at("TWICE")), "DUPLICATE_SKU");
    EXPECT_EQ(code_of(found.at("OLD")), "INACTIVE_ITEM");
    EXPECT_EQ(found.at("name:Web store fee").remote_id, "8");
}

TEST(FindItem, AsksOneByOneWhereTheAnswerKeepsSkusToItself) {
    Books books;
    Json silent = item_row("1", "MUG");
    silent.erase("Sku");
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Item WHERE Sku IN ('MUG', 'CUP')",
          query_answer("Item", {silent})},
         {"GET query?query=SELECT * FROM Item WHERE Sku = 'MUG'", query_answer("Item", {silent})},
         {"GET query?query=SELECT * FROM Item WHERE Sku = 'CUP'", query_answer("Item", {})}}
    );
    const auto found = found_by(books, "item", {by_key("MUG"), by_key("CUP")});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.at("MUG").remote_id, "1");
}

TEST(Find, ManyKeysGoInOneBatchOfQueries) {
    Books books;
    std::vector<FindKey> keys;
    std::string answer;
    for (int i = 0; i < 61; ++i) {
        keys.push_back(by_key("SKU-" + std::to_string(i)));
    }
    const Json hit{
        {"bId", "q1"}, {"QueryResponse", {{"Item", Json::array({item_row("45", "SKU-45")})}}}};
    const Json empty{{"bId", "q0"}, {"QueryResponse", Json::object()}};
    const Json last{
        {"bId", "q2"}, {"QueryResponse", {{"Item", Json::array({item_row("60", "SKU-60")})}}}};
    const Script script(
        books,
        {{"POST batch?minorversion=75",
          dump_json({{"BatchItemResponse", Json::array({last, hit, empty})}})}}
    );
    const auto found = found_by(books, "item", keys);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found.at("SKU-45").remote_id, "45");
    EXPECT_EQ(found.at("SKU-60").remote_id, "60");
    const Json sent = parsed(books.host.requests.at(0).body);
    EXPECT_EQ(sent.at("BatchItemRequest").size(), 3u);
    EXPECT_EQ(books.host.metrics["metered_reads"], 3);
    EXPECT_EQ(
        sent.at("BatchItemRequest").at(2).at("Query"),
        "SELECT * FROM Item WHERE Sku = 'SKU-60' AND Active IN (true, false) STARTPOSITION 1 "
        "MAXRESULTS 1000"
    );
}

FindKey document_key(Books& books) {
    const Document document = books.order(paid_order()).documents.at(0);
    return FindKey{
        "k",
        document.natural_key,
        document.marker,
        "",
        with_placeholders_filled(document.body, "17")};
}

TEST(FindDocument, ByItsNumberOnlyWithOurMarker) {
    Books books;
    const FindKey key = document_key(books);
    Json theirs = recorded("salesreceipt").at("SalesReceipt");
    Json ours = theirs;
    ours["Id"] = "9200";
    ours["PrivateNote"] = "[syncline woocommerce:shop:60 v1]\nOrder 60";
    {
        const Script script(
            books,
            {{"GET query?query=SELECT * FROM SalesReceipt WHERE DocNumber = 'WOO-60' STARTPOSITION",
              query_answer("SalesReceipt", {theirs, ours})}}
        );
        EXPECT_EQ(found_by(books, "salesreceipt", {key}).at("k").remote_id, "9200");
    }
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM SalesReceipt", query_answer("SalesReceipt", {theirs})}}
    );
    EXPECT_TRUE(found_by(books, "salesreceipt", {key}).empty());
}

TEST(FindDocument, WithoutANumberAmongThoseMadeSincePageByPage) {
    Books books;
    FindKey key = document_key(books);
    key.body.erase("DocNumber");
    std::vector<Json> page(1000, recorded("salesreceipt").at("SalesReceipt"));
    Json ours = page.front();
    ours["Id"] = "9201";
    ours["PrivateNote"] = "[syncline woocommerce:shop:60 v1]\nOrder 60";
    const std::string query =
        "GET query?query=SELECT * FROM SalesReceipt WHERE MetaData.CreateTime >= "
        "'2026-11-21T07:30:00+00:00' ORDERBY MetaData.CreateTime STARTPOSITION ";
    const Script script(
        books,
        {{query + "1 MAXRESULTS 1000&", query_answer("SalesReceipt", page)},
         {query + "1001 MAXRESULTS 1000&", query_answer("SalesReceipt", {ours})}}
    );
    const auto found = found_by(books, "salesreceipt", {key}, at("2026-11-21T07:30:00Z"));
    EXPECT_EQ(found.at("k").remote_id, "9201");
    EXPECT_NE(books.host.requests.at(0).url.find("%2B00%3A00"), std::string::npos);
}

TEST(FindDocument, WithoutNumberAndTimeIsNotSearchedFor) {
    Books books;
    FindKey key = document_key(books);
    key.body.erase("DocNumber");
    EXPECT_TRUE(found_by(books, "salesreceipt", {key}).empty());
    EXPECT_TRUE(books.host.requests.empty());
}

TEST(FindDocument, PaymentsAreKnownByTheirMarker) {
    Books books;
    Json ours = recorded("payment").at("Payment");
    ours["PrivateNote"] = "[syncline woocommerce:shop:60 v1]";
    Json other = ours;
    other["Id"] = "1";
    other["PrivateNote"] = "[syncline woocommerce:shop:6 v1]";
    const Script script(
        books,
        {{"GET query?query=SELECT * FROM Payment WHERE MetaData.CreateTime >= ",
          query_answer("Payment", {other, ours})}}
    );
    const FindKey key{"k", "woocommerce:shop:60", "[syncline woocommerce:shop:60 v1]", "", Json()};
    const auto found = found_by(books, "payment", {key}, at("2026-11-21T07:30:00Z"));
    EXPECT_EQ(found.at("k").remote_id, "9122");
}

TEST(FindDocument, AVoidedOneIsHeld) {
    Books books;
    FindKey key;
    key.key = "k";
    key.remote_id = "9120";
    const Script script(books, {{"GET invoice/9120", recorded_text("invoice_voided")}});
    EXPECT_EQ(code_of(found_by(books, "invoice", {key}).at("k")), "VOIDED_IN_BOOKS");
}

TEST(Find, OwnedIsWhatEncodeWouldMake) {
    Books books;
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    const Encoded encoded = books.order(paid_order());
    for (const auto& document : encoded.documents) {
        const WriteItem item = item_of(document, 0);
        FindKey key{"k", item.natural_key, item.marker, "9120", item.body};
        const std::string type = item.entity == "invoice" ? "Invoice" : "Payment";
        auto wire = print_wire({{type, stored(item, "9120")}});
        ASSERT_TRUE(wire) << wire.error().message;
        const Script script(books, {{"GET " + item.entity + "/9120", *wire}});
        const auto found = found_by(books, item.entity, {key});
        EXPECT_EQ(found.at("k").owned, item.body)
            << Json::diff(item.body, found.at("k").owned).dump(1);
    }
}

TEST(Find, OwnedWithoutABodyHasNothingThatTheServerMakes) {
    Books books;
    FindKey key;
    key.key = "k";
    key.remote_id = "9120";
    const Script script(books, {{"GET invoice/9120", recorded_text("invoice")}});
    const Json owned = found_by(books, "invoice", {key}).at("k").owned;
    const Json expected = parsed(R"json({
        "BillAddr": {"City": "Duluth", "Country": "USA", "CountrySubDivisionCode": "MN",
                     "Line1": "418 Mill Race Rd", "Line2": "Unit 7", "PostalCode": "55802"},
        "ShipAddr": {"City": "Duluth", "Country": "USA", "CountrySubDivisionCode": "MN",
                     "Line1": "418 Mill Race Rd", "Line2": "Unit 7", "PostalCode": "55802"},
        "BillEmail": {"Address": "ines.okafor@example.test"}, "CurrencyRef": {"value": "USD"},
        "CustomerMemo": {"value": "Leave at side door"}, "CustomerRef": {"value": "184"},
        "DocNumber": "WOO-48213", "DueDate": "2026-10-14", "PrivateNote": "woo:order:48213",
        "SalesTermRef": {"value": "3"}, "TxnDate": "2026-09-14", "TxnTaxDetail": {"TotalTax": "4.75"},
        "ApplyTaxAfterDiscount": true,
        "Line": [
            {"Amount": "49", "Description": "Cedar Mug - Large", "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": "43"}, "Qty": "2", "UnitPrice": "24.5",
                                     "TaxCodeRef": {"value": "TAX"}}},
            {"Amount": "15", "Description": "Tea Sampler", "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": "42"}, "Qty": "1", "UnitPrice": "15",
                                     "TaxCodeRef": {"value": "TAX"}}},
            {"Amount": "6.4", "DetailType": "DiscountLineDetail",
             "DiscountLineDetail": {"PercentBased": false, "DiscountAccountRef": {"value": "86"}}},
            {"Amount": "7.95", "DetailType": "SalesItemLineDetail",
             "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"},
                                     "TaxCodeRef": {"value": "NON"}}}]
    })json");
    EXPECT_EQ(owned, expected) << Json::diff(expected, owned).dump(1);
}

TEST(Find, WhatConcernsTheConnectionIsTheCallsError) {
    struct Case {
        Step step;
        ErrorCode code;
        const char* name;
    };
    for (const auto& one : {
             Case{
                 {"GET", recorded_text("fault_3200_token_expired"), 401},
                 ErrorCode::kAuth,
                 "auth.token_expired"},
             Case{
                 {"GET", recorded_text("fault_3100_app_auth"), 403},
                 ErrorCode::kAuth,
                 "qbo.not_authorised"},
             Case{
                 {"GET", recorded_text("fault_3001_throttle"), 429},
                 ErrorCode::kRateLimited,
                 "qbo.throttled"},
             Case{{"GET", "<html>Bad gateway</html>", 502}, ErrorCode::kTransient, "qbo.server"},
             Case{{"GET", "<html>401</html>", 401}, ErrorCode::kAuth, "auth.token_expired"},
             Case{{"GET", "{\"QueryResp", 200}, ErrorCode::kTransient, "http.not_json"},
             Case{{"GET", "timed out", 0}, ErrorCode::kTransient, "http.timeout"},
             Case{{"GET", fault_answer("4001"), 400}, ErrorCode::kBug, "qbo.query"},
             Case{{"GET", fault_answer("6190"), 200}, ErrorCode::kConfig, "qbo.subscription"},
         }) {
        Books books;
        const Script script(books, {one.step});
        FindRequest request;
        request.entity = "customer";
        request.keys = {by_key("ann@x.example")};
        const auto found = books.connector().find(books.call.call(), request);
        ASSERT_FALSE(found) << one.name;
        EXPECT_EQ(found.error().code, one.code) << found.error().message;
        EXPECT_EQ(found.error().name, one.name) << found.error().message;
        EXPECT_EQ(found.error().message.find("ann@x.example"), std::string::npos);
    }
}

TEST(Find, AnEntityWeDoNotHaveIsUnsupported) {
    Books books;
    FindRequest request;
    request.entity = "journalentry";
    const auto found = books.connector().find(books.call.call(), request);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::kUnsupported);
}

TEST(Find, StopsWhenTheHostAsks) {
    Books books;
    books.call.cancelled = true;
    FindRequest request;
    request.entity = "customer";
    request.keys = {by_key("ann@x.example")};
    const auto found = books.connector().find(books.call.call(), request);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::kCancelled);
    EXPECT_TRUE(books.host.requests.empty());
}

TEST(FindDocument, SaysHowItsMoneyDiffersFromWhatWasSentWhenAsked) {
    Books books;
    const WriteItem item = item_of(books.order(paid_order()).documents.at(0), 0);
    FindKey key{"a", item.natural_key, item.marker, "", item.body, item.money};
    for (const auto& [total, tax, differs] :
         std::vector<std::tuple<std::string, std::string, std::string>>{
             {"76.56", "3.61", ""}, {"76.55", "3.60", "76.55"}, {"76.56", "3.62", "3.62"}}) {
        Json row = stored(item, "9121");
        row["TotalAmt"] = total;
        row["TxnTaxDetail"]["TotalTax"] = tax;
        const std::string answer = query_answer("SalesReceipt", {row});
        const Script script(books, {{"GET query", answer}, {"GET query", answer}});
        const Found found = found_by(books, "salesreceipt", {key}).at("a");
        EXPECT_EQ(found.differs.empty(), differs.empty()) << found.differs;
        EXPECT_NE(found.differs.find(differs), std::string::npos) << found.differs;
        FindKey unasked = key;
        unasked.money.reset();
        EXPECT_EQ(found_by(books, "salesreceipt", {unasked}).at("a").differs, "");
    }
}

}  // namespace
}  // namespace syncline::quickbooks
