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

TEST_F(FailureRoutesTest, ARecordThatCannotBeReadIsShownWithItsTextAndWayOut) {
    shop_.put(5, "10.00", "c@x.example");
    shop_.broken = {5};
    shop_.nameless = {"{half an order"};
    run(SyncMode::kFull);
    const Json list = get("/api/sync/failures?code=record.not_json").json;
    ASSERT_EQ(list["items"].size(), 1u);
    EXPECT_EQ(list["items"][0]["source_id"], "5");
    const std::string path = "/api/sync/failures/" + list["items"][0]["id"].dump();
    const Json shown = get(path).json;
    EXPECT_EQ(shown["class"], "business");
    EXPECT_EQ(shown["detail"]["stage"], "read");
    EXPECT_EQ(shown["detail"]["raw"]["text"], R"({"email":"c@x.example","id":"5)");
    EXPECT_EQ(shown["detail"]["raw"]["cut"], true);
    EXPECT_TRUE(shown["record"].is_null());
    EXPECT_NE(shown["hint"].get<std::string>().find("correct the record there"), std::string::npos);
    EXPECT_EQ(post(path + "/retry").status, 202);

    const Json nameless = get("/api/sync/failures?code=record.no_id").json["items"];
    ASSERT_EQ(nameless.size(), 1u);
    const Answer refused =
        post("/api/sync/failures/" + nameless[0]["id"].dump() + "/retry", Json::object());
    EXPECT_EQ(refused.status, 409) << refused.text;
    EXPECT_NE(refused.text.find("failure.no_id"), std::string::npos);
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

TEST_F(FailureRoutesTest, FailuresOfOneKindAreGrouped) {
    const Answer groups = get("/api/sync/failures/groups");
    ASSERT_EQ(groups.status, 200) << groups.text;
    ASSERT_EQ(groups.json["items"].size(), 2u);
    EXPECT_EQ(groups.json["items"][0]["count"], 3);
    EXPECT_EQ(groups.json["items"][0]["code"], "connector.threw");
    const std::string kind = groups.json["items"][0]["fingerprint"];
    EXPECT_EQ(get("/api/sync/failures?fingerprint=" + kind).json["items"].size(), 3u);
    EXPECT_EQ(get("/api/sync/failures/groups?class=business").json["items"].size(), 1u);
    EXPECT_EQ(get("/api/sync/failures?class=data").places(), std::vector<std::string>{"class"});
    EXPECT_EQ(
        get("/api/sync/failures?quarantined=perhaps").places(),
        std::vector<std::string>{"quarantined"}
    );
    EXPECT_EQ(get("/api/sync/failures?connection=books").json["items"].size(), 4u);
}

TEST_F(FailureRoutesTest, ADryRunOfARetryShowsHowManyAndWhich) {
    const Answer dry =
        post("/api/sync/retry", {{"class", "bug"}, {"dryRun", true}, {"rate_per_minute", 60}});
    ASSERT_EQ(dry.status, 200) << dry.text;
    EXPECT_EQ(dry.json["would_retry"], 3);
    EXPECT_EQ(dry.json["items"].size(), 3u);
    EXPECT_EQ(dry.json["last_at"], Timestamp{clock_.now().ms + 2'000}.to_string());
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 4u);
    EXPECT_EQ(
        post("/api/sync/retry", {{"all", true}, {"rate_per_minute", 0}}).places(),
        std::vector<std::string>{"/rate_per_minute"}
    );
}

TEST_F(FailureRoutesTest, ARetryCanBeSpreadOverTime) {
    const Answer retried = post("/api/sync/retry", {{"all", true}, {"rate_per_minute", 1}});
    EXPECT_EQ(retried.status, 202);
    EXPECT_EQ(retried.json["retried"], 4);
    work();
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 1u) << "the first failed again";
    later(60'000);
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 2u);
}

TEST_F(FailureRoutesTest, WhatFailsAgainAndAgainIsSentOnlyWhenThatIsForced) {
    const std::string path = first();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(post(path + "/retry").status, 202);
        work();
    }
    EXPECT_EQ(get(path).json["quarantined"], true);
    const Answer refused = post(path + "/retry");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/failure.quarantined");
    EXPECT_EQ(post("/api/sync/retry", {{"quarantined", true}}).json["quarantined"], 1);
    EXPECT_EQ(post(path + "/retry", {{"force", true}}).status, 202);
}

TEST_F(FailureRoutesTest, AnEditShowsItsDifferenceAndIsSent) {
    const std::string path = "/api/sync/failures/" +
                             get("/api/sync/failures?outcome=held").json["items"][0]["id"].dump();
    const Json shown = get(path).json;
    const Answer dry = post(path + "/edit", {{"merge", {{"total", "8.00"}}}, {"dryRun", true}});
    ASSERT_EQ(dry.status, 200) << dry.text;
    EXPECT_EQ(dry.json["diff"][0]["path"], "/total");
    EXPECT_EQ(dry.json["diff"][0]["before"], "0.00");
    EXPECT_EQ(dry.json["diff"][0]["after"], "8.00");
    EXPECT_EQ(get(path).status, 200);

    EXPECT_EQ(
        post(path + "/edit", {{"merge", {{"id", "9"}}}}).places(),
        std::vector<std::string>{"/merge/id"}
    );
    EXPECT_EQ(post(path + "/edit", {{"merge", {{"total", "8.00"}}}, {"version", 99}}).status, 409);
    Json record = shown["record"];
    record["total"] = "8.00";
    const Answer sent = post(path + "/edit", {{"record", record}, {"version", shown["version"]}});
    EXPECT_EQ(sent.status, 202) << sent.text;
    EXPECT_EQ(sent.json["diff"], dry.json["diff"]);
    work();
    EXPECT_EQ(books_.by_key("shop:shop:4")->body.at("total"), "8.00");
    EXPECT_EQ(get(path).status, 404);
}

TEST_F(FailureRoutesTest, AFailureIsResolvedWithAReason) {
    const std::string path = first();
    EXPECT_EQ(post(path + "/resolve").places(), std::vector<std::string>{"/reason"});
    const Answer resolved = post(path + "/resolve", {{"reason", "entered by hand"}});
    EXPECT_EQ(resolved.status, 200);
    EXPECT_EQ(resolved.json["status"], "resolved");
    EXPECT_EQ(get(path).status, 404);
    EXPECT_EQ(get("/api/sync/failures").json["items"].size(), 3u);
}

}  // namespace
}  // namespace syncline::testing
