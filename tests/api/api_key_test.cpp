// API keys: made, used, rotated, revoked; and what a tenant's settings say about them.
#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class ApiKeyTest : public ApiTest {
protected:
    Answer make(const Json& body) { return post("/api/api-keys", body); }
    Answer make_as(const std::string& role, const Json& scopes = Json::array()) {
        return make({{"name", "nightly script"}, {"role", role}, {"scopes", scopes}});
    }
    Answer with(const Answer& key, const std::string& method, const std::string& path) {
        return call({method, path, "", key.json["key"].get<std::string>(), {}});
    }
    Json listed(const Answer& key) {
        const Answer answer = get("/api/api-keys");
        for (const auto& item : answer.json["items"]) {
            if (item["id"] == key.json["id"]) {
                return item;
            }
        }
        return Json::object();
    }
    static std::string path_of(const Answer& key) {
        return "/api/api-keys/" + key.json["id"].dump();
    }
    // Everything the database holds of keys.
    std::string stored() {
        return engine()
            .database
            ->read([](storage::Sql& sql) -> Result<std::string> {
                return *sql.value<std::string>(
                    "SELECT group_concat(name || prefix || hash || role || scopes) FROM api_keys"
                );
            })
            .value();
    }
};

TEST_F(ApiKeyTest, AKeyIsShownOnceAndOnlyItsHashIsKept) {
    const Answer made = make_as("operator");
    ASSERT_EQ(made.status, 201) << made.text;
    const std::string key = made.json["key"];
    const std::string prefix = made.json["prefix"];
    EXPECT_EQ(key.rfind(prefix + "_", 0), 0u);
    EXPECT_EQ(key.size(), prefix.size() + 1 + 43);
    EXPECT_EQ(made.header("Location"), path_of(made));
    EXPECT_EQ(made.json["state"], "active");
    EXPECT_TRUE(made.json["expires_at"].is_null());
    const std::string secret = key.substr(prefix.size() + 1);
    EXPECT_EQ(stored().find(secret), std::string::npos);
    EXPECT_EQ(get("/api/api-keys").text.find(secret), std::string::npos);
    EXPECT_EQ(get("/api/audit").text.find(secret), std::string::npos);
    EXPECT_FALSE(listed(made).contains("key"));
    EXPECT_NE(make_as("operator").json["key"], key);
}

TEST_F(ApiKeyTest, AKeyMayWhatItsRoleMay) {
    const Answer viewer = make_as("viewer");
    EXPECT_EQ(with(viewer, "GET", "/api/flows").status, 200);
    const Answer refused = with(viewer, "PUT", "/api/flows/shop-books-orders/pause");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.json["type"], "/errors/token.role");
    const Answer op = make_as("operator");
    EXPECT_EQ(with(op, "PUT", "/api/flows/shop-books-orders/pause").status, 200);
    EXPECT_EQ(with(op, "GET", "/api/api-keys").status, 403);
    const Json row = get("/api/audit?event=flow.paused").json["items"][0];
    EXPECT_EQ(row["actor"], "nightly script");
    EXPECT_EQ(row["credential"], "key " + op.json["prefix"].get<std::string>());
}

TEST_F(ApiKeyTest, ScopesNarrowWhatTheRoleMay) {
    const Answer reader = make_as("operator", {"flows:read"});
    EXPECT_EQ(with(reader, "GET", "/api/flows").status, 200);
    const Answer refused = with(reader, "PUT", "/api/flows/shop-books-orders/pause");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.json["type"], "/errors/token.scope");
    EXPECT_NE(refused.text.find("flows:write"), std::string::npos);
    EXPECT_EQ(with(reader, "GET", "/api/sync/status").status, 403);
    const Answer writer = make_as("operator", {"flows:write", "sync:read"});
    EXPECT_EQ(with(writer, "GET", "/api/flows").status, 200);
    EXPECT_EQ(with(writer, "PUT", "/api/flows/shop-books-orders/pause").status, 200);
    EXPECT_EQ(with(writer, "GET", "/api/sync/status").status, 200);
    EXPECT_EQ(with(writer, "POST", "/api/sync/retry").status, 403);
    // A scope gives no more than the role.
    EXPECT_EQ(with(make_as("viewer", {"flows:write"}), "PUT", "/api/flows/x/pause").status, 403);
}

TEST_F(ApiKeyTest, EverythingWrongIsNamed) {
    const Answer refused = make(
        {{"name", " "},
         {"role", "god"},
         {"scopes", {"flows:read", "moon:read"}},
         {"expires_in_s", 0}}
    );
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.places(), (std::vector<std::string>{"/scopes/1", "/expires_in_s"}));
    const Answer form = make({{"name", " "}, {"role", "god"}, {"scopes", {"flows", "flows:all"}}});
    EXPECT_EQ(
        form.places(), (std::vector<std::string>{"/name", "/role", "/scopes/0", "/scopes/1"})
    );
    EXPECT_EQ(make({{"nmae", "x"}}).places(), std::vector<std::string>{"/nmae"});
    EXPECT_TRUE(get("/api/api-keys").json["items"].empty());
}

TEST_F(ApiKeyTest, AnotherSecretIsRefused) {
    const Answer made = make_as("admin");
    std::string key = made.json["key"];
    key.back() = key.back() == 'A' ? 'B' : 'A';
    const Answer refused = call({"GET", "/api/flows", "", key, {}});
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.json["type"], "/errors/api_key.unknown");
    EXPECT_EQ(call({"GET", "/api/flows", "", "slk_short", {}}).status, 401);
}

TEST_F(ApiKeyTest, AKeyDiesWhenItExpires) {
    const Answer made = make({{"name", "x"}, {"role", "viewer"}, {"expires_in_s", 60}});
    EXPECT_EQ(with(made, "GET", "/api/flows").status, 200);
    clock_.advance(std::chrono::milliseconds(59'999));
    EXPECT_EQ(with(made, "GET", "/api/flows").status, 200);
    clock_.advance(std::chrono::milliseconds(1));
    const Answer expired = with(made, "GET", "/api/flows");
    EXPECT_EQ(expired.status, 401);
    EXPECT_EQ(expired.json["type"], "/errors/api_key.expired");
    EXPECT_EQ(listed(made)["state"], "expired");
}

TEST_F(ApiKeyTest, ARevokedKeyIsRefusedAtOnce) {
    const Answer made = make_as("viewer");
    EXPECT_EQ(with(made, "GET", "/api/flows").status, 200);
    EXPECT_EQ(remove(path_of(made)).status, 204);
    EXPECT_EQ(with(made, "GET", "/api/flows").json["type"], "/errors/api_key.revoked");
    EXPECT_EQ(listed(made)["state"], "revoked");
    EXPECT_EQ(remove(path_of(made)).status, 204);
    EXPECT_EQ(post(path_of(made) + "/rotate").json["type"], "/errors/api_key.ended");
    EXPECT_EQ(remove("/api/api-keys/4711").status, 404);
}

TEST_F(ApiKeyTest, BothKeysAreGoodWhileOneTakesTheOthersPlace) {
    const Answer made = make_as("operator", {"flows:read"});
    const Answer next = post(path_of(made) + "/rotate", {{"overlap_s", 600}});
    ASSERT_EQ(next.status, 201) << next.text;
    EXPECT_EQ(next.json["role"], "operator");
    EXPECT_EQ(next.json["scopes"], Json({"flows:read"}));
    EXPECT_NE(next.json["key"], made.json["key"]);
    EXPECT_EQ(listed(made)["state"], "rotated");
    EXPECT_EQ(listed(made)["replaced_by"], next.json["id"]);
    clock_.advance(std::chrono::seconds(599));
    EXPECT_EQ(with(made, "GET", "/api/flows").status, 200);
    EXPECT_EQ(with(next, "GET", "/api/flows").status, 200);
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(with(made, "GET", "/api/flows").status, 401);
    EXPECT_EQ(with(next, "GET", "/api/flows").status, 200);
    EXPECT_EQ(post(path_of(made) + "/rotate").status, 409);
    const Answer at_once = post(path_of(next) + "/rotate", {{"overlap_s", 0}});
    EXPECT_EQ(at_once.status, 201);
    EXPECT_EQ(with(next, "GET", "/api/flows").status, 401);
    EXPECT_EQ(post(path_of(at_once) + "/rotate", {{"overlap_s", -1}}).status, 400);
}

TEST_F(ApiKeyTest, TheLastUseIsKnownToTheHour) {
    const Answer made = make_as("viewer");
    EXPECT_TRUE(listed(made)["last_used_at"].is_null());
    with(made, "GET", "/api/flows");
    const Json first = listed(made)["last_used_at"];
    EXPECT_TRUE(first.is_string());
    clock_.advance(std::chrono::minutes(59));
    with(made, "GET", "/api/flows");
    EXPECT_EQ(listed(made)["last_used_at"], first) << "a write per request";
    clock_.advance(std::chrono::minutes(2));
    with(made, "GET", "/api/flows");
    EXPECT_NE(listed(made)["last_used_at"], first);
}

TEST_F(ApiKeyTest, ATenantsSettingLimitsItsKeys) {
    ASSERT_EQ(
        put("/api/settings/api_keys", {{"lifetime_days_max", 1}, {"keys_max", 2}}).status, 200
    );
    EXPECT_EQ(make_as("viewer").places(), std::vector<std::string>{"/expires_in_s"});
    const Json day{{"name", "x"}, {"role", "viewer"}, {"expires_in_s", 86'400}};
    EXPECT_EQ(make(day).status, 201);
    EXPECT_EQ(make(day).status, 201);
    EXPECT_EQ(make(day).json["type"], "/errors/api_key.too_many");
    clock_.advance(std::chrono::hours(24));
    EXPECT_EQ(make(day).status, 201) << "those that have expired do not count";
}

TEST_F(ApiKeyTest, AMalformedSettingIsNotTakenForItsDefault) {
    ASSERT_TRUE(engine().stores.settings.put(tenant_, "api_keys", {R"({"keys_max": "x"})", "", 1}));
    const Answer refused = make_as("viewer");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/setting.malformed");
    const Json shown = get("/api/settings/api_keys").json;
    EXPECT_TRUE(shown["value"].is_null());
    EXPECT_FALSE(shown["malformed"].empty());
    ASSERT_EQ(put("/api/settings/api_keys", Json::object()).status, 200);
    EXPECT_EQ(make_as("viewer").status, 201);
}

TEST_F(ApiKeyTest, SettingsAreTypedAndRefusedWithTheirPlaces) {
    const std::vector<std::pair<std::string, std::vector<std::string>>> bad{
        {R"({"keys_max": "many"})", {"/keys_max"}},
        {R"({"keys_max": null})", {"/keys_max"}},
        {R"({"keys_max": 0, "lifetime_days_max": -1})", {"/lifetime_days_max", "/keys_max"}},
        {R"({"keys_max": 1.5})", {"/keys_max"}},
        {R"({"key_max": 5})", {"/key_max"}}};
    for (const auto& [body, places] : bad) {
        const Answer refused = call({"PUT", "/api/settings/api_keys", body, admin(), {}});
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(refused.places(), places) << body;
    }
    for (const char* body : {"", "[]", "7", "{"}) {
        EXPECT_EQ(call({"PUT", "/api/settings/api_keys", body, admin(), {}}).status, 400) << body;
    }
    EXPECT_EQ(get("/api/settings/api_keys").json["is_default"], true);
    EXPECT_EQ(get("/api/settings/moon").status, 404);
    EXPECT_EQ(put("/api/settings/moon", Json::object()).status, 404);
    ASSERT_EQ(put("/api/settings/api_keys", {{"keys_max", 5}}).status, 200);
    const Json shown = get("/api/settings/api_keys").json;
    EXPECT_EQ(shown["value"], (Json{{"keys_max", 5}, {"lifetime_days_max", 0}}));
    EXPECT_EQ(shown["updated_by"], "tester");
    EXPECT_EQ(get("/api/settings").json["items"].size(), setting_kinds().size());
    EXPECT_EQ(
        call({"PUT", "/api/settings/api_keys", "{}", token(api::Role::kApprover), {}}).status, 403
    );
}

}  // namespace
}  // namespace syncline::testing
