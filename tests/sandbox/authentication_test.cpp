// Who may do what, over which transport.
#include <cctype>
#include <cstdio>
#include <cstring>
#include <map>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

constexpr auto kKey = "ck_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
constexpr auto kSecret = "cs_b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2";
constexpr auto kOrders = "/wp-json/wc/v3/orders";

std::string encode(const std::string& text) {
    std::string out;
    char hex[4];
    for (const char c : text)
        if (isalnum(static_cast<unsigned char>(c)) || strchr("-._~", c)) {
            out += c;
        } else {
            snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
            out += hex;
        }
    return out;
}

using Parameters = std::map<std::string, std::string>;

// The sandbox without TLS, as it is by default.
class PlainHttp : public testing::Test {
protected:
    Parameters oauth(const std::string& nonce) const {
        const std::int64_t now = send(sandbox_.port(), {"GET", "/_sandbox/clock"}).json()["now_ms"];
        return {
            {"oauth_consumer_key", kKey},
            {"oauth_nonce", nonce},
            {"oauth_signature_method", "HMAC-SHA256"},
            {"oauth_timestamp", std::to_string(now / 1000)},
            {"per_page", "2"},
            {"_fields", "id"},
        };
    }

    std::string signature(const Parameters& parameters, const std::string& secret = kSecret) const {
        std::string joined;
        for (const auto& [name, value] : parameters)
            joined += (joined.empty() ? "" : "&") + encode(name) + "=" + encode(value);
        const std::string base = "GET&" + encode(sandbox_.url() + kOrders) + "&" + encode(joined);
        const bool sha1 = parameters.at("oauth_signature_method") == "HMAC-SHA1";
        const std::string key = secret + "&";
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        HMAC(
            sha1 ? EVP_sha1() : EVP_sha256(),
            key.data(),
            static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(base.data()),
            base.size(),
            digest,
            &size
        );
        unsigned char text[200];
        const int length = EVP_EncodeBlock(text, digest, static_cast<int>(size));
        return {reinterpret_cast<char*>(text), static_cast<std::size_t>(length)};
    }

    SandboxReply get(const Parameters& parameters, const std::string& signature_text) const {
        std::string query;
        for (const auto& [name, value] : parameters)
            query += (query.empty() ? "?" : "&") + encode(name) + "=" + encode(value);
        if (!signature_text.empty())
            query += "&oauth_signature=" + encode(signature_text);
        return send(sandbox_.port(), {"GET", kOrders + query});
    }
    SandboxReply get_signed(const Parameters& parameters) const {
        return get(parameters, signature(parameters));
    }

    SandboxProcess sandbox_;
};

std::string message(const SandboxReply& reply) {
    return reply.json()["message"];
}

TEST_F(PlainHttp, RefusesBasicAsARealShopDoes) {
    const SandboxReply reply = send(sandbox_.port(), {"GET", kOrders, {kReadWrite}});
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.json()["code"], "woocommerce_rest_cannot_view");
    EXPECT_EQ(reply.header("Allow"), "");
}

TEST_F(PlainHttp, TakesKeysInTheQueryUnlessToldToBeAsStrictAsARealShop) {
    const std::string query =
        std::string(kOrders) + "?per_page=1&consumer_key=" + kKey + "&consumer_secret=" + kSecret;
    EXPECT_EQ(send(sandbox_.port(), {"GET", query}).status, 200);
    send(
        sandbox_.port(),
        {"POST", "/_sandbox/woocommerce/shop", {}, R"({"query_keys_over_http":false})"}
    );
    EXPECT_EQ(send(sandbox_.port(), {"GET", query}).status, 401);
}

TEST_F(PlainHttp, TakesASignedRequestInTheQuery) {
    const SandboxReply reply = get_signed(oauth("nonce-1"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json().size(), 2u);
    Parameters sha1 = oauth("nonce-2");
    sha1["oauth_signature_method"] = "HMAC-SHA1";
    EXPECT_EQ(get_signed(sha1).status, 200);
}

TEST_F(PlainHttp, TakesASignedRequestInTheHeader) {
    Parameters parameters = oauth("nonce-h");
    std::string header = "OAuth ";
    for (const auto& [name, value] : parameters)
        if (name.rfind("oauth_", 0) == 0)
            header += name + "=\"" + encode(value) + "\", ";
    header += "oauth_signature=\"" + encode(signature(parameters)) + "\"";
    const SandboxReply reply = send(
        sandbox_.port(),
        {"GET", std::string(kOrders) + "?per_page=2&_fields=id", {{"Authorization", header}}}
    );
    EXPECT_EQ(reply.status, 200) << reply.body;
}

TEST_F(PlainHttp, SignsListsAsPhpSeesThem) {
    Parameters parameters = oauth("nonce-list");
    Parameters as_sent = parameters;
    parameters["status[0]"] = "completed";
    as_sent["status[]"] = "completed";
    EXPECT_EQ(get(as_sent, signature(parameters)).status, 200);
    as_sent["oauth_nonce"] = "nonce-list-2";
    EXPECT_EQ(
        message(get(as_sent, signature(as_sent))),
        "Invalid signature - provided signature does not match."
    );
}

TEST_F(PlainHttp, RefusesAWrongSignatureMethodKeyTimestampAndAUsedNonce) {
    const Parameters good = oauth("nonce-3");
    EXPECT_EQ(
        message(get(good, signature(good, "cs_wrong"))),
        "Invalid signature - provided signature does not match."
    );
    Parameters plaintext = good;
    plaintext["oauth_signature_method"] = "PLAINTEXT";
    EXPECT_EQ(message(get_signed(plaintext)), "Invalid signature - signature method is invalid.");
    Parameters unknown = good;
    unknown["oauth_consumer_key"] = "ck_unknown";
    EXPECT_EQ(message(get_signed(unknown)), "Consumer key is invalid.");
    for (const int minutes : {-16, 16}) {
        Parameters shifted = good;
        shifted["oauth_timestamp"] =
            std::to_string(std::stoll(good.at("oauth_timestamp")) + minutes * 60);
        EXPECT_EQ(message(get_signed(shifted)), "Invalid timestamp.") << minutes;
    }
    EXPECT_EQ(get_signed(good).status, 200);
    EXPECT_EQ(message(get_signed(good)), "Invalid nonce - nonce has already been used.");
}

TEST_F(PlainHttp, NamesMissingOauthParameters) {
    Parameters parameters = oauth("nonce-4");
    parameters.erase("oauth_nonce");
    parameters.erase("oauth_timestamp");
    const SandboxReply reply = get_signed(parameters);
    EXPECT_EQ(reply.json()["code"], "woocommerce_rest_authentication_missing_parameter");
    EXPECT_EQ(message(reply), "Missing OAuth parameters oauth_timestamp, oauth_nonce");
}

TEST(BasicOverTls, GoesUnseenWhereTheWebServerStripsTheHeader) {
    Shop shop;
    EXPECT_EQ(shop.api("GET", "/orders?per_page=1").status, 200);
    shop.control("POST", "/woocommerce/shop", {{"strip_authorization", true}});
    EXPECT_EQ(shop.api("GET", "/orders?per_page=1").status, 401);
}

TEST(BasicOverTls, AsksForCredentialsAfterAWrongSecret) {
    Shop shop;
    const std::string query =
        std::string(kOrders) + "?consumer_key=" + kKey + "&consumer_secret=wrong";
    const SandboxReply reply = send(shop.process.port(), {"GET", query});
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.header("WWW-Authenticate").substr(0, 6), "Basic ");
}

TEST(BasicOverTls, LetsAWriteOnlyKeyWriteButNotRead) {
    Shop shop;
    const Json key =
        Json::parse(shop.process.introduction()["platforms"]["woocommerce"]["keys"]["write"].dump()
        );
    const std::string query = std::string(kOrders) +
                              "?consumer_key=" + key["consumer_key"].get<std::string>() +
                              "&consumer_secret=" + key["consumer_secret"].get<std::string>();
    EXPECT_EQ(send(shop.process.port(), {"POST", query}).status, 201);
    const SandboxReply reply = send(shop.process.port(), {"GET", query});
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(message(reply), "The API key provided does not have read permissions.");
}

TEST(BasicOverTls, RefusesAnonymousRequestsByWhatTheyWanted) {
    Shop shop;
    const auto code = [&](const char* method, const std::string& path) {
        const SandboxReply reply = send(shop.process.port(), {method, kOrders + path});
        EXPECT_EQ(reply.status, 401);
        return reply.json()["code"].get<std::string>();
    };
    EXPECT_EQ(code("GET", ""), "woocommerce_rest_cannot_view");
    EXPECT_EQ(code("POST", ""), "woocommerce_rest_cannot_create");
    EXPECT_EQ(code("PUT", "/55"), "woocommerce_rest_cannot_edit");
    EXPECT_EQ(code("DELETE", "/55"), "woocommerce_rest_cannot_delete");
    EXPECT_EQ(code("POST", "/batch"), "woocommerce_rest_cannot_batch");
}

}  // namespace
}  // namespace syncline::test
