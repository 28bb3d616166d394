// The configuration file: what is taken, and the sentence that every mistake gets.
#include "main/config.hpp"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "core/json_problems.hpp"
#include "support/temp_dir.hpp"

namespace syncline::host {
namespace {

class ConfigTest : public ::testing::Test {
protected:
    Result<HostConfig> load(const std::string& text) {
        std::ofstream(file()) << text;
        return load_config(file(), [this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment_.find(name);
            return found == environment_.end() ? std::nullopt : std::optional(found->second);
        });
    }
    std::string file() const { return dir_.file("syncline.json"); }
    std::string beside(const std::string& name) const { return dir_.file(name); }

    testing::TempDir dir_;
    std::map<std::string, std::string> environment_;
};

TEST_F(ConfigTest, AnEmptyObjectIsAllDefaults) {
    const auto config = load("{}");
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->api.port, 8923);
    EXPECT_EQ(config->api.host, "127.0.0.1");
    EXPECT_EQ(database_file(*config), beside("data/syncline.db"));
    EXPECT_EQ(config->keys.encryption_key_file, beside("keys/encryption.key"));
    EXPECT_EQ(config->tenants.size(), 1u);
    EXPECT_NE(config->plugin_dir.find("lib/syncline/plugins"), std::string::npos);
}

TEST_F(ConfigTest, CommentsAreTakenWhereverSpaceIs) {
    const auto config = load(R"(// first
{ /* here */ "api": {"port": /* and
   here */ 1234}, // and here
  "plugin_dir": "a//b", "connectors": [{"file": "x/* no comment */.so"}, {"file": "\"//x"}]
})");
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->api.port, 1234);
    EXPECT_EQ(config->connectors[0].file, beside("a/b/x/* no comment */.so"));
    EXPECT_EQ(config->connectors[1].file, beside("a/b/\"/x"));
}

TEST_F(ConfigTest, PathsAreRelativeToTheFile) {
    const auto config = load(R"({
        "database": {"url": "sqlite:other/x.db"}, "keys": {"token_key_file": "/abs/t.key"},
        "plugin_dir": "plugins", "tls": {"extra_ca_file": "ca.pem"},
        "connectors": [{"file": "a.so"}, {"file": "/abs/b.so"}]})");
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(database_file(*config), beside("other/x.db"));
    EXPECT_EQ(config->keys.token_key_file, "/abs/t.key");
    EXPECT_EQ(config->tls.extra_ca_file, beside("ca.pem"));
    EXPECT_EQ(config->connectors[0].file, beside("plugins/a.so"));
    EXPECT_EQ(config->connectors[1].file, "/abs/b.so");
}

TEST_F(ConfigTest, TheEnvironmentGoesBeforeTheFile) {
    environment_ = {
        {"DATABASE_URL", "sqlite:///var/x.db"},
        {"API_HOST", "::1"},
        {"API_PORT", "0"},
        {"OAUTH_REDIRECT_URI", "https://sync.example/callback"}};
    const auto config = load(R"({"api": {"host": "127.0.0.1", "port": 1}})");
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(database_file(*config), "/var/x.db");
    EXPECT_EQ(config->api.host, "::1");
    EXPECT_EQ(config->api.port, 0);
    EXPECT_EQ(config->api.oauth_redirect_uri, "https://sync.example/callback");
    environment_ = {{"DATABASE_URL", "sqlite:./x.db"}};
    EXPECT_EQ(
        database_file(load("{}").value()), (std::filesystem::current_path() / "x.db").string()
    );
}

TEST_F(ConfigTest, SettingsOfConnectionsTakeVariables) {
    environment_ = {{"KEY", "s3cret"}, {"HOST", "shop.example"}};
    const auto config = load(R"({"connections": [{"name": "s", "platform": "woocommerce",
        "settings": {"store_url": "https://${HOST}/x", "consumer_secret": "${KEY}",
                     "text": "$${KEY} $5 {x}", "deep": {"list": ["${KEY}"]}}}]})");
    ASSERT_TRUE(config.has_value()) << config.error().message;
    const Json& settings = config->connections[0].settings;
    EXPECT_EQ(settings["store_url"], "https://shop.example/x");
    EXPECT_EQ(settings["consumer_secret"], "s3cret");
    EXPECT_EQ(settings["text"], "${KEY} $5 {x}");
    EXPECT_EQ(settings["deep"]["list"][0], "s3cret");
}

TEST_F(ConfigTest, CommandsThatNeedNoSecretDoWithoutThem) {
    std::ofstream(file()) << R"({"api": {"port": 4711}, "connections": [{"name": "s",
        "platform": "woocommerce", "settings": {"consumer_secret": "${NOT_SET}"}}]})";
    const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    EXPECT_FALSE(load_config(file(), nothing).has_value());
    const auto own = load_own_settings(file(), nothing);
    ASSERT_TRUE(own.has_value()) << own.error().message;
    EXPECT_EQ(own->api.port, 4711);
}

struct BadFile {
    const char* text;
    const char* line;  // the problem, without the file's name
};

TEST_F(ConfigTest, EveryMistakeIsNamedWithPlaceAndValue) {
    const std::vector<BadFile> table{
        {R"({"schedular": {}})", "/schedular: unknown (known here: $schema, database, keys, api"},
        {R"({"api": {"prot": 1}})", "/api/prot: unknown (known here: host, port, tls_cer"},
        {R"({"api": {"port": "8923"}})", "/api/port: expected an integer, found \"8923\""},
        {R"({"api": {"port": 70000}})", "/api/port: expected 0 to 65535, found 70000"},
        {R"({"api": []})", "/api: expected an object, found an array"},
        {R"({"api": {"port": 1.5}})", "/api/port: expected an integer, found \"1.5\""},
        {R"({"api": {"threads": 2}})", "/api/threads: expected 4 to 512, found 2"},
        {R"({"api": {"oauth_redirect_uri": "x"}})", "/api/oauth_redirect_uri: expected a URL"},
        {R"({"log": {"level": "loud"}})",
         "/log/level: expected one of debug info warn error off, found \"loud\""},
        {R"({"log": {"format": 1}})", "/log/format: expected one of text json, found 1"},
        {R"({"database": {"url": "postgres://u:hush@h/d"}})",
         "/database/url: expected sqlite: and a file (as sqlite:./data/syncline.db), found one of "
         "'postgres'"},
        {R"({"database": {"readers": 0}})", "/database/readers: expected 1 to 64, found 0"},
        {R"({"engine": {"call_timeout_ms": 700000}})",
         "/engine/call_timeout_ms: expected 1000 to 600000, found 700000"},
        {R"({"egress": {"allow": "127.0.0.1:*"}})", "/egress/allow: expected an array"},
        {R"({"connectors": [{"file": "a.so"}, {"fil": "b.so"}]})",
         "/connectors/1/fil: unknown (known here: file, sha256)"},
        {R"({"connectors": [{}]})", "/connectors/0/file: missing (the plugin's .so)"},
        {R"({"connectors": [{"file": "a.so", "sha256": "abc"}]})",
         "/connectors/0/sha256: expected 64 hex digits, found 'abc'"},
        {R"({"tenants": [{"name": "Acme Ltd"}]})",
         "/tenants/0/name: expected 1 to 63 characters of a-z, 0-9 and '-', found 'Acme Ltd'"},
        {R"({"tenants": [{"name": "a"}, {"name": "a"}]})", "/tenants/1/name: 'a' comes twice"},
        {R"({"connections": [{"name": "a", "platform": "p", "limits": {"in_flight_max": 0}}]})",
         "/connections/0/limits/in_flight_max: expected 1 to 64, found 0"},
        {R"({"budgets": [{"platform": "p", "reads_per_month": -1}]})",
         "/budgets/0/reads_per_month: expected 0 (no limit) or more, found -1"},
        {R"({"budgets": [{"platform": "p"}, {"platform": "p"}]})",
         "/budgets/1: this platform and app come twice"},
        {R"({"tenants": [{"name": "a", "weight": 0}]})",
         "/tenants/0/weight: expected 1 to 100, found 0"},
        {R"({"connections": [{"name": "", "platform": "woocommerce"}]})",
         "/connections/0/name: expected 1 to 63 characters of a-z, 0-9, '-' and '_', found ''"},
        {R"({"connections": [{"name": "s"}]})",
         "/connections/0/platform: missing (as woocommerce)"},
        {R"({"connections": [{"name": "s", "platform": "p", "settings": []}]})",
         "/connections/0/settings: expected an object"},
        {R"({"connections": [{"name": "s", "platform": "p", "settings": {"a": "${NOT_SET}"}}]})",
         "/connections/0/settings/a: the environment variable 'NOT_SET' is not set"},
        {R"({"flows": [{"name": "f", "source": {"conection": "x"}}]})",
         "/flows/0/source/conection: unknown (known here: connection, entity, filters, options)"},
        {R"({"flows": [{"mode": "sideways"}]})",
         "/flows/0/mode: expected one of incremental full backfill ids, found \"sideways\""},
        {R"({"api": {"port": 1}, "api": {"port": 2}})", "/api: comes twice in one object"},
        {R"({"flows": [{"source": {"connection": "a", "connection": "b"}}]})",
         "/flows/source/connection: comes twice in one object"},
        {R"([1])", "the document: expected an object, found an array"},
        {"{\"api\": {\"port\": 1,}}", "not valid JSON at byte"},
        {"", "not valid JSON at byte"},
        {"{} /* open", "not valid JSON at byte"},
    };
    for (const auto& bad : table) {
        const auto refused = load(bad.text);
        ASSERT_FALSE(refused.has_value()) << bad.text;
        EXPECT_EQ(refused.error().code, ErrorCode::kConfig);
        const std::string expected = file() + ": " + bad.line;
        EXPECT_EQ(refused.error().message.substr(0, expected.size()), expected) << bad.text;
        EXPECT_EQ(refused.error().message.find("hush"), std::string::npos);
    }
}

TEST_F(ConfigTest, AllMistakesAreNamedAtOnce) {
    const auto refused = load(
        R"({"api": {"port": "x", "hots": 1}, "log": {"level": 3}, "connectors": [{"file": 7}]})"
    );
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(problem_lines(refused.error().message).size(), 4u) << refused.error().message;
}

TEST_F(ConfigTest, AWrongPlaceShowsNoValueThatMayBeASecret) {
    const auto refused = load(
        R"({"connections": [{"name": "s", "platform": "p", "consumer_secret": "hush",
            "settings": "hush"}], "secret": "hush"})"
    );
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message.find("hush"), std::string::npos) << refused.error().message;
}

TEST_F(ConfigTest, ABadPortOfTheEnvironmentIsNamed) {
    environment_ = {{"API_PORT", "http"}};
    EXPECT_NE(load("{}").error().message.find("API_PORT is 'http'"), std::string::npos);
    environment_ = {{"API_PORT", "99999"}};
    EXPECT_NE(load("{}").error().message.find("/api/port: expected 0 to 65535"), std::string::npos);
    environment_ = {{"DATABASE_URL", "mysql://x"}};
    EXPECT_NE(load("{}").error().message.find("/database/url"), std::string::npos);
}

TEST_F(ConfigTest, AMissingFileIsNamed) {
    const auto refused = load_config(beside("nowhere.json"), process_environment);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(
        refused.error().message.find("nowhere.json: the configuration file cannot be read"),
        std::string::npos
    );
}

}  // namespace
}  // namespace syncline::host
