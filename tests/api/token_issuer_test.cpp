// Tokens of somebody else: their keys, their claims, and what must not get through.
#include "api/http/token_issuer.hpp"

#include <openssl/hmac.h>

#include "api/support/api_fixture.hpp"
#include "api/support/token_maker.hpp"
#include "core/json_problems.hpp"

namespace syncline::testing {
namespace {

using api::TokenAlgorithm;

class TokenIssuerTest : public ::testing::Test {
protected:
    std::unique_ptr<api::TokenIssuer> issuer(TokenAlgorithm algorithm) {
        config_.name = "corp";
        config_.issuer = "https://login.example";
        config_.audience = "syncline";
        config_.algorithm = algorithm;
        config_.tenants = {"default"};
        return std::make_unique<api::TokenIssuer>(config_, [this](const api::IssuerConfig&) {
            ++fetches_;
            return set_;
        });
    }
    void serve(const std::vector<Json>& keys) { set_ = dump_json({{"keys", keys}}); }
    Json claims() const {
        const std::int64_t now = now_ms_ / 1000;
        return {
            {"iss", "https://login.example"},
            {"aud", "syncline"},
            {"sub", "ann"},
            {"tenant", "default"},
            {"role", "operator"},
            {"iat", now},
            {"nbf", now},
            {"exp", now + 600}};
    }
    // What it is refused for; "" when it is taken.
    std::string error_of(api::TokenIssuer& issuer, const std::string& token) {
        const auto parts = api::take_apart(token);
        if (!parts) {
            return parts.error().name;
        }
        const auto verified = issuer.verify(*parts, Timestamp{now_ms_});
        return verified ? "" : verified.error().name;
    }
    std::string with(api::TokenIssuer& issuer, const TokenMaker& maker, const Json& change) {
        Json changed = claims();
        changed.merge_patch(change);
        return error_of(issuer, maker.sign(changed));
    }

    api::IssuerConfig config_;
    Result<std::string> set_ = std::string("{}");
    int fetches_ = 0;
    std::int64_t now_ms_ = 1'800'000'000'000;
    const TokenMaker rsa_ = TokenMaker::rsa("r1");
    const TokenMaker ec_ = TokenMaker::ec("e1");
};

TEST_F(TokenIssuerTest, RsaAndEcdsaSignaturesAreChecked) {
    serve({rsa_.jwk(), ec_.jwk()});
    for (const auto& [algorithm, maker] :
         {std::pair(TokenAlgorithm::kRs256, &rsa_), std::pair(TokenAlgorithm::kEs256, &ec_)}) {
        const auto known = issuer(algorithm);
        const std::string token = maker->sign(claims());
        const auto parts = api::take_apart(token);
        const auto verified = known->verify(*parts, Timestamp{now_ms_});
        ASSERT_TRUE(verified.has_value()) << verified.error().message;
        EXPECT_EQ(verified->subject, "corp:ann");
        EXPECT_EQ(verified->tenant, "default");
        EXPECT_EQ(verified->role, api::Role::kOperator);
        // Any bit of the signed text or the signature.
        for (std::size_t at = 5; at < token.size(); at += 23) {
            std::string flipped = token;
            flipped[at] = flipped[at] == 'A' ? 'B' : 'A';
            EXPECT_NE(error_of(*known, flipped), "") << at;
        }
    }
}

TEST_F(TokenIssuerTest, TheAlgorithmIsTheConfigurationsAndNotTheTokens) {
    serve({rsa_.jwk(), ec_.jwk()});
    const auto known = issuer(TokenAlgorithm::kRs256);
    EXPECT_EQ(error_of(*known, ec_.sign(claims())), "token.signature");
    for (const char* algorithm : {"none", "None", "HS256", "RS512", "ES256", ""}) {
        const Json header{{"alg", algorithm}, {"kid", "r1"}};
        EXPECT_EQ(error_of(*known, rsa_.sign(claims(), header)), "token.signature") << algorithm;
        const std::string text = api::base64url_encode(dump_json(header)) + "." +
                                 api::base64url_encode(dump_json(claims()));
        EXPECT_NE(error_of(*known, text + "."), "") << algorithm;
    }
    // The public key taken for a shared secret.
    const Json header{{"alg", "HS256"}, {"kid", "r1"}};
    const std::string text =
        api::base64url_encode(dump_json(header)) + "." + api::base64url_encode(dump_json(claims()));
    for (const std::string& secret : {rsa_.public_text(), rsa_.jwk()["n"].get<std::string>()}) {
        std::string mac(32, '\0');
        unsigned size = 0;
        HMAC(
            EVP_sha256(),
            secret.data(),
            static_cast<int>(secret.size()),
            reinterpret_cast<const unsigned char*>(text.data()),
            text.size(),
            reinterpret_cast<unsigned char*>(mac.data()),
            &size
        );
        EXPECT_EQ(error_of(*known, text + "." + api::base64url_encode(mac)), "token.signature");
    }
    EXPECT_EQ(
        error_of(*known, rsa_.sign(claims(), {{"alg", "RS256"}, {"kid", "r1"}, {"crit", {"exp"}}})),
        "token.signature"
    );
}

TEST_F(TokenIssuerTest, EveryClaimIsChecked) {
    serve({rsa_.jwk()});
    const auto known = issuer(TokenAlgorithm::kRs256);
    const std::int64_t now = now_ms_ / 1000;
    EXPECT_EQ(with(*known, rsa_, Json::object()), "");
    EXPECT_EQ(with(*known, rsa_, {{"iss", "https://other.example"}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"iss", nullptr}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"aud", "other"}}), "token.audience");
    EXPECT_EQ(with(*known, rsa_, {{"aud", {"other", "syncline"}}}), "");
    EXPECT_EQ(with(*known, rsa_, {{"aud", {{"syncline", 1}}}}), "token.audience");
    EXPECT_EQ(with(*known, rsa_, {{"aud", nullptr}}), "token.audience");
    EXPECT_EQ(with(*known, rsa_, {{"exp", nullptr}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"exp", "tomorrow"}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"exp", now - 59}}), "") << "within the skew";
    EXPECT_EQ(with(*known, rsa_, {{"exp", now - 60}}), "token.expired");
    EXPECT_EQ(with(*known, rsa_, {{"nbf", now + 60}}), "");
    EXPECT_EQ(with(*known, rsa_, {{"nbf", now + 61}}), "token.early");
    EXPECT_EQ(with(*known, rsa_, {{"nbf", "x"}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"iat", now + 61}}), "token.early");
    EXPECT_EQ(with(*known, rsa_, {{"sub", nullptr}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"role", "god"}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"role", nullptr}}), "token.claims");
    EXPECT_EQ(with(*known, rsa_, {{"tenant", "other"}}), "token.claims") << "not its tenant";
    EXPECT_EQ(with(*known, rsa_, {{"tenant", nullptr}}), "token.claims");
}

TEST_F(TokenIssuerTest, AnUnknownKeyIsAskedForOnceInAWhile) {
    serve({rsa_.jwk()});
    const auto known = issuer(TokenAlgorithm::kRs256);
    EXPECT_EQ(error_of(*known, rsa_.sign(claims())), "");
    EXPECT_EQ(fetches_, 1);
    const TokenMaker next = TokenMaker::rsa("r2");
    serve({rsa_.jwk(), next.jwk()});
    EXPECT_EQ(error_of(*known, next.sign(claims())), "token.signature") << "asked a moment ago";
    now_ms_ += 30'000;
    EXPECT_EQ(error_of(*known, next.sign(claims())), "") << "a key that was rotated in";
    EXPECT_EQ(fetches_, 2);
    const TokenMaker stranger = TokenMaker::rsa("r3");
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(error_of(*known, stranger.sign(claims())), "token.signature");
    }
    EXPECT_EQ(fetches_, 2);
    EXPECT_EQ(error_of(*known, rsa_.sign(claims(), {{"alg", "RS256"}})), "token.signature")
        << "no key id, and two keys";
    serve({next.jwk()});
    now_ms_ += 601'000;
    EXPECT_EQ(error_of(*known, rsa_.sign(claims())), "token.signature") << "a key taken out";
    EXPECT_EQ(error_of(*known, next.sign(claims(), {{"alg", "RS256"}})), "") << "the only key";
}

TEST_F(TokenIssuerTest, KeysThatCannotBeFetchedStayForADay) {
    serve({rsa_.jwk()});
    const auto known = issuer(TokenAlgorithm::kRs256);
    const std::string token = rsa_.sign(claims());
    const auto good_again = [&] { return error_of(*known, rsa_.sign(claims())); };
    EXPECT_EQ(good_again(), "");
    set_ = Error{ErrorCode::kTransient, "cannot be reached", "http.connect"};
    now_ms_ += 3'600'000;
    EXPECT_EQ(good_again(), "");
    set_ = std::string("<html>");
    now_ms_ += 3'600'000;
    EXPECT_EQ(good_again(), "");
    EXPECT_EQ(fetches_, 3);
    now_ms_ += 86'400'000;
    EXPECT_EQ(good_again(), "token.keys");
    serve({rsa_.jwk()});
    now_ms_ += 30'000;
    EXPECT_EQ(good_again(), "");
}

TEST_F(TokenIssuerTest, ASharedSecretIsAKeyOfItsOwn) {
    const auto key = storage::Key::from_bytes(std::string(32, 'h')).value();
    set_ = key.to_base64();
    const auto known = issuer(TokenAlgorithm::kHs256);
    const auto sign = [&](const storage::Key& with) {
        const std::string text = api::base64url_encode(R"({"alg":"HS256"})") + "." +
                                 api::base64url_encode(dump_json(claims()));
        std::string mac(32, '\0');
        unsigned size = 0;
        HMAC(
            EVP_sha256(),
            with.reveal().data(),
            32,
            reinterpret_cast<const unsigned char*>(text.data()),
            text.size(),
            reinterpret_cast<unsigned char*>(mac.data()),
            &size
        );
        return text + "." + api::base64url_encode(mac);
    };
    EXPECT_EQ(error_of(*known, sign(key)), "");
    EXPECT_EQ(
        error_of(*known, sign(storage::Key::from_bytes(std::string(32, 'i')).value())),
        "token.signature"
    );
}

TEST(KeySet, HoldsOnlyKeysThatAreGoodEnough) {
    const auto parse = [](const Json& keys, TokenAlgorithm algorithm = TokenAlgorithm::kRs256) {
        const auto parsed = api::parse_key_set(dump_json({{"keys", keys}}), algorithm);
        return parsed ? std::to_string(parsed->size()) : parsed.error().message;
    };
    const Json good = TokenMaker::rsa("r1").jwk();
    EXPECT_EQ(parse(Json::array({good})), "1");
    EXPECT_NE(parse(Json::array()).find("no key that checks RS256"), std::string::npos);
    EXPECT_NE(
        parse(Json::array({TokenMaker::rsa("r1", 1024).jwk()})).find("2048"), std::string::npos
    );
    EXPECT_NE(parse(Json::array({good, good})).find("twice"), std::string::npos);
    Json encrypts = good;
    encrypts["use"] = "enc";
    EXPECT_NE(parse(Json::array({encrypts})).find("no key"), std::string::npos);
    Json other = good;
    other["alg"] = "RS512";
    EXPECT_NE(parse(Json::array({other})).find("no key"), std::string::npos);
    Json broken = good;
    broken["n"] = "!";
    EXPECT_NE(parse(Json::array({broken})).find("none"), std::string::npos);
    Json off_curve = TokenMaker::ec("e1").jwk();
    off_curve["y"] = off_curve["x"];
    EXPECT_NE(
        parse(Json::array({off_curve}), TokenAlgorithm::kEs256).find("none"), std::string::npos
    );
    EXPECT_EQ(parse(Json(std::vector<Json>(51, good))).find("has more than 50"), 12u);
    for (const char* text : {"", "[]", "{}", R"({"keys": 7})", R"({"keys": [7]})"}) {
        EXPECT_FALSE(api::parse_key_set(text, TokenAlgorithm::kRs256).has_value()) << text;
    }
}

TEST(Issuers, AreCheckedBeforeTheHostStarts) {
    api::IdentityConfig config;
    config.issuers.resize(2);
    config.issuers[1].name = "corp";
    config.issuers[1].issuer = "syncline";
    config.issuers[1].audience = "a";
    config.issuers[1].tenants = {"*"};
    config.issuers[1].algorithm = TokenAlgorithm::kHs256;
    config.issuers[1].jwks_url = "https://x";
    config.issuers[1].clock_skew_s = 301;
    std::vector<std::string> places;
    for (const auto& problem : api::issuer_problems(config)) {
        places.push_back(split_problem(problem).pointer);
    }
    EXPECT_EQ(
        places,
        (std::vector<std::string>{
            "/identity/issuers/0/name",
            "/identity/issuers/0/issuer",
            "/identity/issuers/0/audience",
            "/identity/issuers/0/tenants",
            "/identity/issuers/0/jwks_url",
            "/identity/issuers/1/issuer",
            "/identity/issuers/1/clock_skew_s",
            "/identity/issuers/1/key_file"})
    );
}

class IssuerLoginTest : public ApiTest {
protected:
    IssuerLoginTest() {
        api::IssuerConfig corp;
        corp.name = "corp";
        corp.issuer = "https://login.example";
        corp.audience = "syncline";
        corp.tenants = {"default"};
        corp.jwks_url = "https://login.example/keys";
        identity_.issuers = {corp};
        fetch_keys_ = [this](const api::IssuerConfig&) {
            return Result<std::string>(dump_json({{"keys", {maker_.jwk()}}}));
        };
    }
    Answer with(const Json& change) {
        const std::int64_t now = clock_.now().ms / 1000;
        Json claims{
            {"iss", "https://login.example"},
            {"aud", "syncline"},
            {"sub", "ann"},
            {"tenant", "default"},
            {"role", "viewer"},
            {"jti", "s-1"},
            {"exp", now + 60}};
        claims.merge_patch(change);
        return call({"GET", "/api/flows", "", maker_.sign(claims), {}});
    }
    const TokenMaker maker_ = TokenMaker::rsa("r1");
};

TEST_F(IssuerLoginTest, ItsPeopleComeInAndOurOwnTokensStillDo) {
    const Answer taken = with(Json::object());
    EXPECT_EQ(taken.status, 200) << taken.text;
    EXPECT_EQ(get("/api/flows").status, 200);
    const auto rows = engine().stores.audit.list(tenant_, false, events_like("login.")).value();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1].entry.actor.name, "corp:ann");
    EXPECT_EQ(rows[1].entry.actor.credential, "token s-1");
}

TEST_F(IssuerLoginTest, ItCannotSpeakInOurName) {
    EXPECT_EQ(with({{"iss", "syncline"}, {"aud", "syncline-api"}}).status, 401);
    EXPECT_EQ(with({{"iss", "nobody"}}).status, 401);
    EXPECT_EQ(with({{"tenant", "other"}}).status, 401);
}

}  // namespace
}  // namespace syncline::testing
