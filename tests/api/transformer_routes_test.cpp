// PUT /api/settings/transformer_config: checked against the accounts before it is stored; the
// values that settings had.
#include "api/support/api_fixture.hpp"
#include "support/choosy_books.hpp"

namespace syncline::testing {
namespace {

class TransformerRoutesTest : public ApiTest {
protected:
    engine::ConnectorSource& source() override { return choosy_; }
    void SetUp() override {
        ApiTest::SetUp();
        test_connection();
    }
    void test_connection() {
        ASSERT_EQ(post("/api/integrations/books/test", {{"connection", "books"}}).status, 200);
    }
    Json value() { return get(kPath).json["value"]; }
    std::vector<std::int64_t> versions() {
        std::vector<std::int64_t> all;
        const Json items = get(std::string(kPath) + "/versions").json["items"];
        for (const auto& item : items) {
            all.push_back(item["version"]);
        }
        return all;
    }

    static constexpr const char* kPath = "/api/settings/transformer_config";
    ChoosyAccount choosy_account_;
    ChoosySource choosy_{shop_, books_, choosy_account_};
};

TEST_F(TransformerRoutesTest, WhatAnAccountDoesNotHaveIsRefusedWithItsPlace) {
    ASSERT_EQ(put(kPath, {{"color", "red"}, {"size", "L"}}).status, 200);
    const Answer refused = put(kPath, {{"color", "pink"}, {"colour", "red"}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json["type"], "/errors/setting.refused");
    EXPECT_EQ(refused.places(), (std::vector<std::string>{"/colour", "/color"}));
    EXPECT_NE(refused.text.find("connection 'books'"), std::string::npos);
    EXPECT_EQ(value(), (Json{{"color", "red"}, {"size", "L"}})) << "nothing of it is stored";
    for (const char* body : {"[]", "null", "7", R"({"color": null})"}) {
        EXPECT_EQ(call({"PUT", kPath, body, admin(), {}}).status, 400) << body;
    }
    EXPECT_EQ(versions(), std::vector<std::int64_t>{1});
}

TEST_F(TransformerRoutesTest, WhatIsMadeInThePlatformIsThereAfterTheNextTest) {
    EXPECT_EQ(put(kPath, {{"color", "green"}}).status, 422);
    choosy_account_.colors.push_back("green");
    EXPECT_EQ(put(kPath, {{"color", "green"}}).status, 422) << "as last discovered";
    test_connection();
    EXPECT_EQ(put(kPath, {{"color", "green"}}).status, 200);
}

TEST_F(TransformerRoutesTest, ADryRunSaysWhatWouldChangeAndStoresNothing) {
    ASSERT_EQ(put(kPath, {{"color", "red"}}).status, 200);
    const Answer would = put(std::string(kPath) + "?dry_run=true", {{"color", "blue"}});
    EXPECT_EQ(would.status, 200);
    EXPECT_EQ(would.json["dry_run"], true);
    EXPECT_EQ(would.json["difference"][0]["path"], "/color");
    EXPECT_EQ(put(std::string(kPath) + "?dry_run=true", {{"color", "pink"}}).status, 422);
    EXPECT_EQ(put(std::string(kPath) + "?dry_run=maybe", {{"color", "blue"}}).status, 400);
    EXPECT_EQ(value(), (Json{{"color", "red"}}));
    EXPECT_EQ(versions(), std::vector<std::int64_t>{1});
}

TEST_F(TransformerRoutesTest, EveryValueIsKeptAndAFormerOneCanBeSetAgainIfItStillHolds) {
    for (const char* color : {"red", "blue"}) {
        ASSERT_EQ(put(kPath, {{"color", color}}).status, 200);
    }
    const Json newest = get(std::string(kPath) + "/versions?limit=1").json["items"];
    ASSERT_EQ(newest.size(), 1u);
    EXPECT_EQ(newest[0]["version"], 2);
    EXPECT_EQ(newest[0]["value"], (Json{{"color", "blue"}}));
    EXPECT_EQ(newest[0]["changed_by"], "tester");
    EXPECT_TRUE(newest[0]["changed_at"].is_string());
    EXPECT_EQ(get(std::string(kPath) + "/versions?before=2").json["items"].size(), 1u);

    const std::string rollback = std::string(kPath) + "/rollback";
    ASSERT_EQ(post(rollback, {{"version", 1}}).status, 200);
    EXPECT_EQ(value(), (Json{{"color", "red"}}));
    EXPECT_EQ(versions(), (std::vector<std::int64_t>{3, 2, 1}));
    EXPECT_EQ(post(rollback, {{"version", 9}}).places(), std::vector<std::string>{"/version"});
    EXPECT_EQ(post(rollback, {{"number", 1}}).status, 400);

    choosy_account_.colors = {"red"};
    test_connection();
    EXPECT_EQ(post(rollback, {{"version", 2}}).status, 422) << "the account has no blue any more";
    EXPECT_EQ(value(), (Json{{"color", "red"}}));
    EXPECT_EQ(get("/api/settings/moon/versions").status, 404);
    EXPECT_EQ(post("/api/settings/moon/rollback", {{"version", 1}}).status, 404);
    EXPECT_EQ(
        call({"POST", rollback, R"({"version": 1})", token(api::Role::kOperator), {}}).status, 403
    );
}

TEST_F(TransformerRoutesTest, OtherSettingsHaveTheirVersionsToo) {
    ASSERT_EQ(put("/api/settings/api_keys", {{"keys_max", 7}}).status, 200);
    ASSERT_EQ(put("/api/settings/api_keys", {{"keys_max", 8}}).status, 200);
    ASSERT_EQ(post("/api/settings/api_keys/rollback", {{"version", 1}}).status, 200);
    EXPECT_EQ(get("/api/settings/api_keys").json["value"]["keys_max"], 7);
    EXPECT_EQ(get("/api/settings/approval/versions").json["items"].size(), 0u);
}

TEST_F(TransformerRoutesTest, AConnectionThatIsNotKnownYetIsNamed) {
    add_connection("other", "books");
    const Answer refused = put(kPath, {{"color", "red"}});
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/setting.unverified");
    EXPECT_NE(refused.text.find("'other'"), std::string::npos);
}

TEST_F(TransformerRoutesTest, AMergePatchIsCheckedAsAWhole) {
    ASSERT_EQ(put(kPath, {{"color", "red"}, {"size", "L"}}).status, 200);
    const auto patch = [&](const Json& body) {
        return call({"PATCH", kPath, dump_json(body), admin(), {}});
    };
    EXPECT_EQ(patch({{"color", "pink"}}).places(), std::vector<std::string>{"/color"});
    EXPECT_EQ(patch({{"color", nullptr}}).status, 200);
    EXPECT_EQ(value(), (Json{{"size", "L"}}));
}

}  // namespace
}  // namespace syncline::testing
