// What is wrong with the configuration is said before anything runs: what, where, which value and
// what to do; and nothing is lost by it.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/support/demo_shop.hpp"

namespace syncline::test {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

class ConfigTest : public ::testing::Test {
protected:
    void SetUp() override {
        fs::copy_file(host_.config_file(), host_.config_file() + ".good");
        host_.start();  // makes the database
        ASSERT_EQ(host_.stop(), 0) << host_.log();
    }

    static void expect_said(const Finished& finished, const Words& words) {
        EXPECT_EQ(finished.status, 1) << finished.output;
        for (const auto& word : words) {
            EXPECT_NE(finished.output.find(word), std::string::npos)
                << "not said: " << word << "\nsaid: " << finished.output;
        }
    }
    void expect_start_refused(const Words& words, const Words& environment = {}) {
        expect_said(host_.refused_start(environment), words);
    }
    // By `syncline serve` and by `syncline config validate`.
    void expect_refused(const Words& words, const Words& environment = {}) {
        expect_start_refused(words, environment);
        expect_said(host_.run({"config", "validate"}, environment), words);
    }
    // With the former configuration everything is as before.
    void expect_nothing_lost() {
        fs::copy_file(
            host_.config_file() + ".good", host_.config_file(), fs::copy_options::overwrite_existing
        );
        const auto valid = host_.run({"config", "validate"});
        EXPECT_EQ(valid.status, 0) << valid.output;
        host_.start();
        EXPECT_EQ(host_.get("/api/flows").json.at("items").size(), 2U);
        EXPECT_EQ(host_.stop(), 0) << host_.log();
    }

    static Json connectors(const std::string& file) { return {{"connectors", {{{"file", file}}}}}; }
    // A copy of a plugin that the test may spoil.
    std::string copy_of(const std::string& plugin) const {
        std::string copy = host_.file("plugin.so");
        fs::copy_file(plugin, copy);
        chmod(copy.c_str(), 0644);
        return copy;
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
};

TEST_F(ConfigTest, AnUnknownKeyIsRefused) {
    host_.configure({{"engine", {{"ticks_ms", 5}}}});
    expect_refused({host_.config_file() + ": /engine/ticks_ms: unknown", "tick_ms"});
    expect_nothing_lost();
}

TEST_F(ConfigTest, AValueOfTheWrongTypeIsRefused) {
    host_.configure({{"api", {{"threads", "many"}}}});
    expect_refused({host_.config_file() + ": /api/threads: expected an integer", "many"});
    expect_nothing_lost();
}

TEST_F(ConfigTest, AnUnknownSettingOfAConnectionIsRefusedWithoutItsSecrets) {
    Json whole = shop_.config();
    whole["connections"][0]["settings"]["consumer_key_"] = "ck_typo";
    host_.configure(whole);
    expect_refused({host_.config_file() + ": /connections/0/settings/consumer_key_: unknown"});
    const auto said = host_.run({"config", "validate"}).output;
    const std::string secret = whole["connections"][0]["settings"]["consumer_secret"];
    EXPECT_EQ(said.find(secret), std::string::npos) << said;
    expect_nothing_lost();
}

TEST_F(ConfigTest, AMissingKeyFileIsNamedWithTheWayOut) {
    const std::string key = host_.file("host/keys/encryption.key");
    fs::rename(key, key + ".away");
    expect_refused(
        {"the encryption key file " + key + " cannot be read: No such file",
         "put back the file this database was made with",
         "INTEGRATION_ENCRYPTION_KEY"}
    );
    fs::rename(key + ".away", key);
    const std::string token_key = host_.file("host/keys/token.key");
    fs::rename(token_key, token_key + ".away");
    expect_refused({"the token key file " + token_key + " cannot be read", "syncline init"});
    fs::rename(token_key + ".away", token_key);
    expect_nothing_lost();
}

TEST_F(ConfigTest, AKeyFileThatOthersMayReadIsRefused) {
    const std::string key = host_.file("host/keys/encryption.key");
    ASSERT_EQ(chmod(key.c_str(), 0644), 0);
    expect_refused({key + " can be read by others (mode 0644)", "chmod 600 " + key});
    ASSERT_EQ(chmod(key.c_str(), 0600), 0);
    expect_nothing_lost();
}

TEST_F(ConfigTest, AnotherKeyThanTheDatabasesIsRefused) {
    const std::string other = "INTEGRATION_ENCRYPTION_KEY=" + std::string(43, 'A') + "=";
    expect_start_refused(
        {"the encryption key is not the one this database was sealed with",
         "Put the former key back"},
        {other}
    );
    const std::string broken = "INTEGRATION_ENCRYPTION_KEY=secret-but-short";
    expect_refused(
        {"INTEGRATION_ENCRYPTION_KEY does not hold a key", "32 bytes in base64"}, {broken}
    );
    EXPECT_EQ(host_.refused_start({broken}).output.find("secret-but-short"), std::string::npos);
    expect_nothing_lost();
}

TEST_F(ConfigTest, APluginThatMayNotBeReadIsRefused) {
    const std::string file = copy_of(WOOCOMMERCE_PLUGIN);
    ASSERT_EQ(chmod(file.c_str(), 0), 0);
    host_.configure(connectors(file));
    // Root reads everything unless it gives up the right to.
    const Words prefix =
        geteuid() == 0 ? Words{"/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"}
                       : Words{};
    const Words words{
        host_.config_file() + ": /connectors/0: plugin '" + file + "' may not be read",
        "chmod a+r"};
    expect_said(host_.refused_start({}, prefix), words);
    Words validate = prefix;
    validate.insert(
        validate.end(), {SYNCLINE_PROGRAM, "config", "validate", "--config", host_.config_file()}
    );
    expect_said(run(validate), words);
    expect_nothing_lost();
}

TEST_F(ConfigTest, AFileThatIsNoPluginOfOursIsRefused) {
    const std::string plugins = TEST_PLUGINS;
    const std::string text = host_.file("text.so");
    std::ofstream(text) << "#!/bin/sh\necho hello\n";
    const std::vector<std::pair<std::string, Words>> cases{
        {host_.file("nowhere.so"), {"does not exist", "correct the path in the configuration"}},
        {text, {"is not a shared library", "file"}},
        {plugins + "/test_plugin_no_symbol.so",
         {"does not export syncline_plugin_v1", "syncline_add_connector()"}},
        {plugins + "/test_plugin_other_major.so",
         {"is built for plugin ABI 2.x, but this host speaks 1.", "rebuild it with an SDK"}},
        {plugins + "/test_plugin_wrong_major.so",
         {"is built for plugin ABI", "but this host speaks 1.", "rebuild it with an SDK"}},
        {plugins + "/test_plugin_newer_minor.so",
         {"needs plugin ABI 1.", "but this host speaks 1.", "update Syncline"}},
    };
    for (const auto& [file, words] : cases) {
        SCOPED_TRACE(file);
        host_.configure(connectors(file));
        Words all = words;
        all.push_back(host_.config_file() + ": /connectors/0: plugin '" + file + "'");
        expect_refused(all);
    }
    expect_nothing_lost();
}

TEST_F(ConfigTest, AllPluginsThatAreWrongAreNamedAtOnce) {
    host_.configure({{"connectors", {{{"file", "/nowhere/a.so"}}, {{"file", "/nowhere/b.so"}}}}});
    expect_refused(
        {"/connectors/0: plugin '/nowhere/a.so'", "/connectors/1: plugin '/nowhere/b.so'"}
    );
    expect_nothing_lost();
}

TEST_F(ConfigTest, APluginOfAnotherHashThanPinnedIsRefused) {
    const std::string pin(64, 'a');
    host_.configure({{"connectors", {{{"file", WOOCOMMERCE_PLUGIN}, {"sha256", pin}}}}});
    expect_refused(
        {"/connectors/0: plugin '" + std::string(WOOCOMMERCE_PLUGIN) + "' has sha256",
         "but the configuration pins " + pin,
         "pin the new hash"}
    );
    expect_nothing_lost();
}

TEST_F(ConfigTest, ASecondHostOnTheSameDatabaseIsRefusedAndSaysWhoHoldsIt) {
    host_.start();
    HostProcess second;
    second.configure({{"database", {{"url", "sqlite:" + host_.database()}}}});
    expect_said(
        second.refused_start(),
        {"the database " + host_.database() + " is in use by another host: process " +
             std::to_string(host_.pid()) + " on ",
         "stop that one or give this one a database of its own"}
    );
    EXPECT_TRUE(host_.running());
    EXPECT_EQ(host_.get("/readyz").status, 200);
    EXPECT_EQ(host_.stop(), 0);
    expect_nothing_lost();
}

TEST_F(ConfigTest, AnAddressThatIsTakenIsSaid) {
    host_.start();
    const std::string port = host_.url().substr(host_.url().rfind(':') + 1);
    HostProcess second;
    second.configure({{"api", {{"port", std::stoi(port)}}}});
    expect_said(
        second.refused_start(),
        {"the API cannot listen on 127.0.0.1:" + port, "choose another api.host or api.port"}
    );
    EXPECT_EQ(host_.stop(), 0);
}

}  // namespace
}  // namespace syncline::test
