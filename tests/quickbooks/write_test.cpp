// Single items, batches and updates, and how a refusal is told.
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

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

}  // namespace
}  // namespace syncline::quickbooks
