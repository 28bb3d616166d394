#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/spec.hpp>
#include <syncline/spec_checks.hpp>

namespace syncline {
namespace {

Setting setting(std::string name, SettingType type) {
    Setting made;
    made.name = std::move(name);
    made.type = type;
    made.help = "What it is.";
    return made;
}

Spec acme() {
    Spec spec;
    spec.title = "Acme";
    spec.settings = {
        setting("base_url", SettingType::kUrl),
        setting("api_key", SettingType::kSecret),
        setting("page_size", SettingType::kInteger),
        setting("mode", SettingType::kString),
        setting("read_only", SettingType::kBoolean),
        setting("extra", SettingType::kObject),
    };
    spec.settings[0].required = true;
    spec.settings[1].required = true;
    spec.settings[2].default_value = 100;
    spec.settings[2].min = 1;
    spec.settings[2].max = 250;
    spec.settings[3].choices = {"live", "test"};
    spec.settings[3].default_value = "live";
    spec.host_settings = {"base_url"};
    return spec;
}

Json settings_of(std::string_view text) {
    return parse_json(text).value();
}

std::vector<std::string> complaints(const std::vector<Error>& errors) {
    std::vector<std::string> messages;
    for (const auto& error : errors) {
        messages.push_back(error.message);
    }
    return messages;
}

std::vector<std::string> complaints_about(std::string_view text) {
    Json settings = settings_of(text);
    if (settings.is_object()) {
        for (const auto& [name, value] :
             {std::pair("base_url", "https://acme.example"), std::pair("api_key", "k")}) {
            if (!settings.contains(name)) {
                settings[name] = value;
            }
        }
    }
    return complaints(check_settings(acme(), settings));
}

using Messages = std::vector<std::string>;

TEST(CheckSettings, TakesWhatTheSpecAllows) {
    EXPECT_EQ(complaints_about("{}"), Messages{});
    EXPECT_EQ(
        complaints_about(
            R"({"page_size": 250, "mode": "test", "read_only": true, "extra": {"a": 1}})"
        ),
        Messages{}
    );
}

TEST(CheckSettings, FindsEveryProblemAtOnce) {
    EXPECT_EQ(
        complaints(check_settings(acme(), settings_of(R"({"mode": "prod", "colour": 1})"))),
        (Messages{
            "/colour: unknown setting",
            "/mode: expected one of \"live\", \"test\", found \"prod\"",
            "/base_url: missing (What it is.)",
            "/api_key: missing (What it is.)"})
    );
    EXPECT_EQ(complaints_about("[]"), Messages{"the settings must be a JSON object"});
}

TEST(CheckSettings, SaysWhatIsExpectedOfEachType) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"page_size": 0})",
         "/page_size: expected an integer of at least 1 and at most 250, found 0"},
        {R"({"page_size": "10"})",
         "/page_size: expected an integer of at least 1 and at most 250, found \"10\""},
        {R"({"page_size": null})",
         "/page_size: expected an integer of at least 1 and at most 250, found null"},
        {R"({"read_only": "true"})", "/read_only: expected true or false, found \"true\""},
        {R"({"extra": [1]})", "/extra: expected an object, found an array"},
        {R"({"mode": ""})", "/mode: expected a text that is not empty, found \"\""},
        {R"({"base_url": "acme.example"})",
         "/base_url: expected a URL without a password (as https://shop.example), found "
         "\"acme.example\""},
        {R"({"a/b": 1})", "/a~1b: unknown setting"},
    };
    for (const auto& [text, message] : cases) {
        EXPECT_EQ(complaints_about(text), Messages{message}) << text;
    }
}

TEST(CheckSettings, ANumberBeyond63BitsIsNotBelowTheMaximum) {
    Spec spec = acme();
    spec.settings[2].min.reset();
    const Json settings = settings_of(
        R"({"base_url": "https://a.example", "api_key": "k", "page_size": 18446744073709551615})"
    );
    EXPECT_EQ(
        complaints(check_settings(spec, settings)),
        Messages{"/page_size: expected an integer of at most 250, found 18446744073709551615"}
    );
}

TEST(CheckSettings, TakesOnlyUrlsThatNameAHost) {
    for (const char* url :
         {"https://a", "http://127.0.0.1:8080/x?y#z", "https://[::1]/", "https://a?b"}) {
        EXPECT_EQ(complaints_about(Json{{"base_url", url}}.dump()), Messages{}) << url;
    }
    for (const char* url :
         {"https://", "https:///x", "https://:80", "ftp://a", "https://a b", "//a", "https://?x"}) {
        EXPECT_EQ(complaints_about(Json{{"base_url", url}}.dump()).size(), 1U) << url;
    }
}

TEST(CheckSettings, NeverShowsASecret) {
    for (const char* text :
         {R"({"api_key": ["s3cret"]})",
          R"({"api_key": ""})",
          R"({"base_url": "https://user:s3cret@acme.example"})"}) {
        const auto messages = complaints_about(text);
        ASSERT_EQ(messages.size(), 1U) << text;
        EXPECT_EQ(messages[0].find("s3cret"), std::string::npos) << messages[0];
        EXPECT_EQ(messages[0].find("found"), std::string::npos) << messages[0];
    }
}

TEST(WithDefaults, FillsInWhatIsAbsentAndNothingElse) {
    const Json filled = with_defaults(acme(), settings_of(R"({"mode": "test"})"));
    EXPECT_EQ(filled.dump(), R"({"mode":"test","page_size":100})");
    EXPECT_EQ(with_defaults(acme(), settings_of("[1]")).dump(), "[1]");
}

TEST(CheckSpec, FindsNothingWrongWithAGoodSpec) {
    EXPECT_EQ(complaints(check_spec(acme())), Messages{});
}

TEST(CheckSpec, FindsTheMistakesAnAuthorCanMake) {
    Spec spec = acme();
    spec.settings.push_back(setting("base_url", SettingType::kString));
    spec.settings[1].default_value = "secret";
    spec.settings[2].default_value = 1000;
    spec.settings[3].help.clear();
    spec.settings[4].min = 2;
    spec.settings[4].max = 1;
    spec.host_settings = {"mode", "nowhere"};
    EXPECT_EQ(
        complaints(check_spec(spec)),
        (Messages{
            "setting 'api_key' of the spec: a secret or required setting must not have a default",
            "setting 'page_size' of the spec: its default is refused: /page_size: expected an "
            "integer "
            "of at least 1 and at most 250, found 1000",
            "setting 'mode' of the spec: help is missing: one sentence for the person who fills it "
            "in",
            "setting 'read_only' of the spec: min is greater than max",
            "setting 'base_url' of the spec: a name must not be empty nor be used twice",
            "setting 'mode' of the spec: host_settings must name settings of type url",
            "setting 'nowhere' of the spec: host_settings must name settings of type url"})
    );
}

TEST(JsonSchema, SaysOfEachSettingWhatCheckSettingsChecks) {
    const Json schema = json_schema(acme());
    EXPECT_EQ(schema.at("title"), "Acme");
    EXPECT_EQ(schema.at("additionalProperties"), false);
    EXPECT_EQ(schema.at("required"), Json({"base_url", "api_key"}));
    const Json& properties = schema.at("properties");
    EXPECT_EQ(properties.size(), 6U);
    EXPECT_EQ(
        properties.at("base_url"),
        Json(
            {{"description", "What it is."},
             {"type", "string"},
             {"format", "uri"},
             {"minLength", 1}}
        )
    );
    EXPECT_EQ(properties.at("api_key").at("writeOnly"), true);
    EXPECT_EQ(
        properties.at("page_size"),
        Json(
            {{"description", "What it is."},
             {"type", "integer"},
             {"default", 100},
             {"minimum", 1},
             {"maximum", 250}}
        )
    );
    EXPECT_EQ(properties.at("mode").at("enum"), Json({"live", "test"}));
    EXPECT_EQ(properties.at("extra").at("type"), "object");
}

TEST(Spec, ConnectingInABrowserNeedsItsSettings) {
    Spec spec = acme();
    EXPECT_TRUE(check_spec(spec).empty());
    spec.oauth.authorize_url = "https://acme.example/authorize";
    spec.oauth.account_parameter = "account";
    EXPECT_EQ(check_spec(spec).size(), 5u);
    spec.auth = AuthKind::kOAuth2;
    spec.oauth.token_url = "https://acme.example/token";
    spec.settings.push_back(setting("client_id", SettingType::kString));
    spec.settings.push_back(setting("client_secret", SettingType::kSecret));
    spec.settings.push_back(setting("refresh_token", SettingType::kString));
    spec.settings.push_back(setting("account", SettingType::kString));
    spec.oauth.account_setting = "account";
    const auto errors = complaints(check_spec(spec));
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_NE(errors[0].find("refresh_token"), std::string::npos) << errors[0];
    spec.settings[8].type = SettingType::kSecret;
    EXPECT_TRUE(check_spec(spec).empty());
}

TEST(Spec, CrossesTheBoundaryAsJson) {
    Spec spec = acme();
    spec.auth = AuthKind::kOAuth2;
    spec.hosts = {"*.acme.example"};
    spec.write_safety = WriteSafety::kRequestId;
    spec.limits.write_batch_max = 30;
    const Json json = to_json(spec);
    const auto back = from_json<Spec>(json, Unknown::kRefuse);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(to_json(*back), json);
    EXPECT_EQ(json.at("auth"), "oauth2");
    EXPECT_EQ(json.at("settings").at(2).at("default"), 100);
}

}  // namespace
}  // namespace syncline
