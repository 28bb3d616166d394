#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class SyncRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        shop_.put(1, "10.00", "ann@x.example");
        shop_.put(2, "5.50", "bob@x.example");
    }
    // Starts, works, and answers the status.
    Json run_sync(const Json& body = Json::object()) {
        const Answer started = post("/api/sync/orders", body);
        EXPECT_EQ(started.status, 202) << started.text;
        work();
        return get("/api/sync/status/" + started.json.value("syncId", std::string("none"))).json;
    }
};

TEST_F(SyncRoutesTest, ASyncIsStartedAndFollowedToItsEnd) {
    const Answer started = post("/api/sync/orders", {{"mode", "full"}});
    ASSERT_EQ(started.status, 202) << started.text;
    const std::string id = started.json["syncId"];
    EXPECT_EQ(started.header("Location"), "/api/sync/status/" + id);
    EXPECT_EQ(started.json["runs"][0]["flow"], "shop-books-orders");
    EXPECT_EQ(get("/api/sync/status/" + id).json["status"], "queued");
    work();
    const Json done = get("/api/sync/status/" + id).json;
    EXPECT_EQ(done["syncId"], id);
    EXPECT_EQ(done["status"], "completed");
    EXPECT_EQ(
        done["counts"],
        Json(
            {{"read", 2},
             {"created", 2},
             {"updated", 0},
             {"skipped", 0},
             {"held", 0},
             {"conflict", 0},
             {"waiting", 0},
             {"failed", 0}}
        )
    );
    EXPECT_EQ(done["runs"].size(), 1u);
    EXPECT_EQ(done["runs"][0]["mode"], "full");
    EXPECT_EQ(done["runs"][0]["requested_by"], "tester");
    EXPECT_EQ(done["started_at"], clock_.now().to_string());
    EXPECT_EQ(done["finished_at"], clock_.now().to_string());
    EXPECT_EQ(books_.count("invoice"), 2u);
}

TEST_F(SyncRoutesTest, OneRequestRunsEveryEnabledFlowOfTheEntity) {
    add_flow("second-orders");
    const Answer started = post("/api/sync/orders");
    ASSERT_EQ(started.status, 202);
    EXPECT_EQ(started.json["runs"].size(), 2u);
    work();
    const Json status = get("/api/sync/status/" + started.json["syncId"].get<std::string>()).json;
    EXPECT_EQ(status["runs"].size(), 2u);
    EXPECT_EQ(status["counts"]["read"], 4);
}

TEST_F(SyncRoutesTest, FiltersIdsAndBatchSizeReachTheRun) {
    shop_.put(3, "7.00", "cy@x.example", {{"status", "completed"}});
    EXPECT_EQ(run_sync({{"filters", {{"status", "completed"}}}})["counts"]["created"], 1);
    EXPECT_EQ(run_sync({{"mode", "ids"}, {"ids", {"1"}}, {"batch_size", 5}})["counts"]["read"], 1);
    EXPECT_EQ(
        run_sync(
            {{"mode", "full"},
             {"filters",
              {{"status", {"completed", "processing"}}, {"created_from", "2020-01-01T00:00:00Z"}}}}
        )["status"],
        "completed"
    );
}

TEST_F(SyncRoutesTest, ABackfillTakesItsTimesAndLeavesTheCursor) {
    run_sync();
    const Json cursor = get("/api/flows/shop-books-orders/cursor").json["cursor"];
    const auto at = [&](std::int64_t later_ms) {
        return Timestamp{shop_.now_ms + later_ms}.to_string();
    };
    EXPECT_EQ(
        run_sync({{"mode", "backfill"}, {"from", at(-1000)}, {"to", at(1000)}})["counts"]["read"], 2
    );
    EXPECT_EQ(
        run_sync({{"mode", "backfill"}, {"from", at(-2000)}, {"to", at(-1000)}})["counts"]["read"],
        0
    );
    EXPECT_EQ(run_sync({{"mode", "backfill"}, {"from", at(1)}})["counts"]["read"], 0);
    EXPECT_EQ(get("/api/flows/shop-books-orders/cursor").json["cursor"], cursor);
}

TEST_F(SyncRoutesTest, TheLatestSyncsAreListedWithTheQueue) {
    run_sync();
    post("/api/sync/orders", {{"mode", "full"}});
    const Answer list = get("/api/sync/status");
    ASSERT_EQ(list.status, 200);
    EXPECT_EQ(list.json["items"].size(), 2u);
    EXPECT_TRUE(list.json["queue"].contains("queued"));
}

TEST_F(SyncRoutesTest, AStoppedSyncEndsStopped) {
    const Answer started = post("/api/sync/orders");
    const std::string path = "/api/sync/status/" + started.json["syncId"].get<std::string>();
    const Answer stopped = post(path + "/stop");
    EXPECT_EQ(stopped.status, 202);
    EXPECT_EQ(stopped.json["runs"][0]["stop_requested"], true);
    work();
    EXPECT_EQ(get(path).json["status"], "stopped");
    const Answer again = post(path + "/stop");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.json["type"], "/errors/run.ended");
}

TEST_F(SyncRoutesTest, APreviewShowsTheExactDocumentsAndWritesNothing) {
    const Answer plan = post("/api/sync/dry-run/orders", {{"mode", "full"}});
    ASSERT_EQ(plan.status, 200) << plan.text;
    EXPECT_EQ(plan.json["entity"], "order");
    ASSERT_EQ(plan.json["plans"].size(), 1u);
    const Json& flow = plan.json["plans"][0];
    EXPECT_EQ(flow["flow"], "shop-books-orders");
    EXPECT_EQ(flow["read"], 2);
    EXPECT_EQ(flow["actions"], Json({{"create", 2}}));
    EXPECT_EQ(flow["totals"], Json({{{"amount", "15.50"}, {"currency", "USD"}}}));
    EXPECT_EQ(flow["hash"].get<std::string>().size(), 64u);
    const Json& record = flow["records"][0];
    EXPECT_EQ(record["source_id"], "1");
    EXPECT_EQ(record["needs"], Json({"customer:ann@x.example"}));
    EXPECT_EQ(record["documents"][0]["body"]["total"], "10.00");
    EXPECT_EQ(
        record["documents"][0]["money"]["total"], Json({{"amount", "10.00"}, {"currency", "USD"}})
    );
    EXPECT_EQ(books_.documents.size(), 0u);
    // The same through the other door, and the same plan.
    const Answer other = post("/api/sync/orders", {{"mode", "full"}, {"dryRun", true}});
    EXPECT_EQ(other.status, 200);
    EXPECT_EQ(other.json["plans"][0]["hash"], flow["hash"]);
}

TEST_F(SyncRoutesTest, APreviewIsBounded) {
    const Answer plan = post("/api/sync/dry-run/orders", {{"mode", "full"}, {"limit", 1}});
    EXPECT_EQ(plan.json["plans"][0]["read"], 1);
    EXPECT_EQ(plan.json["plans"][0]["truncated"], true);
}

TEST_F(SyncRoutesTest, ARecordThatCannotBePlannedIsAnEntryNotAFailure) {
    shop_.put(3, "1.00", "cy@x.example", {{"poison", true}});
    const Answer plan = post("/api/sync/dry-run/orders", {{"mode", "full"}});
    ASSERT_EQ(plan.status, 200) << plan.text;
    EXPECT_EQ(plan.json["plans"][0]["records"][2]["action"], "error");
    EXPECT_EQ(plan.json["plans"][0]["records"][2]["error"]["code"], "connector.threw");
}

TEST_F(SyncRoutesTest, AFlowThatRunsAlreadyIsAConflict) {
    post("/api/sync/orders");
    const Answer second = post("/api/sync/orders");
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.json["type"], "/errors/flow.busy");
}

struct BadSync {
    const char* path;
    const char* body;
    int status;
    const char* type;
    std::vector<std::string> places;
};

TEST_F(SyncRoutesTest, EveryBadRequestSaysWhatIsWrongAndWhere) {
    const std::vector<BadSync> table{
        {"/api/sync/widgets", "{}", 404, "/errors/entity.unknown", {}},
        {"/api/sync/order", "{}", 404, "/errors/entity.unknown", {}},
        {"/api/sync/orders", R"({"flow": "nowhere"})", 404, "/errors/flow.unknown", {}},
        {"/api/sync/customers", "{}", 404, "/errors/flow.none", {}},
        {"/api/sync/customers", R"({"flow": "shop-books-orders"})", 400, "", {"/flow"}},
        {"/api/sync/orders", R"({"mode": "sideways"})", 400, "", {"/mode"}},
        {"/api/sync/orders", R"({"colour": 1, "mode": 2})", 400, "", {"/colour", "/mode"}},
        {"/api/sync/orders", R"({"filters": {"state": "x"}})", 400, "", {"/filters/state"}},
        {"/api/sync/orders", R"({"filters": {"status": [1]}})", 400, "", {"/filters/status/0"}},
        {"/api/sync/orders",
         R"({"filters": {"created_from": "today"}})",
         400,
         "",
         {"/filters/created_from"}},
        {"/api/sync/orders", R"({"mode": "ids"})", 400, "", {"/ids"}},
        {"/api/sync/orders", R"({"mode": "backfill"})", 400, "", {"/from"}},
        {"/api/sync/orders", R"({"batch_size": 20000})", 400, "", {"/batch_size"}},
        {"/api/sync/orders", R"({"batch_size": "many"})", 400, "", {"/batch_size"}},
        {"/api/sync/orders", R"({"limit": 5})", 400, "", {"/limit"}},
        {"/api/sync/dry-run/orders", R"({"limit": 100000})", 400, "", {"/limit"}},
        {"/api/sync/orders",
         R"({"mode": "backfill", "from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"})",
         400,
         "",
         {"/to"}},
        {"/api/sync/orders", R"({"mode": "full")", 400, "/errors/request.malformed", {}},
        {"/api/sync/orders", R"([1, 2])", 400, "/errors/request.malformed", {}},
        {"/api/sync/orders?flow=x", "{}", 400, "", {"flow"}},
    };
    for (const auto& bad : table) {
        const Answer answer = call({"POST", bad.path, bad.body, admin(), {}});
        EXPECT_EQ(answer.status, bad.status) << bad.path << " " << bad.body << "\n" << answer.text;
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
        if (*bad.type != '\0') {
            EXPECT_EQ(answer.json["type"], bad.type) << bad.body;
        }
        EXPECT_EQ(answer.places(), bad.places) << bad.path << " " << bad.body << "\n"
                                               << answer.text;
    }
    EXPECT_TRUE(get("/api/sync/history").json["items"].empty());
}

}  // namespace
}  // namespace syncline::testing
