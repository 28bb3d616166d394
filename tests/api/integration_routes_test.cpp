#include <thread>

#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class IntegrationRoutesTest : public ApiTest {
protected:
    static Json credentials(const std::string& secret) {
        return {
            {"connection", "main"},
            {"store_url", "https://shop.example"},
            {"consumer_secret", secret}};
    }
    static constexpr auto kCredentials = "/api/integrations/shop/credentials";
    static constexpr auto kTest = "/api/integrations/shop/test";
    Json main_connection() {
        const Answer listed = get("/api/integrations/connections");
        for (const auto& item : listed.json["items"]) {
            if (item["connection"] == "main") {
                return item;
            }
        }
        return {};
    }
};

TEST_F(IntegrationRoutesTest, CredentialsGoInAndNeverComeOut) {
    const Answer stored = post(kCredentials, credentials("cs_very_secret"));
    ASSERT_EQ(stored.status, 201) << stored.text;
    EXPECT_TRUE(stored.json["id"].is_number());
    EXPECT_EQ(stored.json["connection"], "main");
    EXPECT_EQ(stored.json["platform"], "shop");
    const Json shown = main_connection();
    EXPECT_EQ(shown["settings"], Json({{"store_url", "https://shop.example"}}));
    EXPECT_EQ(shown["credentials"], Json({"consumer_secret"}));
    EXPECT_EQ(shown["managed_by"], "api");
    for (const char* path :
         {"/api/integrations/connections",
          "/api/integrations/shop/status",
          "/api/integrations/health",
          "/api/connectors/shop"}) {
        EXPECT_EQ(get(path).text.find("cs_very_secret"), std::string::npos) << path;
    }
    EXPECT_EQ(stored.text.find("cs_very_secret"), std::string::npos);
}

TEST_F(IntegrationRoutesTest, AConnectionIsCalledAsItsPlatformByDefault) {
    Json body = credentials("cs");
    body.erase("connection");
    EXPECT_EQ(post(kCredentials, body).json["connection"], "shop");
}

TEST_F(IntegrationRoutesTest, BadSettingsAreAllNamedWithoutTheirSecrets) {
    const Answer refused = post(
        kCredentials,
        {{"store_url", "not a url"}, {"consumer_secret", 12345}, {"page_size", 0}, {"x", "hush"}}
    );
    EXPECT_EQ(refused.status, 400);
    const auto places = refused.places();
    EXPECT_EQ(
        std::set<std::string>(places.begin(), places.end()),
        (std::set<std::string>{"/store_url", "/consumer_secret", "/page_size", "/x"})
    );
    EXPECT_EQ(refused.text.find("12345"), std::string::npos);
    EXPECT_EQ(refused.text.find("hush"), std::string::npos);
    EXPECT_EQ(post("/api/integrations/abacus/credentials", Json::object()).status, 404);
    Json other = credentials("cs");
    other["connection"] = "books";
    EXPECT_EQ(post(kCredentials, other).json["type"], "/errors/connection.other_platform");
    other["connection"] = 7;
    EXPECT_EQ(post(kCredentials, other).places(), std::vector<std::string>{"/connection"});
    other["connection"] = "No Name!";
    EXPECT_EQ(post(kCredentials, other).status, 400);
    other = credentials(std::string(20'000, 'x'));
    EXPECT_EQ(post(kCredentials, other).places(), std::vector<std::string>{"/consumer_secret"});
}

TEST_F(IntegrationRoutesTest, ATestTellsTheAccountOrWhyNot) {
    post(kCredentials, credentials("cs"));
    const Answer good = post(kTest, {{"connection", "main"}});
    ASSERT_EQ(good.status, 200) << good.text;
    EXPECT_EQ(good.json["ok"], true);
    EXPECT_EQ(good.json["account"], "Demo shop");
    EXPECT_EQ(main_connection()["account"], "https://shop.example");
    post(kCredentials, credentials("wrong"));
    const Answer bad = post(kTest, {{"connection", "main"}});
    EXPECT_EQ(bad.status, 200);
    EXPECT_EQ(bad.json["ok"], false);
    EXPECT_EQ(bad.json["error"]["code"], "shop.unauthorized");
    EXPECT_EQ(bad.json["error"]["class"], "auth");
    EXPECT_EQ(bad.json["state"], "needs_reauth");
    post(kCredentials, credentials("cs"));
    EXPECT_EQ(main_connection()["state"], "active");
}

TEST_F(IntegrationRoutesTest, AnotherAccountIsRefused) {
    post(kCredentials, credentials("cs"));
    post(kTest, {{"connection", "main"}});
    Json other = credentials("cs");
    other["store_url"] = "https://other.example";
    const Answer refused = post(kCredentials, other);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/connection.other_account");
    EXPECT_EQ(main_connection()["state"], "paused");
}

TEST_F(IntegrationRoutesTest, ForgottenCredentialsShowInHealthAndStatus) {
    post(kCredentials, credentials("cs"));
    EXPECT_EQ(get("/api/integrations/health").json["status"], "healthy");
    EXPECT_EQ(remove(std::string(kCredentials) + "?connection=main").status, 204);
    const Answer health = get("/api/integrations/health");
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(health.json["status"], "degraded");
    const Answer status = get("/api/integrations/shop/status");
    EXPECT_EQ(status.json["items"].size(), 2u);
    EXPECT_EQ(main_connection()["credentials"], Json::array());
    EXPECT_EQ(remove(std::string(kCredentials) + "?connection=nobody").status, 404);
    EXPECT_EQ(get("/api/integrations/abacus/status").status, 404);
    EXPECT_EQ(
        post(kTest, {{"connection", "main"}, {"x", 1}}).places(), std::vector<std::string>{"/x"}
    );
}

TEST_F(IntegrationRoutesTest, WhatTheFileDeclaresIsNotChanged) {
    ASSERT_TRUE(engine()
                    .stores.connections.put({tenant_, "main", "shop", Json::object(), true}, 1)
                    .has_value());
    EXPECT_EQ(post(kCredentials, credentials("cs")).json["type"], "/errors/managed_by_config");
    EXPECT_EQ(
        remove(std::string(kCredentials) + "?connection=main").json["type"],
        "/errors/managed_by_config"
    );
    EXPECT_EQ(main_connection()["managed_by"], "config");
}

TEST_F(IntegrationRoutesTest, ConnectorsShowWhatTheyTake) {
    const Answer list = get("/api/connectors");
    EXPECT_EQ(list.json["items"].size(), 2u);
    EXPECT_EQ(list.json["items"][0]["id"], "com.example.shop");
    const Answer one = get("/api/connectors/com.example.shop");
    ASSERT_EQ(one.status, 200);
    EXPECT_EQ(get("/api/connectors/shop").json, one.json);
    EXPECT_EQ(one.json["schema"]["properties"]["consumer_secret"]["writeOnly"], true);
    EXPECT_EQ(one.json["settings"][0]["name"], "store_url");
    EXPECT_EQ(get("/api/connectors/abacus").status, 404);
}

TEST_F(IntegrationRoutesTest, SettingsAreValidatedAsKafkaConnectDoes) {
    const Answer answer =
        put("/api/connectors/shop/config/validate",
            {{"store_url", "x"}, {"consumer_secret", "hush"}, {"colour", "red"}});
    ASSERT_EQ(answer.status, 200) << answer.text;
    EXPECT_EQ(answer.json["name"], "com.example.shop");
    EXPECT_EQ(answer.json["error_count"], 2);
    const Json& configs = answer.json["configs"];
    ASSERT_EQ(configs.size(), 6u);
    EXPECT_EQ(configs[0]["definition"]["name"], "store_url");
    EXPECT_EQ(configs[0]["value"]["errors"].size(), 1u);
    EXPECT_EQ(configs[1]["value"]["value"], nullptr);
    EXPECT_EQ(configs[5]["value"]["name"], "colour");
    EXPECT_EQ(configs[5]["value"]["errors"].size(), 1u);
    EXPECT_EQ(answer.text.find("hush"), std::string::npos);
}

// Two of four places are one tenant's; probes and short requests go on meanwhile.
TEST_F(IntegrationRoutesTest, RequestsThatWaitForAConnectorCannotTakeEveryThread) {
    post(kCredentials, credentials("cs"));
    account_.hangs = true;
    std::vector<std::thread> waiting;
    std::array<Answer, 2> slow;
    for (auto& answer : slow) {
        waiting.emplace_back([&] { answer = post(kTest, {{"connection", "main"}}); });
    }
    while (account_.checks < 2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    const Answer third = post(kTest, {{"connection", "main"}});
    const Answer plan = post("/api/sync/dry-run/orders");
    const Answer flows = get("/api/flows");
    const Answer alive = call({"GET", "/livez", "", "", {}});
    account_.hangs = false;
    for (auto& thread : waiting) {
        thread.join();
    }
    EXPECT_EQ(third.status, 503);
    EXPECT_EQ(third.json["type"], "/errors/request.busy");
    EXPECT_EQ(third.header("Retry-After"), "2");
    EXPECT_EQ(plan.status, 503);
    EXPECT_EQ(flows.status, 200);
    EXPECT_EQ(alive.status, 200);
    EXPECT_EQ(slow[0].json["ok"], true);
    EXPECT_EQ(slow[1].json["ok"], true);
    EXPECT_EQ(post(kTest, {{"connection", "main"}}).status, 200);
}

}  // namespace
}  // namespace syncline::testing
