// Matches and id mappings over HTTP: the whole way as docs/matching.md shows it, who may, and what
// is refused.
#include "api/support/api_fixture.hpp"
#include "matching/shared_accounts.hpp"

namespace syncline::testing {
namespace {

class MatchRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        records_.shop_customer(1, "ann@x.example");
        records_.shop_customer(2, "two@x.example");
        records_.shop_customer(3, "", "Cid", "555010099");
        records_.books_customer(50, "ann@x.example");
        records_.books_customer(51, "two@x.example");
        records_.books_customer(52, "two@x.example");
        records_.books_customer(53, "", "cid", "555010099");
    }
    engine::ConnectorSource& source() override { return shared_source_; }

    static Json customers() {
        return {{"source", "shop"}, {"target", "books"}, {"entity", "customers"}};
    }
    // The path of a match that is completed.
    std::string completed_match() {
        const Answer started = post("/api/matches", customers());
        EXPECT_EQ(started.status, 202) << started.text;
        EXPECT_EQ(started.json["state"], "queued");
        EXPECT_TRUE(matches_->run_waiting().has_value());
        return started.header("Location");
    }
    std::string type_of(const Answer& answer) { return answer.json.value("type", answer.text); }
    std::vector<std::string> audited_events() {
        std::vector<std::string> events;
        for (const char* kind : {"match.", "id_mapping."}) {
            const Json items = get(std::string("/api/audit?event=") + kind).json["items"];
            for (const auto& one : items) {
                events.push_back(one["event"]);
            }
        }
        return events;
    }

    SharedAccounts shared_;
    SharedSource shared_source_{shop_, books_, account_, shared_};
    SharedRecords records_{books_, shared_};
};

TEST_F(MatchRoutesTest, AMatchIsStartedLookedThroughAndConfirmed) {
    const std::string path = completed_match();
    const Answer match = get(path);
    ASSERT_EQ(match.json["state"], "completed") << match.text;
    EXPECT_EQ(match.json["proposals"]["exact"]["proposed"], 1);
    EXPECT_EQ(match.json["proposals"]["assisted"]["proposed"], 1);
    EXPECT_EQ(match.json["proposals"]["ambiguous"]["proposed"], 1);
    EXPECT_EQ(get("/api/matches").json["items"].size(), 1U);

    const Answer first = get(path + "/proposals?limit=1");
    ASSERT_EQ(first.status, 200) << first.text;
    EXPECT_EQ(first.json["items"][0]["target"]["id"], "50");
    EXPECT_EQ(first.json["items"][0]["evidence"][0], "the same e-mail ann@x.example");
    const std::string cursor = first.json["next_cursor"];
    EXPECT_EQ(get(path + "/proposals?limit=5&cursor=" + cursor).json["items"].size(), 2U);

    const Answer exact = post(path + "/confirm", {{"grade", "exact"}});
    ASSERT_EQ(exact.status, 200) << exact.text;
    EXPECT_EQ(exact.json["decided"], 1);
    EXPECT_EQ(exact.json["match"]["proposals"]["exact"]["confirmed"], 1);
    EXPECT_EQ(
        type_of(post(path + "/confirm", {{"grade", "ambiguous"}})), "/errors/match.ambiguous"
    );
    const Json doubt = get(path + "/proposals?grade=ambiguous").json["items"][0];
    EXPECT_TRUE(doubt["target"].is_null());
    ASSERT_EQ(doubt["candidates"].size(), 2U);
    const Answer chosen = post(
        path + "/confirm",
        {{"proposals", {doubt["id"]}}, {"target", {{"entity", "customer"}, {"id", "52"}}}}
    );
    EXPECT_EQ(chosen.json["decided"], 1) << chosen.text;
    const Answer rejected =
        post(path + "/reject", {{"grade", "assisted"}, {"reason", "another Cid"}});
    EXPECT_EQ(rejected.json["decided"], 1) << rejected.text;
    const Json after = get(path + "/proposals?state=rejected").json["items"];
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after[0]["decided_by"], "tester");
    EXPECT_EQ(after[0]["reason"], "another Cid");

    const Json links = get("/api/id-mappings?entity=customers&state=linked").json["items"];
    ASSERT_EQ(links.size(), 2U);
    EXPECT_EQ(links[0]["target_id"], "52");
    EXPECT_EQ(links[0]["compared"], false);
    EXPECT_EQ(
        audited_events(),
        (std::vector<std::string>{
            "match.rejected", "match.confirmed", "match.confirmed", "match.started"})
    );
}

TEST_F(MatchRoutesTest, AManyOfAGradeIsConfirmedInOneRequest) {
    for (int i = 0; i < 250; ++i) {
        const std::string email = "c" + std::to_string(i) + "@x.example";
        records_.shop_customer(100 + i, email);
        records_.books_customer(1000 + i, email);
    }
    const std::string path = completed_match();
    const Answer exact = post(path + "/confirm", {{"grade", "exact"}});
    EXPECT_EQ(exact.json["decided"], 251) << exact.text;
    EXPECT_EQ(exact.json["match"]["proposals"]["exact"]["proposed"], 0);
}

TEST_F(MatchRoutesTest, WhatIsWrongWithARequestIsNamed) {
    EXPECT_EQ(post("/api/matches", Json::object()).places(), std::vector<std::string>{"/flow"});
    Json both = customers();
    both["flow"] = "shop-books-orders";
    EXPECT_EQ(post("/api/matches", both).places(), std::vector<std::string>{"/flow"});
    Json nowhere = customers();
    nowhere["target"] = "nowhere";
    EXPECT_EQ(post("/api/matches", nowhere).places(), std::vector<std::string>{"/target"});
    Json refunds = customers();
    refunds["entity"] = "refunds";
    EXPECT_EQ(type_of(post("/api/matches", refunds)), "/errors/match.entity");
    ASSERT_EQ(post("/api/matches", customers()).status, 202);
    const Answer again = post("/api/matches", customers());
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(type_of(again), "/errors/match.under_way");
    EXPECT_EQ(
        type_of(post("/api/matches/1/confirm", {{"grade", "exact"}})), "/errors/match.not_completed"
    );
    ASSERT_TRUE(matches_->run_waiting().has_value());
    EXPECT_EQ(
        post("/api/matches/1/confirm", Json::object()).places(),
        std::vector<std::string>{"/proposals"}
    );
    EXPECT_EQ(
        type_of(post("/api/matches/1/confirm", {{"proposals", {999}}})),
        "/errors/match.proposal_unknown"
    );
    EXPECT_EQ(get("/api/matches/9").status, 404);
    EXPECT_EQ(
        get("/api/matches/1/proposals?grade=sure").places(), std::vector<std::string>{"grade"}
    );
}

TEST_F(MatchRoutesTest, NothingOfAnotherTenantIsSeenOrDecided) {
    const std::string path = completed_match();
    other_tenant();
    const std::string stranger = token(api::Role::kAdmin, "other");
    for (const auto& [method, where] : std::vector<std::pair<std::string, std::string>>{
             {"GET", path}, {"GET", path + "/proposals"}, {"POST", path + "/confirm"}}) {
        const Answer answer =
            call({method, where, method == "POST" ? R"({"grade":"exact"})" : "", stranger, {}});
        EXPECT_EQ(answer.status, 404) << method << " " << where << answer.text;
    }
    ASSERT_EQ(post(path + "/confirm", {{"grade", "exact"}}).json["decided"], 1);
    EXPECT_TRUE(call({"GET", "/api/id-mappings", "", stranger, {}}).json["items"].empty());
    const std::string link =
        "/api/id-mappings/" + get("/api/id-mappings").json["items"][0]["id"].dump();
    EXPECT_EQ(call({"DELETE", link, "", stranger, {}}).status, 404);
    EXPECT_EQ(get(link).status, 200);
}

TEST_F(MatchRoutesTest, ALinkIsMadeByHandShownAndTakenAway) {
    const Json wanted{
        {"source", "shop"},
        {"target", "books"},
        {"entity", "customers"},
        {"source_id", "3"},
        {"target_entity", "customer"},
        {"target_id", "53"},
        {"reason", "I know him"}};
    const Answer made = post("/api/id-mappings", wanted);
    ASSERT_EQ(made.status, 201) << made.text;
    EXPECT_EQ(made.json["role"], "customer");
    EXPECT_EQ(made.json["identity"], "#3");
    Json other = wanted;
    other["source_id"] = "1";
    EXPECT_EQ(type_of(post("/api/id-mappings", other)), "/errors/id_mapping.target_taken");
    other["target_id"] = "99";
    EXPECT_EQ(type_of(post("/api/id-mappings", other)), "/errors/id_mapping.not_in_target");
    const std::string path = made.header("Location");
    EXPECT_EQ(get(path).json["target_id"], "53");
    EXPECT_FALSE(get("/api/id-mappings").json["items"][0].contains("identity"));
    EXPECT_EQ(remove(path).status, 204);
    EXPECT_EQ(get(path).status, 404);
    EXPECT_EQ(
        audited_events(), (std::vector<std::string>{"id_mapping.removed", "id_mapping.created"})
    );
}

TEST_F(MatchRoutesTest, CsvGoesOutAndComesBack) {
    const std::string heading =
        "source,target,entity,source_id,role,target_entity,target_id,identity,state\r\n";
    const std::string line = "shop,books,customer,1,customer,customer,50,ann@x.example,linked\r\n";
    const Answer dry = post("/api/id-mappings/import", {{"csv", heading + line}, {"dryRun", true}});
    EXPECT_EQ(dry.json["created"], 1) << dry.text;
    EXPECT_TRUE(get("/api/id-mappings").json["items"].empty());
    const Answer wrong = post(
        "/api/id-mappings/import",
        {{"csv", heading + line + "shop,gone,customer,2,customer,customer,51,,\r\n"}}
    );
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(type_of(wrong), "/errors/id_mapping.import_refused");
    EXPECT_EQ(wrong.json["errors"][0]["detail"], "line 3, target: there is no connection 'gone'")
        << wrong.text;
    EXPECT_TRUE(get("/api/id-mappings").json["items"].empty());
    ASSERT_EQ(post("/api/id-mappings/import", {{"csv", heading + line}}).json["created"], 1);
    const Answer out = get("/api/id-mappings/export");
    EXPECT_EQ(out.text, heading + line);
    EXPECT_EQ(out.header("Content-Type").substr(0, 8), "text/csv");
    const Answer again = post("/api/id-mappings/import", {{"csv", out.text}});
    EXPECT_EQ(again.json["unchanged"], 1) << again.text;
    EXPECT_EQ(audited_events().size(), 2U);
}

TEST_F(MatchRoutesTest, ProposalsAndIdentitiesAreNotForViewers) {
    const std::string path = completed_match();
    const std::string viewer = token(api::Role::kViewer);
    EXPECT_EQ(call({"GET", path, "", viewer, {}}).status, 200);
    EXPECT_EQ(call({"GET", path + "/proposals", "", viewer, {}}).status, 403);
    EXPECT_EQ(call({"GET", "/api/id-mappings", "", viewer, {}}).status, 200);
    EXPECT_EQ(call({"GET", "/api/id-mappings/export", "", viewer, {}}).status, 403);
    EXPECT_EQ(call({"POST", "/api/matches", "{}", viewer, {}}).status, 403);
}

}  // namespace
}  // namespace syncline::testing
