// Alerts, their rules and their channels over real HTTP.
#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class AlertRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        for (int i = 1; i <= 3; ++i) {
            storage::Alert alert;
            alert.tenant = tenant_;
            alert.rule = "run_failed";
            alert.subject = "flow f" + std::to_string(i);
            alert.summary = "failed once";
            ASSERT_TRUE(alert_stores_->alerts.apply({{alert}, {}, {}}, clock_.now().ms));
        }
    }
    static Json mail() {
        return {
            {"name", "ops"},
            {"kind", "email"},
            {"settings",
             {{"host", "mail.example"},
              {"from", "a@x.example"},
              {"to", {"b@x.example"}},
              {"username", "u"}}},
            {"secrets", {{"password", "canary-secret"}}}};
    }
};

TEST_F(AlertRoutesTest, AlertsAreListedShownAndAcknowledged) {
    const Answer listed = get("/api/alerts?state=open&limit=2");
    ASSERT_EQ(listed.status, 200) << listed.text;
    ASSERT_EQ(listed.json["items"].size(), 2u);
    EXPECT_EQ(listed.json["items"][0]["subject"], "flow f3");
    const Answer rest =
        get("/api/alerts?state=open&limit=2&cursor=" + listed.json["next_cursor"].get<std::string>()
        );
    ASSERT_EQ(rest.json["items"].size(), 1u) << rest.text;
    const std::string path = "/api/alerts/" + rest.json["items"][0]["id"].dump();
    const Answer taken = post(path + "/acknowledge", {{"note", "Ann is on it"}});
    ASSERT_EQ(taken.status, 200) << taken.text;
    const Json shown = get(path).json;
    EXPECT_EQ(shown["state"], "open");
    EXPECT_EQ(shown["acknowledged"]["by"], "tester");
    EXPECT_EQ(shown["acknowledged"]["note"], "Ann is on it");
    EXPECT_EQ(get("/api/audit?event=alert.").json["items"][0]["event"], "alert.acknowledged");
    EXPECT_TRUE(get("/api/alerts?rule=queue_lag").json["items"].empty());
    EXPECT_EQ(get("/api/alerts?rule=moon").status, 400);
    EXPECT_EQ(get("/api/alerts?state=closed").status, 400);
    EXPECT_EQ(get("/api/alerts/4711").status, 404);
    EXPECT_EQ(post("/api/alerts/4711/acknowledge").status, 404);
}

TEST_F(AlertRoutesTest, RulesShowTheThresholdsOfTheTenant) {
    ASSERT_EQ(
        put("/api/settings/alerts", {{"rules", {{"read_budget", {{"thresholds", {60, 80, 95}}}}}}}
        ).status,
        200
    );
    const Json rules = get("/api/alert-rules").json["items"];
    ASSERT_EQ(rules.size(), alert_rules().size());
    for (const Json& rule : rules) {
        if (rule["rule"] == "read_budget") {
            EXPECT_EQ(rule["thresholds"], Json({60, 80, 95}));
            EXPECT_EQ(rule["severities"], Json({"warning", "warning", "critical"}));
        }
    }
    const Answer wrong = put("/api/settings/alerts", {{"rules", {{"moon", Json::object()}}}});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(wrong.places(), std::vector<std::string>{"/rules/moon"});
    EXPECT_EQ(get("/api/audit?event=setting.changed").json["items"][0]["object"], "setting alerts");
}

TEST_F(AlertRoutesTest, ChannelsAreMadeChangedAndRemovedAndShowNoSecret) {
    const Answer made = post("/api/alert-channels", mail());
    ASSERT_EQ(made.status, 201) << made.text;
    EXPECT_EQ(made.json["settings"]["port"], 587);
    EXPECT_EQ(post("/api/alert-channels", mail()).json["type"], "/errors/alert_channel.exists");
    Json changed = mail();
    changed.erase("secrets");
    changed["settings"]["to"] = {"c@x.example"};
    const Answer replaced = put("/api/alert-channels/ops", changed);
    ASSERT_EQ(replaced.status, 200) << replaced.text;
    EXPECT_EQ(replaced.json["settings"]["to"], Json({"c@x.example"}));
    changed["settings"]["host"] = "mail.evil.example";
    EXPECT_EQ(
        put("/api/alert-channels/ops", changed).places(),
        std::vector<std::string>{"/secrets/password"}
    ) << "a password that is kept does not go to another server";
    const Answer tested = post("/api/alert-channels/ops/test");
    ASSERT_EQ(tested.status, 200) << tested.text;
    EXPECT_EQ(tested.json["ok"], true);
    EXPECT_EQ(tested.json["answer"], "250 queued");
    ASSERT_EQ(alert_sender_.sent().size(), 1u);
    EXPECT_EQ(alert_sender_.sent()[0].secrets.at("password"), "canary-secret") << "it stayed";
    for (const std::string path :
         {"/api/alert-channels", "/api/alert-channels/ops", "/api/audit"}) {
        EXPECT_EQ(get(path).text.find("canary"), std::string::npos) << path;
    }
    std::vector<std::string> events;
    const Json rows = get("/api/audit?event=alert_channel.").json["items"];
    for (const Json& row : rows) {
        events.push_back(row["event"]);
    }
    EXPECT_EQ(
        events,
        (std::vector<std::string>{
            "alert_channel.tested", "alert_channel.changed", "alert_channel.created"})
    );
    EXPECT_EQ(remove("/api/alert-channels/ops").status, 204);
    EXPECT_EQ(get("/api/alert-channels/ops").status, 404);
}

TEST_F(AlertRoutesTest, AUrlsQueryIsForThoseWhoMayChangeIt) {
    const std::string url = "https://p.example/in?key=canary";
    ASSERT_EQ(
        post(
            "/api/alert-channels",
            {{"name", "pager"}, {"kind", "webhook"}, {"settings", {{"url", url}}}}
        ).status,
        201
    );
    for (const std::string path : {"/api/alert-channels", "/api/alert-channels/pager"}) {
        const Answer seen = call({"GET", path, "", token(api::Role::kApprover), {}});
        EXPECT_NE(seen.text.find("https://p.example/in"), std::string::npos) << seen.text;
        EXPECT_EQ(seen.text.find("canary"), std::string::npos) << seen.text;
        EXPECT_NE(get(path).text.find("canary"), std::string::npos) << "an admin's";
    }
}

TEST_F(AlertRoutesTest, AWebhooksSecretIsMadeAndShownOnce) {
    const Answer made = post(
        "/api/alert-channels",
        {{"name", "pager"}, {"kind", "webhook"}, {"settings", {{"url", "https://p.example/"}}}}
    );
    ASSERT_EQ(made.status, 201) << made.text;
    const auto secret = made.json["secret"].get<std::string>();
    EXPECT_EQ(secret.substr(0, 6), "whsec_");
    EXPECT_EQ(get("/api/alert-channels/pager").text.find(secret), std::string::npos);
    EXPECT_EQ(
        post(
            "/api/alert-channels",
            {{"name", "no"},
             {"kind", "webhook"},
             {"settings", {{"url", "https://forbidden.example/"}}}}
        ).places(),
        std::vector<std::string>{"/settings/url"}
    );
    Json wrong = mail();
    wrong["settings"]["from"] = "x";
    wrong["settings"]["port"] = 70'000;
    EXPECT_EQ(
        post("/api/alert-channels", wrong).places(),
        (std::vector<std::string>{"/settings/port", "/settings/from"})
    );
    EXPECT_EQ(post("/api/alert-channels", {{"name", "A B"}}).status, 400);
}

TEST_F(AlertRoutesTest, ATestOfADeadChannelSaysWhy) {
    ASSERT_EQ(post("/api/alert-channels", mail()).status, 201);
    alert_sender_.on_send = [](const engine::AlertPost&) -> Result<engine::AlertReply> {
        return Error{ErrorCode::kTransient, "cannot connect to mail.example:587", "http.connect"};
    };
    const Answer tested = post("/api/alert-channels/ops/test");
    ASSERT_EQ(tested.status, 200) << tested.text;
    EXPECT_EQ(tested.json["ok"], false);
    EXPECT_EQ(tested.json["answer"], "cannot connect to mail.example:587");
    EXPECT_EQ(get("/api/alert-channels/ops").json["last_answer"], tested.json["answer"]);
}

}  // namespace
}  // namespace syncline::testing
