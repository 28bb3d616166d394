// What people change is in the audit log, and who may read it.
#include "api/support/api_fixture.hpp"
#include "storage/plain_session.hpp"

namespace syncline::testing {
namespace {

class AuditRoutesTest : public ApiTest {
protected:
    // Newest first.
    std::vector<std::string> events(const std::string& query = "") {
        std::vector<std::string> all;
        const Answer answer = get("/api/audit?limit=500" + query);
        for (const auto& item : answer.json["items"]) {
            all.push_back(item["event"]);
        }
        return all;
    }
    Json newest() { return get("/api/audit?limit=1").json["items"][0]; }
    std::string problem() {
        storage::Sql sql = storage::plain_session(dir_.file("test.db"));
        return storage::verify_audit(sql).problem;
    }
    Json flow(const std::string& name) {
        return {
            {"name", name},
            {"entity", "order"},
            {"source", {{"connection", "shop"}}},
            {"target", {{"connection", "books"}}}};
    }
};

TEST_F(AuditRoutesTest, AChangeSaysWhoDidWhat) {
    get("/api/audit");  // whoever looks came in before
    const Answer made = call(
        {"POST",
         "/api/sync/schedules",
         R"({"name": "nightly", "flow": "shop-books-orders", "cron": "0 3 * * *"})",
         token(api::Role::kAdmin, "default", "ann"),
         {{"X-Request-Id", "from-ann"}}}
    );
    ASSERT_EQ(made.status, 201) << made.text;
    const Json row = newest();
    EXPECT_EQ(row["event"], "schedule.created");
    EXPECT_EQ(row["object"], "schedule nightly");
    EXPECT_EQ(row["outcome"], "done");
    EXPECT_EQ(row["actor"], "ann");
    EXPECT_EQ(row["credential"], "token t-1");
    EXPECT_EQ(row["role"], "admin");
    EXPECT_EQ(row["address"], "127.0.0.1");
    EXPECT_EQ(row["request"], "from-ann");
    EXPECT_EQ(row["detail"]["definition"]["cron"], "0 3 * * *");
}

TEST_F(AuditRoutesTest, EveryKindOfChangeIsNoted) {
    get("/api/audit");
    ASSERT_EQ(post("/api/flows", flow("second")).status, 201);
    Json changed = flow("second");
    changed["batch_size"] = 7;
    ASSERT_EQ(put("/api/flows/second", changed).status, 200);
    const Json difference = newest()["detail"]["difference"];
    ASSERT_EQ(difference.size(), 1u);
    EXPECT_EQ(difference[0]["path"], "/batch_size");
    ASSERT_EQ(put("/api/flows/third", flow("third")).status, 201);
    ASSERT_EQ(put("/api/flows/second/pause", {{"reason", "audit"}}).status, 200);
    EXPECT_EQ(newest()["reason"], "audit");
    ASSERT_EQ(put("/api/flows/second/resume").status, 200);
    ASSERT_EQ(put("/api/flows/second/stop").status, 200);
    ASSERT_EQ(remove("/api/flows/second/cursor").status, 200);
    ASSERT_EQ(remove("/api/flows/second").status, 204);
    const Json nightly{{"name", "n"}, {"flow", "third"}, {"interval_s", 300}};
    ASSERT_EQ(put("/api/sync/schedules/n", nightly).status, 201);
    ASSERT_EQ(put("/api/sync/schedules/n/pause").status, 200);
    ASSERT_EQ(put("/api/sync/schedules/n/resume").status, 200);
    ASSERT_EQ(remove("/api/sync/schedules/n").status, 204);
    ASSERT_EQ(put("/api/settings/approval", {{"second_person", true}}).status, 200);
    const Answer key = post("/api/api-keys", {{"name", "k"}, {"role", "viewer"}});
    ASSERT_EQ(key.status, 201) << key.text;
    const std::string id = key.json["id"].dump();
    const Answer rotated = post("/api/api-keys/" + id + "/rotate");
    ASSERT_EQ(rotated.status, 201) << rotated.text;
    ASSERT_EQ(remove("/api/api-keys/" + id + "?reason=leaked").status, 204);
    EXPECT_EQ(newest()["reason"], "leaked");
    EXPECT_EQ(
        events(),
        (std::vector<std::string>{
            "api_key.revoked",
            "api_key.rotated",
            "api_key.created",
            "setting.changed",
            "schedule.removed",
            "schedule.resumed",
            "schedule.paused",
            "schedule.created",
            "flow.removed",
            "flow.cursor_changed",
            "flow.stopped",
            "flow.resumed",
            "flow.paused",
            "flow.created",
            "flow.changed",
            "flow.created",
            "login.succeeded"})
    );
    EXPECT_EQ(problem(), "");
}

TEST_F(AuditRoutesTest, WhatFailsLeavesNoRow) {
    get("/api/audit");
    const std::size_t before = events().size();
    EXPECT_EQ(post("/api/flows", flow("shop-books-orders")).status, 409);
    EXPECT_EQ(put("/api/flows/nowhere/pause").status, 404);
    EXPECT_EQ(remove("/api/sync/schedules/nowhere").status, 404);
    EXPECT_EQ(put("/api/settings/approval", {{"second_person", "yes"}}).status, 400);
    EXPECT_EQ(post("/api/api-keys", {{"name", "k"}, {"role", "god"}}).status, 400);
    EXPECT_EQ(events().size(), before);
}

TEST_F(AuditRoutesTest, DeadLettersAndConflictsAreNoted) {
    shop_.put(1, "10.00", "a@x.example", {{"poison", true}});
    ApiTest::run();
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1u);
    const std::string failure = "/api/sync/failures/" + std::to_string(letters[0].id.value);
    ASSERT_EQ(
        post(failure + "/edit", {{"merge", {{"total", "9.00"}}}, {"dryRun", true}}).status, 200
    );
    ASSERT_EQ(post(failure + "/retry").status, 202);
    EXPECT_EQ(newest()["event"], "failure.retried");
    work();
    ASSERT_EQ(post("/api/sync/retry", {{"all", true}}).status, 202);
    EXPECT_EQ(newest()["event"], "failures.retried");
    EXPECT_EQ(newest()["detail"]["all"], true);
    work();
    ASSERT_EQ(post(failure + "/resolve", {{"reason", "by hand"}}).status, 200);
    EXPECT_EQ(newest()["event"], "failure.resolved");
    EXPECT_EQ(newest()["reason"], "by hand");
    EXPECT_EQ(problem(), "");
}

TEST_F(AuditRoutesTest, CredentialsAreNotedWithoutTheirValues) {
    const Answer stored = post(
        "/api/integrations/shop/credentials",
        {{"connection", "audited"},
         {"store_url", "https://shop.example"},
         {"consumer_secret", "t0p-s3cret"}}
    );
    ASSERT_EQ(stored.status, 201) << stored.text;
    Json row = get("/api/audit?event=credential.stored").json["items"][0];
    EXPECT_EQ(row["object"], "connection audited");
    ASSERT_EQ(remove("/api/integrations/shop/credentials?connection=audited").status, 204);
    EXPECT_EQ(newest()["event"], "credential.removed");
    EXPECT_EQ(get("/api/audit").text.find("t0p-s3cret"), std::string::npos);
}

TEST_F(AuditRoutesTest, AnOpenedCredentialIsNotedOnceAnHour) {
    const Json shop{
        {"connection", "audited"},
        {"store_url", "https://shop.example"},
        {"consumer_secret", "cs"}};
    ASSERT_EQ(post("/api/integrations/shop/credentials", shop).status, 201);
    const auto openings = [&] { return get("/api/audit?event=credential.opened").json["items"]; };
    const auto test = [&] {
        const Answer done = post("/api/integrations/shop/test", {{"connection", "audited"}});
        EXPECT_EQ(done.json["ok"], true) << done.text;
    };
    EXPECT_TRUE(openings().empty()) << "storing opens nothing";
    for (int i = 0; i < 5; ++i) {
        test();
    }
    ASSERT_EQ(openings().size(), 1u);
    const Json first = openings()[0];
    EXPECT_EQ(first["object"], "connection audited");
    EXPECT_EQ(first["actor"], "host");
    EXPECT_EQ(first["detail"]["secret"], "consumer_secret");
    EXPECT_EQ(first["detail"]["purpose"], "check");
    EXPECT_EQ(first["detail"]["connector"], "shop");
    EXPECT_EQ(first["detail"]["times_since_last_noted"], 0);
    clock_.advance(std::chrono::minutes(59));
    test();
    EXPECT_EQ(openings().size(), 1u);
    clock_.advance(std::chrono::minutes(2));
    test();
    ASSERT_EQ(openings().size(), 2u);
    EXPECT_EQ(openings()[0]["detail"]["times_since_last_noted"], 5);
}

TEST_F(AuditRoutesTest, PagesAndFormatsHoldTheSameRows) {
    for (int i = 0; i < 7; ++i) {
        ASSERT_EQ(put("/api/settings/approval", {{"second_person", i % 2 == 0}}).status, 200);
    }
    std::vector<std::string> hashes;
    std::string path = "/api/audit?limit=3&event=setting.";
    for (int pages = 0; !path.empty() && pages < 5; ++pages) {
        const Answer page = get(path);
        for (const auto& item : page.json["items"]) {
            hashes.push_back(item["hash"]);
        }
        const std::string link = page.header("Link");
        const bool more = link.find("rel=\"next\"") != std::string::npos;
        path = more ? link.substr(1, link.find('>') - 1) : "";
    }
    EXPECT_EQ(hashes.size(), 7u);
    const Answer lines =
        call({"GET", "/api/audit?event=setting.", "", admin(), {{"Accept", "application/x-ndjson"}}}
        );
    EXPECT_EQ(lines.header("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(std::count(lines.text.begin(), lines.text.end(), '\n'), 7);
    const auto first = parse_json(lines.text.substr(0, lines.text.find('\n')));
    EXPECT_EQ((*first)["hash"], hashes[0]);
    const Answer csv = get("/api/audit?event=setting.&format=csv");
    EXPECT_EQ(csv.text.rfind("id,at,tenant_id,event,", 0), 0u);
    EXPECT_NE(csv.text.find(hashes[6]), std::string::npos);
    for (const auto& [query, place] : std::vector<std::pair<std::string, std::string>>{
             {"format=xml", "format"},
             {"from=yesterday", "from"},
             {"outcome=maybe", "outcome"},
             {"limit=0", "limit"},
             {"cursor=x", "cursor"},
             {"tenant=other", "tenant"}}) {
        const Answer refused = get("/api/audit?" + query);
        EXPECT_EQ(refused.status, 400) << query;
        EXPECT_EQ(refused.places(), std::vector<std::string>{place});
    }
}

TEST_F(AuditRoutesTest, ATenantSeesItsOwnRowsOnly) {
    other_tenant();
    ASSERT_EQ(put("/api/settings/approval", {{"second_person", true}}).status, 200);
    call({"GET", "/api/flows", "", "wrong", {}});  // a failed login is the installation's
    const Answer theirs = call({"GET", "/api/audit", "", token(api::Role::kAdmin, "other"), {}});
    ASSERT_EQ(theirs.json["items"].size(), 1u) << theirs.text;
    EXPECT_EQ(theirs.json["items"][0]["event"], "login.succeeded");
    const auto ours = events();
    EXPECT_EQ(std::count(ours.begin(), ours.end(), "login.failed"), 1);
    EXPECT_EQ(std::count(ours.begin(), ours.end(), "login.succeeded"), 1) << "not the other's";
}

}  // namespace
}  // namespace syncline::testing
