// An account connected in a browser: the real program and its command line, the real plugin, and
// the sandbox as the platform; and tokens that survive a crash between their refresh and their use.
#include <algorithm>
#include <fstream>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/NullStream.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>
#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

constexpr auto kRealm = "9130350000000001";

class OAuthTest : public ::testing::Test {
protected:
    // The shop is declared; the books are not there yet.
    Json config_without_books() const {
        Json config = shop_.config();
        Json connections = Json::array();
        for (const auto& connection : config.at("connections")) {
            if (connection.at("name") != "books") {
                connections.push_back(connection);
            }
        }
        config["connections"] = connections;
        config["flows"] = Json::array();
        return config;
    }
    Json books_settings() const {
        const Json config = shop_.config();
        for (const auto& connection : config.at("connections")) {
            if (connection.at("name") == "books") {
                return connection.at("settings");
            }
        }
        return {};
    }
    Finished syncline(HostProcess& host, const std::vector<std::string>& arguments) {
        return host.run(
            arguments, {"SYNCLINE_URL=" + host.url(), "SYNCLINE_TOKEN=" + host.token()}
        );
    }
    // Stores the app and answers where the connection's authorization begins.
    void store_app(HostProcess& host) {
        const std::string file = host.file("secret");
        std::ofstream(file) << books_settings().at("client_secret").get<std::string>() << "\n";
        const auto stored = syncline(
            host,
            {"apps",
             "set",
             "quickbooks",
             "main",
             "--client-id",
             books_settings().at("client_id").get<std::string>(),
             "--secret-file",
             file,
             "--environment",
             "sandbox"}
        );
        ASSERT_EQ(stored.status, 0) << stored.output;
    }
    std::string authorize_url(HostProcess& host, const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{
            "connections", "authorize", "quickbooks", "--connection", "books", "-o", "json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto asked = syncline(host, arguments);
        EXPECT_EQ(asked.status, 0) << asked.output;
        const auto start = std::min(asked.output.find('{'), asked.output.size());
        const Json answer = Json::parse(
            asked.output.substr(start, asked.output.rfind('}') - start + 1), nullptr, false
        );
        EXPECT_TRUE(answer.is_object()) << asked.output;
        return answer.is_object() ? answer.at("authorize_url").get<std::string>() : "";
    }
    // Opens the page, where the owner consents at once: where it sends the browser.
    static std::string consent(const std::string& url) {
        const Poco::URI uri(url);
        Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
        Poco::Net::HTTPRequest request("GET", uri.getPathAndQuery(), "HTTP/1.1");
        session.sendRequest(request);
        Poco::Net::HTTPResponse response;
        Poco::NullOutputStream nothing;
        Poco::StreamCopier::copyStream(session.receiveResponse(response), nothing);
        EXPECT_EQ(response.getStatus(), 302);
        return response.get("Location", "");
    }
    // The browser comes back, without any token of ours.
    static Answer come_back(HostProcess& host, const std::string& location) {
        EXPECT_EQ(location.rfind(host.url() + "/api/integrations/quickbooks/callback", 0), 0u)
            << location;
        return host.raw(
            "GET", Poco::URI(location).getPathAndQuery(), "", {{"Accept", "text/html"}}
        );
    }
    void connect(HostProcess& host, const std::vector<std::string>& more = {}) {
        const std::string location = consent(authorize_url(host, more));
        const Answer page = come_back(host, location);
        ASSERT_EQ(page.status, 200) << page.text;
        expect_words(page.text, {"books", kRealm});
        for (const auto& [name, value] : Poco::URI(location).getQueryParameters()) {
            if (name == "code" || name == "state") {
                secrets_.push_back(value);
            }
        }
    }
    Json books(HostProcess& host) {
        const Json shown = host.get("/api/integrations/connections").json;
        for (const auto& item : shown.at("items")) {
            if (item.at("connection") == "books") {
                return item;
            }
        }
        return Json::object();
    }
    void add_flow(HostProcess& host) {
        const Answer made = host.post(
            "/api/flows",
            {{"name", "shop-books-orders"},
             {"entity", "order"},
             {"source", {{"connection", "shop"}}},
             {"target", {{"connection", "books"}}},
             {"approval", {{"exempt", {"api", "schedule", "webhook"}}}}}
        );
        ASSERT_EQ(made.status, 201) << made.text;
    }
    // A further order as the recorded order 114.
    void add_order() {
        Json order = shop_.control("POST", "/woocommerce/orders/114?touch=0", Json::object());
        for (const char* member :
             {"id", "number", "order_key", "date_created_gmt", "date_modified_gmt"}) {
            order.erase(member);
        }
        shop_.control("POST", "/woocommerce/orders", order);
    }
    // Those that a rule of accounting holds back are among them.
    static std::size_t failures(HostProcess& host) {
        return host.get("/api/sync/failures?limit=100").json.at("items").size();
    }
    std::size_t sales() const {
        std::size_t count = 0;
        for (const auto& document : shop_.documents()) {
            const std::string entity = document.at("entity");
            count += entity == "Invoice" || entity == "SalesReceipt" ? 1U : 0U;
        }
        return count;
    }
    std::int64_t refreshes() const {
        return shop_.control("GET", "/quickbooks/counters").at("refreshes").get<std::int64_t>();
    }

    DemoShop shop_;
    std::vector<std::string> secrets_;
};

TEST_F(OAuthTest, TheWholeWalk) {
    HostProcess host(config_without_books());
    host.start();
    ASSERT_NO_FATAL_FAILURE(store_app(host));
    Json addresses = Json::object();
    for (const char* name :
         {"api_base_url", "token_url", "authorize_url", "revoke_url", "start_date"}) {
        addresses[name] = books_settings().at(name);
    }
    ASSERT_NO_FATAL_FAILURE(connect(host, {"--settings", addresses.dump()}));
    const Json connected = books(host);
    EXPECT_EQ(connected.at("state"), "active");
    EXPECT_EQ(connected.at("account"), kRealm);
    EXPECT_EQ(connected.at("settings").at("environment"), "sandbox");
    expect_words(
        syncline(host, {"connections", "show", "books"}).output,
        {"access_expires_at: 2", "refresh_expires_at: 2", "hard_expires_at: 2", "app: main"}
    );

    ASSERT_NO_FATAL_FAILURE(add_flow(host));
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    ASSERT_EQ(host.unsettled(), "");
    const std::size_t posted = sales();
    EXPECT_GT(posted, 20u);
    const std::size_t held = failures(host);

    // The owner takes the consent back at the platform.
    shop_.control("POST", "/quickbooks/disconnect");
    add_order();
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    ASSERT_TRUE(comes_true([&] { return books(host).value("state", "") == "needs_reauth"; }))
        << books(host).dump(1);
    expect_words(
        syncline(host, {"connections", "show", "books"}).output,
        {"connect the company again",
         "reconnect: syncline connections authorize quickbooks --connection books"}
    );
    EXPECT_EQ(books(host).at("reconnect").at("href"), "/api/integrations/quickbooks/authorize");
    EXPECT_EQ(sales(), posted);
    EXPECT_EQ(failures(host), held) << "what waits has not failed";

    // The app and the settings are known; what waited goes on.
    ASSERT_NO_FATAL_FAILURE(connect(host));
    ASSERT_TRUE(comes_true([&] { return sales() == posted + 1; })) << host.unsettled();
    EXPECT_EQ(books(host).at("state"), "active");

    const auto done =
        syncline(host, {"connections", "disconnect", "quickbooks", "--connection", "books"});
    expect_words(done.output, {"revoked at the platform and forgotten"});
    EXPECT_EQ(books(host).at("state"), "needs_reauth");
    EXPECT_EQ(books(host).at("credentials"), Json({"client_secret"}));
    expect_words(
        syncline(host, {"audit", "list", "--event", "connection."}).output,
        {"connection.authorizing",
         "connection.authorized",
         "connection.needs_reauth",
         "connection.disconnected"}
    );
    secrets_.push_back(books_settings().at("client_secret"));
    secrets_.emplace_back("RT1-");
    const std::string said = host.log() + syncline(host, {"audit", "export"}).output;
    for (const auto& secret : secrets_) {
        EXPECT_EQ(said.find(secret), std::string::npos) << secret;
    }
    EXPECT_EQ(host.stop(), 0) << host.log();
}

TEST_F(OAuthTest, AnOwnerWhoDeniesIsToldSoAndASecondReturnIsRefused) {
    HostProcess host(config_without_books());
    host.start();
    ASSERT_NO_FATAL_FAILURE(store_app(host));
    const std::string settings = Json{
        {"authorize_url", books_settings().at("authorize_url")},
        {"token_url", books_settings().at("token_url")},
        {"api_base_url",
         books_settings().at("api_base_url"
         )}}.dump();
    shop_.control("POST", "/quickbooks/options", {{"deny_consent", true}});
    const std::string location = consent(authorize_url(host, {"--settings", settings}));
    const Answer denied = come_back(host, location);
    EXPECT_EQ(denied.status, 403);
    expect_words(denied.text, {"Not connected", "oauth.denied"});
    EXPECT_EQ(come_back(host, location).status, 409);
    EXPECT_EQ(books(host), Json::object()) << "no connection was made";
    EXPECT_EQ(host.stop(), 0) << host.log();
}

// The platform has voided the former refresh token, or will with the first use of the new access
// token: a connection must not be lost between the two.
TEST_F(OAuthTest, KilledBetweenARefreshAndItsUseTheConnectionStillWorks) {
    for (const std::string place : {"refresh.before_store", "refresh.after_store"}) {
        shop_.reset();
        HostProcess host(shop_.config());
        host.start({"SYNCLINE_FAILPOINTS=" + place + "=kill@1"});
        ASSERT_EQ(host.post("/api/sync/orders").status, 202);
        host.wait_for_end();
        EXPECT_EQ(refreshes(), 1) << place;
        host.start();  // the sync that was interrupted goes on
        ASSERT_EQ(host.unsettled(), "") << place;
        EXPECT_EQ(shop_.wrong(), "") << place;
        EXPECT_EQ(books(host).at("state"), "active") << place;
        // And once more, when the chain of tokens is a step further.
        shop_.control("POST", "/quickbooks/expire-tokens");
        add_order();
        ASSERT_EQ(host.post("/api/sync/orders").status, 202);
        ASSERT_EQ(host.unsettled(), "") << place;
        EXPECT_EQ(books(host).at("state"), "active") << place;
        EXPECT_EQ(host.stop(), 0) << host.log();
    }
}

}  // namespace
}  // namespace syncline::test
