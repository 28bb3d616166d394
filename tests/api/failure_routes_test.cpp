#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class FailureRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        for (int id = 1; id <= 3; ++id) {
            shop_.put(id, "10.00", "a@x.example", {{"poison", true}});
        }
        shop_.put(4, "0.00", "b@x.example");
        run(SyncMode::kFull);
    }
    std::string first() {
        const Json list = get("/api/sync/failures?outcome=failed").json;
        return "/api/sync/failures/" + list["items"][0]["id"].dump();
    }
};

TEST_F(FailureRoutesTest, FailuresAreListedFilteredAndPaged) {
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 4u);
    EXPECT_EQ(get("/api/sync/failures?outcome=held").json["items"].size(), 1u);
    EXPECT_EQ(get("/api/sync/failures?code=connector.threw").json["items"].size(), 3u);
    EXPECT_EQ(get("/api/sync/failures?entity=customers").json["items"].size(), 0u);
    const Answer page = get("/api/sync/failures?limit=3");
    EXPECT_EQ(page.json["items"].size(), 3u);
    const std::string cursor = page.json["next_cursor"];
    EXPECT_EQ(get("/api/sync/failures?limit=3&cursor=" + cursor).json["items"].size(), 1u);
    EXPECT_EQ(get("/api/sync/failures?outcome=lost").places(), std::vector<std::string>{"outcome"});
}

TEST_F(FailureRoutesTest, OneFailureShowsRecordReasonAndWayOut) {
    const Answer failure = get(first());
    ASSERT_EQ(failure.status, 200) << failure.text;
    EXPECT_EQ(failure.json["outcome"], "failed");
    EXPECT_EQ(failure.json["class"], "bug");
    EXPECT_EQ(failure.json["record"]["total"], "10.00");
    EXPECT_FALSE(failure.json["hint"].get<std::string>().empty());
    EXPECT_EQ(get("/api/sync/failures/999999").status, 404);
    EXPECT_EQ(get("/api/sync/failures/abc").status, 404);
}

TEST_F(FailureRoutesTest, AFailureIsSentAgain) {
    for (int id = 1; id <= 3; ++id) {
        shop_.orders[id]["poison"] = false;
    }
    const std::string path = first();
    const Answer retried = post(path + "/retry");
    EXPECT_EQ(retried.status, 202);
    EXPECT_EQ(retried.json["status"], "queued");
    EXPECT_EQ(post(path + "/retry").status, 404);
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 3u);
}

TEST_F(FailureRoutesTest, SeveralAreSentAgainByAFilter) {
    EXPECT_EQ(post("/api/sync/retry", {{"outcome", "held"}}).json["retried"], 1);
    EXPECT_EQ(post("/api/sync/retry", {{"flow", "nowhere"}}).json["retried"], 0);
    EXPECT_EQ(post("/api/sync/retry", {{"entity", "orders"}}).json["retried"], 3);
    work();
    EXPECT_EQ(post("/api/sync/retry", {{"all", true}}).json["retried"], 4);
}

TEST_F(FailureRoutesTest, AllAreOnlySentAgainWhenAllIsSaid) {
    EXPECT_EQ(post("/api/sync/retry").places(), std::vector<std::string>{"/all"});
    EXPECT_EQ(
        post("/api/sync/retry", {{"all", true}, {"outcome", "held"}}).places(),
        std::vector<std::string>{"/all"}
    );
    EXPECT_EQ(
        post("/api/sync/retry", {{"outcome", "lost"}}).places(),
        std::vector<std::string>{"/outcome"}
    );
    EXPECT_EQ(
        post("/api/sync/retry", {{"entity", "widgets"}, {"flows", "x"}}).places(),
        std::vector<std::string>{"/flows"}
    );
}

}  // namespace
}  // namespace syncline::testing
