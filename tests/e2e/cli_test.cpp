// The command line against a running host: tables, JSON, and exit codes 0 (done), 1 (failed) and
// 2 (wrong usage).
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class CliTest : public ::testing::Test {
protected:
    void SetUp() override { host_.start(); }
    void TearDown() override { EXPECT_EQ(host_.stop(), 0) << host_.log(); }

    Finished syncline(const std::vector<std::string>& arguments) {
        if (token_.empty()) {
            token_ = host_.token();
        }
        return host_.run(arguments, {"SYNCLINE_URL=" + host_.url(), "SYNCLINE_TOKEN=" + token_});
    }
    void expect_done(const std::vector<std::string>& arguments, const Words& words) {
        const auto done = syncline(arguments);
        EXPECT_EQ(done.status, 0) << done.output;
        expect_words(done.output, words);
    }
    void expect_failed(const std::vector<std::string>& arguments, int status, const Words& words) {
        const auto failed = syncline(arguments);
        EXPECT_EQ(failed.status, status) << failed.output;
        expect_words(failed.output, words);
    }
    Json json(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-o", "json"});
        const auto done = syncline(arguments);
        EXPECT_EQ(done.status, 0) << done.output;
        // Progress comes before it, on standard error.
        const auto start = done.output.find("{\n");
        const Json parsed = start == std::string::npos
                                ? Json()
                                : Json::parse(done.output.substr(start), nullptr, false);
        EXPECT_TRUE(parsed.is_object()) << done.output;
        return parsed.is_object() ? parsed : Json::object();
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
    std::string token_;
};

TEST_F(CliTest, ASyncIsConfirmedWithYesOrOnATerminal) {
    const auto before = shop_.inventory();
    expect_failed(
        {"sync", "orders", "--confirm", "--flow", "shop-books-orders"},
        1,
        {"this would write 45 records", "first ever", "no terminal", "--yes"}
    );
    EXPECT_EQ(shop_.inventory(), before);
    expect_done(
        {"sync", "orders", "--confirm", "--yes", "--wait", "--flow", "shop-books-orders"},
        {"this would write 45 records", "completed"}
    );
}

TEST_F(CliTest, ASyncIsPlannedRunAndLookedAt) {
    const auto before = shop_.inventory();
    expect_done(
        {"plan", "orders", "--flow", "shop-books-orders"},
        {"shop-books-orders (", "read 61", "45 create", "the order is in EUR"}
    );
    const Json plans = json({"sync", "orders", "--dry-run"});
    EXPECT_EQ(plans.at("plans").size(), 2U);
    EXPECT_EQ(shop_.inventory(), before);

    expect_done(
        {"sync", "orders", "--wait"},
        {": completed", "shop-books-orders      incremental  completed    61       45"}
    );
    EXPECT_EQ(shop_.wrong(), "");
    const Json again = json({"sync", "orders", "--wait"});
    EXPECT_EQ(again.at("status"), "completed");
    EXPECT_EQ(again.at("counts").at("created"), 0);
    const Json ids = json({"sync", "orders", "--ids", "57,58", "--wait"});
    EXPECT_EQ(ids.at("runs")[0].at("mode"), "ids");
    EXPECT_EQ(ids.at("runs")[0].at("counts").at("read"), 2);
    const Json backfill = json(
        {"sync",
         "orders",
         "--from",
         "2020-01-01T00:00:00Z",
         "--to",
         "2020-02-01T00:00:00Z",
         "--wait"}
    );
    EXPECT_EQ(backfill.at("runs")[0].at("mode"), "backfill");
    EXPECT_EQ(backfill.at("counts").at("read"), 0);

    expect_done({"status"}, {"sync ", "completed", "queue: 0 queued, 0 delivering"});
    const std::string id = again.at("syncId");
    expect_done({"status", id}, {"sync " + id + ": completed", "shop-warehouse-orders"});
    EXPECT_EQ(json({"status"}).at("items").size(), 4U);
    EXPECT_EQ(json({"status", id}).at("syncId"), id);

    expect_done({"history", "--flow", "shop-books-orders"}, {"run ", "shop-books-orders"});
    expect_done({"history", "--csv"}, {"flow,", "shop-warehouse-orders,"});
    EXPECT_EQ(json({"history"}).at("items").size(), 8U);
}

TEST_F(CliTest, FailuresAreListedShownAndRetried) {
    expect_done({"sync", "orders", "-w"}, {"completed"});
    expect_done({"failures"}, {"held", "FOREIGN_CURRENCY", "enter it by hand"});
    const Json list = json({"failures"});
    ASSERT_EQ(list.at("items").size(), 1U);
    const std::string id = list["items"][0].at("id").dump();
    expect_done({"failures", "show", id}, {"code: FOREIGN_CURRENCY", "hint: ", "record: {"});
    EXPECT_EQ(json({"failures", "show", id}).at("code"), "FOREIGN_CURRENCY");
    EXPECT_TRUE(json({"failures", "--outcome", "failed"}).at("items").empty());
    expect_done({"failures", "retry", id}, {"1 queued to be sent again"});
    ASSERT_EQ(host_.unsettled(), "");
    EXPECT_EQ(json({"failures", "retry", "--all"}).at("retried"), 1);
    ASSERT_EQ(host_.unsettled(), "");
    EXPECT_EQ(json({"failures"}).at("items").size(), 1U);  // the order is in euros still
    expect_done({"failures", "groups"}, {"1 ", "FOREIGN_CURRENCY", "shop-books-orders"});
    expect_done(
        {"failures", "retry", "--class", "business", "--dry-run"}, {"1 would be sent again"}
    );
    expect_done(
        {"failures", "edit", id, "--merge", R"({"number": "edited"})", "--dry-run"},
        {"/number: ", "nothing was changed"}
    );
    expect_failed({"failures", "edit", id}, 2, {"--record FILE"});
    expect_failed({"failures", "resolve", id}, 2, {"--reason"});
    expect_done({"failures", "resolve", id, "--reason", "entered by hand"}, {"off the list"});
    EXPECT_TRUE(json({"failures"}).at("items").empty());
    expect_failed({"failures", "show", "999"}, 1, {"999"});
    expect_failed({"failures", "retry"}, 2, {"failures retry ID", "--all"});
    expect_failed(
        {"failures", "forget"},
        2,
        {"expected list, groups, show, retry, edit or resolve, found 'forget'"}
    );
}

TEST_F(CliTest, ConnectorsAndFlowsAreShown) {
    expect_done({"connectors"}, {"platform", "woocommerce", "quickbooks", "supabase"});
    expect_done({"connectors", "woocommerce"}, {"setting", "consumer_secret", "secret"});
    EXPECT_EQ(json({"connectors"}).at("items").size(), 4U);
    EXPECT_EQ(json({"connectors", "quickbooks"}).at("platform"), "quickbooks");
    expect_failed({"connectors", "moon"}, 1, {"moon"});

    expect_done({"flows"}, {"flow ", "shop-books-orders", "shop-warehouse-orders", "RUNNING"});
    EXPECT_EQ(json({"flows"}).at("items").size(), 2U);
    expect_done({"budgets"}, {"quickbooks", "500000", "ok"});
    expect_done({"flows", "pause", "shop-books-orders", "--reason", "stocktaking"}, {"PAUSED"});
    EXPECT_EQ(json({"flows", "show", "shop-books-orders"}).at("state"), "PAUSED");
    expect_done({"flows", "status", "shop-books-orders"}, {"paused", "stocktaking"});
    expect_done(
        {"flows", "cursor", "shop-books-orders", "--set", "2020-01-01T00:00:00Z", "--dry-run"},
        {"would read 61 records", "nothing was changed"}
    );
    expect_done({"flows", "cursor", "shop-books-orders"}, {"never read"});
    expect_done({"flows", "resume", "shop-books-orders"}, {"RUNNING"});
    expect_failed(
        {"flows", "cursor", "shop-books-orders", "--reset"}, 1, {"only while the flow is stopped"}
    );
    expect_failed({"flows", "show", "shop-moon"}, 1, {"shop-moon"});
    expect_failed({"flows", "show"}, 2, {"flows show NAME"});
}

TEST_F(CliTest, ASyncThatFailsEndsWithOne) {
    shop_.control(
        "POST",
        "/faults",
        {{"platform", "woocommerce"}, {"times", nullptr}, {"action", {{"status", 401}}}}
    );
    expect_failed({"sync", "orders", "--wait"}, 1, {"failed", "no WordPress REST API at http"});
}

TEST_F(CliTest, WhatTheHostRefusesEndsWithOneAndSaysWhy) {
    expect_failed({"sync", "unicorns"}, 1, {"unicorns"});
    expect_failed({"sync", "orders", "--flow", "shop-moon"}, 1, {"shop-moon"});
    expect_failed({"sync", "orders", "--mode", "sometimes"}, 1, {"/mode", "sometimes"});
    expect_failed({"status", "none"}, 1, {"none"});
    const auto stranger = host_.run({"flows"}, {"SYNCLINE_URL=" + host_.url()});
    EXPECT_EQ(stranger.status, 1);
    expect_words(stranger.output, {"bearer token", "SYNCLINE_TOKEN or --token-file"});
    const auto nobody = host_.run({"flows", "--url", "http://127.0.0.1:9"});
    EXPECT_EQ(nobody.status, 1);
    expect_words(nobody.output, {"no host answers at http://127.0.0.1:9", "syncline serve"});
}

TEST_F(CliTest, WrongUsageEndsWithTwoAndSaysWhatIsRight) {
    expect_failed({}, 2, {"no verb given", "usage: syncline VERB"});
    expect_failed({"dance"}, 2, {"unknown verb 'dance'"});
    expect_failed({"sync"}, 2, {"something is missing: ENTITY", "syncline sync --help"});
    expect_failed({"sync", "orders", "now"}, 2, {"too much: 'now'"});
    expect_failed({"flows", "--colour"}, 2, {"colour"});
    expect_failed({"flows", "-o", "xml"}, 2, {"--output: expected json or table, found 'xml'"});
    expect_failed({"token"}, 2, {"--role: missing"});
    expect_failed({"token", "--role", "admin", "--ttl", "5"}, 2, {"--ttl", "found '5'"});
    expect_failed({"config"}, 2, {"validate"});
    expect_done({"--help"}, {"usage: syncline VERB", "Exit codes: 0 ok, 1 failed, 2 wrong usage."});
    expect_done({"sync", "--help"}, {"usage: syncline sync ENTITY", "--wait"});
    expect_done({"version"}, {"syncline "});
}

TEST_F(CliTest, ATokenFileServesAsWellAsAVariable) {
    const std::string file = host_.file("token");
    std::ofstream(file) << host_.token() << "\n";
    const auto done = host_.run({"flows", "--token-file", file, "--url", host_.url()});
    EXPECT_EQ(done.status, 0) << done.output;
    const auto missing = host_.run({"flows", "--token-file", file + ".not", "--url", host_.url()});
    EXPECT_EQ(missing.status, 1) << missing.output;
    expect_words(missing.output, {file + ".not cannot be read"});
    EXPECT_FALSE(json({"token", "--role", "viewer"}).at("token").get<std::string>().empty());
    expect_failed({"token", "--role", "king"}, 1, {"--role", "found 'king'"});
}

TEST_F(CliTest, InitMakesAFolderOnceAndValidateTakesIt) {
    const std::string folder = host_.file("new");
    expect_done({"init", folder}, {"wrote " + folder + "/syncline.json", "keep a copy"});
    expect_failed(
        {"init", folder}, 1, {folder + "/syncline.json is there already", "nothing was changed"}
    );
    const std::string config = folder + "/syncline.json";
    expect_done({"config", "validate", "--config", config}, {config + " is valid"});
    EXPECT_EQ(json({"config", "validate", "--config", config}).at("valid"), true);
    for (const char* name : {"keys/encryption.key", "keys/token.key", "syncline.json"}) {
        const auto rights = std::filesystem::status(folder + "/" + name).permissions();
        EXPECT_EQ(rights & std::filesystem::perms(0077), std::filesystem::perms::none) << name;
    }
    std::ofstream(config, std::ios::app) << "}";
    expect_failed({"config", "validate", "--config", config}, 1, {config, "line"});
    expect_failed(
        {"config", "validate", "--config", folder + "/no.json"},
        1,
        {"cannot be read", "syncline init"}
    );
}

}  // namespace
}  // namespace syncline::test
