#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr auto kFlow = "/api/flows/shop-books-orders";
constexpr auto kCursor = "/api/flows/shop-books-orders/cursor";

class CursorRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        shop_.put(1, "10.00", "ann@x.example");
        run();
    }
    Answer patch(const std::string& query, const Json& body) {
        return call({"PATCH", kCursor + query, dump_json(body), admin(), {}});
    }
};

TEST_F(CursorRoutesTest, ACursorIsSeenSetAndReset) {
    const Answer seen = get(kCursor);
    ASSERT_EQ(seen.status, 200) << seen.text;
    EXPECT_EQ(seen.json["entity"], "order");
    EXPECT_EQ(seen.json["cursor"], Timestamp{shop_.now_ms - 60'000}.to_string());
    EXPECT_EQ(seen.json["scan"], nullptr);
    put(std::string(kFlow) + "/stop");
    const Answer set = patch("", {{"cursor", "2020-01-31T00:00:00+01:00"}, {"reason", "again"}});
    ASSERT_EQ(set.status, 200) << set.text;
    EXPECT_EQ(set.json["cursor"], "2020-01-30T23:00:00.000Z");
    EXPECT_EQ(get(kCursor).json["cursor"], "2020-01-30T23:00:00.000Z");
    EXPECT_EQ(remove(kCursor).json["cursor"], nullptr);
    const Json changes = get(std::string(kFlow) + "/status").json["changes"];
    ASSERT_EQ(changes.size(), 3u);
    EXPECT_EQ(changes[1]["reason"], "again");
    EXPECT_EQ(changes[1]["actor"], "tester");
}

TEST_F(CursorRoutesTest, AResetIsNotedWithItsReason) {
    put(std::string(kFlow) + "/stop");
    const Answer reset = remove(std::string(kCursor) + "?reason=orders%20of%20May");
    ASSERT_EQ(reset.status, 200) << reset.text;
    EXPECT_EQ(get(std::string(kFlow) + "/status").json["changes"][0]["reason"], "orders of May");
}

TEST_F(CursorRoutesTest, ItChangesOnlyWhileTheFlowIsStopped) {
    const Answer refused = patch("", {{"cursor", "2020-01-31T00:00:00Z"}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/flow.running");
    EXPECT_EQ(remove(kCursor).status, 409);
    EXPECT_NE(get(kCursor).json["cursor"], nullptr);
}

TEST_F(CursorRoutesTest, ADryRunSaysWhatWouldBeRead) {
    const Answer tried = call({"DELETE", std::string(kCursor) + "?dryRun=true", "", admin(), {}});
    ASSERT_EQ(tried.status, 200) << tried.text;
    EXPECT_EQ(
        tried.json["reread"],
        Json({{"from", nullptr}, {"records", 1}, {"known", 1}, {"truncated", false}})
    );
    EXPECT_EQ(tried.json["dryRun"], true);
    EXPECT_NE(get(kCursor).json["cursor"], nullptr);
    EXPECT_EQ(
        patch("?dryRun=true", {{"cursor", "2020-01-31T00:00:00Z"}}).json["reread"]["records"], 1
    );
}

TEST_F(CursorRoutesTest, GarbageIsRefusedWithItsPlace) {
    put(std::string(kFlow) + "/pause");
    for (const char* text :
         {R"({"cursor": "yesterday"})",
          R"({"cursor": "2199-01-01T00:00:00Z"})",
          R"({"cursor": 5})",
          R"({"cursor": null})",
          "{}"}) {
        const Answer refused = call({"PATCH", kCursor, text, admin(), {}});
        EXPECT_EQ(refused.status, 400) << text;
        EXPECT_EQ(refused.places(), std::vector<std::string>{"/cursor"}) << text;
    }
    EXPECT_EQ(patch("?dryRun=maybe", {{"cursor", "2020-01-31T00:00:00Z"}}).status, 400);
    EXPECT_EQ(patch("", {{"cursor", "2020-01-31T00:00:00Z"}, {"entity", "customers"}}).status, 404);
    EXPECT_EQ(get("/api/flows/moon/cursor").status, 404);
    EXPECT_EQ(get(std::string(kCursor) + "?entity=orders").status, 200);
}

TEST_F(CursorRoutesTest, AFlowsStateIsToldAsKafkaConnectDoes) {
    EXPECT_EQ(get(kFlow).json["state"], "RUNNING");
    EXPECT_EQ(
        put(std::string(kFlow) + "/pause", {{"reason", "stocktaking"}}).json["state"], "PAUSED"
    );
    EXPECT_EQ(put(std::string(kFlow) + "/stop").json["state"], "STOPPED");
    EXPECT_EQ(put(std::string(kFlow) + "/resume").json["state"], "RUNNING");
    shop_.next_read_errors = {Error{ErrorCode::kData, "the shop is closed", "shop.closed"}};
    post("/api/sync/orders");
    work();
    const Json failed = get(std::string(kFlow) + "/status").json;
    EXPECT_EQ(failed["state"], "FAILED");
    EXPECT_EQ(failed["failure"]["code"], "shop.closed");
    EXPECT_EQ(failed["failure"]["restart_at"], clock_.now().to_string());
    EXPECT_EQ(failed["changes"][0]["change"], "failure");
    EXPECT_EQ(failed["changes"].back()["reason"], "stocktaking");
    EXPECT_EQ(get("/api/flows").json["items"][0]["state"], "FAILED");
    const Answer restarted = put(std::string(kFlow) + "/restart");
    ASSERT_EQ(restarted.status, 202) << restarted.text;
    work();
    EXPECT_EQ(get(kFlow).json["state"], "RUNNING");
    EXPECT_EQ(put(std::string(kFlow) + "/restart").json["type"], "/errors/flow.not_failed");
    EXPECT_EQ(
        put(std::string(kFlow) + "/pause", {{"reason", std::string(501, 'x')}}).places(),
        std::vector<std::string>{"/reason"}
    );
    Json disabled = get(kFlow).json;
    for (const char* shown : {"state", "managed_by"}) {
        disabled.erase(shown);
    }
    disabled["enabled"] = false;
    EXPECT_EQ(put(kFlow, disabled).json["state"], "UNASSIGNED");
}

}  // namespace
}  // namespace syncline::testing
