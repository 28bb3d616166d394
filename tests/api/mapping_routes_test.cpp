#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

using api::Role;

class MappingRoutesTest : public ApiTest {
protected:
    static Json memo_from(const std::string& source, const std::string& name = "memo") {
        return {
            {"name", name},
            {"source_entity", "order"},
            {"target", "com.example.books"},
            {"target_entity", "invoice"},
            {"rules", Json::array({{{"source", source}, {"target", "memo"}}})}};
    }
    Answer make(const std::string& source, const std::string& name = "memo") {
        return post("/api/mappings", memo_from(source, name));
    }
    Answer publish(const std::string& name = "memo") {
        return post("/api/mappings/" + name + "/publish", {{"reason", "a reason"}});
    }
    Answer with_role(
        Role role, const std::string& method, const std::string& path, const Json& body = Json()
    ) {
        return call({method, path, body.is_null() ? "" : dump_json(body), token(role), {}});
    }
    std::vector<std::string> names(const std::string& query = "") {
        std::vector<std::string> all;
        const Json items = get("/api/mappings" + query).json["items"];
        for (const auto& item : items) {
            all.push_back(item["name"]);
        }
        return all;
    }
};

TEST_F(MappingRoutesTest, AMappingIsMadeChangedAndRemoved) {
    const Answer made = make("number");
    ASSERT_EQ(made.status, 201) << made.text;
    EXPECT_EQ(made.header("Location"), "/api/mappings/memo");
    EXPECT_EQ(made.json["origin"], "tenant");
    EXPECT_EQ(made.json["in_force"], nullptr);
    EXPECT_EQ(made.json["definition"]["rules"][0]["source"], "number");
    EXPECT_EQ(make("number").status, 409);
    const Answer changed = put("/api/mappings/memo", memo_from("status"));
    ASSERT_EQ(changed.status, 200) << changed.text;
    EXPECT_NE(changed.json["content_hash"], made.json["content_hash"]);
    const Answer patched =
        call({"PATCH", "/api/mappings/memo", R"({"description": "the status"})", admin(), {}});
    ASSERT_EQ(patched.status, 200) << patched.text;
    EXPECT_EQ(patched.json["description"], "the status");
    EXPECT_EQ(patched.json["definition"]["rules"][0]["source"], "status");
    EXPECT_EQ(put("/api/mappings/other", memo_from("status", "other")).status, 404);
    EXPECT_EQ(put("/api/mappings/memo", memo_from("status", "other")).status, 422);
    EXPECT_EQ(names("?origin=tenant"), (std::vector<std::string>{"memo"}));
    EXPECT_EQ(remove("/api/mappings/memo").status, 204);
    EXPECT_EQ(get("/api/mappings/memo").status, 404);
}

TEST_F(MappingRoutesTest, WhatIsWrongInItsFormIsRefusedWithItsPlaces) {
    Json wrong = memo_from("number");
    wrong["rules"][0]["sorce"] = "number";
    wrong["rules"][0].erase("target");
    wrong["tests"] = Json::array({{{"name", 7}}});
    const Answer refused = post("/api/mappings", wrong);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json["type"], "/errors/mapping.invalid");
    const auto places = refused.places();
    EXPECT_NE(std::find(places.begin(), places.end(), "/rules/0/sorce"), places.end());
    EXPECT_NE(std::find(places.begin(), places.end(), "/tests/0/name"), places.end());
    EXPECT_TRUE(names("?origin=tenant").empty());
}

TEST_F(MappingRoutesTest, ABrokenDraftIsRefusedAtItsPublishWithPointers) {
    Json broken = memo_from("no_such_member");
    broken["rules"].push_back({{"source", "number"}, {"target", "total"}});
    ASSERT_EQ(post("/api/mappings", broken).status, 201);
    const Answer refused = publish();
    EXPECT_EQ(refused.status, 422) << refused.text;
    EXPECT_EQ(refused.json["type"], "/errors/mapping.invalid");
    EXPECT_EQ(refused.places(), (std::vector<std::string>{"/rules/0/source", "/rules/1/target"}));
    EXPECT_EQ(get("/api/mappings/memo").json["in_force"], nullptr);
}

TEST_F(MappingRoutesTest, VersionsArePublishedShownAndBroughtBack) {
    make("number");
    const Answer first = publish();
    ASSERT_EQ(first.status, 200) << first.text;
    EXPECT_EQ(first.json["version"], 1);
    EXPECT_EQ(first.json["reason"], "a reason");
    EXPECT_EQ(first.json["published_by"], "tester");
    EXPECT_EQ(publish().json["type"], "/errors/mapping.nothing_new");
    put("/api/mappings/memo", memo_from("status"));
    ASSERT_EQ(publish().json["version"], 2);
    EXPECT_EQ(get("/api/mappings/memo").json["in_force"], 2);
    const Answer back = post("/api/mappings/memo/rollback", {{"reason", "it was wrong"}});
    ASSERT_EQ(back.status, 200) << back.text;
    EXPECT_EQ(back.json["version"], 1);
    const Json versions = get("/api/mappings/memo/versions").json["items"];
    ASSERT_EQ(versions.size(), 2u);
    EXPECT_EQ(versions[0]["state"], "retired");
    EXPECT_EQ(versions[1]["state"], "in_force");
    EXPECT_EQ(
        get("/api/mappings/memo/versions/2").json["definition"]["rules"][0]["source"], "status"
    );
    EXPECT_EQ(get("/api/mappings/memo/versions/9").json["type"], "/errors/mapping.version_unknown");
    EXPECT_EQ(post("/api/mappings/memo/rollback", {{"version", 9}}).status, 404);
}

TEST_F(MappingRoutesTest, DraftsAreAnOperatorsAndVersionsAnAdmins) {
    EXPECT_EQ(with_role(Role::kViewer, "POST", "/api/mappings", memo_from("number")).status, 403);
    EXPECT_EQ(with_role(Role::kOperator, "POST", "/api/mappings", memo_from("number")).status, 201);
    const char* publishing = "/api/mappings/memo/publish";
    EXPECT_EQ(with_role(Role::kOperator, "POST", publishing, Json::object()).status, 403);
    EXPECT_EQ(with_role(Role::kApprover, "POST", publishing, Json::object()).status, 403);
    EXPECT_EQ(publish().status, 200);
    EXPECT_EQ(
        with_role(Role::kOperator, "POST", "/api/mappings/memo/rollback", Json::object()).status,
        403
    );
    EXPECT_EQ(with_role(Role::kViewer, "GET", "/api/mappings/memo").status, 200);
}

TEST_F(MappingRoutesTest, AChangeIsMeantForTheDraftThatWasLookedAt) {
    make("number");
    const std::string seen = get("/api/mappings/memo").header("ETag");
    ASSERT_FALSE(seen.empty());
    ASSERT_EQ(put("/api/mappings/memo", memo_from("status")).status, 200);
    const auto conditional =
        [&](const std::string& method, const std::string& path, const Json& body) {
            return call({method, path, dump_json(body), admin(), {{"If-Match", seen}}}).status;
        };
    EXPECT_EQ(conditional("PUT", "/api/mappings/memo", memo_from("number")), 412);
    EXPECT_EQ(conditional("POST", "/api/mappings/memo/publish", Json::object()), 412);
    EXPECT_EQ(get("/api/mappings/memo").json["in_force"], nullptr);
    EXPECT_EQ(get("/api/mappings/memo").json["definition"]["rules"][0]["source"], "status");
}

TEST_F(MappingRoutesTest, ItsTestsAreRunAndShowWhatDiffers) {
    Json definition = memo_from("number");
    definition["tests"] = Json::array(
        {{{"name", "good"},
          {"input", {{"number", "A"}}},
          {"document", Json::object()},
          {"expected", {{"memo", "A"}}}},
         {{"name", "bad"},
          {"input", {{"number", "A"}}},
          {"document", Json::object()},
          {"expected", {{"memo", "B"}}}}}
    );
    ASSERT_EQ(post("/api/mappings", definition).status, 201);
    const Answer tested = post("/api/mappings/memo/test", Json::object());
    ASSERT_EQ(tested.status, 200) << tested.text;
    EXPECT_EQ(tested.json["passed"], false);
    EXPECT_EQ(tested.json["tests"][0]["passed"], true);
    EXPECT_EQ(tested.json["tests"][1]["passed"], false);
    EXPECT_EQ(tested.json["tests"][1]["differences"][0]["path"], "/memo");
    const Answer refused = publish();
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json["type"], "/errors/mapping.tests_failed");
    EXPECT_EQ(refused.places(), (std::vector<std::string>{"/tests/1"}));
    EXPECT_EQ(
        post("/api/mappings/memo/test", {{"connection", "nowhere"}}).places(),
        (std::vector<std::string>{"/connection"})
    );
}

TEST_F(MappingRoutesTest, APreviewShowsSampleAndLiveRecordsAndWritesNothing) {
    make("number");
    shop_.put(7, "10.00", "a@x.example", {{"number", "A-7"}});
    const Answer live = post(
        "/api/mappings/preview",
        {{"mapping", "memo"},
         {"flow", "shop-books-orders"},
         {"source_id", "7"},
         {"explain", "memo"}}
    );
    ASSERT_EQ(live.status, 200) << live.text;
    const Json document = live.json["documents"][0];
    EXPECT_FALSE(document["before"].contains("memo"));
    EXPECT_EQ(document["after"]["memo"], "A-7");
    EXPECT_EQ(document["difference"][0]["path"], "/memo");
    EXPECT_EQ(live.json["explanation"]["after"], "A-7");
    EXPECT_EQ(live.json["mapping"]["version"], nullptr);
    EXPECT_EQ(books_.writes, 0);
    const Answer sample = post(
        "/api/mappings/preview",
        {{"definition", memo_from("status")},
         {"flow", "shop-books-orders"},
         {"record",
          {{"id", "1"}, {"total", "1.00"}, {"email", "a@x.example"}, {"status", "completed"}}}}
    );
    ASSERT_EQ(sample.status, 200) << sample.text;
    EXPECT_EQ(sample.json["documents"][0]["after"]["memo"], "completed");
    EXPECT_EQ(post("/api/mappings/preview", {{"mapping", "memo"}}).status, 400);
    EXPECT_EQ(
        post(
            "/api/mappings/preview",
            {{"mapping", "memo"}, {"flow", "shop-books-orders"}, {"source_id", "8"}}
        ).json["type"],
        "/errors/mapping.no_record"
    );
}

TEST_F(MappingRoutesTest, AnExportIsImportedElsewhereAsItWas) {
    make("number");
    Json exported = get("/api/mappings/memo/export").json;
    EXPECT_EQ(exported["version"], nullptr);
    ASSERT_EQ(remove("/api/mappings/memo").status, 204);
    const Answer imported = post("/api/mappings/import", exported);
    ASSERT_EQ(imported.status, 201) << imported.text;
    EXPECT_EQ(get("/api/mappings/memo/export").json, exported);
    EXPECT_EQ(post("/api/mappings/import", exported).status, 409);
    exported["replace"] = true;
    EXPECT_EQ(post("/api/mappings/import", exported).status, 200);
    exported["definition"]["rules"][0]["source"] = "status";
    EXPECT_EQ(post("/api/mappings/import", exported).json["type"], "/errors/mapping.altered");
}

TEST_F(MappingRoutesTest, AFlowNamesAMappingAndItsPlanSaysWhichVersion) {
    make("number");
    Json flow = get("/api/flows/shop-books-orders").json;
    const auto patch = [&](const std::string& mapping) {
        return call(
            {"PATCH",
             "/api/flows/shop-books-orders",
             dump_json({{"mapping", mapping}}),
             admin(),
             {}}
        );
    };
    EXPECT_EQ(patch("memo").places(), (std::vector<std::string>{"/mapping"}));  // no version yet
    ASSERT_EQ(publish().status, 200);
    ASSERT_EQ(patch("memo").status, 200);
    EXPECT_EQ(remove("/api/mappings/memo").json["type"], "/errors/mapping.in_use");
    shop_.put(7, "10.00", "a@x.example", {{"number", "A-7"}});
    const Answer plan = post("/api/sync/dry-run/orders", Json::object());
    EXPECT_EQ(plan.json["plans"][0]["mapping"], Json({{"name", "memo"}, {"version", 1}}));
    EXPECT_EQ(plan.json["plans"][0]["records"][0]["documents"][0]["body"]["memo"], "A-7");
    Json required = memo_from("customer_note");
    required["rules"][0]["required"] = true;
    ASSERT_EQ(put("/api/mappings/memo", required).status, 200);
    ASSERT_EQ(publish().status, 200);
    run();
    const Json failure = get("/api/sync/failures").json["items"][0];
    EXPECT_EQ(failure["code"], "MAPPING_REQUIRED");
    EXPECT_EQ(failure["mapping"], Json({{"name", "memo"}, {"version", 2}}));
    EXPECT_NE(failure["hint"].get<std::string>().find("publish"), std::string::npos);
}

TEST_F(MappingRoutesTest, ShippedOnesAreListedAndReadOnly) {
    const auto shipped = names("?origin=shipped");
    ASSERT_FALSE(shipped.empty());
    const std::string path = "/api/mappings/" + shipped.front();
    const Answer shown = get(path);
    EXPECT_EQ(shown.json["origin"], "shipped");
    EXPECT_EQ(put(path, shown.json["definition"]).json["type"], "/errors/mapping.shipped");
    EXPECT_EQ(remove(path).json["type"], "/errors/mapping.shipped");
    EXPECT_EQ(post(path + "/publish", Json::object()).json["type"], "/errors/mapping.shipped");
    EXPECT_TRUE(get(path + "/versions").json["items"].empty());
    Json copy = get(path + "/export").json;
    copy["name"] = "my-own";
    EXPECT_EQ(post("/api/mappings/import", copy).status, 201);
}

TEST_F(MappingRoutesTest, EveryChangeIsInTheAuditLogWithoutWhatItsTestsHold) {
    Json definition = memo_from("number");
    definition["tests"] = Json::array(
        {{{"name", "a person"},
          {"input", {{"number", "canary-person"}}},
          {"document", Json::object()},
          {"expected", {{"memo", "canary-person"}}}}}
    );
    ASSERT_EQ(post("/api/mappings", definition).status, 201);
    ASSERT_EQ(publish().status, 200);
    ASSERT_EQ(put("/api/mappings/memo", memo_from("status")).status, 200);
    ASSERT_EQ(publish().status, 200);
    ASSERT_EQ(post("/api/mappings/memo/rollback", {{"reason", "it was wrong"}}).status, 200);
    ASSERT_EQ(remove("/api/mappings/memo").status, 204);
    const Answer log = get("/api/audit?event=mapping.");
    std::vector<std::string> events;
    for (const auto& item : log.json["items"]) {
        events.insert(events.begin(), item["event"]);
        EXPECT_EQ(item["object"], "mapping memo");
        EXPECT_EQ(item["actor"], "tester");
    }
    EXPECT_EQ(
        events,
        (std::vector<std::string>{
            "mapping.created",
            "mapping.published",
            "mapping.changed",
            "mapping.published",
            "mapping.rolled_back",
            "mapping.removed"})
    );
    EXPECT_EQ(log.text.find("canary-person"), std::string::npos);
    EXPECT_NE(log.text.find("it was wrong"), std::string::npos);
}

}  // namespace
}  // namespace syncline::testing
