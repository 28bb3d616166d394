// The encryption key of the real program: replaced while orders are on their way, after kills,
// without a host, and given up when it is lost.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/support/database_file.hpp"
#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

namespace fs = std::filesystem;

// The JSON among what is said to people.
Json overview_in(const Finished& done) {
    const auto start = done.output.find("{\n");
    const Json parsed =
        start == std::string::npos
            ? Json()
            : Json::parse(
                  done.output.substr(start, done.output.rfind('}') - start + 1), nullptr, false
              );
    EXPECT_TRUE(parsed.is_object()) << done.output;
    return parsed.is_object() ? parsed : Json::object();
}

std::string file_text(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

class KeysTest : public ::testing::Test {
protected:
    static std::string key_file(const HostProcess& host) {
        return host.file("host/keys/encryption.key");
    }
    static Finished syncline(HostProcess& host, const std::vector<std::string>& arguments) {
        return host.run(
            arguments, {"SYNCLINE_URL=" + host.url(), "SYNCLINE_TOKEN=" + host.token()}
        );
    }
    static void sync(HostProcess& host) {
        const Answer started = host.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
        ASSERT_EQ(host.unsettled(60), "");
    }
    static std::vector<std::string> key_ids(const Json& overview) {
        std::vector<std::string> ids;
        for (const auto& key : overview.at("keys")) {
            ids.push_back(key.at("id"));
        }
        return ids;
    }
    static bool is_completed(HostProcess& host, const std::string& path) {
        return host.get(path).json.at("state") == "completed";
    }
};

TEST_F(KeysTest, AreRotatedDuringASyncAndOneCorruptedRowIsNamed) {
    DemoShop shop({"--orders", "150"});
    HostProcess host(shop.config());
    host.start();
    Json spare = shop.config()["connections"][0]["settings"];
    spare["connection"] = "spare";
    ASSERT_EQ(host.post("/api/integrations/woocommerce/credentials", spare).status, 201);
    DatabaseFile(host.database())
        .execute(
            "UPDATE credentials SET sealed = substr(sealed, 1, length(sealed) - 1) "
            "WHERE field = 'consumer_secret' AND connection_id = "
            "(SELECT id FROM connections WHERE name = 'spare')"
        );
    // The books take their time, so that there is something under way until the end.
    shop.control(
        "POST",
        "/faults",
        {{"platform", "quickbooks"}, {"times", nullptr}, {"action", {{"delay_ms", 1000}}}}
    );
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    ASSERT_TRUE(comes_true([&] { return shop.rows("orders").size() > 5; }));

    const Answer begun = host.post("/api/keys/rotate");
    ASSERT_EQ(begun.status, 202) << begun.text;
    const std::string path = "/api/keys/rotations/" + begun.json.at("id").dump();
    EXPECT_EQ(begun.json.at("data_keys").at("all"), 1);
    ASSERT_TRUE(comes_true([&] { return is_completed(host, path); }, 60));
    EXPECT_NE(host.get("/api/sync/status").json.at("items")[0].at("status"), "completed")
        << "the sync was to be under way all the time";
    shop.control("DELETE", "/faults");
    const Answer done = host.get(path);
    EXPECT_EQ(done.json.at("data_keys").at("wrapped"), 1);
    EXPECT_EQ(done.json.at("unreadable"), 1) << done.text;
    EXPECT_GT(done.json.at("values_checked"), 20) << done.text;

    ASSERT_EQ(host.unsettled(120), "");
    EXPECT_EQ(shop.wrong(), "");
    const Json counts = host.get("/api/sync/status").json.at("items")[0].at("counts");
    EXPECT_EQ(counts.at("failed"), 0) << counts;
    EXPECT_EQ(counts.at("waiting"), 0) << counts;
    DatabaseFile file(host.database());
    EXPECT_EQ(file.value("SELECT count(*) FROM sync_queue WHERE outcome = 'failed'"), "0");
    EXPECT_EQ(
        file.column("SELECT name FROM connections WHERE state <> 'active'"),
        std::vector<std::string>{"spare"}
    );
    EXPECT_EQ(host.log().find("cannot be opened"), std::string::npos) << host.log();

    const auto shown = syncline(host, {"keys", "-o", "json"});
    EXPECT_EQ(shown.status, 1) << "something cannot be read";
    const Json overview = overview_in(shown);
    ASSERT_EQ(overview.at("unreadable").size(), 1U) << overview;
    const Json& named = overview["unreadable"][0];
    EXPECT_EQ(named.at("table"), "credentials");
    EXPECT_EQ(named.at("connection"), "spare");
    EXPECT_EQ(named.at("name"), "consumer_secret");
    EXPECT_EQ(shown.output.find(spare.at("consumer_secret").get<std::string>()), std::string::npos);
    ASSERT_EQ(overview.at("keys").size(), 2U);
    EXPECT_EQ(overview["keys"][1].at("needed"), false);
    expect_words(overview.at("advice"), {"no row needs any more", key_ids(overview)[1]});

    EXPECT_EQ(host.stop(), 0) << host.log();
    fs::remove(key_file(host) + ".former");
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host));
    EXPECT_EQ(shop.wrong(), "");
    EXPECT_EQ(key_ids(host.get("/api/keys").json), std::vector<std::string>{key_ids(overview)[0]});
    ASSERT_EQ(host.post("/api/integrations/woocommerce/credentials", spare).status, 201);
    EXPECT_TRUE(host.get("/api/keys").json.at("unreadable").empty()) << "it is healed";
    EXPECT_EQ(host.stop(), 0) << host.log();
}

TEST_F(KeysTest, AKillDuringARotationIsMadeUpForByTheNextStart) {
    DemoShop shop;
    HostProcess host(shop.config());
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host));
    EXPECT_EQ(host.stop(), 0);
    host.start({"SYNCLINE_FAILPOINTS=storage.before_commit=delay:100@*"});
    const Answer begun = host.post("/api/keys/rotate");
    ASSERT_EQ(begun.status, 202) << begun.text;
    host.kill();
    EXPECT_NE(DatabaseFile(host.database()).value("SELECT state FROM key_rotations"), "completed");

    host.start();
    const std::string path = "/api/keys/rotations/" + begun.json.at("id").dump();
    ASSERT_TRUE(comes_true([&] { return is_completed(host, path); }));
    const Json done = host.get(path).json;
    EXPECT_EQ(done.at("unreadable"), 0) << done;
    EXPECT_EQ(done.at("key"), begun.json.at("key"));
    EXPECT_EQ(host.get("/api/keys").json.at("keys")[1].at("needed"), false);
    EXPECT_EQ(host.stop(), 0);
    fs::remove(key_file(host) + ".former");
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host));
    EXPECT_EQ(host.stop(), 0) << host.log();
}

TEST_F(KeysTest, WithoutAHostTheyAreRotatedAtOnceAndAMissingOneIsNamed) {
    DemoShop shop;
    HostProcess host(shop.config());
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host));
    EXPECT_EQ(host.stop(), 0);
    const std::string first = file_text(key_file(host));
    ASSERT_EQ(host.run({"backup", "create", host.file("before.db")}).status, 0);
    const auto rotated = host.run({"keys", "rotate"});
    EXPECT_EQ(rotated.status, 0) << rotated.output;
    expect_words(rotated.output, {"completed", "current", "former", "no row needs any more"});
    EXPECT_NE(file_text(key_file(host)), first);
    EXPECT_EQ(file_text(key_file(host) + ".former"), first);
    EXPECT_EQ(host.run({"keys", "rotate"}).status, 1) << "no key is overwritten";
    expect_words(host.run({"keys", "rotate"}).output, {"encryption.key.former", "move it"});
    expect_words(
        host.run({"audit", "export"}).output,
        {"keys.rotation_started", "keys.rotation_completed", "unix:"}
    );

    // A backup made before needs the former key, and says so.
    fs::rename(key_file(host) + ".former", host.file("kept.key"));
    fs::remove(host.database());
    fs::remove(host.database() + "-wal");
    fs::copy_file(host.file("before.db"), host.database());
    const auto refused = host.refused_start();
    EXPECT_EQ(refused.status, 1);
    expect_words(
        refused.output, {"is still needed for what is sealed of the tenant default", "keys reset"}
    );
    for (const std::string& key : {first, file_text(key_file(host))}) {
        EXPECT_EQ(refused.output.find(key.substr(0, 43)), std::string::npos);
    }
    fs::copy_file(host.file("kept.key"), key_file(host) + ".former");
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host));
    EXPECT_TRUE(comes_true([&] {
        return host.get("/api/keys").json.at("keys")[1].at("needed") == false;
    })) << "it goes over by itself";
    EXPECT_EQ(host.stop(), 0) << host.log();
}

TEST_F(KeysTest, OfTheEnvironmentAreReplacedByAStartWithBoth) {
    DemoShop shop;
    HostProcess host(shop.config());
    std::string first = file_text(key_file(host));
    first.pop_back();
    fs::remove(key_file(host));
    host.start({"INTEGRATION_ENCRYPTION_KEY=" + first});
    ASSERT_NO_FATAL_FAILURE(sync(host));
    expect_problem(
        host.post("/api/keys/rotate"), 409, {"INTEGRATION_ENCRYPTION_KEY_FORMER", "start"}
    );
    EXPECT_EQ(host.stop(), 0);
    const std::string second =
        "INTEGRATION_ENCRYPTION_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    host.start({second, "INTEGRATION_ENCRYPTION_KEY_FORMER=" + first});
    ASSERT_TRUE(comes_true([&] {
        const Json keys = host.get("/api/keys").json;
        return keys.at("rotation").is_object() && keys["rotation"].at("state") == "completed" &&
               keys.at("keys")[1].at("needed") == false;
    }));
    EXPECT_EQ(host.stop(), 0);
    host.start({second});
    ASSERT_NO_FATAL_FAILURE(sync(host));
    EXPECT_EQ(host.stop(), 0) << host.log();
}

TEST_F(KeysTest, ThatAreLostAreResetAndTheHostWorksAgain) {
    DemoShop shop;
    HostProcess host(shop.config());
    host.start();
    ASSERT_NO_FATAL_FAILURE(sync(host));
    const auto before = shop.inventory();
    EXPECT_EQ(syncline(host, {"keys", "reset", "--yes"}).status, 1) << "a host is running";
    EXPECT_EQ(host.stop(), 0);
    fs::remove(key_file(host));
    expect_words(host.refused_start().output, {"cannot be read", "syncline keys reset"});

    const auto shown = host.run({"keys", "reset"});
    EXPECT_EQ(shown.status, 0) << shown.output;
    expect_words(
        shown.output,
        {"would be given up: 1 data keys", "needs new credentials: default/shop", "--yes"}
    );
    EXPECT_FALSE(fs::exists(key_file(host))) << "it only looked";
    const Json done = overview_in(host.run({"keys", "reset", "--yes", "-o", "json"}));
    EXPECT_EQ(done.at("done"), true);
    EXPECT_GT(done.at("values").at("id_mappings.owned"), 0) << done;
    EXPECT_EQ(done.at("connections").size(), 3U);

    // The configuration gives the credentials again; orders are known by their id mappings.
    host.start();
    const auto run = host.post("/api/sync/orders", {{"mode", "full"}});
    ASSERT_EQ(run.status, 202) << run.text;
    ASSERT_EQ(host.unsettled(60), "");
    EXPECT_EQ(shop.wrong(), "");
    EXPECT_EQ(shop.inventory(), before) << "nothing is there twice";
    expect_words(syncline(host, {"audit", "list", "--event", "keys."}).output, {"keys.reset"});
    EXPECT_EQ(host.stop(), 0) << host.log();
}

// Whoever runs the tests as root sees the memory of all; so the host runs as somebody else then.
TEST_F(KeysTest, LeaveTheProgramInNoCoreDumpAndItsMemoryToNobody) {
    HostProcess host;
    host.start();
    const std::string process = "/proc/" + std::to_string(host.pid());
    const std::string limits = file_text(process + "/limits");
    const auto line = limits.find("Max core file size");
    ASSERT_NE(line, std::string::npos);
    std::istringstream words(limits.substr(line + std::string("Max core file size").size()));
    std::string soft;
    std::string hard;
    words >> soft >> hard;
    EXPECT_EQ(soft, "0");
    EXPECT_EQ(hard, "0");
    EXPECT_EQ(host.stop(), 0);

    // What belongs to a process that may be looked into belongs to its user.
    constexpr uid_t kNobody = 65534;
    const TemporaryFolder folder;
    fs::permissions(folder.path(), fs::perms::all);
    std::vector<std::string> as_somebody;
    if (::geteuid() == 0) {
        as_somebody = {"/usr/bin/setpriv", "--reuid=" + std::to_string(kNobody), "--clear-groups"};
    }
    const auto start = [&](std::vector<std::string> arguments) {
        std::vector<std::string> whole = as_somebody;
        whole.insert(whole.end(), arguments.begin(), arguments.end());
        return whole;
    };
    const std::string home = folder.path() / "host";
    ASSERT_EQ(run(start({SYNCLINE_PROGRAM, "init", home})).status, 0);
    ChildProcess serving(
        start({SYNCLINE_PROGRAM, "serve", "--config", home + "/syncline.json"}),
        folder.path() / "log",
        {"API_PORT=0"}
    );
    ASSERT_TRUE(comes_true([&] { return serving.log().find("\"ready\":true") != std::string::npos; }
    )) << serving.log();
    struct stat facts {};
    ASSERT_EQ(::stat(("/proc/" + std::to_string(serving.pid()) + "/environ").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, 0U) << "its memory may be read by its user";
    EXPECT_EQ(serving.end(15), 0) << serving.log();
}

}  // namespace
}  // namespace syncline::test
