// Where the API is, how requests are signed, what answers mean.
#include "woocommerce/shop.hpp"

#include <gtest/gtest.h>

#include "woocommerce/recorded.hpp"
#include "woocommerce/scripted_shop.hpp"
#include "woocommerce/shop_address.hpp"

namespace syncline::woocommerce {
namespace {

using plugin::testing::FakeHost;
using testing::html_answer;
using testing::json_answer;
using testing::ParsedUrl;
using testing::recorded;
using testing::ScriptedShop;

Json settings(const std::string& url, const std::string& auth = "auto") {
    return {{"store_url", url}, {"auth", auth}, {"page_size", 100}};
}

struct World {
    FakeHost host;
    ScriptedShop shop;
    explicit World() { shop.serve(host); }
    Shop client(const std::string& url = "https://shop.example", const std::string& auth = "auto") {
        return Shop(host.handle(), ShopSettings::from_json(settings(url, auth)));
    }
    std::string_view sent_header(std::string_view name) const {
        for (const auto& [candidate, value] : host.requests.back().headers) {
            if (candidate == name) {
                return value;
            }
        }
        return {};
    }
};

TEST(Signature, FollowsTheRecipe) {
    const Json vectors = recorded("woocommerce-samples/signature_vectors.json")["oauth1"];
    ASSERT_EQ(vectors.size(), 2U);
    for (const auto& vector : vectors) {
        QueryParameters parameters;
        for (const auto& entry : vector["params"].items()) {
            parameters[entry.key()] = entry.value().get<std::string>();
        }
        const std::string base = oauth1_base_string(
            vector["method"].get<std::string>(), vector["url"].get<std::string>(), parameters
        );
        EXPECT_EQ(base, vector["base_string"].get<std::string>());
        const auto signature = oauth1_signature(
            base, vector["consumer_secret"].get<std::string>(), parameters["oauth_signature_method"]
        );
        EXPECT_EQ(signature.value(), vector["signature"].get<std::string>());
    }
    EXPECT_EQ(oauth1_signature("", "", "PLAINTEXT").error().code, ErrorCode::kBug);
}

TEST(Authentication, IsBasicOverTls) {
    World world;
    world.shop.lists["orders"] = {};
    ASSERT_TRUE(world.client().get("orders", {{"per_page", "1"}}).has_value());
    EXPECT_EQ(world.sent_header("Authorization"), "Basic Y2tfa2V5OmNzX3NlY3JldA==");
    EXPECT_EQ(
        world.host.requests.back().url, "https://shop.example/wp-json/wc/v3/orders?per_page=1"
    );
}

TEST(Authentication, IsSignedOverHttp) {
    World world;
    world.shop.root = "http://shop.example/wp-json/";
    world.shop.lists["orders"] = {};
    Shop client = world.client("http://shop.example");
    ASSERT_TRUE(client.get("orders", {{"status", "any"}}).has_value());
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(world.sent_header("Authorization"), "");
    EXPECT_EQ(url.get("oauth_consumer_key"), "ck_key");
    EXPECT_EQ(url.get("oauth_signature_method"), "HMAC-SHA256");
    EXPECT_EQ(url.get("oauth_timestamp"), "1790000000");
    EXPECT_EQ(url.get("oauth_nonce").size(), 32U);
    QueryParameters parameters(url.query.begin(), url.query.end());
    parameters.erase("oauth_signature");
    const auto expected = oauth1_signature(
        oauth1_base_string("GET", "http://shop.example/wp-json/wc/v3/orders", parameters),
        "cs_secret",
        "HMAC-SHA256"
    );
    EXPECT_EQ(url.get("oauth_signature"), *expected);
    EXPECT_EQ(world.host.requests.back().url.find("cs_secret"), std::string::npos);

    const std::string nonce = url.get("oauth_nonce");
    ASSERT_TRUE(client.get("orders", {}).has_value());
    EXPECT_NE(ParsedUrl(world.host.requests.back().url).get("oauth_nonce"), nonce);
}

// Found by chaos (seed 20261121, iteration 359): the host repeats a read whose connection broke,
// the shop takes a nonce once, and its 401 paused the connection.
TEST(Authentication, AReadThatArrivedTwiceIsSignedAnew) {
    World world;
    world.shop.root = "http://shop.example/wp-json/";
    world.shop.lists["orders"] = {};
    Shop client = world.client("http://shop.example");
    ASSERT_TRUE(client.get("orders", {}).has_value());
    const auto shop = world.host.on_http;
    int refusals = 1;
    std::set<std::string> nonces;
    world.host.on_http = [&](const plugin::HttpRequest& request) -> Result<plugin::HttpResponse> {
        nonces.insert(ParsedUrl(request.url).get("oauth_nonce"));
        if (refusals-- > 0) {
            return testing::json_answer(
                testing::error_body("woocommerce_rest_authentication_error", 401), 401
            );
        }
        return shop(request);
    };
    EXPECT_TRUE(client.get("orders", {}).has_value());
    EXPECT_EQ(nonces.size(), 2U);

    nonces.clear();
    refusals = 100;
    EXPECT_EQ(client.get("orders", {}).error().code, ErrorCode::kAuth);
    EXPECT_EQ(nonces.size(), 2U) << "a wrong secret is wrong the second time, too";
    nonces.clear();
    EXPECT_FALSE(client.send("POST", "orders/batch", {}, Json::object()).has_value());
    EXPECT_EQ(nonces.size(), 1U) << "what may have been done is not done again";
}

TEST(Authentication, GoesIntoTheQueryOnlyWhenAsked) {
    World world;
    world.shop.lists["orders"] = {};
    ASSERT_TRUE(world.client("https://shop.example", "query").get("orders", {}).has_value());
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("consumer_key"), "ck_key");
    EXPECT_EQ(url.get("consumer_secret"), "cs_secret");
}

TEST(Authentication, BasicOverHttpIsRefusedBeforeAnythingIsSent) {
    World world;
    const auto answer = world.client("http://shop.example", "basic").get("orders", {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::kConfig);
    EXPECT_TRUE(world.host.requests.empty());
}

TEST(Authentication, AMissingSecretIsNamed) {
    World world;
    world.host.secrets.erase("consumer_secret");
    const auto answer = world.client().get("orders", {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::kConfig);
    EXPECT_NE(answer.error().message.find("consumer_secret"), std::string::npos);
}

TEST(Address, IsMadeNormal) {
    EXPECT_EQ(normal_store_url("HTTPS://Shop.Example:443/Sub/"), "https://shop.example/Sub");
    EXPECT_EQ(
        normal_store_url("https://shop.example/wp-json/wc/v3/?x=1#y"), "https://shop.example"
    );
    EXPECT_EQ(normal_store_url("http://shop.example:8080"), "http://shop.example:8080");
    EXPECT_EQ(normal_store_url("http://shop.example:80//"), "http://shop.example");
    EXPECT_EQ(shop_identity("http://WWW.shop.example/"), shop_identity("https://shop.example"));
    EXPECT_NE(shop_identity("https://shop.example/a"), shop_identity("https://shop.example/b"));
}

TEST(Address, IsSignedAsTheShopRebuildsIt) {
    EXPECT_EQ(
        signed_address("http://127.0.0.1:8080/wp-json/wc/v3/orders", "https://shop.example"),
        "http://shop.example/wp-json/wc/v3/orders"
    );
    EXPECT_EQ(signed_address("http://shop.example/", "http://shop.example"), "http://shop.example");
    EXPECT_EQ(
        signed_address("http://shop.example/sub/", "http://shop.example/sub"),
        "http://shop.example/sub"
    );
}

TEST(Discovery, AsksForTheIndexOnceAndRemembersIt) {
    World world;
    world.shop.lists["orders"] = {};
    {
        Shop client = world.client();
        ASSERT_TRUE(client.get("orders", {}).has_value());
        ASSERT_TRUE(client.get("orders", {}).has_value());
        EXPECT_EQ(world.host.requests.size(), 3U);
    }
    Shop later = world.client();
    ASSERT_TRUE(later.get("orders", {}).has_value());
    EXPECT_EQ(world.host.requests.size(), 4U);

    Shop elsewhere = world.client("https://shop.example/sub");
    EXPECT_FALSE(elsewhere.site().has_value());  // what was remembered is of another address
}

TEST(Discovery, ReadsZoneAndName) {
    World world;
    const auto site = world.client().discover_site();
    ASSERT_TRUE(site.has_value());
    EXPECT_EQ(site->name, "Peer & Shop");
    EXPECT_EQ(site->zone, "America/New_York");
    EXPECT_EQ(site->gmt_offset_minutes, -300);
    world.shop.index["gmt_offset"] = 5.5;
    EXPECT_EQ(world.client().discover_site()->gmt_offset_minutes, 330);
}

TEST(Discovery, FollowsTheLinkOfTheHomePage) {
    World world;
    world.shop.root = "https://shop.example/sub/index.php/wp-json/";
    world.shop.lists["orders"] = {};
    world.host.on_http = [&](const plugin::HttpRequest& request) -> Result<plugin::HttpResponse> {
        if (request.url == "https://shop.example/sub/") {
            auto home = html_answer(200, "<html>");
            home.headers.emplace_back("link", "<https://shop.example/feed>; rel=\"feed\"");
            home.headers.emplace_back(
                "Link",
                "<http://www.shop.example/sub/index.php/wp-json/>; rel=\"https://api.w.org/\""
            );
            return home;
        }
        return world.shop.answer(request);
    };
    Shop client = world.client("https://shop.example/sub");
    ASSERT_TRUE(client.get("orders", {}).has_value());
    EXPECT_EQ(
        ParsedUrl(world.host.requests.back().url).base,
        "https://shop.example/sub/index.php/wp-json/wc/v3/orders"
    );
}

TEST(Discovery, TakesShopsWithPlainPermalinks) {
    World world;
    const auto plain = [&](const plugin::HttpRequest& request) -> Result<plugin::HttpResponse> {
        const ParsedUrl url(request.url);
        const std::string route = url.get("rest_route");
        if (route == "/") {
            return json_answer(world.shop.index);
        }
        return route == "/wc/v3/orders" ? json_answer(Json::array())
                                        : html_answer(404, "<h1>Oops</h1>");
    };
    world.host.on_http = plain;
    Shop client = world.client();
    ASSERT_TRUE(client.get("orders", {{"status", "any"}}).has_value());
    EXPECT_EQ(
        world.host.requests.back().url, "https://shop.example/?rest_route=/wc/v3/orders&status=any"
    );

    Shop over_http = world.client("http://shop.example");
    ASSERT_TRUE(over_http.get("orders", {}).has_value());
    const ParsedUrl url(world.host.requests.back().url);
    QueryParameters parameters(url.query.begin(), url.query.end());
    parameters.erase("oauth_signature");
    EXPECT_EQ(
        url.get("oauth_signature"),
        *oauth1_signature(
            oauth1_base_string("GET", "http://shop.example", parameters), "cs_secret", "HMAC-SHA256"
        )
    );
}

TEST(Discovery, AClosedIndexIsNoObstacle) {
    World world;
    world.shop.lists["orders"] = {};
    world.host.on_http = [&](const plugin::HttpRequest& request) -> Result<plugin::HttpResponse> {
        return ParsedUrl(request.url).base == world.shop.root
                   ? json_answer(testing::error_body("rest_not_logged_in", 401), 401)
                   : world.shop.answer(request);
    };
    Shop client = world.client();
    EXPECT_TRUE(client.get("orders", {}).has_value());
    EXPECT_TRUE(client.site()->index_closed);
}

TEST(Discovery, ForgetsAnAddressThatStopsAnswering) {
    World world;
    Shop client = world.client();
    ASSERT_TRUE(client.site().has_value());
    world.shop.root = "https://shop.example/elsewhere/";
    const auto answer = client.get("orders", {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::kTransient);
    EXPECT_TRUE(world.host.memory["site"].empty());
}

struct NoShop {
    const char* what;
    int status;
    const char* header;
    const char* value;
    const char* body;
    ErrorCode code;
    const char* says;
};

TEST(Discovery, SaysWhatStandsInPlaceOfAShop) {
    const NoShop cases[] = {
        {"other site",
         404,
         "Server",
         "nginx",
         "<h1>404</h1>",
         ErrorCode::kConfig,
         "no WordPress REST API"},
        {"theme page",
         200,
         "Server",
         "nginx",
         "<html>Welcome</html>",
         ErrorCode::kConfig,
         "check store_url"},
        {"maintenance",
         503,
         "Retry-After",
         "600",
         "<h1>Briefly unavailable</h1>",
         ErrorCode::kRateLimited,
         "Briefly unavailable"},
        {"broken",
         500,
         "Server",
         "nginx",
         "<p>There has been a critical error</p>",
         ErrorCode::kTransient,
         "critical error"},
        {"moved",
         301,
         "Location",
         "https://www.shop.example/wp-json/?consumer_secret=x",
         "",
         ErrorCode::kConfig,
         "redirects to https://www.shop.example/wp-json/;"},
        {"staging",
         401,
         "WWW-Authenticate",
         "Basic realm=x",
         "<h1>Authorization required</h1>",
         ErrorCode::kAuth,
         "password of its own"},
        {"busy", 429, "Retry-After", "7", "slow down", ErrorCode::kRateLimited, "wait"},
    };
    for (const auto& c : cases) {
        World world;
        world.host.on_http = [&c](const plugin::HttpRequest&) -> Result<plugin::HttpResponse> {
            return plugin::HttpResponse{c.status, {{c.header, c.value}}, c.body};
        };
        const auto site = world.client().discover_site();
        ASSERT_FALSE(site.has_value()) << c.what;
        EXPECT_EQ(site.error().code, c.code) << c.what << ": " << site.error().message;
        EXPECT_NE(site.error().message.find(c.says), std::string::npos) << site.error().message;
    }
}

TEST(Discovery, TlsErrorsPassThrough) {
    World world;
    world.host.on_http = [](const plugin::HttpRequest&) -> Result<plugin::HttpResponse> {
        return Error{
            ErrorCode::kTransient, "certificate is not valid for shop.example", "http.tls"};
    };
    const auto site = world.client().discover_site();
    ASSERT_FALSE(site.has_value());
    EXPECT_EQ(site.error().name, "http.tls");
    EXPECT_EQ(site.error().message, "certificate is not valid for shop.example");
}

TEST(Settings, ACredentialInTheAddressIsRefused) {
    World world;
    const auto site = world.client("https://me:pw@shop.example").site();
    ASSERT_FALSE(site.has_value());
    EXPECT_EQ(site.error().code, ErrorCode::kConfig);
    EXPECT_EQ(site.error().message.find("pw"), std::string::npos);
    EXPECT_TRUE(world.host.requests.empty());
}

}  // namespace
}  // namespace syncline::woocommerce
