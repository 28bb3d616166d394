// The rules as values: levels, settings, quiet hours, messages, signatures, settings of channels.
#include <gtest/gtest.h>

#include "core/alert_channel.hpp"
#include "core/alert_message.hpp"
#include "core/standard_webhook.hpp"
#include "core/tenant_settings.hpp"

namespace syncline {
namespace {

std::string problems_of(const Json& value) {
    const auto whole = complete_setting("alerts", value);
    return whole ? "" : whole.error().message;
}

Timestamp at(const char* text) {
    return Timestamp::parse(text).value();
}

TEST(AlertRules, ReachTheHighestThresholdThatIsMet) {
    const AlertRule& budget = *find_alert_rule("read_budget");
    const AlertRule& token = *find_alert_rule("token_expiring");
    const AlertSettings none;
    for (const auto& [value, level] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, 0}, {69, 0}, {70, 1}, {84, 1}, {85, 2}, {95, 3}, {200, 3}}) {
        EXPECT_EQ(alert_level(budget, none, value), level) << value;
    }
    for (const auto& [days, level] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {31, 0}, {30, 1}, {8, 1}, {7, 2}, {2, 2}, {1, 3}, {0, 3}}) {
        EXPECT_EQ(alert_level(token, none, days), level) << days;
    }
    AlertSettings own;
    own.rules["read_budget"].thresholds = {10, 20, 30};
    EXPECT_EQ(alert_level(budget, own, 25), 2);
}

TEST(AlertRules, EveryRuleIsWhole) {
    for (const auto& rule : alert_rules()) {
        EXPECT_FALSE(rule.levels.empty()) << rule.name;
        EXPECT_FALSE(rule.summary.empty()) << rule.name;
        EXPECT_EQ(rule.has_thresholds(), rule.threshold_max > 0) << rule.name;
        EXPECT_EQ(setting_problems(completed({})), std::vector<std::string>());
        EXPECT_GE(rule.levels.back().severity, rule.levels.front().severity) << rule.name;
    }
}

TEST(AlertRules, ASettingIsRefusedWithThePlaceOfEveryProblem) {
    EXPECT_EQ(problems_of(Json::object()), "");
    const std::vector<std::pair<Json, std::string>> wrong{
        {{{"rules", {{"moon", Json::object()}}}}, "/rules/moon: there is no such rule"},
        {{{"rules", {{"run_failed", {{"thresholds", {1}}}}}}},
         "/rules/run_failed/thresholds: expected 2"},
        {{{"rules", {{"read_budget", {{"thresholds", {70, 70, 95}}}}}}},
         "/rules/read_budget/thresholds/1: expected more"},
        {{{"rules", {{"token_expiring", {{"thresholds", {7, 30, 1}}}}}}},
         "/rules/token_expiring/thresholds/1: expected less"},
        {{{"rules", {{"read_budget", {{"thresholds", {70, 85, 101}}}}}}},
         "/rules/read_budget/thresholds/2: expected 1 to 100"},
        {{{"rules", {{"webhook_disabled", {{"thresholds", {1}}}}}}}, "the rule has none"},
        {{{"quiet_hours", {{"from", "22:00"}}}}, "/quiet_hours: set both"},
        {{{"quiet_hours", {{"from", "22:00"}, {"to", "24:00"}}}}, "/quiet_hours/to: expected a"},
        {{{"quiet_hours", {{"from", "22:00"}, {"to", "22:00"}}}}, "another time than from"},
        {{{"quiet_hours", {{"zone", "Mars/Olympus"}}}}, "/quiet_hours/zone: "},
        {{{"group_wait_s", -1}}, "/group_wait_s: expected 0 to 3600"},
        {{{"group_interval_s", 86'401}}, "/group_interval_s: expected 0 to 86400"},
        {{{"colour", "red"}}, "/colour: unknown"}};
    for (const auto& [value, problem] : wrong) {
        EXPECT_NE(problems_of(value).find(problem), std::string::npos)
            << dump_json(value) << ": " << problems_of(value);
    }
    const auto whole = complete_setting("alerts", Json::object()).value();
    EXPECT_EQ(whole["rules"].size(), alert_rules().size()) << "all are shown with their defaults";
    EXPECT_EQ(whole["rules"]["read_budget"]["thresholds"], Json({70, 85, 95}));
    EXPECT_TRUE(complete_setting("alerts", whole).has_value()) << "what is shown can be stored";
}

TEST(AlertRules, QuietHoursAreOfTheWallsClock) {
    const QuietHours night{"22:00", "07:00", "Europe/Berlin", true};
    const QuietHours noon{"12:00", "13:00", "UTC", false};
    const auto warning = AlertSeverity::kWarning;
    const auto critical = AlertSeverity::kCritical;
    // In winter Berlin is an hour ahead of UTC, in summer two.
    EXPECT_FALSE(is_quiet(night, warning, at("2026-01-10T20:59:59Z")).value());
    EXPECT_TRUE(is_quiet(night, warning, at("2026-01-10T21:00:00Z")).value());
    EXPECT_TRUE(is_quiet(night, warning, at("2026-01-11T05:59:59Z")).value());
    EXPECT_FALSE(is_quiet(night, warning, at("2026-01-11T06:00:00Z")).value());
    EXPECT_TRUE(is_quiet(night, warning, at("2026-07-10T20:00:00Z")).value());
    EXPECT_FALSE(is_quiet(night, warning, at("2026-07-11T05:00:00Z")).value());
    EXPECT_FALSE(is_quiet(night, critical, at("2026-01-11T00:00:00Z")).value());
    EXPECT_TRUE(is_quiet(noon, critical, at("2026-01-11T12:30:00Z")).value());
    EXPECT_FALSE(is_quiet(noon, critical, at("2026-01-11T13:00:00Z")).value());
    EXPECT_FALSE(is_quiet(QuietHours{}, warning, at("2026-01-11T12:30:00Z")).value());
}

TEST(AlertMessage, CannotBeGivenLinesByWhatItNames) {
    AlertMessage message;
    message.type = kAlertOpened;
    message.tenant = "default";
    message.rule = "run_failed";
    message.count = 25;
    message.alerts.push_back({1, "flow a\r\nBcc: all@x.example", "<!channel> & \n- #9 no", {}});
    const std::string title = alert_title(message);
    EXPECT_EQ(title, "[warning] 25 alerts: run_failed (default)");
    const std::string text = alert_text(message);
    EXPECT_NE(
        text.find("- #1 flow a  Bcc: all@x.example: <!channel> &  - #9 no"), std::string::npos
    ) << text;
    EXPECT_NE(text.find("- and 24 more"), std::string::npos) << text;
    message.count = 1;
    EXPECT_EQ(alert_title(message), "[warning] run_failed: flow a  Bcc: all@x.example (default)");
    EXPECT_NE(
        alert_slack_body(message)["text"].get<std::string>().find("&lt;!channel&gt; &amp;"),
        std::string::npos
    );
    message.type = kAlertResolved;
    EXPECT_EQ(alert_title(message).substr(0, 11), "[resolved] ");
}

// The example of the specification's own libraries.
TEST(StandardWebhook, SignsAsTheSchemeSays) {
    const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const auto signature = standard_webhook_signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})"
    );
    ASSERT_TRUE(signature.has_value());
    EXPECT_EQ(*signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    for (const std::string wrong :
         {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          "whsec_short",
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
          "whsec_ fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          "whsec_!!KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          ""}) {
        const auto refused = standard_webhook_key(wrong);
        ASSERT_FALSE(refused.has_value()) << wrong;
        EXPECT_EQ(refused.error().message.find("MfKQ"), std::string::npos);
    }
    const std::string made = standard_webhook_secret(std::string(32, '\xAB'));
    EXPECT_EQ(standard_webhook_key(made).value(), std::string(32, '\xAB'));
}

TEST(AlertChannels, AreRefusedWithEveryProblem) {
    const Json mail{{"host", "mail.example"}, {"from", "a@x.example"}, {"to", {"b@x.example"}}};
    const auto problems = [](const std::string& kind, const Json& settings, const AlertSecrets& s) {
        const auto whole = complete_alert_channel(kind, settings, s);
        return whole ? std::string() : whole.error().message;
    };
    EXPECT_EQ(problems("email", mail, {}), "");
    EXPECT_EQ(complete_alert_channel("email", mail, {}).value()["security"], "starttls");
    Json changed = mail;
    changed["to"] = {"b@x.example>\r\nRCPT TO:<c@x.example"};
    EXPECT_NE(problems("email", changed, {}).find("/settings/to/0"), std::string::npos);
    changed = mail;
    changed["host"] = "";
    changed["port"] = 0;
    changed["from"] = "nobody";
    changed["to"] = Json::array();
    const std::string all = problems("email", changed, {});
    for (const char* place :
         {"/settings/host", "/settings/port", "/settings/from", "/settings/to"}) {
        EXPECT_NE(all.find(place), std::string::npos) << all;
    }
    changed = mail;
    changed["username"] = "u";
    EXPECT_NE(problems("email", changed, {}).find("/secrets/password"), std::string::npos);
    EXPECT_EQ(problems("email", changed, {{"password", "p"}}), "");
    changed["security"] = "none";
    EXPECT_NE(
        problems("email", changed, {{"password", "p"}}).find("not sent without TLS"),
        std::string::npos
    );
    EXPECT_NE(problems("slack", Json::object(), {}).find("/secrets/url"), std::string::npos);
    EXPECT_NE(
        problems("slack", {{"url", "x"}}, {{"url", "x"}}).find("/settings/url: unknown"),
        std::string::npos
    );
    EXPECT_NE(
        problems(
            "webhook", {{"url", "https://x.example"}}, {{"secret", "whsec_x"}}
        ).find("/secrets/secret"),
        std::string::npos
    );
    EXPECT_NE(problems("pigeon", Json::object(), {}).find("/kind"), std::string::npos);
}

}  // namespace
}  // namespace syncline
