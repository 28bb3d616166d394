// The connector against the simulated shop, over loopback HTTP.
#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>
#include <syncline/record.hpp>

#include "woocommerce/recorded.hpp"
#include "woocommerce/sandbox.hpp"
#include "woocommerce/woocommerce.hpp"

namespace syncline::woocommerce {
namespace {

using plugin::testing::FakeCall;
using plugin::testing::FakeHost;
using testing::exchange;
using testing::recorded;
using testing::Sandbox;

// A connector with the host it needs, on real time and with real random numbers: the shop takes a
// nonce once.
struct Client {
    FakeHost host;
    syncline_host abi = *host.abi();
    FakeCall call;
    Json settings;
    std::unique_ptr<WooCommerce> connector;

    explicit Client(const Sandbox& sandbox, Json more = Json::object())
        : settings(std::move(more)) {
        if (!settings.contains("store_url")) {
            settings["store_url"] = sandbox.url();
        }
        host.now = now();
        host.secrets = {
            {"consumer_key", sandbox.key("read")}, {"consumer_secret", sandbox.secret("read")}};
        host.on_http = exchange;
        abi.random = [](void*, std::uint8_t* buffer, std::size_t size) -> syncline_status {
            std::random_device source;
            std::generate_n(buffer, size, [&] { return static_cast<std::uint8_t>(source()); });
            return SYNCLINE_OK;
        };
        connector = std::make_unique<WooCommerce>(
            plugin::Host(&abi), with_defaults(WooCommerce::spec(), settings)
        );
    }

    static Timestamp now() {
        return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch()
        )
                             .count()};
    }

    Result<CheckReport> check() { return connector->check(call.call()); }
    Result<Page> read(const ReadRequest& request) { return connector->read(call.call(), request); }

    std::vector<Record> read_all(
        ReadRequest request, const std::function<void()>& between = [] {}
    ) {
        std::vector<Record> records;
        for (bool more = true; more;) {
            auto page = read(request);
            EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
            if (!page) {
                break;
            }
            std::move(page->records.begin(), page->records.end(), std::back_inserter(records));
            request.after_id = page->last_id;
            request.next = page->next;
            more = page->more;
            between();
        }
        return records;
    }
};

ReadRequest everything(const std::string& entity, std::int64_t limit = 100) {
    ReadRequest request;
    request.entity = entity;
    request.limit = limit;
    return request;
}

template <class Model>
Model model_of(const Record& record) {
    return from_json<Model>(parse_json(record.json).value(), Unknown::kRefuse).value();
}

std::vector<std::string> keys_of(const std::vector<Record>& records) {
    std::vector<std::string> keys;
    for (const auto& record : records) {
        keys.push_back(record.key);
    }
    return keys;
}

TEST(SandboxContract, SignedRequestsAreTakenOverHttp) {
    const Sandbox sandbox;
    Client client(sandbox);
    const auto report = client.check();
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->warnings.size(), 1U);
    EXPECT_NE(report->warnings[0].find("unencrypted"), std::string::npos);
    const auto catalog = client.connector->discover(client.call.call());
    ASSERT_TRUE(catalog.has_value()) << catalog.error().message;
    EXPECT_EQ(catalog->facts["currency"], "USD");
    EXPECT_EQ(catalog->facts["decimals"], 2);
    EXPECT_EQ(catalog->facts["time_zone"], "America/New_York");
    EXPECT_EQ(catalog->facts["version"], "11.0.1");
    EXPECT_EQ(catalog->facts["prices_include_tax"], false);
    EXPECT_EQ(catalog->facts["modified_after"], true);
}

TEST(SandboxContract, BasicIsTakenBehindATlsProxy) {
    const Sandbox sandbox({"--woocommerce-assume-tls"});
    Client client(sandbox, {{"store_url", "https" + sandbox.url().substr(4)}});
    EXPECT_TRUE(client.check().has_value());
    EXPECT_NE(client.host.requests.back().url.find("https://"), std::string::npos);
    EXPECT_EQ(client.host.requests.back().url.find("oauth_"), std::string::npos);
}

TEST(SandboxContract, KeysInTheQueryAreTaken) {
    Sandbox sandbox;
    sandbox.shop({{"query_keys_over_http", true}});
    Client client(sandbox, {{"auth", "query"}});
    const auto report = client.check();
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_NE(report->warnings.at(0).find("consumer secret"), std::string::npos);
}

TEST(SandboxContract, WrongCredentialsAreToldApart) {
    const Sandbox sandbox({"--woocommerce-assume-tls"});
    const Json tls{{"store_url", "https" + sandbox.url().substr(4)}};
    struct Case {
        Json settings;
        std::string key;
        std::string secret;
        const char* name;
        const char* says;
    };
    const std::string good = sandbox.key("read");
    const std::vector<Case> cases{
        {tls,
         "ck_unknown",
         "cs_x",
         "woocommerce_rest_cannot_view",
         "does not know this consumer key"},
        {tls, good, "cs_wrong", "woocommerce_rest_authentication_error", "secret does not belong"},
        {tls,
         sandbox.key("write"),
         sandbox.secret("write"),
         "woocommerce_rest_authentication_error",
         "may not read"},
        {Json::object(), good, "cs_wrong", "woocommerce_rest_authentication_error", "signature"},
    };
    for (const auto& c : cases) {
        Client client(sandbox, c.settings);
        client.host.secrets = {{"consumer_key", c.key}, {"consumer_secret", c.secret}};
        const auto report = client.check();
        ASSERT_FALSE(report.has_value()) << c.says;
        EXPECT_EQ(report.error().code, ErrorCode::kAuth);
        EXPECT_EQ(report.error().name, c.name);
        EXPECT_NE(report.error().message.find(c.says), std::string::npos) << report.error().message;
    }
}

TEST(SandboxContract, ClocksThatDifferTooMuchAreNamed) {
    const Sandbox sandbox;
    Client client(sandbox);
    client.host.now.ms -= 20 * 60 * 1000;
    const auto report = client.check();
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::kAuth);
    EXPECT_NE(report.error().message.find("clocks"), std::string::npos);
}

TEST(SandboxContract, AStrippedAuthorizationHeaderIsGuessedAt) {
    Sandbox sandbox({"--woocommerce-assume-tls"});
    sandbox.shop({{"strip_authorization", true}});
    Client client(sandbox, {{"store_url", "https" + sandbox.url().substr(4)}});
    const auto report = client.check();
    ASSERT_FALSE(report.has_value());
    EXPECT_NE(report.error().message.find("auth \"query\""), std::string::npos);
}

TEST(SandboxContract, OrdersAreThoseRecorded) {
    for (const std::string shop : {"woocommerce", "woocommerce-inclusive"}) {
        const Sandbox sandbox({"--shop", shop});
        Client client(sandbox);
        const auto records = client.read_all(everything("order", 13));
        const Json orders = recorded(shop + "/orders.json");
        ASSERT_EQ(records.size(), orders.size());
        for (std::size_t i = 0; i < records.size(); ++i) {
            const Order expected = to_order(orders[i], {});
            const Order order = model_of<Order>(records[i]);
            EXPECT_EQ(order.id, expected.id);
            EXPECT_EQ(order.total, expected.total) << order.id;
            EXPECT_EQ(order.tax_total, expected.tax_total) << order.id;
            EXPECT_EQ(to_json(order)["lines"], to_json(expected)["lines"]) << order.id;
            EXPECT_EQ(order.updated_at, expected.updated_at) << order.id;
            EXPECT_EQ(to_json(order)["refunds"], to_json(expected)["refunds"]) << order.id;
        }
    }
}

TEST(SandboxContract, CustomersProductsAndRefundsAreThoseRecorded) {
    const Sandbox sandbox;
    Client client(sandbox);
    EXPECT_EQ(
        client.read_all(everything("customer", 5)).size(),
        recorded("woocommerce/customers.json").size()
    );
    const auto products = client.read_all(everything("product", 7));
    EXPECT_EQ(products.size(), recorded("woocommerce/products.json").size());
    std::size_t variants = 0;
    for (const auto& record : products) {
        variants += model_of<Product>(record).variants.size();
    }
    EXPECT_EQ(variants, 15U);
    const auto refunds = client.read_all(everything("refund", 3));
    const Json expected = recorded("woocommerce/refunds.json");
    ASSERT_EQ(refunds.size(), expected.size());
    for (std::size_t i = 0; i < refunds.size(); ++i) {
        EXPECT_EQ(model_of<Refund>(refunds[i]).amount.to_string(), expected[i]["amount"]);
        EXPECT_EQ(model_of<Refund>(refunds[i]).order_id, dump_json(expected[i]["parent_id"]));
    }
}

TEST(SandboxContract, AWindowHoldsWhatChangedSince) {
    Sandbox sandbox;
    Client client(sandbox);
    const auto first = client.read(everything("order"));
    ASSERT_TRUE(first.has_value());
    ReadRequest next = everything("order");
    next.window.from = first->source_time;
    EXPECT_TRUE(client.read_all(next).empty());
    sandbox.control("POST", "/woocommerce/orders/58", {{"customer_note", "changed"}});
    EXPECT_EQ(keys_of(client.read_all(next)), std::vector<std::string>{"58"});
}

TEST(SandboxContract, NoOrderIsMissedWhileTheShopLives) {
    Sandbox sandbox({"--orders", "300"});
    Client client(sandbox);
    const Json before = sandbox.control("GET", "/woocommerce/orders");
    ASSERT_GE(before.size(), 300U);
    std::set<std::string> staying;
    for (const auto& order : before) {
        if (order["status"] != "checkout-draft") {
            staying.insert(dump_json(order["id"]));
        }
    }
    std::size_t round = 0;
    const auto live = [&] {
        for (int i = 0; i < 5 && round < 60; ++i) {
            const std::string victim = dump_json(before[3 * round++]["id"]);
            sandbox.control("DELETE", "/woocommerce/orders/" + victim);
            staying.erase(victim);
        }
        sandbox.control("POST", "/woocommerce/orders", {{"status", "pending"}});
    };
    const auto keys = keys_of(client.read_all(everything("order", 20), live));
    const std::set<std::string> read(keys.begin(), keys.end());
    EXPECT_EQ(read.size(), keys.size());
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end(), id_less));
    for (const auto& id : staying) {
        EXPECT_EQ(read.count(id), 1U) << id;
    }
}

TEST(SandboxContract, ProxiesAndRightsMayHideThings) {
    Sandbox sandbox;
    sandbox.shop(
        {{"dropped_headers", {"X-WP-Total", "X-WP-TotalPages", "Link"}},
         {"unreadable", {60, 61, 90}}}
    );
    Client client(sandbox);
    const auto keys = keys_of(client.read_all(everything("order", 9)));
    EXPECT_EQ(keys.size(), 58U);
    EXPECT_EQ(std::count(keys.begin(), keys.end(), "90"), 0);
}

TEST(SandboxContract, AnOldShopIgnoresTheWindow) {
    Sandbox sandbox;
    sandbox.shop({{"ignored_parameters", {"modified_after", "dates_are_gmt"}}});
    sandbox.fault(
        "system_status",
        {{"status", 403}, {"body", {{"code", "woocommerce_rest_cannot_view"}}}},
        nullptr
    );
    Client client(sandbox);
    const auto catalog = client.connector->discover(client.call.call());
    ASSERT_TRUE(catalog.has_value()) << catalog.error().message;
    EXPECT_EQ(catalog->facts["modified_after"], false);
    ReadRequest request = everything("order");
    request.window.from = Client::now();
    EXPECT_EQ(client.read_all(request).size(), 61U);
}

TEST(SandboxContract, DraftsThatLeakAreDropped) {
    Sandbox sandbox;
    sandbox.shop({{"any_shows_drafts", true}});
    sandbox.control("POST", "/woocommerce/orders/70", {{"status", "checkout-draft"}});
    sandbox.control("POST", "/woocommerce/orders/71", {{"status", "auto-draft"}});
    Client client(sandbox);
    const auto keys = keys_of(client.read_all(everything("order", 4)));
    EXPECT_EQ(keys.size(), 59U);
    EXPECT_EQ(std::count(keys.begin(), keys.end(), "70"), 0);
}

TEST(SandboxContract, RefundsInAnyOrderGiveTheSameRecord) {
    Sandbox sandbox;
    sandbox.control(
        "POST",
        "/woocommerce/orders/58?touch=0",
        {{"refunds",
          {{{"id", 9}, {"total", "-0.10"}},
           {{"id", 130}, {"total", "-0.20"}},
           {{"id", 41}, {"total", "-0.30"}}}}}
    );
    sandbox.shop({{"shuffle_refunds", true}});
    Client client(sandbox);
    ReadRequest request = everything("order");
    request.ids = {"58"};
    const auto first = client.read(request);
    ASSERT_TRUE(first.has_value());
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(client.read(request)->records.at(0).json, first->records.at(0).json);
    }
}

TEST(SandboxContract, GivenIdsShowTrashAndTombstones) {
    Sandbox sandbox;
    sandbox.control("POST", "/woocommerce/orders/60", {{"status", "trash"}});
    sandbox.control("DELETE", "/woocommerce/orders/61");
    Client client(sandbox);
    ReadRequest request = everything("order");
    request.ids = {"61", "60", "59"};
    const auto page = client.read(request);
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->records.size(), 3U);
    EXPECT_EQ(page->records[0].key, "59");
    EXPECT_EQ(model_of<Order>(page->records[1]).status, OrderStatus::kTrash);
    EXPECT_EQ(page->records[2].operation, RecordOperation::kDelete);
}

struct FaultCase {
    const char* what;
    Json action;
    ErrorCode code;
    const char* says;
};

TEST(SandboxContract, FaultsAreTakenForWhatTheyAre) {
    Sandbox sandbox;
    const std::vector<FaultCase> cases{
        {"maintenance",
         {{"status", 503},
          {"headers", {{"Retry-After", "600"}}},
          {"html", "<h1>Briefly unavailable</h1>"}},
         ErrorCode::kRateLimited,
         "Briefly unavailable"},
        {"limit",
         {{"status", 429}, {"headers", {{"Retry-After", "3"}}}, {"body", "slow down"}},
         ErrorCode::kRateLimited,
         "429"},
        {"firewall", {{"status", 403}, {"html", true}}, ErrorCode::kTransient, "in place of JSON"},
        {"page",
         {{"status", 200}, {"html", "<html><p>Please wait</p>"}},
         ErrorCode::kTransient,
         "Please wait"},
        {"cut off", {{"malformed", true}}, ErrorCode::kTransient, "cut off"},
        {"dropped", {{"drop", "before"}}, ErrorCode::kTransient, ""},
        {"dropped after", {{"drop", "after"}}, ErrorCode::kTransient, ""},
        {"server error",
         {{"status", 500},
          {"body", {{"code", "internal_server_error"}, {"message", "<p>Critical</p>"}}}},
         ErrorCode::kTransient,
         "'Critical'"},
    };
    Client client(sandbox);
    ASSERT_TRUE(client.read(everything("order")).has_value());
    for (const auto& c : cases) {
        sandbox.fault("/orders", c.action);
        const auto page = client.read(everything("order"));
        ASSERT_FALSE(page.has_value()) << c.what;
        EXPECT_EQ(page.error().code, c.code) << c.what << ": " << page.error().message;
        EXPECT_NE(page.error().message.find(c.says), std::string::npos) << page.error().message;
        EXPECT_EQ(
            page.error().message.find(client.host.secrets["consumer_secret"]), std::string::npos
        );
        EXPECT_TRUE(client.read(everything("order")).has_value()) << c.what;
    }
}

TEST(SandboxContract, NoticesBeforeTheJsonAreSkipped) {
    Sandbox sandbox;
    sandbox.fault(
        "/orders",
        {{"status", 200},
         {"headers", {{"Content-Type", "text/html"}}},
         {"body", "<br />\n<b>Notice</b>: x in <b>/a.php</b><br />\n[{\"id\":5}]"}}
    );
    Client client(sandbox);
    const auto page = client.read(everything("order"));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    EXPECT_EQ(page->records.at(0).key, "5");
    EXPECT_EQ(client.host.log_lines.size(), 1U);
}

}  // namespace
}  // namespace syncline::woocommerce
