// Faults, journal, clock and the shop's own control.
#include <chrono>
#include <thread>

#include <Poco/Exception.h>
#include <gtest/gtest.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

class Control : public testing::Test {
protected:
    Json fault(const Json& description) { return shop_.control("POST", "/faults", description); }
    int status(const std::string& path) { return shop_.api("GET", path).status; }

    Shop shop_;
};

TEST_F(Control, AnswersWithTheFaultsStatusHeadersAndBodyForSoManyTimes) {
    fault(
        {{"platform", "woocommerce"},
         {"path", "/orders$"},
         {"times", 2},
         {"action",
          {{"status", 429},
           {"headers", {{"Retry-After", "7"}}},
           {"body", {{"code", "slow_down"}}}}}}
    );
    const SandboxReply first = shop_.api("GET", "/orders?per_page=1");
    EXPECT_EQ(first.status, 429);
    EXPECT_EQ(first.header("Retry-After"), "7");
    EXPECT_EQ(first.json()["code"], "slow_down");
    EXPECT_EQ(status("/products"), 200) << "the path does not match";
    EXPECT_EQ(status("/orders"), 429);
    EXPECT_EQ(status("/orders"), 200) << "used up";
    EXPECT_EQ(shop_.control("GET", "/faults")[0]["hits"], 2);
}

TEST_F(Control, SkipsRequestsAndHitsOnlyTheMethodAsked) {
    fault({{"method", "GET"}, {"skip", 1}, {"action", {{"status", 503}}}});
    EXPECT_EQ(shop_.api("POST", "/orders", "{}").status, 201);
    EXPECT_EQ(status("/orders"), 200);
    EXPECT_EQ(status("/orders"), 503);
    EXPECT_EQ(status("/orders"), 200);
}

TEST_F(Control, HitsForeverUntilCleared) {
    Json set = fault({{"times", nullptr}, {"action", {{"status", 500}}}});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status("/orders"), 500);
    shop_.control("DELETE", "/faults/" + set["id"].dump());
    EXPECT_EQ(status("/orders"), 200);
}

TEST_F(Control, MatchesTheQueryToo) {
    fault({{"path", "page=3"}, {"action", {{"status", 502}}}});
    EXPECT_EQ(status("/orders?page=2"), 200);
    EXPECT_EQ(status("/orders?page=3"), 502);
}

TEST_F(Control, DropsTheConnectionBeforeTheWorkIsDone) {
    fault({{"method", "POST"}, {"action", {{"drop", "before"}}}});
    EXPECT_THROW(shop_.api("POST", "/orders", "{}"), Poco::Exception);
    EXPECT_EQ(shop_.get("/orders?per_page=1")[0]["id"], 125);
}

TEST_F(Control, ShowsThePlatformARequestTwice) {
    fault({{"method", "POST"}, {"action", {{"twice", true}}}});
    EXPECT_EQ(shop_.api("POST", "/orders", "{}").json()["id"], 134);
    EXPECT_EQ(shop_.get("/orders?per_page=2")[1]["id"], 133);
}

TEST_F(Control, HitsEachValueOfAParameterOnce) {
    fault({{"times", nullptr}, {"once_per", "page"}, {"action", {{"status", 503}}}});
    EXPECT_EQ(status("/orders"), 200);
    EXPECT_EQ(status("/orders?page=1"), 503);
    EXPECT_EQ(status("/orders?page=2"), 503);
    EXPECT_EQ(status("/orders?page=1"), 200);
}

TEST_F(Control, TheJournalTellsWhatOverlappedAndWhatWasSaid) {
    shop_.control("POST", "/requests", {{"bodies", true}});
    fault({{"method", "GET"}, {"action", {{"delay_ms", 500}}}});
    std::thread slow([&] { EXPECT_EQ(shop_.api("GET", "/orders").status, 200); });
    while (shop_.control("GET", "/requests")["under_way"] == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(shop_.api("POST", "/orders", "{}").status, 201);
    slow.join();
    const Json journal = shop_.control("GET", "/requests");
    EXPECT_EQ(journal["under_way"], 0);
    const Json& post = journal["requests"][0];
    const Json& get = journal["requests"][1];
    EXPECT_EQ(post["body"], "{}");
    EXPECT_FALSE(get.contains("body"));
    EXPECT_LT(get["began"], post["began"]);
    EXPECT_LT(post["ended"], get["ended"]);
}

TEST_F(Control, DropsTheConnectionAfterTheWorkIsDone) {
    fault({{"method", "POST"}, {"action", {{"drop", "after"}}}});
    EXPECT_THROW(shop_.api("POST", "/orders", "{}"), Poco::Exception);
    EXPECT_EQ(shop_.get("/orders?per_page=1")[0]["id"], 133);
    Json journal = shop_.control("GET", "/requests");
    EXPECT_EQ(journal["requests"][0]["status"], 0);
    EXPECT_EQ(journal["requests"][0]["fault"], true);
}

TEST_F(Control, DelaysAndCutsAnswers) {
    fault({{"action", {{"delay_ms", 200}, {"malformed", true}}}});
    const auto start = std::chrono::steady_clock::now();
    const SandboxReply reply = shop_.api("GET", "/orders?_fields=id");
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(200));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body.substr(0, 7), "[{\"id\":");
    EXPECT_FALSE(Json::accept(reply.body));
}

TEST_F(Control, ServesOthersWhileOneWaits) {
    fault({{"path", "/products$"}, {"action", {{"delay_ms", 600}}}});
    const auto start = std::chrono::steady_clock::now();
    std::thread slow([this] { EXPECT_EQ(status("/products"), 200); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(status("/orders"), 200);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(600));
    slow.join();
}

TEST_F(Control, ServesAnHtmlPageAndNoticesBeforeTheJson) {
    fault({{"action", {{"html", true}, {"status", 503}, {"headers", {{"Retry-After", "600"}}}}}});
    const SandboxReply page = shop_.api("GET", "/orders");
    EXPECT_EQ(page.status, 503);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=UTF-8");
    EXPECT_EQ(page.header("Retry-After"), "600");
    EXPECT_EQ(page.body.substr(0, 9), "<!DOCTYPE");
    fault({{"action", {{"prefix", "<br />\n<b>Notice</b>: x\n"}}}});
    const SandboxReply notice = shop_.api("GET", "/orders?per_page=1&_fields=id");
    EXPECT_EQ(notice.body, "<br />\n<b>Notice</b>: x\n[{\"id\":125}]");
}

TEST_F(Control, RefusesAFaultItDoesNotUnderstand) {
    const auto refusal = [&](const std::string& body) {
        const SandboxReply reply =
            send(shop_.process.port(), {"POST", "/_sandbox/faults", {}, body});
        EXPECT_EQ(reply.status, 400) << body;
        return reply.json()["error"].get<std::string>();
    };
    EXPECT_EQ(refusal(R"({"action":{"status":500},"timse":1})"), "fault: unknown key 'timse'");
    EXPECT_EQ(refusal(R"({"action":{"stauts":500}})"), "action: unknown key 'stauts'");
    EXPECT_EQ(
        refusal(R"({"action":{"drop":"later"}})"), "action.drop: 'before' or 'after', not 'later'"
    );
    EXPECT_NE(
        refusal(R"({"action":{"status":500,"malformed":true}})").find("only one"), std::string::npos
    );
    EXPECT_NE(refusal(R"({"action":{}})").find("needs"), std::string::npos);
    EXPECT_NE(refusal(R"({"path":"(","action":{"status":500}})").find("path"), std::string::npos);
    EXPECT_NE(refusal("{").find("parse error"), std::string::npos);
}

TEST_F(Control, KeepsAJournalWithCountersAndWithoutSecrets) {
    status("/orders?per_page=1");
    send(shop_.process.port(), {"GET", "/wp-json/wc/v3/orders?consumer_secret=s3cret&page=1"});
    send(shop_.process.port(), {"GET", "/nowhere"});
    Json journal = shop_.control("GET", "/requests");
    EXPECT_EQ(journal["counters"]["woocommerce"], 2);
    EXPECT_EQ(journal["counters"][""], 1);
    const Json& entries = journal["requests"];
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0]["path"], "/wp-json/wc/v3/orders");
    EXPECT_EQ(entries[0]["method"], "GET");
    EXPECT_EQ(entries[0]["status"], 200);
    EXPECT_EQ(entries[1]["query"], "consumer_secret=***&page=1");
    EXPECT_EQ(entries[2]["status"], 404);
    EXPECT_EQ(shop_.control("GET", "/requests?limit=1")["requests"].size(), 1u);
    EXPECT_EQ(shop_.control("DELETE", "/requests")["requests"].size(), 0u);
}

TEST_F(Control, MovesTheClockOfDatesAndModifications) {
    shop_.control("POST", "/clock", {{"offset_ms", 86'400'000LL * 365 * 10}});
    const SandboxReply reply = shop_.api("PUT", "/orders/60", "{}");
    const std::string modified = reply.json()["date_modified_gmt"];
    const int year = std::stoi(modified.substr(0, 4));
    EXPECT_GT(year, 2030);
    EXPECT_NE(reply.header("Date").find(std::to_string(year)), std::string::npos);
    EXPECT_EQ(
        send(shop_.process.port(), {"POST", "/_sandbox/clock", {}, R"({"offset":1})"}).status, 400
    );
}

TEST_F(Control, ResetsEverything) {
    fault({{"times", nullptr}, {"action", {{"status", 500}}}});
    shop_.control("POST", "/clock", {{"offset_ms", 5000}});
    shop_.control("DELETE", "/woocommerce/orders/55");
    shop_.control("POST", "/woocommerce/shop", {{"timezone_string", "Asia/Tokyo"}});
    shop_.control("POST", "/reset");
    EXPECT_EQ(status("/orders/55"), 200);
    EXPECT_EQ(shop_.control("GET", "/clock")["offset_ms"], 0);
    EXPECT_EQ(shop_.control("GET", "/woocommerce/shop")["timezone_string"], "America/New_York");
}

TEST_F(Control, SummarisesPatchesInsertsAndDeletesOrders) {
    Json orders = shop_.control("GET", "/woocommerce/orders");
    ASSERT_EQ(orders.size(), 62u) << "61 recorded and a draft";
    EXPECT_EQ(orders[0]["total"], "152.89");
    EXPECT_EQ(orders[0]["email"], "c8@example.test");

    shop_.control(
        "POST", "/woocommerce/orders/60", {{"total", "8.678"}, {"billing", {{"email", nullptr}}}}
    );
    EXPECT_EQ(shop_.get("/orders/60?dp=3")["total"], "8.678");
    EXPECT_FALSE(shop_.get("/orders/60")["billing"].contains("email"));
    EXPECT_EQ(shop_.ids("/orders?orderby=modified&per_page=1"), std::vector<std::int64_t>{60});

    const std::string before = shop_.get("/orders/61")["date_modified_gmt"];
    shop_.control("POST", "/woocommerce/orders/61?touch=0", {{"customer_note", "silent"}});
    EXPECT_EQ(shop_.get("/orders/61")["date_modified_gmt"], before);
    EXPECT_EQ(shop_.get("/orders/61")["customer_note"], "silent");

    Json inserted = shop_.control(
        "POST",
        "/woocommerce/orders",
        {{"id", 400},
         {"status", "wc-plugin"},
         {"total", "-"},
         {"date_created_gmt", "2026-11-21T07:00:00"},
         {"date_modified_gmt", "2026-11-21T07:00:00"}}
    );
    EXPECT_EQ(inserted["number"], "400");
    Json late = shop_.get("/orders?modified_before=2026-11-21T02:30:00")[0];
    EXPECT_EQ(late["id"], 400);
    EXPECT_EQ(late["status"], "wc-plugin");
    EXPECT_EQ(late["total"], "-") << "text that is no number stays";
    shop_.control("DELETE", "/woocommerce/orders/400");
    EXPECT_EQ(status("/orders/400"), 404);
}

TEST_F(Control, RefusesAnUnknownZoneAndSetting) {
    const auto post = [&](const std::string& body) {
        return send(shop_.process.port(), {"POST", "/_sandbox/woocommerce/shop", {}, body});
    };
    EXPECT_EQ(post(R"({"timezone_string":"Mars/Olympus"})").status, 400);
    EXPECT_EQ(post(R"({"colour":"red"})").json()["error"], "the shop has no setting 'colour'");
    EXPECT_EQ(shop_.control("GET", "/woocommerce/shop")["timezone_string"], "America/New_York");
}

TEST(Program, EndsOnSigtermWithStatusZero) {
    SandboxProcess sandbox;
    EXPECT_EQ(sandbox.stop(), 0);
}

TEST(Program, RefusesAnOptionItDoesNotKnow) {
    EXPECT_THROW(SandboxProcess({"--colour", "red"}), std::runtime_error);
    EXPECT_THROW(SandboxProcess({"--port", "many"}), std::runtime_error);
    EXPECT_THROW(SandboxProcess({"--data", "/nonexistent"}), std::runtime_error);
}

TEST(Program, IntroducesEveryPlatformWithItsCredentials) {
    const SandboxProcess sandbox;
    const nlohmann::json& platforms = sandbox.introduction()["platforms"];
    EXPECT_EQ(platforms["woocommerce"]["store_url"], sandbox.url());
    EXPECT_EQ(platforms["woocommerce"]["consumer_key"].get<std::string>().substr(0, 3), "ck_");
    EXPECT_EQ(send(sandbox.port(), {"GET", "/_sandbox"}).json()["platforms"], platforms);
}

}  // namespace
}  // namespace syncline::test
