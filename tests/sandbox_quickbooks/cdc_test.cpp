#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

const Json& groups(const Answer& answer) {
    return answer.body["CDCResponse"][0]["QueryResponse"];
}

TEST(SandboxCdc, GivesChangesAndTombstonesInAnotherOrder) {
    Books books;
    const Json gone = books.made("/invoice", books.document({books.line("1", "NON")}));
    books.made("/invoice", books.document({books.line("2", "NON")}));
    books.made("/invoice?operation=delete", {{"Id", gone["Id"]}, {"SyncToken", "0"}});
    const Answer answer =
        books.get("/cdc?entities=Invoice,Estimate,Customer&changedSince=2000-01-01T00:00:00Z");
    EXPECT_EQ(answer.fault(), "2190");  // too far back
    const std::string created = gone["MetaData"]["CreateTime"];
    const Answer changes =
        books.get("/cdc?entities=Invoice,Estimate,Customer&changedSince=" + created);
    ASSERT_EQ(changes.status, 200) << changes.text;
    ASSERT_EQ(groups(changes).size(), 3u);
    EXPECT_EQ(groups(changes)[0]["Customer"].size(), 1u);
    EXPECT_EQ(groups(changes)[1], Json::object());
    const Json& invoices = groups(changes)[2];
    EXPECT_EQ(invoices["totalCount"], 2);
    EXPECT_EQ(invoices["maxResults"], 2);
    EXPECT_EQ(invoices["startPosition"], 1);
    // Oldest change first; within one millisecond both orders may be.
    const std::size_t at = invoices["Invoice"][0]["Id"] == gone["Id"] ? 0 : 1;
    const Json& tombstone = invoices["Invoice"][at];
    EXPECT_EQ(tombstone["Id"], gone["Id"]);
    EXPECT_EQ(tombstone["status"], "Deleted");
    EXPECT_EQ(tombstone.size(), 4u);
    EXPECT_EQ(invoices["Invoice"][1 - at]["TotalAmt"], 2);
    EXPECT_TRUE(changes.body["time"].is_string());
}

TEST(SandboxCdc, AMergeLeavesATombstoneAndChangesTheDocuments) {
    Books books;
    const Json invoice = books.made("/invoice", books.document({books.line("5", "NON")}));
    const Json other = books.made("/customer", {{"DisplayName", "The same buyer"}});
    books.pass_seconds(2);
    const std::string before = books.get("/preferences").body["time"];
    const std::string keeps = other["Id"];
    const std::string goes = books.customer();
    EXPECT_EQ(books.control("merge/customer/" + keeps, {{"goes", goes}})["Id"], keeps);
    const Answer answer = books.get("/cdc?entities=Customer,Invoice&changedSince=" + before);
    ASSERT_EQ(answer.status, 200) << answer.text;
    const Json& invoices = groups(answer)[0]["Invoice"];
    ASSERT_EQ(invoices.size(), 1u);
    EXPECT_EQ(invoices[0]["CustomerRef"]["value"], keeps);
    EXPECT_EQ(invoices[0]["CustomerRef"]["name"], "The same buyer");
    EXPECT_NE(invoices[0]["SyncToken"], invoice["SyncToken"]);
    const Json& customers = groups(answer)[1]["Customer"];
    ASSERT_EQ(customers.size(), 1u);
    EXPECT_EQ(customers[0]["Id"], goes);
    EXPECT_EQ(customers[0]["status"], "Deleted");
    EXPECT_EQ(books.query("select * from Customer").body["QueryResponse"]["Customer"].size(), 1u);
    // A merged name is free again.
    books.made("/customer", {{"DisplayName", "Ines Okafor (W731)"}});
}

TEST(SandboxCdc, LooksThirtyDaysBack) {
    Books books;
    const std::string made =
        books.made("/customer", {{"DisplayName", "A"}})["MetaData"]["CreateTime"];
    const std::string call = "/cdc?entities=Customer&changedSince=" + made;
    books.pass_seconds(30 * 24 * 3600 - 60);
    books.renew();
    EXPECT_EQ(books.get(call).status, 200);
    books.pass_seconds(61);
    EXPECT_EQ(books.get(call).fault(), "2190");
}

TEST(SandboxCdc, RefusesEntitiesWithoutChangesAndBadTimes) {
    Books books;
    const auto fault = [&](const std::string& query) {
        return books.get("/cdc?" + query).faults();
    };
    const std::string now = books.get("/preferences").body["time"];
    EXPECT_EQ(fault("entities=TaxCode&changedSince=" + now), "2000");
    EXPECT_EQ(fault("entities=TaxRate,Order&changedSince=" + now), "2000 2000");
    EXPECT_EQ(fault("changedSince=" + now), "2020");
    EXPECT_EQ(fault("entities=Customer"), "2020");
    EXPECT_EQ(fault("entities=Customer&changedSince=yesterday"), "2070");
}

TEST(SandboxCdc, StopsAtAThousandObjectsInTotal) {
    Books books;
    const std::string start = books.get("/preferences").body["time"];
    Json items = Json::array();
    for (int i = 0; i < 30; ++i)
        items.push_back({{"operation", "create"}, {"PaymentMethod", Json::object()}});
    int made = 0;
    for (int round = 0; round < 34; ++round) {
        for (Json& one : items) one["PaymentMethod"]["Name"] = "m" + std::to_string(++made);
        books.post("/batch", {{"BatchItemRequest", items}});
    }
    books.made("/term", {{"Name", "newest"}, {"DueDays", 1}});
    books.pass_seconds(5);
    const Answer answer = books.get("/cdc?entities=Term,PaymentMethod&changedSince=" + start);
    EXPECT_EQ(
        groups(answer)[0]["PaymentMethod"].size() +
            groups(answer)[1].value("Term", Json::array()).size(),
        1000u
    );
}

TEST(SandboxLimits, AreOffUntilSwitchedOn) {
    Books books;
    for (int i = 0; i < 600; ++i) ASSERT_EQ(books.get("/preferences").status, 200);
}

TEST(SandboxLimits, ThrottleRequestsPerSecondAndPerMinute) {
    Books books;
    books.control("options", {{"limits", true}});
    for (int i = 0; i < 10; ++i) ASSERT_EQ(books.get("/preferences").status, 200);
    const Answer refused = books.get("/preferences");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.body["fault"], sample("fault_3001_throttle")["fault"]);
    int answered = 10;
    for (int second = 0; second < 55; ++second) {
        books.pass_seconds(1);
        for (int i = 0; i < 10; ++i) answered += books.get("/preferences").status == 200 ? 1 : 0;
    }
    EXPECT_EQ(answered, 500);
    books.pass_seconds(60);
    EXPECT_EQ(books.get("/preferences").status, 200);
    EXPECT_GT(books.control_get("counters")["throttled"], 50);
}

TEST(SandboxLimits, ThrottleBatchesPerMinute) {
    Books books;
    books.control("options", {{"limits", true}, {"requests_per_second", 1000}});
    const Json batch{{"BatchItemRequest", Json::array()}};
    for (int i = 0; i < 40; ++i) ASSERT_EQ(books.post("/batch", batch).status, 200);
    EXPECT_EQ(books.post("/batch", batch).status, 429);
    EXPECT_EQ(books.get("/preferences").status, 200);
    books.pass_seconds(60);
    EXPECT_EQ(books.post("/batch", batch).status, 200);
}

}  // namespace
}  // namespace sandbox::quickbooks::test
