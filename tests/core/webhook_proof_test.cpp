// Proofs of deliveries: hashes, encodings, secrets as shops use them, and whose a delivery is.
#include "core/webhook_proof.hpp"

#include <gtest/gtest.h>

#include "support/recorded_webhooks.hpp"

namespace syncline {
namespace {

WebhookSpec hmac(WebhookHash hash, WebhookEncoding encoding, const std::string& prefix = "") {
    WebhookSpec spec;
    spec.proof = WebhookProof::kHmac;
    spec.proof_header = "X-Signature";
    spec.proof_prefix = prefix;
    spec.hash = hash;
    spec.encoding = encoding;
    return spec;
}

// RFC 4231, test case 2.
constexpr auto kKey = "Jefe";
constexpr auto kData = "what do ya want for nothing?";
constexpr auto kSha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
constexpr auto kSha512 =
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";

TEST(WebhookProof, TakesTheHashesOfTheStandard) {
    using H = WebhookHash;
    using E = WebhookEncoding;
    EXPECT_TRUE(proves(hmac(H::kSha256, E::kHex), kSha256, kData, kKey));
    EXPECT_TRUE(proves(hmac(H::kSha512, E::kHex), kSha512, kData, kKey));
    EXPECT_TRUE(
        proves(hmac(H::kSha1, E::kHex), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", kData, kKey)
    );
    EXPECT_TRUE(proves(
        hmac(H::kSha256, E::kBase64), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", kData, kKey
    ));
    EXPECT_FALSE(proves(hmac(H::kSha512, E::kHex), kSha256, kData, kKey));
}

TEST(WebhookProof, WantsThePrefixThatThePlatformPutsBefore) {
    const auto spec = hmac(WebhookHash::kSha256, WebhookEncoding::kHex, "sha256=");
    EXPECT_TRUE(proves(spec, std::string("sha256=") + kSha256, kData, kKey));
    EXPECT_FALSE(proves(spec, kSha256, kData, kKey));
    EXPECT_FALSE(proves(spec, "sha256=", kData, kKey));
}

TEST(WebhookProof, AnEmptySecretProvesNothing) {
    const auto spec = hmac(WebhookHash::kSha256, WebhookEncoding::kBase64);
    // The HMAC of an empty body with an empty key.
    EXPECT_FALSE(proves(spec, "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0=", "", ""));
    WebhookSpec secret;
    secret.proof = WebhookProof::kSecret;
    EXPECT_FALSE(proves(secret, "", "", ""));
}

TEST(WebhookProof, ASecretInAHeaderIsComparedWhole) {
    WebhookSpec spec;
    spec.proof = WebhookProof::kSecret;
    spec.proof_prefix = "Bearer ";
    EXPECT_TRUE(proves(spec, "Bearer open sesame", "{}", "open sesame"));
    EXPECT_FALSE(proves(spec, "Bearer open", "{}", "open sesame"));
    EXPECT_FALSE(proves(spec, "Bearer open sesame!", "{}", "open sesame"));
    EXPECT_FALSE(proves(spec, "open sesame", "{}", "open sesame"));
}

TEST(WebhookProof, EveryRecordedDeliveryIsProvenAndNoneWithAFlippedByte) {
    auto spec = hmac(WebhookHash::kSha256, WebhookEncoding::kBase64);
    int proven = 0;
    for (auto& recorded : test::recorded_webhooks()) {
        if (recorded.is_ping()) {
            continue;
        }
        const std::string header = recorded.header("X-WC-Webhook-Signature");
        proven += proves(spec, header, recorded.body, "s3cret") ? 1 : 0;
        std::string body = recorded.body;
        char& byte = body[static_cast<std::size_t>(proven * 37) % body.size()];
        byte = static_cast<char>(byte ^ 1);
        EXPECT_FALSE(proves(spec, header, body, "s3cret"));
    }
    EXPECT_EQ(proven, 130);
}

TEST(WebhookProof, ResolvesEntitiesOfASecretAsWordPressDoes) {
    WebhookSpec spec;
    EXPECT_EQ(effective_secret(spec, "a&amp;b"), "a&amp;b");
    spec.secret_entities = true;
    EXPECT_EQ(effective_secret(spec, "a&amp;b"), "a&b");
    EXPECT_EQ(effective_secret(spec, "&lt;&gt;&quot;&#039;&#39;&#x27;&#034;"), "<>\"'''\"");
    EXPECT_EQ(effective_secret(spec, "&amp;amp;"), "&amp;");
    EXPECT_EQ(effective_secret(spec, "&#38;&#x26;"), "&&");
    for (const char* untouched : {"s3cret", "a&b", "&nbsp;", "&#64;", "&", "&#;", "&amp", "&#x;"}) {
        EXPECT_EQ(effective_secret(spec, untouched), untouched);
    }
}

TEST(WebhookProof, SourcesAreComparedWithoutWhatDoesNotTellThemApart) {
    EXPECT_EQ(source_identity("https://www.Shop.example/"), "shop.example");
    EXPECT_EQ(source_identity("http://shop.example/Sub//"), "shop.example/Sub");
    EXPECT_EQ(source_identity("https://127.0.0.1:18091/"), "127.0.0.1:18091");
    EXPECT_EQ(source_identity("9130350000000001"), "9130350000000001");
}

TEST(WebhookProof, KeepsOfABodyWhatIsAboutAnAccount) {
    WebhookSpec spec;
    spec.source_paths = {"/eventNotifications/*/realmId", "/*/intuitaccountid", "/*/account"};
    EXPECT_EQ(
        body_about(spec, R"([{"intuitaccountid":"1","n":7},{"intuitaccountid":"2"},{}])", {"1"}),
        R"([{"intuitaccountid":"1","n":7}])"
    );
    EXPECT_EQ(
        body_about(
            spec, R"([{"intuitaccountid":"1"},{"account":"2"},{"account":"3"}])", {"1", "3"}
        ),
        R"([{"intuitaccountid":"1"},{"account":"3"}])"
    );
    EXPECT_EQ(
        body_about(
            spec,
            R"({"eventNotifications":[{"dataChangeEvent":{"entities":[{"id":"9"}]},"realmId":"2"},)"
            R"({"realmId":"1"}],"v":1})",
            {"2"}
        ),
        R"({"eventNotifications":[{"dataChangeEvent":{"entities":[{"id":"9"}]},"realmId":"2"}],)"
        R"("v":1})"
    );
    EXPECT_EQ(body_about(spec, "[{", {"1"}), "");
}

TEST(WebhookProof, FindsEveryAccountThatADeliveryIsAbout) {
    WebhookSpec spec;
    spec.source_paths = {"/eventNotifications/*/realmId", "/*/intuitaccountid"};
    using V = std::vector<std::string>;
    EXPECT_EQ(
        sources_of(spec, {}, R"({"eventNotifications": [{"realmId": "2"}, {"realmId": "1"}, 3]})"),
        (V{"1", "2"})
    );
    EXPECT_EQ(
        sources_of(spec, {}, R"([{"intuitaccountid": "1"}, {"intuitaccountid": "1"}, {}])"),
        (V{"1"})
    );
    EXPECT_EQ(sources_of(spec, {}, "not JSON"), V{});
    EXPECT_EQ(sources_of(spec, {}, R"({"eventNotifications": {"realmId": "2"}})"), V{});
    // One bulk edit of an account names it hundreds of times, and another account after it.
    std::string bulk = "[";
    for (int i = 0; i < 500; ++i) {
        bulk += R"({"intuitaccountid": "1"},)";
    }
    EXPECT_EQ(sources_of(spec, {}, bulk + R"({"intuitaccountid": "2"}])"), (V{"1", "2"}));
    WebhookSpec header;
    header.source_header = "X-WC-Webhook-Source";
    EXPECT_EQ(
        sources_of(header, {{{"x-wc-webhook-source", "https://Shop.example/"}}}, ""),
        V{"shop.example"}
    );
    EXPECT_EQ(sources_of(header, {}, ""), V{});
}

}  // namespace
}  // namespace syncline
