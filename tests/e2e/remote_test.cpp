// Platforms that refuse, or cannot be reached: the test of a connection and a sync say why, nothing
// is lost, and with the right settings everything arrives.
#include <csignal>
#include <sstream>

#include <gtest/gtest.h>

#include "connectors/support/test_authority.hpp"
#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

struct Wrong {
    const char* platform;
    const char* connection;
    Json settings;                   // merged into the right ones
    const char* error_class;         // of the connection's test
    std::vector<std::string> words;  // of its message
    const char* state;               // of the connection after it
};

class RemoteTest : public ::testing::Test {
protected:
    static Json with(Json config, const char* connection, const Json& settings) {
        for (auto& one : config["connections"]) {
            if (one.at("name") == connection) {
                one["settings"].merge_patch(settings);
            }
        }
        return config;
    }

    // What the host says of a connection.
    static Json connection(HostProcess& host, const std::string& name) {
        const Json list = host.get("/api/integrations/connections").json;
        for (const auto& one : list.at("items")) {
            if (one.at("connection") == name) {
                return one;
            }
        }
        return {};
    }

    static void expect_tested(HostProcess& host, const Wrong& wrong) {
        const Answer tested = host.post(
            std::string("/api/integrations/") + wrong.platform + "/test",
            {{"connection", wrong.connection}}
        );
        ASSERT_EQ(tested.status, 200) << tested.text;
        EXPECT_EQ(tested.json.at("ok"), false) << tested.text;
        ASSERT_TRUE(tested.json.contains("error")) << tested.text;
        EXPECT_EQ(tested.json["error"].at("class"), wrong.error_class) << tested.text;
        EXPECT_EQ(tested.json.at("state"), wrong.state) << tested.text;
        expect_words(tested.json["error"].at("message"), wrong.words);
        for (const auto& secret : {"cs_wrong", "eyJ.wrong", "RT1-sandbox"}) {
            EXPECT_EQ(tested.text.find(secret), std::string::npos) << tested.text;
        }
    }

    static std::string replaced(std::string text, const std::string& what, const std::string& by) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
            text.replace(at, what.size(), by);
        }
        return text;
    }

    static void expect_arrives(HostProcess& host, const DemoShop& shop) {
        ASSERT_TRUE(comes_true([&] {
            return host.get("/api/integrations/health").json.value("status", "") == "healthy";
        })) << host.get("/api/integrations/health").text
            << host.log();
        const Answer again = host.post("/api/sync/orders");
        EXPECT_TRUE(again.status == 202 || again.status == 409)
            << again.text;  // 409: it runs still
        ASSERT_EQ(host.unsettled(30), "");
        if (again.status == 409) {
            ASSERT_EQ(host.post("/api/sync/orders").status, 202);
            ASSERT_EQ(host.unsettled(30), "");
        }
        EXPECT_EQ(shop.wrong(), "") << host.log();
    }

    // With wrong settings a test of the connection and a sync say why, the other target gets all it
    // should, and once the file is right everything arrives.
    static void go_through(const Wrong& wrong) {
        DemoShop shop;
        HostProcess host(with(shop.config(), wrong.connection, wrong.settings));
        host.start();
        ASSERT_NO_FATAL_FAILURE(expect_tested(host, wrong));
        ASSERT_NO_FATAL_FAILURE(expect_sync_tells(host, shop, wrong));
        host.configure(shop.config());
        host.send(SIGHUP);
        expect_arrives(host, shop);
        EXPECT_EQ(host.stop(), 0) << host.log();
    }

    static void expect_sync_tells(HostProcess& host, const DemoShop& shop, const Wrong& wrong) {
        const auto before = shop.inventory();
        const Answer started = host.post("/api/sync/orders");
        ASSERT_EQ(started.status, 202) << started.text;
        const std::string id = started.json.at("syncId");
        if (std::string(wrong.state) != "needs_reauth") {
            // It is tried again and again, and said what for.
            EXPECT_TRUE(comes_true([&] {
                return host.log().find(wrong.words.front()) != std::string::npos;
            })) << host.log();
            return;
        }
        ASSERT_TRUE(comes_true([&] {
            const std::string status = host.get("/api/sync/status/" + id).json.at("status");
            return status == "failed" || status == "partial";
        })) << host.get("/api/sync/status/" + id).text;
        const Json view = connection(host, wrong.connection);
        EXPECT_EQ(view.at("state"), "needs_reauth");
        expect_words(view.at("state_reason"), wrong.words);
        const Answer health = host.get("/api/integrations/health");
        EXPECT_EQ(health.json.at("status"), "degraded");
        const std::string name = wrong.connection;
        const auto inventory = shop.inventory();
        EXPECT_EQ(inventory.count("Invoice"), name == "warehouse" ? 1U : 0U);
        EXPECT_EQ(inventory.at("orders"), name == "books" ? 61U : before.at("orders"));
    }
};

TEST_F(RemoteTest, AWrongConsumerSecretIsSaidAndCorrected) {
    go_through(
        {"woocommerce",
         "shop",
         {{"consumer_secret", "cs_wrong"}},
         "auth",
         {"the consumer key or secret is wrong", "HTTP 401"},
         "needs_reauth"}
    );
}

TEST_F(RemoteTest, AWrongServiceKeyIsSaidAndCorrected) {
    go_through(
        {"supabase",
         "warehouse",
         {{"service_role_key", "eyJ.wrong"}},
         "auth",
         {"HTTP 401", "Invalid API key"},
         "needs_reauth"}
    );
}

TEST_F(RemoteTest, AnUnknownRealmIsSaidAndCorrected) {
    go_through(
        {"quickbooks",
         "books",
         {{"realm_id", "99"}},
         "auth",
         {"companyinfo/99", "check realm_id"},
         "needs_reauth"}
    );
}

TEST_F(RemoteTest, AShopThatCannotBeReachedIsSaidAndCorrected) {
    go_through(
        {"woocommerce",
         "shop",
         {{"store_url", "http://127.0.0.1:9"}},
         "transient",
         {"cannot connect to 127.0.0.1:9", "refused"},
         "active"}
    );
}

TEST_F(RemoteTest, ATargetThatCannotBeReachedIsSaidAndCorrected) {
    go_through(
        {"supabase",
         "warehouse",
         {{"project_url", "http://127.0.0.1:9"}},
         "transient",
         {"cannot connect to 127.0.0.1:9", "refused"},
         "active"}
    );
}

TEST_F(RemoteTest, AnExpiredRefreshTokenIsSaidAndANewOneIsTaken) {
    DemoShop shop;
    HostProcess host(shop.config());
    host.start();
    shop.control("POST", "/quickbooks/expire-tokens", {{"refresh_tokens", true}});
    const Wrong wrong{
        "quickbooks", "books", {}, "auth", {"refresh token", "connect"}, "needs_reauth"};
    ASSERT_NO_FATAL_FAILURE(expect_tested(host, wrong));
    ASSERT_NO_FATAL_FAILURE(expect_sync_tells(host, shop, wrong));
    host.configure(with(shop.config(), "books", {{"refresh_token", shop.consented_token()}}));
    host.send(SIGHUP);
    expect_arrives(host, shop);
    EXPECT_EQ(host.stop(), 0) << host.log();
}

// The certificate is good for localhost, the file says 127.0.0.1.
TEST_F(RemoteTest, ATlsNameThatDoesNotFitIsSaidAndCorrected) {
    testing::TestAuthority authority;
    const auto files = authority.server_files("DNS:localhost");
    DemoShop shop({"--tls-cert", files.certificate, "--tls-key", files.key});
    Json config = shop.config();
    config["tls"] = {{"extra_ca_file", authority.ca_file()}};
    config["egress"] = {{"allow", {"127.0.0.1:*", "localhost:*"}}};
    HostProcess host(config);
    host.start();
    for (const auto& [platform, name] :
         {std::pair{"woocommerce", "shop"}, {"quickbooks", "books"}, {"supabase", "warehouse"}}) {
        expect_tested(
            host,
            {platform,
             name,
             {},
             "transient",
             {"the certificate that '127.0.0.1' presents is not for it but for localhost",
              "correct the address"},
             "active"}
        );
    }
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    EXPECT_TRUE(comes_true([&] {
        return host.log().find("is not for it but for localhost") != std::string::npos;
    })) << host.log();
    EXPECT_EQ(shop.control("GET", "/requests").at("requests").size(), 0U);  // no secret went out
    host.configure(Json::parse(replaced(config.dump(), "https://127.0.0.1:", "https://localhost:"))
    );
    host.send(SIGHUP);
    expect_arrives(host, shop);
    EXPECT_EQ(host.stop(), 0) << host.log();
}

}  // namespace
}  // namespace syncline::test
