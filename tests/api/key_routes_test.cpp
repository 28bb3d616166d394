// Encryption keys over HTTP; that they are rotated under load is shown with the real program.
#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class KeyRoutesTest : public ApiTest {
protected:
    std::string key() { return storage::key_name(key_.id()); }
};

TEST_F(KeyRoutesTest, SayWhichKeyIsNeededByWhom) {
    const Answer answer = get("/api/keys");
    ASSERT_EQ(answer.status, 200) << answer.text;
    ASSERT_EQ(answer.json["keys"].size(), 1u);
    const Json& current = answer.json["keys"][0];
    EXPECT_EQ(current["id"], key());
    EXPECT_EQ(current["state"], "current");
    EXPECT_EQ(current["data_keys"], 1);
    EXPECT_EQ(current["tenants"], Json::array({"default"}));
    EXPECT_EQ(current["needed"], true);
    EXPECT_EQ(answer.json["advice"], "there is no former key");
    EXPECT_TRUE(answer.json["rotation"].is_null());
    EXPECT_EQ(answer.text.find(key_.to_base64()), std::string::npos);
}

TEST_F(KeyRoutesTest, AreForTheAdminsOfTheInstallationOnly) {
    other_tenant();
    const std::string theirs = token(api::Role::kAdmin, "other");
    EXPECT_EQ(call({"GET", "/api/keys", "", theirs, {}}).status, 403);
    EXPECT_EQ(call({"POST", "/api/keys/rotate", "", theirs, {}}).status, 403);
    EXPECT_EQ(call({"GET", "/api/keys/rotations/1", "", theirs, {}}).status, 403);
}

TEST_F(KeyRoutesTest, RefuseWhatCannotBeRotated) {
    const Answer refused = post("/api/keys/rotate");
    EXPECT_EQ(refused.status, 409) << refused.text;
    EXPECT_EQ(refused.json["type"], "/errors/keys.not_renewable");
    EXPECT_EQ(post("/api/keys/rotate", {{"key", "mine"}}).status, 400);
    EXPECT_EQ(get("/api/keys/rotations/7").status, 404);
    EXPECT_EQ(get("/api/keys/rotations/x").status, 404);
}

// What is not wrapped with the key there is goes over to it, without a new key.
TEST_F(KeyRoutesTest, ARotationIsAcceptedFollowedAndNoted) {
    auto& stores = engine().stores;
    ASSERT_TRUE(stores.database.write([&](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE data_keys SET kek_id = 7");  // of a key that is not here
        return {};
    }));
    const Answer begun = post("/api/keys/rotate");
    ASSERT_EQ(begun.status, 202) << begun.text;
    EXPECT_EQ(begun.header("Location"), "/api/keys/rotations/1");
    EXPECT_EQ(begun.json["state"], "wrapping");
    EXPECT_EQ(begun.json["former_key"], "00000007");
    EXPECT_EQ(post("/api/keys/rotate").json["id"], 1) << "the one that is under way";
    EXPECT_FALSE(keys_->step().has_value());
    const Answer waits = get("/api/keys/rotations/1");
    EXPECT_EQ(waits.json["error"], "the encryption key 00000007 is not here");
    const Json keys = get("/api/keys").json;
    EXPECT_EQ(keys["keys"][1]["id"], "00000007");
    EXPECT_EQ(keys["keys"][1]["needed"], true);
    EXPECT_TRUE(keys["keys"][1]["origin"].is_null());
    EXPECT_EQ(keys["advice"], "still needed, do not remove: 00000007");

    ASSERT_TRUE(stores.database.write([&](storage::Sql& sql) -> Result<void> {
        sql.run("UPDATE data_keys SET kek_id = ?", static_cast<std::int64_t>(key_.id()));
        return {};
    }));
    while (keys_->step().value()) {
    }
    EXPECT_EQ(get("/api/keys/rotations/1").json["state"], "completed");
    const Answer noted = get("/api/audit?event=keys.");
    ASSERT_EQ(noted.json["items"].size(), 2u) << noted.text;
    EXPECT_EQ(noted.json["items"][0]["event"], "keys.rotation_completed");
    EXPECT_EQ(noted.json["items"][1]["event"], "keys.rotation_started");
    EXPECT_EQ(noted.json["items"][1]["actor"], "tester");
    const Answer opened = get("/api/audit?event=credential.opened");
    EXPECT_EQ(opened.json["items"][0]["detail"]["purpose"], "keys rotate");
}

TEST_F(KeyRoutesTest, AWebhookSecretThatIsReplacedWasOpenedAndIsNotedSo) {
    ASSERT_EQ(
        post(
            "/api/integrations/shop/credentials",
            {{"store_url", "https://shop.example"},
             {"consumer_secret", "cs_1"},
             {"webhook_secret", "former-secret-of-the-shop"}}
        ).status /
            100,
        2
    );
    const Json turn{{"secret", "another-secret-of-16"}};
    for (int i = 0; i < 2; ++i) {
        const Answer turned = post("/api/integrations/shop/webhook-secret", turn);
        ASSERT_EQ(turned.status / 100, 2) << turned.text;
    }
    int noted = 0;
    const Answer opened = get("/api/audit?event=credential.opened");
    for (const auto& item : opened.json["items"]) {
        noted += item["detail"]["purpose"] == "webhook secret rotation" ? 1 : 0;
    }
    EXPECT_EQ(noted, 2) << "once each time somebody does it";
}

}  // namespace
}  // namespace syncline::testing
