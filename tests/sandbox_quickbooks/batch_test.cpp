#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

Json item(const std::string& id, const std::string& operation, const Json& carried) {
    Json one{{"bId", id}, {"operation", operation}};
    one.update(carried);
    return one;
}

Json batch(const Json& items) {
    return {{"BatchItemRequest", listed(items)}};
}

// The answers by bId.
Json by_id(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.text;
    Json all = Json::object();
    for (const Json& one : answer.body.value("BatchItemResponse", Json::array()))
        all[one["bId"].get<std::string>()] = one;
    return all;
}

std::string code(const Json& one) {
    return one.contains("Fault") ? one["Fault"]["Error"][0]["code"].get<std::string>() : "";
}

TEST(SandboxBatch, AnswersEachItemForItself) {
    Books books;
    Json duplicate = books.document({books.line("15", "NON")});
    duplicate["DocNumber"] = "WOO-48230";
    const Json taken = books.made("/invoice", duplicate);
    const Json payment =
        books.made("/payment", {{"CustomerRef", {{"value", books.customer()}}}, {"TotalAmt", 5}});
    const Answer answer = books.post(
        "/batch",
        batch(
            {item("b1", "create", {{"Invoice", duplicate}}),
             item(
                 "b2",
                 "update",
                 {{"Customer",
                   {{"Id", books.customer()},
                    {"SyncToken", "7"},
                    {"sparse", true},
                    {"Notes", "vip"}}}}
             ),
             item("b3", "delete", {{"Payment", {{"Id", payment["Id"]}, {"SyncToken", "0"}}}}),
             {{"bId", "b4"}, {"Query", "select * from Item"}}}
        )
    );
    const Json all = by_id(answer);
    EXPECT_EQ(code(all["b1"]), "6140");
    EXPECT_EQ(code(all["b2"]), "5010");
    EXPECT_EQ(all["b3"]["Payment"]["status"], "Deleted");
    EXPECT_EQ(all["b4"]["QueryResponse"]["maxResults"], 1);
    EXPECT_TRUE(answer.body["time"].is_string());
}

TEST(SandboxBatch, ItemsCannotUseWhatEarlierOnesMade) {
    Books books;
    const std::string next_customer = std::to_string(std::stoi(books.customer()) + 1);
    Json invoice = books.document({books.line("15", "NON")});
    invoice["CustomerRef"]["value"] = next_customer;
    const Json all = by_id(books.post(
        "/batch",
        batch(
            {item("1", "create", {{"Customer", {{"DisplayName", "New"}}}}),
             item("2", "create", {{"Invoice", invoice}}),
             item("3", "create", {{"Customer", {{"DisplayName", "New"}}}}),
             item(
                 "4",
                 "update",
                 {{"Customer",
                   {{"Id", next_customer}, {"SyncToken", "0"}, {"sparse", true}, {"Notes", "x"}}}}
             ),
             {{"bId", "5"}, {"Query", "select * from Customer where DisplayName = 'New'"}}}
        )
    ));
    EXPECT_EQ(all["1"]["Customer"]["Id"], next_customer);
    EXPECT_EQ(code(all["2"]), "2500");
    EXPECT_EQ(code(all["3"]), "6240");  // a name is taken at once
    EXPECT_EQ(code(all["4"]), "610");
    EXPECT_EQ(all["5"]["QueryResponse"], Json::object());
    EXPECT_EQ(books.post("/invoice", invoice).status, 200);  // the next call can
}

TEST(SandboxBatch, TakesThirtyItems) {
    Books books;
    Json items = Json::array();
    for (int i = 0; i < 30; ++i)
        items.push_back({{"bId", std::to_string(i)}, {"Query", "select * from Item"}});
    EXPECT_EQ(by_id(books.post("/batch", batch(items))).size(), 30u);
    items.push_back({{"bId", "30"}, {"Query", "select * from Item"}});
    const Answer refused = books.post("/batch", batch(items));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.fault(), "1040");
    EXPECT_EQ(books.post("/batch", {{"Items", items}}).element(), "BatchItemRequest");
}

TEST(SandboxBatch, MayAnswerInAnotherOrder) {
    Books books;
    books.control("options", {{"reverse_batches", true}});
    const Answer answer = books.post(
        "/batch",
        batch(
            {{{"bId", "1"}, {"Query", "select * from Item"}},
             {{"bId", "2"}, {"Query", "select * from Item"}}}
        )
    );
    EXPECT_EQ(answer.body["BatchItemResponse"][0]["bId"], "2");
}

TEST(SandboxBatch, BreaksAtEverySecondItemWhenTold) {
    Books books;
    books.control("options", {{"broken_batches", 1}});
    const Json items = Json::array(
        {item("1", "create", {{"Customer", {{"DisplayName", "One"}}}}),
         item("2", "create", {{"Customer", {{"DisplayName", "Two"}}}})}
    );
    const Json broken = by_id(books.post("/batch", batch(items)));
    EXPECT_EQ(code(broken["1"]), "");
    EXPECT_EQ(code(broken["2"]), "10000");
    const Json whole = by_id(books.post("/batch", batch(items)));
    EXPECT_EQ(code(whole["1"]), "6240") << "it was made";
    EXPECT_EQ(code(whole["2"]), "") << "it was not";
}

TEST(SandboxBatch, VoidsByOptionsData) {
    Books books;
    const Json receipt = books.made("/salesreceipt", books.document({books.line("15", "NON")}));
    const Json memo = books.made("/creditmemo", books.document({books.line("15", "NON")}));
    const auto voiding = [](const std::string& id, const char* name, const Json& object) {
        Json one = item(id, "update", {{"optionsData", "void"}});
        one[name] = {{"Id", object["Id"]}, {"SyncToken", "0"}, {"sparse", true}};
        return one;
    };
    const Json all = by_id(books.post(
        "/batch", batch({voiding("1", "SalesReceipt", receipt), voiding("2", "CreditMemo", memo)})
    ));
    EXPECT_EQ(all["1"]["SalesReceipt"]["PrivateNote"], "Voided");
    EXPECT_EQ(code(all["2"]), "500");
}

TEST(SandboxBatch, RefusesItemsItDoesNotUnderstand) {
    Books books;
    const Json all = by_id(books.post(
        "/batch",
        batch(
            {item("1", "create", {{"Order", Json::object()}}),
             item("2", "merge", {{"Customer", Json::object()}}),
             item("3", "create", {{"Customer", {{"Id", "1"}, {"DisplayName", "x"}}}}),
             item("4", "create", {{"TaxCode", Json::object()}}),
             {{"bId", "5"}}}
        )
    ));
    EXPECT_EQ(code(all["1"]), "2000");
    EXPECT_EQ(code(all["2"]), "500");
    EXPECT_EQ(code(all["3"]), "500");
    EXPECT_EQ(code(all["4"]), "500");
    EXPECT_EQ(code(all["5"]), "2000");
}

TEST(SandboxRequestId, RepeatsTheFirstAnswerByteForByte) {
    Books books;
    Json document = books.document({books.line("15", "NON")});
    const Answer first = books.post("/invoice?requestid=a", document);
    books.pass_seconds(5);
    document["Line"][0]["Amount"] = 16;  // not even looked at
    const Answer again = books.post("/invoice?minorversion=75&requestid=a", document);
    EXPECT_EQ(first.text, again.text);
    EXPECT_NE(books.post("/invoice?requestid=b", document).text, first.text);
    EXPECT_EQ(books.control_get("ledger")["documents"].size(), 2u);
    EXPECT_EQ(books.control_get("counters")["replays"], 1);
}

TEST(SandboxRequestId, CoversBatchesAndTheirFaults) {
    Books books;
    const Json request = batch(
        {item("1", "create", {{"Customer", {{"DisplayName", "New"}}}}),
         item("2", "create", {{"Customer", {{"DisplayName", "New"}}}})}
    );
    const Answer first = books.post("/batch?requestid=x", request);
    EXPECT_EQ(code(by_id(first)["2"]), "6240");
    EXPECT_EQ(books.post("/batch?requestid=x", request).text, first.text);
    EXPECT_EQ(code(by_id(books.post("/batch", request))["1"]), "6240");
}

TEST(SandboxRequestId, IsKnownPerRealmAndCanBeForgotten) {
    Books books;
    books.made("/customer?requestid=a", {{"DisplayName", "Ann"}});
    EXPECT_EQ(books.control("forget-requests?realm=9130350000000002")["forgotten"], 0);
    EXPECT_EQ(books.post("/customer?requestid=a", {{"DisplayName", "Ann"}}).status, 200);
    EXPECT_EQ(books.control("forget-requests")["forgotten"], 1);
    EXPECT_EQ(books.post("/customer?requestid=a", {{"DisplayName", "Ann"}}).fault(), "6240");
}

TEST(SandboxRequestId, ReplaysFaultsUnlessTold) {
    Books books;
    EXPECT_EQ(books.post("/customer?requestid=a", Json::object()).fault(), "6080");
    EXPECT_EQ(books.post("/customer?requestid=a", {{"DisplayName", "Ann"}}).fault(), "6080");
    books.control("options", {{"replay_errors", false}});
    EXPECT_EQ(books.post("/customer?requestid=b", Json::object()).fault(), "6080");
    EXPECT_EQ(books.post("/customer?requestid=b", {{"DisplayName", "Ann"}}).status, 200);
}

TEST(SandboxRequestId, HasLimitedLength) {
    Books books;
    const Json request = batch({{{"bId", "12345678901"}, {"Query", "select * from Item"}}});
    const auto id = [](std::size_t length) { return "requestid=" + std::string(length, 'x'); };
    EXPECT_EQ(books.post("/customer?" + id(50), {{"DisplayName", "Ann"}}).status, 200);
    EXPECT_EQ(books.post("/customer?" + id(51), {{"DisplayName", "Bob"}}).fault(), "6000");
    EXPECT_EQ(books.post("/batch?" + id(37), request).fault(), "6000");
    EXPECT_EQ(code(by_id(books.post("/batch?" + id(36), request))["12345678901"]), "6000");
    EXPECT_EQ(code(by_id(books.post("/batch", request))["12345678901"]), "");
}

}  // namespace
}  // namespace sandbox::quickbooks::test
