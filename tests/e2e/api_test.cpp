// Requests that are wrong are refused with a problem document, and the host goes on.
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

class ApiTest : public ::testing::Test {
protected:
    void SetUp() override {
        host_.configure({{"tenants", {{{"name", "default"}}, {{"name", "other"}}}}});
        host_.start();
    }
    // Whatever was refused left nothing behind: the shop arrives as ever.
    void TearDown() override {
        EXPECT_EQ(host_.get("/api/sync/history").json.at("items").size(), 0U);
        EXPECT_EQ(host_.post("/api/sync/orders").status, 202);
        EXPECT_EQ(host_.unsettled(), "");
        EXPECT_EQ(shop_.wrong(), "");
        EXPECT_EQ(host_.stop(), 0) << host_.log();
    }

    Answer send(const std::string& method, const std::string& path, const std::string& body) {
        return with_token(host_.token(), method, path, body);
    }
    Answer with_token(
        const std::string& token,
        const std::string& method,
        const std::string& path,
        const std::string& body = ""
    ) {
        return host_.raw(
            method,
            path,
            body,
            {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}}
        );
    }

    DemoShop shop_;
    HostProcess host_{shop_.config()};
};

TEST_F(ApiTest, ABodyThatIsNoJsonIsRefused) {
    expect_problem(send("POST", "/api/sync/orders", "{\"mode\": }"), 400, {"JSON", "byte 10"});
    expect_problem(send("POST", "/api/sync/orders", "[1]"), 400, {"must be a JSON object", "[1]"});
}

TEST_F(ApiTest, AnUnknownFieldIsRefusedWithItsPlaceAndTheKnownOnes) {
    const Answer answer = send("POST", "/api/sync/orders", R"({"mod": "full", "limits": 3})");
    expect_problem(answer, 400, {"mode"});
    std::vector<std::string> places;
    for (const auto& error : answer.json.value("errors", Json::array())) {
        places.push_back(error.at("pointer"));
    }
    EXPECT_EQ(places, (std::vector<std::string>{"/limits", "/mod"})) << answer.text;
}

TEST_F(ApiTest, AValueOfTheWrongTypeOrRangeIsRefusedWithItsPlace) {
    expect_problem(
        send("POST", "/api/sync/orders", R"({"batch_size": "many"})"),
        400,
        {"/batch_size", "expected an integer", "many"}
    );
    expect_problem(
        send("POST", "/api/sync/orders", R"({"mode": "sometimes"})"),
        400,
        {"/mode", "incremental", "sometimes"}
    );
    expect_problem(send("GET", "/api/sync/failures?limit=x", ""), 400, {"limit", "'x'"});
    expect_problem(send("GET", "/api/sync/failures?limits=1", ""), 400, {"limits", "limit"});
}

TEST_F(ApiTest, AnUnknownEntityIsRefusedWithTheKnownOnes) {
    for (const char* path : {"/api/sync/unicorns", "/api/sync/dry-run/unicorns"}) {
        expect_problem(send("POST", path, "{}"), 404, {"unicorns", "orders", "customers"});
    }
}

TEST_F(ApiTest, AnUnknownFlowIsRefused) {
    expect_problem(
        send("POST", "/api/sync/orders", R"({"flow": "shop-moon"})"), 404, {"/flow", "shop-moon"}
    );
    expect_problem(send("GET", "/api/flows/shop-moon", ""), 404, {"shop-moon"});
    expect_problem(send("PUT", "/api/flows/shop-moon/pause", "{}"), 404, {"shop-moon"});
}

TEST_F(ApiTest, WhatIsNotThereIsNotFound) {
    expect_problem(send("GET", "/api/unicorns", ""), 404, {"/api/unicorns"});
    expect_problem(send("GET", "/api/sync/status/none", ""), 404, {"none"});
    expect_problem(send("GET", "/api/sync/failures/999", ""), 404, {"999"});
    expect_problem(send("DELETE", "/api/sync/orders", ""), 405, {"POST"});
}

TEST_F(ApiTest, ABodyOverTheLimitIsRefused) {
    host_.configure({{"api", {{"body_bytes_max", 2048}}}});
    ASSERT_EQ(host_.stop(), 0);
    host_.start();
    const std::string body = R"({"flow": ")" + std::string(3000, 'x') + "\"}";
    expect_problem(
        send("POST", "/api/sync/orders", body), 413, {"2048 bytes", "api.body_bytes_max"}
    );
}

TEST_F(ApiTest, WhoeverHasNoGoodTokenIsRefused) {
    expect_problem(
        host_.raw("POST", "/api/sync/orders", "{}", {}), 401, {"bearer token", "syncline token"}
    );
    expect_problem(with_token("", "GET", "/api/flows"), 401, {"token"});
    expect_problem(with_token("abc.def.ghi", "GET", "/api/flows"), 401, {"token"});
    // Signed by another host's key.
    const HostProcess another;
    const std::string foreign = another.token();
    const Answer refused = with_token(foreign, "GET", "/api/flows");
    expect_problem(refused, 401, {"token"});
    EXPECT_EQ(refused.text.find(foreign), std::string::npos);
}

TEST_F(ApiTest, AnExpiredTokenIsRefused) {
    const auto made = host_.run({"token", "--role", "admin", "--ttl", "1s"});
    ASSERT_EQ(made.status, 0) << made.output;
    const std::string token = made.output.substr(0, made.output.find('\n'));
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    expect_problem(with_token(token, "GET", "/api/flows"), 401, {"expired", "syncline token"});
}

TEST_F(ApiTest, ARoleThatMayNotIsRefused) {
    const std::string viewer = host_.token("default", "viewer");
    expect_problem(
        with_token(viewer, "POST", "/api/sync/orders", "{}"),
        403,
        {"needs the role operator", "viewer"}
    );
    expect_problem(
        with_token(
            host_.token("default", "operator"),
            "POST",
            "/api/integrations/woocommerce/credentials",
            "{}"
        ),
        403,
        {"needs the role admin", "operator"}
    );
    EXPECT_EQ(with_token(viewer, "GET", "/api/flows").status, 200);
}

TEST_F(ApiTest, ATokenOfAnotherTenantSeesNothingOfThisOne) {
    const std::string other = host_.token("other");
    for (const char* path :
         {"/api/flows",
          "/api/integrations/connections",
          "/api/sync/history",
          "/api/sync/failures"}) {
        const Answer list = with_token(other, "GET", path);
        EXPECT_EQ(list.status, 200) << list.text;
        EXPECT_TRUE(list.json.at("items").empty()) << list.text;
    }
    expect_problem(with_token(other, "GET", "/api/flows/shop-books-orders"), 404, {"shop-books"});
    expect_problem(with_token(other, "POST", "/api/sync/orders", "{}"), 404, {"order"});
    expect_problem(
        with_token(
            other, "POST", "/api/integrations/woocommerce/test", "{\"connection\":\"shop\"}"
        ),
        404,
        {"shop"}
    );
    expect_problem(
        with_token(host_.token("nobody"), "GET", "/api/flows"), 403, {"'nobody'", "tenants"}
    );
}

TEST_F(ApiTest, ARequestThatIsRepeatedAfterAKillIsAnsweredAsBefore) {
    const auto make = [&] {
        return host_.raw(
            "POST",
            "/api/api-keys",
            R"({"name": "export", "role": "viewer"})",
            {{"Authorization", "Bearer " + host_.token()},
             {"Content-Type", "application/json"},
             {"Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324"}}
        );
    };
    const Answer first = make();
    ASSERT_EQ(first.status, 201) << first.text;
    host_.kill();
    host_.start();
    EXPECT_EQ(make().text, first.text);
    EXPECT_EQ(host_.get("/api/api-keys").json.at("items").size(), 1U);
}

TEST_F(ApiTest, ALargeAnswerIsCompressedForWhoeverTakesIt) {
    const auto ask = [&](const std::string& encoding) {
        return host_.raw(
            "GET",
            "/api/connectors/woocommerce",
            "",
            {{"Authorization", "Bearer " + host_.token()}, {"Accept-Encoding", encoding}}
        );
    };
    const Answer plain = ask("identity");
    const Answer smaller = ask("gzip");
    EXPECT_TRUE(plain.json.is_object());
    EXPECT_EQ(smaller.text.substr(0, 2), "\x1F\x8B");
    EXPECT_LT(smaller.text.size(), plain.text.size());
}

}  // namespace
}  // namespace syncline::test
