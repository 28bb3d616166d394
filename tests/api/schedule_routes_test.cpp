#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class ScheduleRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        clock_.set(Timestamp::parse("2026-10-24T12:00:00Z").value());
    }
    static Json nightly(const std::string& name = "nightly") {
        return {
            {"name", name},
            {"flow", "shop-books-orders"},
            {"cron", "30 2 * * *"},
            {"zone", "Europe/Berlin"},
            {"jitter_s", 0}};
    }
};

TEST_F(ScheduleRoutesTest, AScheduleIsDefinedShownChangedAndRemoved) {
    const Answer created = post("/api/sync/schedules", nightly());
    ASSERT_EQ(created.status, 201) << created.text;
    EXPECT_EQ(created.header("Location"), "/api/sync/schedules/nightly");
    EXPECT_EQ(created.json["state"], "running");
    EXPECT_EQ(created.json["managed_by"], "api");
    EXPECT_EQ(created.json["misfire"], "coalesce");
    EXPECT_EQ(created.json["next_due"], "2026-10-25T00:30:00.000Z");
    EXPECT_EQ(created.json["last_due"], nullptr);
    EXPECT_EQ(get("/api/sync/schedules").json["items"].size(), 1u);
    Json changed = nightly();
    changed["cron"] = "45 2 * * *";
    EXPECT_EQ(put("/api/sync/schedules/nightly", changed).status, 200);
    EXPECT_EQ(get("/api/sync/schedules/nightly").json["next_due"], "2026-10-25T00:45:00.000Z");
    EXPECT_EQ(put("/api/sync/schedules/other", nightly("other")).status, 201);
    EXPECT_EQ(remove("/api/sync/schedules/nightly").status, 204);
    EXPECT_EQ(get("/api/sync/schedules/nightly").status, 404);
}

TEST_F(ScheduleRoutesTest, TheNextTimesAreToldAcrossAChangeOfTheClocks) {
    ASSERT_EQ(post("/api/sync/schedules", nightly()).status, 201);
    const Answer next = get("/api/sync/schedules/nightly/next?n=3");
    std::vector<std::string> slots;
    for (const auto& item : next.json["items"]) {
        slots.push_back(item["slot"]);
        EXPECT_EQ(item["starts_at"], item["slot"]);
    }
    EXPECT_EQ(
        slots,
        (std::vector<std::string>{
            "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z", "2026-10-27T01:30:00.000Z"})
    );
    EXPECT_EQ(get("/api/sync/schedules/nightly/next").json["items"].size(), 10u);
    EXPECT_EQ(get("/api/sync/schedules/nightly/next?n=0").places(), std::vector<std::string>{"n"});
    EXPECT_EQ(get("/api/sync/schedules/nowhere/next").status, 404);
}

TEST_F(ScheduleRoutesTest, ItPausesAndResumes) {
    ASSERT_EQ(post("/api/sync/schedules", nightly()).status, 201);
    const Answer paused = put("/api/sync/schedules/nightly/pause");
    EXPECT_EQ(paused.json["state"], "paused");
    EXPECT_EQ(paused.json["next_due"], nullptr);
    EXPECT_EQ(get("/api/sync/schedules/nightly/next?n=1").json["items"].size(), 1u);
    const Answer resumed = put("/api/sync/schedules/nightly/resume");
    EXPECT_EQ(resumed.json["state"], "running");
    EXPECT_EQ(resumed.json["next_due"], "2026-10-25T00:30:00.000Z");
}

TEST_F(ScheduleRoutesTest, WhatTheFileDeclaresCanOnlyBePausedAndResumed) {
    auto& schedules = engine().stores.schedules;
    ASSERT_EQ(post("/api/sync/schedules", nightly()).status, 201);
    const auto stored = schedules.find(tenant_, "nightly").value();
    ASSERT_TRUE(schedules.put(tenant_, stored.definition, true, 1).has_value());
    for (const Answer& refused :
         {put("/api/sync/schedules/nightly", nightly()), remove("/api/sync/schedules/nightly")}) {
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(refused.json["type"], "/errors/managed_by_config");
    }
    EXPECT_EQ(put("/api/sync/schedules/nightly/pause").json["managed_by"], "config");
}

TEST_F(ScheduleRoutesTest, BadSchedulesAreRefusedWithTheirPlaces) {
    ASSERT_EQ(post("/api/sync/schedules", nightly()).status, 201);
    EXPECT_EQ(post("/api/sync/schedules", nightly()).json["type"], "/errors/schedule.exists");
    const auto places = [&](const char* member, const Json& value) {
        Json bad = nightly("bad");
        bad[member] = value;
        const Answer refused = post("/api/sync/schedules", bad);
        EXPECT_EQ(refused.status, 400) << refused.text;
        return refused.places();
    };
    EXPECT_EQ(places("cron", "61 * * * *"), std::vector<std::string>{"/cron"});
    EXPECT_EQ(places("zone", "Berlin"), std::vector<std::string>{"/zone"});
    EXPECT_EQ(places("flow", "nowhere"), std::vector<std::string>{"/flow"});
    EXPECT_EQ(places("misfire", "never"), std::vector<std::string>{"/misfire"});
    EXPECT_EQ(places("jitter", 3), std::vector<std::string>{"/jitter"});
    EXPECT_EQ(places("interval_s", 60), std::vector<std::string>{"/interval_s"});
    EXPECT_EQ(
        put("/api/sync/schedules/one", nightly("other")).places(), std::vector<std::string>{"/name"}
    );
}

TEST_F(ScheduleRoutesTest, AnotherTenantsScheduleIsNotThere) {
    ASSERT_EQ(post("/api/sync/schedules", nightly()).status, 201);
    other_tenant();
    const std::string stranger = token(api::Role::kAdmin, "other");
    EXPECT_EQ(call({"GET", "/api/sync/schedules/nightly", "", stranger, {}}).status, 404);
    EXPECT_EQ(call({"DELETE", "/api/sync/schedules/nightly", "", stranger, {}}).status, 404);
    EXPECT_EQ(call({"GET", "/api/sync/schedules", "", stranger, {}}).json["items"].size(), 0u);
    EXPECT_EQ(get("/api/sync/schedules/nightly").status, 200);
}

}  // namespace
}  // namespace syncline::testing
