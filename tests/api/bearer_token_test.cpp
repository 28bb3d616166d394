#include "api/http/bearer_token.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "api/http/base64url.hpp"

namespace syncline::api {
namespace {

const std::string kKey(32, 'k');
constexpr Timestamp kNow{1'800'000'000'000};

Claims claims() {
    return {"ann", "acme", Role::kOperator, 1'799'999'000, 1'800'000'600, "id-1"};
}

// A token with a valid HS256 signature over whatever it says.
std::string signed_anyway(const std::string& header, const std::string& payload) {
    const std::string text = base64url_encode(header) + "." + base64url_encode(payload);
    std::string mac(32, '\0');
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        kKey.data(),
        32,
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        reinterpret_cast<unsigned char*>(mac.data()),
        &size
    );
    return text + "." + base64url_encode(mac);
}

TEST(BearerToken, SaysWhatWasSigned) {
    const auto verified = verify_token(sign_token(claims(), kKey), kKey, kNow);
    ASSERT_TRUE(verified.has_value()) << verified.error().message;
    EXPECT_EQ(to_json(*verified), to_json(claims()));
}

// RFC 7515 appendix A.1: key, signing input and signature of a token made elsewhere.
TEST(BearerToken, AgreesWithTheExampleOfTheStandard) {
    const auto key = base64url_decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    );
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "Vl"
        "fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    // Its signature holds; its claims are not ours.
    EXPECT_EQ(verify_token(token, *key, kNow).error().name, "token.claims");
    EXPECT_EQ(verify_token(token, kKey, kNow).error().name, "token.signature");
}

TEST(BearerToken, DiesWhenItExpires) {
    const std::string token = sign_token(claims(), kKey);
    EXPECT_TRUE(verify_token(token, kKey, Timestamp{1'800'000'599'999}).has_value());
    EXPECT_EQ(
        verify_token(token, kKey, Timestamp{1'800'000'600'000}).error().name, "token.expired"
    );
}

TEST(BearerToken, IsNotTakenFromTheFuture) {
    Claims early = claims();
    early.issued_at_s = 1'800'000'500;
    EXPECT_EQ(verify_token(sign_token(early, kKey), kKey, kNow).error().name, "token.claims");
}

TEST(BearerToken, KnowsOneAlgorithm) {
    const std::string payload = dump_json(to_json(claims()));
    EXPECT_TRUE(verify_token(signed_anyway(R"({"alg":"HS256"})", payload), kKey, kNow).has_value());
    for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS512"})", R"({})", "[]", "x"}) {
        EXPECT_EQ(
            verify_token(signed_anyway(header, payload), kKey, kNow).error().name, "token.claims"
        ) << header;
    }
}

TEST(BearerToken, NeedsItsClaims) {
    const std::string header = R"({"alg":"HS256"})";
    for (const char* gone : {"tenant", "role", "exp"}) {
        Json payload = to_json(claims());
        payload.erase(gone);
        EXPECT_EQ(
            verify_token(signed_anyway(header, dump_json(payload)), kKey, kNow).error().name,
            "token.claims"
        ) << gone;
    }
    Json unknown_role = to_json(claims());
    unknown_role["role"] = "owner";
    EXPECT_EQ(
        verify_token(signed_anyway(header, dump_json(unknown_role)), kKey, kNow).error().name,
        "token.claims"
    );
}

TEST(BearerToken, RefusesWhatIsNoToken) {
    for (const std::string& text :
         {std::string(),
          std::string("a"),
          std::string("a.b"),
          std::string("a.b.c.d"),
          std::string("..."),
          std::string(5000, 'a'),
          std::string("a.b.c")}) {
        const auto refused = verify_token(text, kKey, kNow);
        ASSERT_FALSE(refused.has_value()) << text;
        EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
        EXPECT_EQ(refused.error().message.find("aaaa"), std::string::npos);
    }
}

TEST(Base64Url, DecodesOnlyWhatItEncodes) {
    for (const std::string& bytes :
         {std::string(),
          std::string("f"),
          std::string("fo"),
          std::string("foo"),
          std::string("\xff\x00\xfe\x3f", 4)}) {
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    }
    EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
    for (const char* text : {"A", "AB=", "A+", "-_9", "AAAAA"}) {
        EXPECT_FALSE(base64url_decode(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace syncline::api
