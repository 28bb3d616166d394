// ETags, changes that are meant for one version, and merge patches (RFC 9110 13, RFC 7396).
#include <thread>

#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr auto kOrders = "/api/flows/shop-books-orders";
constexpr auto kMerge = "application/merge-patch+json";

class EtagTest : public ApiTest {
protected:
    Answer with(
        const std::string& method,
        const std::string& path,
        const Json& body,
        const std::map<std::string, std::string>& headers
    ) {
        return call({method, path, body.is_null() ? "" : dump_json(body), admin(), headers});
    }
    Answer patch(const std::string& path, const Json& body, const std::string& if_match = "") {
        std::map<std::string, std::string> headers{{"Content-Type", kMerge}};
        if (!if_match.empty()) {
            headers["If-Match"] = if_match;
        }
        return with("PATCH", path, body, headers);
    }
    std::string etag(const std::string& path) {
        const std::string tag = get(path).header("ETag");
        EXPECT_GT(tag.size(), 2u) << path;
        EXPECT_EQ(tag.substr(0, 1), "\"") << "strong: " << path;
        return tag;
    }
    void expect_stale(const Answer& answer, const std::string& what) {
        EXPECT_EQ(answer.status, 412) << what << answer.text;
        EXPECT_EQ(answer.json["type"], "/errors/precondition.failed") << what;
        EXPECT_EQ(answer.json["title"], "Precondition Failed") << what;
    }
    void make_schedule() {
        const Answer made = post(
            "/api/sync/schedules",
            {{"name", "nightly"}, {"flow", "shop-books-orders"}, {"cron", "0 3 * * *"}}
        );
        ASSERT_EQ(made.status, 201) << made.text;
        EXPECT_EQ(made.header("ETag"), etag("/api/sync/schedules/nightly"));
    }
    void run_sql(const std::string& text) {
        const auto done = engine().database->write([&](storage::Sql& sql) -> Result<void> {
            sql.script(text);
            return {};
        });
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
};

TEST_F(EtagTest, AChangeForAVersionThatIsGoneIsRefusedWhateverIsChanged) {
    make_schedule();
    put(std::string(kOrders) + "/stop");
    const std::string schedule = "/api/sync/schedules/nightly";
    const Json settings{{"store_url", "https://shop.example"}, {"consumer_secret", "cs"}};
    ASSERT_EQ(post("/api/integrations/shop/credentials", settings).status, 201);
    ASSERT_EQ(post("/api/tenants", {{"name", "acme"}}).status, 201);
    struct Change {
        std::string shown;
        std::string method;
        std::string path;
        Json body;
    };
    const std::string credentials = "/api/integrations/shop/credentials";
    const std::vector<Change> changes{
        {kOrders, "PATCH", kOrders, {{"batch_size", 7}}},
        {kOrders, "PUT", std::string(kOrders) + "/pause", Json()},
        {schedule, "PATCH", schedule, {{"jitter_s", 1}}},
        {schedule, "PUT", schedule + "/pause", Json()},
        {schedule, "DELETE", schedule, Json()},
        {"/api/settings/approval", "PUT", "/api/settings/approval", {{"second_person", true}}},
        {"/api/settings/approval", "PATCH", "/api/settings/approval", {{"second_person", nullptr}}},
        {std::string(kOrders) + "/cursor",
         "PATCH",
         std::string(kOrders) + "/cursor",
         {{"cursor", "2020-01-01T00:00:00Z"}}},
        {std::string(kOrders) + "/cursor", "DELETE", std::string(kOrders) + "/cursor", Json()},
        {"/api/tenants/acme", "POST", "/api/tenants/acme/suspend", {{"reason", "unpaid"}}},
        {"/api/integrations/shop/status", "POST", credentials, settings},
        {"/api/integrations/shop/status", "DELETE", credentials + "?connection=shop", Json()},
        {kOrders, "DELETE", kOrders, Json()}};
    for (const auto& change : changes) {
        const std::string what = change.method + " " + change.path;
        const std::string before = etag(change.shown);
        const std::string stale = "\"0000000000000000000a-" + before.substr(22);
        expect_stale(with(change.method, change.path, change.body, {{"If-Match", stale}}), what);
        EXPECT_EQ(etag(change.shown), before) << what << " changed it all the same";
        const Answer done =
            with(change.method, change.path, change.body, {{"If-Match", stale + ", " + before}});
        EXPECT_LT(done.status, 300) << what << done.text;
        const Answer after = get(change.shown);
        EXPECT_TRUE(after.status == 404 || after.header("ETag") != before) << what;
        if (change.method != "DELETE") {
            expect_stale(
                with(change.method, change.path, change.body, {{"If-Match", before}}), what
            );
        }
    }
}

TEST_F(EtagTest, OfManyWhoSawTheSameVersionOneChangesIt) {
    for (int round = 0; round < 5; ++round) {
        const std::string seen = etag(kOrders);
        std::atomic<int> changed{0};
        std::atomic<int> refused{0};
        std::vector<std::thread> people;
        for (int i = 0; i < 6; ++i) {
            people.emplace_back([&, i] {
                const Answer answer = patch(kOrders, {{"batch_size", 10 + round * 10 + i}}, seen);
                changed += answer.status == 200 ? 1 : 0;
                refused += answer.status == 412 ? 1 : 0;
            });
        }
        for (auto& person : people) {
            person.join();
        }
        EXPECT_EQ(changed, 1);
        EXPECT_EQ(refused, 5);
    }
}

TEST_F(EtagTest, AnAnswerCarriesTheTagOfWhatItShows) {
    const Answer changed = patch(kOrders, {{"batch_size", 9}}, etag(kOrders));
    EXPECT_EQ(changed.status, 200) << changed.text;
    EXPECT_EQ(changed.header("ETag"), etag(kOrders));
    EXPECT_EQ(patch(kOrders, {{"batch_size", 8}}, changed.header("ETag")).status, 200);
}

TEST_F(EtagTest, WhatChangesByItselfIsNoNewVersion) {
    make_schedule();
    const std::string path = "/api/sync/schedules/nightly";
    const std::string before = etag(path);
    run_sql("UPDATE sync_schedules SET last_error = 'busy'");
    EXPECT_NE(etag(path), before) << "another answer";
    EXPECT_EQ(with("GET", path, Json(), {{"If-None-Match", before}}).status, 200);
    EXPECT_EQ(patch(path, {{"jitter_s", 2}}, before).status, 200) << "the same version";
}

TEST_F(EtagTest, WhoHasTheAnswerAlreadyGetsNone) {
    const std::string tag = etag(kOrders);
    for (const std::string& known : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
        const Answer answer = with("GET", kOrders, Json(), {{"If-None-Match", known}});
        EXPECT_EQ(answer.status, 304) << known;
        EXPECT_EQ(answer.text, "");
        EXPECT_EQ(answer.header("ETag"), tag);
    }
    for (const std::string& other : {std::string("\"x\""), std::string("nonsense")}) {
        EXPECT_EQ(with("GET", kOrders, Json(), {{"If-None-Match", other}}).status, 200) << other;
    }
    put(std::string(kOrders) + "/pause");
    EXPECT_EQ(with("GET", kOrders, Json(), {{"If-None-Match", tag}}).status, 200);
}

TEST_F(EtagTest, AStarSaysThatItIsThereOrThatItIsNot) {
    const Json body{
        {"entity", "customer"},
        {"source", {{"connection", "shop"}}},
        {"target", {{"connection", "books"}}}};
    expect_stale(with("PUT", "/api/flows/new", body, {{"If-Match", "*"}}), "not there");
    EXPECT_EQ(get("/api/flows/new").status, 404);
    EXPECT_EQ(with("PUT", "/api/flows/new", body, {{"If-None-Match", "*"}}).status, 201);
    expect_stale(with("PUT", "/api/flows/new", body, {{"If-None-Match", "*"}}), "there");
    EXPECT_EQ(with("PUT", "/api/flows/new", body, {{"If-Match", "*"}}).status, 200);
}

TEST_F(EtagTest, AConditionThatCannotBeLookedAtIsRefused) {
    const Answer none = with("POST", "/api/sync/orders", Json(), {{"If-Match", "\"x\""}});
    EXPECT_EQ(none.status, 400);
    EXPECT_EQ(none.json["type"], "/errors/precondition.unsupported");
    EXPECT_TRUE(get("/api/sync/history").json["items"].empty());
    for (const std::string& bad :
         {std::string("abc"), std::string("\"a"), std::string("\"a\" b")}) {
        const Answer malformed = patch(kOrders, {{"batch_size", 2}}, bad);
        EXPECT_EQ(malformed.status, 400) << bad;
        EXPECT_EQ(malformed.json["type"], "/errors/precondition.malformed") << bad;
    }
    expect_stale(patch(kOrders, {{"batch_size", 2}}, "W/" + etag(kOrders)), "weak");
}

TEST_F(EtagTest, APatchChangesItsMembersAndLeavesTheOthers) {
    const Json before = get(kOrders).json;
    const Answer changed =
        patch(kOrders, {{"source", {{"filters", {{"status", {"completed"}}}}}}, {"batch_size", 5}});
    ASSERT_EQ(changed.status, 200) << changed.text;
    EXPECT_EQ(changed.json["batch_size"], 5);
    EXPECT_EQ(changed.json["source"]["filters"]["status"], Json({"completed"}));
    EXPECT_EQ(changed.json["source"]["connection"], "shop");
    EXPECT_EQ(changed.json["approval"], before["approval"]);
    const Answer taken =
        patch(kOrders, {{"source", {{"filters", nullptr}}}, {"batch_size", nullptr}});
    ASSERT_EQ(taken.status, 200) << taken.text;
    EXPECT_EQ(taken.json["batch_size"], 1000) << "the default";
    EXPECT_EQ(taken.json["source"], before["source"]);
}

TEST_F(EtagTest, APatchIsCheckedAsAWhole) {
    EXPECT_EQ(patch(kOrders, {{"batchsize", 5}}).places(), std::vector<std::string>{"/batchsize"});
    EXPECT_EQ(patch(kOrders, {{"name", "x"}}).places(), std::vector<std::string>{"/name"});
    EXPECT_EQ(patch(kOrders, {{"entity", "widget"}}).places(), std::vector<std::string>{"/entity"});
    EXPECT_EQ(patch("/api/flows/none", {{"batch_size", 5}}).status, 404);
    EXPECT_EQ(get("/api/flows/none").status, 404);
    EXPECT_EQ(with("PATCH", kOrders, Json::array({1}), {{"Content-Type", kMerge}}).status, 400);
    EXPECT_EQ(
        with(
            "PATCH", kOrders, Json::object(), {{"Content-Type", "application/json-patch+json"}}
        ).json["type"],
        "/errors/request.media_type"
    );
    EXPECT_EQ(with("PUT", kOrders, Json::object(), {{"Content-Type", kMerge}}).status, 415)
        << "only a PATCH is a patch";
}

TEST_F(EtagTest, SchedulesAndSettingsArePatchedToo) {
    make_schedule();
    const std::string path = "/api/sync/schedules/nightly";
    const Answer moved = patch(path, {{"cron", "0 4 * * *"}, {"zone", "Europe/Berlin"}});
    ASSERT_EQ(moved.status, 200) << moved.text;
    EXPECT_EQ(moved.json["cron"], "0 4 * * *");
    EXPECT_EQ(moved.json["flow"], "shop-books-orders");
    EXPECT_EQ(patch(path, {{"interval_s", 60}}).status, 400) << "either cron or interval";
    const Answer regular = patch(path, {{"cron", nullptr}, {"interval_s", 600}});
    EXPECT_EQ(regular.status, 200) << regular.text;
    EXPECT_EQ(regular.json["interval_s"], 600);
    ASSERT_EQ(
        put("/api/settings/api_keys", {{"keys_max", 7}, {"lifetime_days_max", 30}}).status, 200
    );
    const Answer setting = patch("/api/settings/api_keys", {{"keys_max", nullptr}});
    ASSERT_EQ(setting.status, 200) << setting.text;
    EXPECT_EQ(setting.json["value"], Json({{"keys_max", 100}, {"lifetime_days_max", 30}}));
    EXPECT_EQ(
        patch("/api/settings/api_keys", {{"keys_max", -1}}).places(),
        std::vector<std::string>{"/keys_max"}
    );
    run_sql("UPDATE settings SET value = '{\"keys_max\": \"many\"}'");
    EXPECT_EQ(patch("/api/settings/api_keys", {{"keys_max", 5}}).status, 409);
    EXPECT_EQ(patch("/api/settings/none", {{"keys_max", 5}}).status, 404);
}

}  // namespace
}  // namespace syncline::testing
