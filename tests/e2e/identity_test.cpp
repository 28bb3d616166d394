// API keys, tenants, settings and the audit log, with the real program and its command line.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "e2e/support/expect.hpp"
#include "e2e/support/host_process.hpp"

namespace syncline::test {
namespace {

class IdentityTest : public ::testing::Test {
protected:
    Finished syncline(const std::vector<std::string>& arguments) {
        return host_.run(
            arguments, {"SYNCLINE_URL=" + host_.url(), "SYNCLINE_TOKEN=" + host_.token()}
        );
    }
    Json json(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-o", "json"});
        return json_in(syncline(arguments));
    }
    // Besides what it says to people.
    static Json json_in(const Finished& done) {
        EXPECT_EQ(done.status, 0) << done.output;
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
    int status_with(const std::string& credential, const std::string& path) {
        return host_.raw("GET", path, "", {{"Authorization", "Bearer " + credential}}).status;
    }
    void execute(const std::string& statements) {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(host_.database().c_str(), &database), SQLITE_OK);
        char* error = nullptr;
        EXPECT_EQ(sqlite3_exec(database, statements.c_str(), nullptr, nullptr, &error), SQLITE_OK)
            << error;
        sqlite3_free(error);
        sqlite3_close(database);
    }

    HostProcess host_;
};

TEST_F(IdentityTest, AKeyIsMadeBeforeTheFirstStartAndTurnedWhileTheHostRuns) {
    const Json first = json_in(
        host_.run({"api-key", "create", "--name", "script", "--role", "operator", "-o", "json"})
    );
    ASSERT_TRUE(first.contains("key")) << first;
    const std::string key = first.at("key");
    host_.start();
    EXPECT_EQ(status_with(key, "/api/flows"), 200);
    EXPECT_EQ(status_with(key, "/api/audit"), 403);

    const std::string prefix = first.at("prefix");
    const Json next = json({"api-key", "rotate", prefix, "--overlap", "1h"});
    const std::string second = next.at("key");
    EXPECT_EQ(status_with(key, "/api/flows"), 200);
    EXPECT_EQ(status_with(second, "/api/flows"), 200);
    EXPECT_EQ(json({"api-key", "revoke", prefix, "--reason", "turned"}).at("state"), "revoked");
    EXPECT_EQ(status_with(key, "/api/flows"), 401);
    EXPECT_EQ(status_with(second, "/api/flows"), 200);
    expect_words(syncline({"api-key", "list"}).output, {"script", prefix, "revoked", "active"});
    const Json made = json(
        {"api-key",
         "create",
         "--name",
         "reader",
         "--role",
         "viewer",
         "--scopes",
         "sync:read",
         "--ttl",
         "30d"}
    );
    EXPECT_EQ(status_with(made.at("key"), "/api/flows"), 403);
    EXPECT_EQ(status_with(made.at("key"), "/api/sync/status"), 200);
    EXPECT_EQ(syncline({"api-key", "create", "--name", "x", "--role", "god"}).status, 1);
    EXPECT_EQ(syncline({"api-key", "create"}).status, 2);
    EXPECT_EQ(syncline({"api-key", "revoke", "4711"}).status, 1);
    expect_words(
        syncline({"audit", "list", "--event", "api_key."}).output,
        {"api_key.created", "api_key.rotated", "api_key.revoked", "unix:", "turned"}
    );
    // Nothing of a key but its prefix rests anywhere.
    for (const std::string& secret : {key, second, made.at("key").get<std::string>()}) {
        const std::string hidden = secret.substr(secret.size() - 43);
        EXPECT_EQ(host_.log().find(hidden), std::string::npos);
        EXPECT_EQ(syncline({"audit", "export"}).output.find(hidden), std::string::npos);
    }
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

TEST_F(IdentityTest, TheLogIsVerifiedBesideTheHostAndTellsWhatWasChanged) {
    host_.start();
    expect_words(
        syncline({"settings", "set", "approval", R"({"second_person": true})"}).output, {"true"}
    );
    expect_words(syncline({"settings"}).output, {"approval", "api_keys", "(default)"});
    EXPECT_EQ(syncline({"settings", "set", "approval", R"({"second_person": 7})"}).status, 1);
    const Json sound = json({"audit", "verify"});
    EXPECT_GE(sound.at("rows"), 2);
    EXPECT_FALSE(sound.contains("problem"));
    const std::string head = sound.at("head");
    expect_words(syncline({"audit", "verify", "--head", head}).output, {"rows are sound", head});
    const auto lines = syncline({"audit", "export"});
    EXPECT_EQ(lines.status, 0);
    EXPECT_EQ(
        std::count(lines.output.begin(), lines.output.end(), '\n'), sound.at("rows").get<int>()
    );
    expect_words(
        syncline({"audit", "export", "--format", "csv"}).output, {"id,at,", "setting.changed", head}
    );
    EXPECT_EQ(host_.stop(), 0) << host_.log();

    execute("DROP TRIGGER audit_log_is_not_changed; UPDATE audit_log SET actor = 'eve' WHERE id = 2"
    );
    const auto broken = syncline({"audit", "verify"});
    EXPECT_EQ(broken.status, 1);
    expect_words(broken.output, {"row 2 was changed after it was written", "1 rows are sound"});
    ASSERT_EQ(syncline({"backup", "create", host_.file("copy.db")}).status, 0);
    const auto backup = syncline({"backup", "verify", host_.file("copy.db")});
    EXPECT_EQ(backup.status, 1);
    expect_words(backup.output, {"the audit log is not what was written", "row 2"});
}

TEST_F(IdentityTest, ATenantIsMadeSuspendedAndTakenBack) {
    host_.start();
    expect_words(syncline({"tenants", "create", "acme"}).output, {"acme", "active"});
    const std::string theirs = host_.token("acme");
    EXPECT_EQ(status_with(theirs, "/api/flows"), 200);
    EXPECT_EQ(status_with(theirs, "/api/tenants"), 403);
    expect_words(
        syncline({"tenants", "suspend", "acme", "--reason", "unpaid"}).output,
        {"suspended", "unpaid"}
    );
    const Answer refused =
        host_.raw("GET", "/api/flows", "", {{"Authorization", "Bearer " + theirs}});
    EXPECT_EQ(refused.status, 403);
    expect_words(refused.text, {"tenant.suspended", "unpaid"});
    EXPECT_EQ(host_.stop(), 0) << host_.log();
    host_.start();
    EXPECT_EQ(status_with(theirs, "/api/flows"), 403) << "also after a restart";
    EXPECT_EQ(syncline({"tenants", "resume", "acme"}).status, 0);
    EXPECT_EQ(status_with(theirs, "/api/flows"), 200);
    EXPECT_EQ(syncline({"tenants", "suspend", "acme"}).status, 1) << "no reason";
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

TEST_F(IdentityTest, GuessingIsAnswered429) {
    host_.configure({{"identity", {{"failed_logins_max", 3}}}});
    host_.start();
    const std::string good = host_.token();
    EXPECT_EQ(status_with(good, "/api/flows"), 200);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(status_with("guess" + std::to_string(i), "/api/flows"), 401);
    }
    EXPECT_EQ(status_with("guess", "/api/flows"), 429);
    EXPECT_EQ(status_with(good, "/api/flows"), 200);
    EXPECT_EQ(host_.get("/livez").status, 200);
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

}  // namespace
}  // namespace syncline::test
