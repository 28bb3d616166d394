// Deliveries over real HTTP: the recorded ones of a real shop, forged ones, strangers', and what
// people see of them.
#include <set>

#include "api/support/api_fixture.hpp"
#include "engine/webhook_intake.hpp"
#include "support/recorded_webhooks.hpp"
#include "support/signed_webhook.hpp"

namespace syncline::testing {
namespace {

constexpr auto kHome = "https://127.0.0.1:18091/";  // of the recorded shop

class WebhookRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        connect(tenant_, "shop", kHome, "s3cret");
    }

    void connect(
        TenantId tenant,
        const std::string& name,
        const std::string& store_url,
        const std::string& secret
    ) {
        Json settings{{"store_url", store_url}, {"consumer_secret", "cs"}};
        if (!secret.empty()) {
            settings["webhook_secret"] = secret;
        }
        const auto stored = connections_->put(tenant, "shop", name, settings);
        ASSERT_TRUE(stored.has_value()) << stored.error().message;
    }

    Answer deliver(
        const std::string& path,
        const std::string& body,
        const std::vector<std::pair<std::string, std::string>>& headers
    ) {
        Call wanted{"POST", path, body, "", {}};
        for (const auto& [name, value] : headers) {
            wanted.headers[name] = value;
        }
        return call(wanted);
    }
    Answer deliver(const std::string& path, const test::RecordedWebhook& recorded) {
        return deliver(path, recorded.body, recorded.headers);
    }
    Answer deliver(
        const std::string& path, const std::string& body, const WebhookDelivery& delivered
    ) {
        std::vector<std::pair<std::string, std::string>> headers;
        for (const auto& header : delivered.headers) {
            headers.emplace_back(header.name, header.value);
        }
        return deliver(path, body, headers);
    }
    Json events(const std::string& query = "") {
        return get("/api/webhook-events?limit=500" + query).json["items"];
    }
};

TEST_F(WebhookRoutesTest, EveryRecordedDeliveryIsStoredAsItCame) {
    std::multiset<std::string> sent;
    int pings = 0;
    for (const auto& recorded : test::recorded_webhooks()) {
        const Answer answer = deliver("/api/webhooks/shop", recorded);
        ASSERT_EQ(answer.status, 200) << answer.text;
        EXPECT_EQ(answer.json["status"], recorded.is_ping() ? "pong" : "stored");
        pings += recorded.is_ping() ? 1 : 0;
        if (!recorded.is_ping()) {
            sent.insert(recorded.body);
        }
    }
    EXPECT_EQ(pings, 3);
    EXPECT_EQ(sent.size(), 130U);
    const Json items = events();
    ASSERT_EQ(items.size(), 130U);
    std::multiset<std::string> stored;
    std::set<std::string> shared;
    for (const auto& item : items) {
        const Json one = get("/api/webhook-events/" + std::to_string(item["id"].get<int>())).json;
        EXPECT_EQ(one["connection"], "shop");
        EXPECT_EQ(one["body_encoding"], "text");
        EXPECT_GE(one["headers"].size(), 8U);
        stored.insert(one["body"].get<std::string>());
        shared.insert(one["webhook_id"].get<std::string>() + one["delivery_id"].get<std::string>());
    }
    EXPECT_EQ(stored, sent);
    EXPECT_LT(shared.size(), 130U);  // some ids are those of several deliveries
}

TEST_F(WebhookRoutesTest, NoDeliveryIsAcceptedWithAFlippedByte) {
    std::size_t number = 0;
    for (auto recorded : test::recorded_webhooks()) {
        if (recorded.is_ping()) {
            continue;
        }
        char& byte = recorded.body[(++number * 37) % recorded.body.size()];
        byte = static_cast<char>(byte ^ 1);
        ASSERT_EQ(deliver("/api/webhooks/shop", recorded).status, 401);
    }
    EXPECT_EQ(number, 130U);
    EXPECT_EQ(events().size(), 0U);
    EXPECT_EQ(get("/api/webhook-endpoints").json["unclaimed"], 20);  // a second's worth is kept
}

TEST_F(WebhookRoutesTest, AnAddressMayNameTheConnection) {
    const std::string body = R"({"id":7})";
    EXPECT_EQ(deliver("/api/webhooks/shop/shop", body, delivery(body)).status, 200);
    // A connection that is gone: genuine by another's secret, yet nobody's.
    EXPECT_EQ(
        deliver("/api/webhooks/shop/other", body, delivery(body)).json["status"], "unclaimed"
    );
    EXPECT_EQ(
        deliver("/api/webhooks/shop/other", body, delivery(body, "d-1", "order.updated", "x"))
            .status,
        401
    );
    // Its source is another shop's, so without a name nobody is meant.
    const Answer nobodys = deliver("/api/webhooks/shop", body, delivery(body));
    EXPECT_EQ(nobodys.status, 200);
    EXPECT_EQ(nobodys.json["status"], "unclaimed");
    EXPECT_EQ(deliver("/api/webhooks/nothing", body, delivery(body)).status, 404);
    EXPECT_EQ(get("/api/webhooks/shop").status, 405);
}

TEST_F(WebhookRoutesTest, EachConnectionIsProvenByItsOwnSecret) {
    const TenantId other = other_tenant();
    connect(other, "their-shop", "https://www.shop.example", "another secret");
    connect(tenant_, "our-shop", "http://shop.example/", "s3cret");
    const std::string body = R"({"id":7})";
    EXPECT_EQ(deliver("/api/webhooks/shop", body, delivery(body)).status, 200);
    EXPECT_EQ(events().size(), 1U);
    EXPECT_EQ(events()[0]["connection"], "our-shop");
    const std::string id = std::to_string(events()[0]["id"].get<int>());
    const std::string theirs = token(api::Role::kAdmin, "other");
    EXPECT_EQ(call({"GET", "/api/webhook-events", "", theirs, {}}).json["items"].size(), 0U);
    EXPECT_EQ(call({"GET", "/api/webhook-events/" + id, "", theirs, {}}).status, 404);
    EXPECT_EQ(call({"POST", "/api/webhook-events/" + id + "/replay", "", theirs, {}}).status, 404);
    EXPECT_EQ(
        deliver(
            "/api/webhooks/shop", body, delivery(body, "d-1", "order.updated", "another secret")
        )
            .status,
        200
    );
    EXPECT_EQ(call({"GET", "/api/webhook-events", "", theirs, {}}).json["items"].size(), 1U);
    EXPECT_EQ(events().size(), 1U);
}

TEST_F(WebhookRoutesTest, TheFormerSecretProvesForAWhile) {
    connect(tenant_, "our-shop", "https://shop.example", "s3cret");
    const auto status = [&](const std::string& secret, const std::string& id) {
        std::this_thread::sleep_for(std::chrono::milliseconds(250));  // secrets are kept that long
        const std::string body = R"({"id":7})";
        return deliver("/api/webhooks/shop", body, delivery(body, id, "order.updated", secret))
            .status;
    };
    EXPECT_EQ(status("s3cret", "1"), 200);
    const Answer rotated = post(
        "/api/integrations/shop/webhook-secret",
        {{"connection", "our-shop"}, {"secret", "the next secret"}}
    );
    ASSERT_EQ(rotated.status, 400) << "15 characters are too few";
    const Answer again = post(
        "/api/integrations/shop/webhook-secret",
        {{"connection", "our-shop"}, {"secret", "the next secret."}}
    );
    ASSERT_EQ(again.status, 200) << again.text;
    EXPECT_EQ(again.text.find("the next secret"), std::string::npos);
    EXPECT_EQ(status("the next secret.", "2"), 200);
    EXPECT_EQ(status("s3cret", "3"), 200);
    clock_.advance(std::chrono::hours(25));
    receivers_->forget();
    EXPECT_EQ(status("s3cret", "4"), 401);
    EXPECT_EQ(status("the next secret.", "5"), 200);
}

TEST_F(WebhookRoutesTest, ASecretIsUsedAsTheShopUsesIt) {
    connect(tenant_, "our-shop", "https://shop.example", "a&amp;b");
    const std::string body = R"({"id":7})";
    const auto signed_with = [&](const std::string& secret) {
        return deliver("/api/webhooks/shop", body, delivery(body, "d-1", "order.updated", secret))
            .status;
    };
    EXPECT_EQ(signed_with("a&b"), 200);
    EXPECT_EQ(signed_with("a&amp;b"), 401);
}

TEST_F(WebhookRoutesTest, StrangersFillARingAndNoMore) {
    const std::string body(100'000, 'x');
    for (int i = 0; i < 30; ++i) {
        EXPECT_EQ(deliver("/api/webhooks/shop", body, WebhookDelivery{}).status, 401);
    }
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(deliver("/api/webhooks/shop", "short", WebhookDelivery{}).status, 401);
    const Json strays = events("&state=unclaimed");
    ASSERT_EQ(strays.size(), 21U);
    EXPECT_EQ(strays[0]["reason"]["code"], "no_connection");
    EXPECT_EQ(strays[0]["body_bytes"], 5);
    EXPECT_EQ(strays[1]["body_bytes"], 100'000);
    EXPECT_EQ(get("/api/webhook-endpoints").json["unclaimed"], 31);
    // Not another tenant's to see.
    other_tenant();
    const std::string theirs = token(api::Role::kAdmin, "other");
    EXPECT_EQ(
        call({"GET", "/api/webhook-events?state=unclaimed", "", theirs, {}}).json["items"].size(),
        0U
    );
}

TEST_F(WebhookRoutesTest, RefusesABodyThatIsTooLargeAndStoresNothing) {
    const std::string body(2 * 1024 * 1024, 'x');
    EXPECT_EQ(deliver("/api/webhooks/shop", body, delivery(body)).status, 413);
    EXPECT_EQ(events("&state=unclaimed").size(), 0U);
}

TEST_F(WebhookRoutesTest, EventsAreListedShownAndReplayed) {
    connect(tenant_, "our-shop", "https://shop.example", "s3cret");
    for (int i = 1; i <= 3; ++i) {
        const std::string body = "{\"id\":" + std::to_string(i) + "}";
        ASSERT_EQ(deliver("/api/webhooks/shop", body, delivery(body)).status, 200);
    }
    engine::WebhookIntake intake(engine().stores, engine().pool, clock_, [] {});
    ASSERT_TRUE(intake.step().has_value());
    const Answer page = get("/api/webhook-events?limit=2");
    ASSERT_EQ(page.json["items"].size(), 2U);
    const Answer rest =
        get("/api/webhook-events?limit=2&cursor=" + page.json["next_cursor"].get<std::string>());
    ASSERT_EQ(rest.json["items"].size(), 1U);
    const Json first = rest.json["items"][0];
    EXPECT_EQ(first["state"], "ignored");
    EXPECT_EQ(first["reason"]["code"], "NO_FLOW");
    EXPECT_EQ(first["changes"][0]["id"], "1");
    const std::string path = "/api/webhook-events/" + std::to_string(first["id"].get<int>());
    EXPECT_EQ(call({"GET", path, "", token(api::Role::kViewer), {}}).status, 403);
    EXPECT_EQ(get(path).json["body"], R"({"id":1})");
    EXPECT_EQ(post(path + "/replay").status, 202);
    EXPECT_EQ(get(path).json["state"], "stored");
    EXPECT_EQ(get(path).json["replays"], 1);
    EXPECT_EQ(get("/api/webhook-events?state=nonsense").status, 400);
    EXPECT_EQ(get("/api/webhook-events/4711").status, 404);
    const Json endpoint = get("/api/webhook-endpoints").json["items"][0];
    EXPECT_EQ(endpoint["url"], "https://hooks.example/api/webhooks/shop/our-shop");
    EXPECT_EQ(endpoint["has_secret"], true);
}

TEST_F(WebhookRoutesTest, AListenerOfItsOwnServesNothingElse) {
    api::Surface surface(*backend_, api::webhook_listener_routes(), storage::Key(), api_config_);
    stop_server();
    serves_all_ = false;
    auto listener = api::Server::start(api_config_, surface);
    ASSERT_TRUE(listener.has_value());
    server_ = std::move(*listener);
    const std::string body = R"({"id":7})";
    EXPECT_EQ(deliver("/api/webhooks/shop/shop", body, delivery(body)).status, 200);
    EXPECT_EQ(get("/livez").status, 200);
    for (const auto& route : api::api_routes()) {
        if (route.access != api::Access::kPublic) {
            EXPECT_EQ(
                call({std::string(route.method), std::string(route.path), "", admin(), {}}).status,
                404
            ) << route.path;
        }
    }
    server_.reset();
}

}  // namespace
}  // namespace syncline::testing
