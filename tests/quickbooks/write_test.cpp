#include "script.hpp"

namespace syncline::quickbooks {
namespace {

constexpr const char* kKey = "5f0c6a4e-8f1d-5e3b-9a55-6f4f3e1d2c3b";

std::string with_key(const std::string& path, const std::string& suffix = "") {
    return "POST " + path + (path.find('?') == std::string::npos ? "?" : "&") +
           "requestid=" + kKey + suffix + "&minorversion=75";
}

WriteItem receipt(Books& books, std::int64_t index = 0, const std::string& id = "60") {
    Order order = paid_order();
    order.id = order.number = id;
    return item_of(books.order(order).documents.at(0), index);
}

WriteItem customer(Books& books, std::int64_t index = 0) {
    const Need need = books.order(paid_order()).needs.back();
    return item_of(
        books.encode("customer", *from_json<Customer>(need.record)).documents.at(0), index
    );
}

WriteItem item(Books& books, std::int64_t index = 0) {
    const Need need = books.order(paid_order()).needs.front();
    return item_of(
        books.encode("product", *from_json<Product>(need.record)).documents.at(0), index
    );
}

std::string answered(const std::string& type, const Json& object) {
    return *print_wire({{type, object}});
}

struct WriteResult {
    plugin::testing::FakeOutcomes outcomes;
    Result<void> result;
};

// Runs one write; the error of the call, if any, comes back, the rest is in `outcomes`.
std::optional<Error> written(
    Books& books, const std::vector<WriteItem>& items, plugin::testing::FakeOutcomes& outcomes
) {
    WriteRequest request;
    request.items = items;
    for (const auto& item : items) {
        if (item.operation != DocumentOperation::kUpsert) {
            outcomes.removals.insert(item.index);
        }
    }
    const auto result = books.connector().write(books.call.call(), request, outcomes.outcomes());
    return result ? std::nullopt : std::optional<Error>(result.error());
}

TEST(Write, OneItemIsACallOfItsOwnUnderTheKey) {
    Books books;
    const WriteItem one = receipt(books);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books, {{with_key("salesreceipt"), answered("SalesReceipt", stored(one, "9121"))}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9121");
    EXPECT_EQ(outcomes.done.at(0).version, "0");
    EXPECT_EQ(outcomes.done.at(0).owned, one.body);
    EXPECT_FALSE(outcomes.done.at(0).adopted);
    const std::string& body = books.host.requests.at(0).body;
    EXPECT_NE(body.find(R"("TotalTax":3.61)"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("Amount":40.64)"), std::string::npos) << body;
}

TEST(Write, ABatchIsMatchedByIdAndNotByPlace) {
    Books books;
    const std::vector<WriteItem> items{
        receipt(books, 0, "60"), receipt(books, 1, "61"), receipt(books, 7, "62")};
    const auto answer = [&](const char* id, const WriteItem& one, const char* remote) {
        return Json{{"bId", id}, {"SalesReceipt", stored(one, remote)}};
    };
    const Json fault = parsed(fault_answer("6210"));
    Json refused{{"bId", "b1"}};
    refused.update(fault);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("batch"),
          *print_wire(
              {{"BatchItemResponse",
                Json::array(
                    {answer("b7", items[2], "9162"), refused, answer("b0", items[0], "9160")}
                )}}
          )}}
    );
    EXPECT_FALSE(written(books, items, outcomes));
    ASSERT_EQ(outcomes.done.size(), 2u);
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9160");
    EXPECT_EQ(outcomes.done.at(7).remote_id, "9162");
    ASSERT_EQ(outcomes.failed.size(), 1u);
    EXPECT_EQ(outcomes.failed.at(1).code, ErrorCode::kHold);
    EXPECT_EQ(outcomes.failed.at(1).name, "CLOSED_PERIOD");
    const Json sent = parsed(books.host.requests.at(0).body);
    for (const auto& one : sent.at("BatchItemRequest")) {
        EXPECT_LE(one.at("bId").get<std::string>().size(), 10u);
        EXPECT_EQ(one.at("operation"), "create");
    }
    EXPECT_EQ(sent.at("BatchItemRequest").at(2).at("bId"), "b7");
    EXPECT_EQ(sent.at("BatchItemRequest").at(2).at("SalesReceipt").at("DocNumber"), "WOO-62");
}

TEST(Write, AnItemTheBatchDoesNotAnswerIsTransient) {
    Books books;
    const std::vector<WriteItem> items{receipt(books, 0, "60"), receipt(books, 1, "61")};
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("batch"),
          *print_wire(
              {{"BatchItemResponse",
                Json::array({{{"bId", "b0"}, {"SalesReceipt", stored(items[0], "1")}}})}}
          )}}
    );
    EXPECT_FALSE(written(books, items, outcomes));
    EXPECT_EQ(outcomes.done.count(0), 1u);
    EXPECT_EQ(outcomes.failed.at(1).code, ErrorCode::kTransient);
}

TEST(Write, ABatchRefusedAsAWholeIsSentOneByOne) {
    Books books;
    const std::vector<WriteItem> items{receipt(books, 0, "60"), receipt(books, 1, "61")};
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("batch"), fault_answer("2010"), 400},
         {with_key("salesreceipt", "-0a"), fault_answer("2010"), 400},
         {with_key("salesreceipt", "-1a"), answered("SalesReceipt", stored(items[1], "9161"))}}
    );
    EXPECT_FALSE(written(books, items, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kData);
    EXPECT_EQ(outcomes.done.at(1).remote_id, "9161");
}

TEST(Write, UpdatesAreSparseWithTheVersionAndLeaveOutWhatIsSentOnce) {
    Books books;
    WriteItem update = customer(books);
    update.remote_id = "184";
    update.version = "3";
    Json object = recorded("customer").at("Customer");
    object["SyncToken"] = "4";
    object["PrimaryEmailAddr"]["Address"] = "ines@example.test";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(books, {{with_key("customer"), answered("Customer", object)}});
    EXPECT_FALSE(written(books, {update}, outcomes));
    EXPECT_EQ(outcomes.done.at(0).version, "4");
    const Json sent = parsed(books.host.requests.at(0).body);
    EXPECT_EQ(sent.at("Id"), "184");
    EXPECT_EQ(sent.at("SyncToken"), "3");
    EXPECT_EQ(sent.at("sparse"), true);
    EXPECT_FALSE(sent.contains("DisplayName")) << "the bookkeeper may have renamed it";
    EXPECT_FALSE(sent.contains("$alternatives"));

    WriteItem item_update = item(books);
    item_update.remote_id = "43";
    item_update.version = "5";
    plugin::testing::FakeOutcomes item_outcomes;
    const Script item_script(books, {{with_key("item"), recorded_text("item_inventory")}});
    EXPECT_FALSE(written(books, {item_update}, item_outcomes));
    const Json item_sent = parsed(books.host.requests.back().body);
    EXPECT_FALSE(item_sent.contains("Type")) << "an inventory item stays one";
    EXPECT_FALSE(item_sent.contains("IncomeAccountRef"));
}

TEST(Write, AStaleVersionIsAConflict) {
    Books books;
    WriteItem update = receipt(books);
    update.remote_id = "9121";
    update.version = "0";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books, {{with_key("salesreceipt"), recorded_text("fault_5010_stale"), 400}}
    );
    EXPECT_FALSE(written(books, {update}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kConflict);
}

TEST(Write, AFaultIsSeenWhateverTheStatusAndSpelling) {
    for (const auto& [answer, status] :
         {std::pair{fault_answer("2500"), 200},
          {fault_answer("2500"), 400},
          {std::string(R"({"fault": {"error": [{"code": "2500", "message": "m", "detail": "d"}]}})"
           ),
           200}}) {
        Books books;
        const WriteItem one = receipt(books);
        plugin::testing::FakeOutcomes outcomes;
        const Script script(
            books, {{with_key("salesreceipt"), answer, status, {{"intuit_tid", "1-5c0f"}}}}
        );
        EXPECT_FALSE(written(books, {one}, outcomes));
        ASSERT_EQ(outcomes.failed.size(), 1u);
        EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kData);
        EXPECT_EQ(outcomes.failed.at(0).name, "qbo.reference");
        EXPECT_NE(outcomes.failed.at(0).message.find("1-5c0f"), std::string::npos);
        EXPECT_NE(outcomes.failed.at(0).message.find("woocommerce:shop:60"), std::string::npos);
    }
}

TEST(Write, WhatConcernsTheConnectionFailsTheCallAndNoItem) {
    struct Case {
        Step step;
        ErrorCode code;
    };
    for (const auto& one : {
             Case{{"POST", recorded_text("fault_3200_token_expired"), 401}, ErrorCode::kAuth},
             Case{{"POST", recorded_text("fault_3001_throttle"), 429}, ErrorCode::kRateLimited},
             Case{{"POST", "", 503}, ErrorCode::kTransient},
             Case{{"POST", "{\"Sales", 200}, ErrorCode::kTransient},
             Case{{"POST", "connection reset", 0}, ErrorCode::kTransient},
             Case{{"POST", fault_answer("6190"), 400}, ErrorCode::kConfig},
         }) {
        Books books;
        plugin::testing::FakeOutcomes outcomes;
        const Script script(books, {one.step});
        const auto error = written(books, {receipt(books)}, outcomes);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, one.code) << error->message;
        EXPECT_TRUE(outcomes.done.empty());
        EXPECT_TRUE(outcomes.failed.empty());
    }
}

TEST(Write, MoreThanABatchIsRefused) {
    Books books;
    plugin::testing::FakeOutcomes outcomes;
    const auto error = written(books, std::vector<WriteItem>(31, receipt(books)), outcomes);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::kBug);
    EXPECT_TRUE(books.host.requests.empty());
}

TEST(Write, AnUnresolvedReferenceIsABugOfThatItemOnly) {
    Books books;
    WriteItem broken = receipt(books, 0, "60");
    broken.body["CustomerRef"]["value"] = {{"$need", "customer:x"}};
    const WriteItem good = receipt(books, 1, "61");
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("batch"),
          *print_wire(
              {{"BatchItemResponse",
                Json::array({{{"bId", "b1"}, {"SalesReceipt", stored(good, "9161")}}})}}
          )}}
    );
    EXPECT_FALSE(written(books, {broken, good}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kBug);
    EXPECT_EQ(outcomes.done.at(1).remote_id, "9161");
}

// ---- what came back is not what was sent
// ---------------------------------------------------------

TEST(WriteCompares, ATaxThatWasReplacedIsSentOnceMore) {
    Books books;
    const WriteItem one = receipt(books);
    Json recomputed = stored(one, "9121");
    recomputed["TxnTaxDetail"]["TotalTax"] = "3.60";
    recomputed["TotalAmt"] = "76.55";
    Json corrected = stored(one, "9121");
    corrected["SyncToken"] = "1";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"), answered("SalesReceipt", recomputed)},
         {with_key("salesreceipt", "-0t"), answered("SalesReceipt", corrected)}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).version, "1");
    const Json sent = parsed(books.host.requests.at(1).body);
    EXPECT_EQ(sent.at("sparse"), true);
    EXPECT_EQ(sent.at("SyncToken"), "0");
    EXPECT_EQ(sent.at("Line").size(), 3u);
}

TEST(WriteCompares, WhatStillDiffersIsTakenBackAndSaid) {
    struct Case {
        const char* what;
        std::function<void(Json&)> spoil;
        bool tax_again;
    };
    for (const auto& one : std::vector<Case>{
             {"a cent of the total", [](Json& o) { o["TotalAmt"] = "76.57"; }, false},
             {"the tax",
              [](Json& o) {
                  o["TxnTaxDetail"]["TotalTax"] = "0";
                  o["TotalAmt"] = "72.95";
              },
              true},
             {"no tax at all",
              [](Json& o) {
                  o.erase("TxnTaxDetail");
                  o["TotalAmt"] = "72.95";
              },
              true},
             {"the tax moved into the net",
              [](Json& o) { o["TxnTaxDetail"]["TotalTax"] = "3.62"; },
              false},
             {"a lost line", [](Json& o) { o["Line"].erase(0); }, false},
             {"the currency", [](Json& o) { o["CurrencyRef"]["value"] = "EUR"; }, false},
             {"no total", [](Json& o) { o.erase("TotalAmt"); }, false},
         }) {
        Books books;
        const WriteItem item = receipt(books);
        Json spoilt = stored(item, "9121");
        one.spoil(spoilt);
        std::vector<Step> steps{{with_key("salesreceipt"), answered("SalesReceipt", spoilt)}};
        if (one.tax_again) {
            steps.push_back({with_key("salesreceipt", "-0t"), answered("SalesReceipt", spoilt)});
        }
        steps.push_back(
            {with_key("salesreceipt?operation=delete", "-0d"),
             R"({"SalesReceipt": {"status": "Deleted", "domain": "QBO", "Id": "9121"}})"}
        );
        plugin::testing::FakeOutcomes outcomes;
        const Script script(books, steps);
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.failed.size(), 1u) << one.what;
        const Error& error = outcomes.failed.at(0);
        EXPECT_EQ(error.code, ErrorCode::kData) << one.what;
        EXPECT_EQ(error.name, "qbo.amount_mismatch") << one.what;
        EXPECT_NE(error.message.find("deleted again"), std::string::npos) << error.message;
        EXPECT_EQ(books.host.requests.back().body, R"({"Id":"9121","SyncToken":"0"})");
    }
}

TEST(WriteCompares, BothFiguresAreInTheMessage) {
    Books books;
    const WriteItem item = receipt(books);
    Json spoilt = stored(item, "9121");
    spoilt["TotalAmt"] = "76.57";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"), answered("SalesReceipt", spoilt)},
         {with_key("salesreceipt?operation=delete", "-0d"), fault_answer("5010"), 400}}
    );
    EXPECT_FALSE(written(books, {item}, outcomes));
    const std::string& message = outcomes.failed.at(0).message;
    for (const char* part : {"76.57", "76.56", "could not be deleted", "SalesReceipt 9121"}) {
        EXPECT_NE(message.find(part), std::string::npos) << message;
    }
}

TEST(WriteCompares, WhatWasThereBeforeIsNeverTakenBack) {
    Books books;
    WriteItem update = receipt(books);
    update.remote_id = "9121";
    update.version = "2";
    Json spoilt = stored(update, "9121");
    spoilt["TotalAmt"] = "80.00";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(books, {{with_key("salesreceipt"), answered("SalesReceipt", spoilt)}});
    EXPECT_FALSE(written(books, {update}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).name, "qbo.amount_mismatch");
}

// ---- taken numbers and names
// ---------------------------------------------------------------------

std::string holders(const Json& row, const std::string& type) {
    Json items = Json::array();
    const std::vector<std::string> types{"Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"};
    for (std::size_t i = 0; i < types.size(); ++i) {
        Json response = Json::object();
        if (types[i] == type) {
            response[type] = Json::array({row});
        }
        items.push_back({{"bId", "q" + std::to_string(i)}, {"QueryResponse", response}});
    }
    return *print_wire({{"BatchItemResponse", items}});
}

TEST(WriteNumber, TakenByOurOwnDocumentIsAdopted) {
    Books books;
    const WriteItem one = receipt(books);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("salesreceipt"),
          fault_answer(
              "6140", "DocNumber=WOO-60 is assigned to TxnType=SalesReceipt with TxnId=9121"
          ),
          400},
         {"POST batch?minorversion=75", holders(stored(one, "9121"), "SalesReceipt")}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).remote_id, "9121");
    EXPECT_TRUE(outcomes.done.at(0).adopted);
    EXPECT_EQ(outcomes.done.at(0).owned, one.body);
}

TEST(WriteNumber, TakenBySomethingElseIsHeldWithTheReason) {
    struct Case {
        const char* type;
        std::function<void(Json&)> change;
        ErrorCode code;
        const char* name;
    };
    for (const auto& one : std::vector<Case>{
             {"SalesReceipt",
              [](Json& row) { row["PrivateNote"] = "by hand"; },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
             {"SalesReceipt",
              [](Json& row) { row["PrivateNote"] = "[syncline woocommerce:shop:600 v1]"; },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
             {"CreditMemo",
              [](Json& row) { row.erase("PrivateNote"); },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
             {"Invoice", [](Json&) {}, ErrorCode::kHold, "DOCUMENT_CHOICE_CHANGED"},
             {"SalesReceipt",
              [](Json& row) {
                  row["TotalAmt"] = "0";
                  row["PrivateNote"] = "Voided - " + row["PrivateNote"].get<std::string>();
              },
              ErrorCode::kHold,
              "VOIDED_IN_BOOKS"},
             {"SalesReceipt",
              [](Json& row) { row["TotalAmt"] = "76.55"; },
              ErrorCode::kData,
              "qbo.amount_mismatch"},
             {"SalesReceipt",
              [](Json& row) { row["Id"] = "1"; },
              ErrorCode::kHold,
              "DUPLICATE_DOC_NUMBER"},
         }) {
        Books books;
        const WriteItem item = receipt(books);
        Json row = stored(item, "9121");
        one.change(row);
        plugin::testing::FakeOutcomes outcomes;
        const Script script(
            books,
            {{with_key("salesreceipt"), fault_answer("6140", "... TxnId=9121"), 200},
             {"POST batch?minorversion=75", holders(row, one.type)}}
        );
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.failed.size(), 1u) << one.name;
        EXPECT_EQ(outcomes.failed.at(0).code, one.code) << outcomes.failed.at(0).message;
        EXPECT_EQ(outcomes.failed.at(0).name, one.name) << outcomes.failed.at(0).message;
    }
}

TEST(WriteName, TakenByACustomerOfTheSameEmailIsAdopted) {
    Books books;
    const WriteItem one = customer(books);
    Json row = recorded("customer").at("Customer");
    row["PrimaryEmailAddr"]["Address"] = "Ines@example.test";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("customer"), recorded_text("fault_6240_duplicate_name"), 400},
         {"GET query?query=SELECT * FROM Customer WHERE PrimaryEmailAddr = 'ines@example.test'",
          query_answer("Customer", {row})}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u);
    EXPECT_EQ(outcomes.done.at(0).remote_id, "184");
    EXPECT_TRUE(outcomes.done.at(0).adopted);
}

TEST(WriteName, TakenBySomebodyElseTheNextNameIsTried) {
    Books books;
    const WriteItem one = customer(books);
    Json made = stored(one, "190");
    made["DisplayName"] = "Ines Okafor #W4";
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("customer"), recorded_text("fault_6240_duplicate_name"), 400},
         {"GET query?query=SELECT * FROM Customer", query_answer("Customer", {})},
         {with_key("customer", "-0n0"), fault_answer("6240"), 400},
         {with_key("customer", "-0n1"), answered("Customer", made)}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    ASSERT_EQ(outcomes.done.size(), 1u) << outcomes.failed.begin()->second.message;
    EXPECT_EQ(outcomes.done.at(0).remote_id, "190");
    EXPECT_FALSE(outcomes.done.at(0).adopted);
    EXPECT_EQ(outcomes.done.at(0).warnings.at(0).code, "NAME_TAKEN");
    EXPECT_EQ(outcomes.done.at(0).owned, one.body) << "the other name is no difference";
    EXPECT_EQ(
        parsed(books.host.requests.at(2).body).at("DisplayName"), "Ines Okafor (ines@example.test)"
    );
    EXPECT_EQ(parsed(books.host.requests.at(3).body).at("DisplayName"), "Ines Okafor #W4");
}

TEST(WriteName, WhenAllNamesAreTakenItIsHeld) {
    Books books;
    const WriteItem one = item(books);
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("item"), fault_answer("6240"), 400},
         {"GET query?query=SELECT * FROM Item WHERE Sku = 'SKU-1'", query_answer("Item", {})},
         {with_key("item", "-0n0"), fault_answer("6240"), 400},
         {with_key("item", "-0n1"), fault_answer("6240"), 400}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).name, "DUPLICATE_NAME");
    EXPECT_EQ(parsed(books.host.requests.at(2).body).at("Name"), "Product 1 (SKU-1)");
}

TEST(WriteName, AnInactiveOneOfTheSameSkuIsHeld) {
    Books books;
    const WriteItem one = item(books);
    Json row = recorded("item_service").at("Item");
    row["Sku"] = "SKU-1";
    row["Active"] = false;
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books,
        {{with_key("item"), fault_answer("6240"), 400},
         {"GET query?query=SELECT * FROM Item", query_answer("Item", {row})}}
    );
    EXPECT_FALSE(written(books, {one}, outcomes));
    EXPECT_EQ(outcomes.failed.at(0).code, ErrorCode::kHold);
    EXPECT_EQ(outcomes.failed.at(0).name, "INACTIVE_ITEM");
}

// ---- payments
// --------------------------------------------------------------------------------------

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
         {with_key("payment?operation=delete", "-0d"), "{}"}}
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

// ---- removal
// ---------------------------------------------------------------------------------------

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
        const Script script(
            books,
            {{with_key(one.path, "-0x"),
              answered(one.type, {{"Id", "7"}, {"SyncToken", "2"}, {"domain", "QBO"}})}}
        );
        EXPECT_FALSE(written(books, {item}, outcomes));
        ASSERT_EQ(outcomes.done.size(), 1u) << one.entity;
        EXPECT_EQ(outcomes.done.at(0).remote_id, "7");
        EXPECT_EQ(books.host.requests.at(0).body, one.body);
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
