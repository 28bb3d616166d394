// Apps, and accounts that people connect in a browser, over real HTTP with a provider behind them.
#include <fstream>
#include <sstream>

#include "api/support/api_fixture.hpp"
#include "core/sha256.hpp"
#include "support/fake_provider.hpp"

namespace syncline::testing {
namespace {

constexpr auto kApp = "/api/integrations/books/apps/main";
constexpr auto kAuthorize = "/api/integrations/books/authorize";
constexpr auto kCallback = "/api/integrations/books/callback";
constexpr auto kDisconnect = "/api/integrations/books/disconnect";

class OAuthRoutesTest : public ApiTest {
protected:
    void SetUp() override {
        ApiTest::SetUp();
        ASSERT_EQ(put(kApp, app()).status, 201);
    }

    engine::ConnectorSource& source() override { return providers_; }
    engine::AskEndpoint ask_endpoint() override {
        return [this](const Spec&, const Json&, const engine::EndpointRequest& request) {
            return provider_.ask(request);
        };
    }

    static Json app() {
        return {
            {"environment", "sandbox"}, {"client_id", "app-1"}, {"client_secret", "cs-canary-1"}};
    }
    std::string page_for(const Json& more = Json::object()) {
        Json body{{"connection", "books"}};
        body.update(more);
        const Answer answer = post(kAuthorize, body);
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.json["authorize_url"].is_string()
                   ? answer.json["authorize_url"].get<std::string>()
                   : "https://x.example/?redirect_uri=x&state=x";
    }
    // As the browser comes back.
    Answer come_back(
        const std::map<std::string, std::string>& query,
        const std::string& path = kCallback,
        const std::string& accept = "*/*",
        const std::string& method = "GET"
    ) {
        std::string text;
        for (const auto& [name, value] : query) {
            text += (text.empty() ? "?" : "&") + name + "=" + api::percent_encode(value);
        }
        return call({method, path + text, "", "", {{"Accept", accept}}});
    }
    Answer connect(const std::string& realm, const Json& more = Json::object()) {
        return come_back(provider_.consent(page_for(more), realm));
    }
    Json books() {
        const Json shown = get("/api/integrations/books/status").json;
        for (const auto& item : shown["items"]) {
            if (item["connection"] == "books") {
                return item;
            }
        }
        return {};
    }
    std::string at_rest() {
        std::string all;
        for (const char* file : {"test.db", "test.db-wal"}) {
            std::ostringstream text;
            text << std::ifstream(dir_.file(file), std::ios::binary).rdbuf();
            all += text.str();
        }
        return all;
    }
    std::vector<std::string> audited(const std::string& event) {
        std::vector<std::string> outcomes;
        const Json found = get("/api/audit?event=" + event).json;
        for (const auto& row : found["items"]) {
            outcomes.push_back(row["outcome"].get<std::string>());
        }
        return outcomes;
    }
    static void expect_no_secret(const std::string& text) {
        for (const char* secret : {"cs-canary", "code-canary", "\"a2\"", "\"r2\""}) {
            EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << text;
        }
    }

    FakeGrant grant_;
    FakeProvider provider_{grant_};
    FakeProviderSource providers_{shop_, books_, grant_};
};

TEST_F(OAuthRoutesTest, AnAppsSecretGoesInAndNeverComesOut) {
    const Answer shown = get(kApp);
    ASSERT_EQ(shown.status, 200) << shown.text;
    EXPECT_EQ(shown.json["client_id"], "app-1");
    EXPECT_EQ(shown.json["environment"], "sandbox");
    EXPECT_EQ(shown.json["connections"], Json::array());
    const Answer listed = get("/api/integrations/books/apps");
    EXPECT_EQ(listed.json["items"].size(), 1u);
    // Without a secret the one that is stored stays.
    const Answer again =
        put(kApp,
            {{"environment", "sandbox"},
             {"client_id", "app-1"},
             {"redirect_uri", "https://sync.example/api/integrations/books/callback"}});
    EXPECT_EQ(again.status, 200) << again.text;
    const auto stored = engine().stores.apps.find(tenant_, "books", "main").value();
    EXPECT_EQ(engine().stores.apps.client_secret(stored).value(), "cs-canary-1");
    for (const Answer& answer : {shown, listed, again}) {
        expect_no_secret(answer.text);
    }
    expect_no_secret(at_rest());
    EXPECT_EQ(audited("app."), (std::vector<std::string>{"done", "done"}));
    EXPECT_EQ(remove(kApp).status, 204);
    EXPECT_EQ(get(kApp).json["type"], "/errors/app.unknown");
}

TEST_F(OAuthRoutesTest, AnAppThatCannotBeIsRefusedWithEveryReason) {
    const Answer refused =
        put("/api/integrations/books/apps/Main!",
            {{"environment", "test"}, {"client_id", ""}, {"redirect_uri", "sync.example"}});
    const auto places = refused.places();
    EXPECT_EQ(
        std::set<std::string>(places.begin(), places.end()),
        (std::set<std::string>{"/name", "/environment", "/client_id", "/redirect_uri"})
    );
    EXPECT_EQ(
        put("/api/integrations/books/apps/new", {{"client_id", "x"}}).places(),
        std::vector<std::string>{"/client_secret"}
    );
    EXPECT_EQ(
        put("/api/integrations/shop/apps/main", app()).json["type"], "/errors/oauth.unsupported"
    );
    EXPECT_EQ(
        put("/api/integrations/abacus/apps/main", app()).json["type"], "/errors/connector.unknown"
    );
}

TEST_F(OAuthRoutesTest, ThePageIsAskedAsTheConnectorDeclares) {
    const std::string url = page_for();
    EXPECT_EQ(url.rfind("https://books.example/authorize?", 0), 0u);
    const auto asked = parameters_of(url.substr(url.find('?') + 1));
    EXPECT_EQ(asked.at("client_id"), "app-1");
    EXPECT_EQ(asked.at("response_type"), "code");
    EXPECT_EQ(asked.at("scope"), "read write");
    EXPECT_EQ(asked.at("code_challenge_method"), "S256");
    EXPECT_EQ(asked.at("code_challenge").size(), 43u);
    EXPECT_EQ(asked.at("state").size(), 43u);
    EXPECT_NE(asked.at("redirect_uri").find(kCallback), std::string::npos);
    EXPECT_EQ(asked.count("client_secret"), 0u);
    const std::string other = page_for();
    EXPECT_NE(other, url);
    // Whoever reads the database cannot end the authorization.
    EXPECT_EQ(at_rest().find(asked.at("state")), std::string::npos);
    EXPECT_NE(at_rest().find(sha256_hex(asked.at("state"))), std::string::npos);
}

TEST_F(OAuthRoutesTest, TheWalkEndsWithAConnectionThatWorks) {
    const Answer page = connect("9130");
    ASSERT_EQ(page.status, 200) << page.text;
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(page.header("Cache-Control"), "no-store");
    EXPECT_NE(page.header("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
    EXPECT_NE(page.text.find("Books of 9130"), std::string::npos) << page.text;
    expect_no_secret(page.text);
    const auto& request = provider_.requests.at(0);
    EXPECT_EQ(request.url, "https://books.example/token");
    EXPECT_EQ(request.headers.back(), (std::pair<std::string, std::string>("X-Lifetimes", "true")));

    const Json shown = books();
    EXPECT_EQ(shown["state"], "active");
    EXPECT_EQ(shown["account"], "9130");
    EXPECT_EQ(
        shown["settings"],
        Json({{"realm", "9130"}, {"client_id", "app-1"}, {"environment", "sandbox"}})
    );
    EXPECT_EQ(shown["credentials"], Json({"access_token", "client_secret", "refresh_token"}));
    const auto in = [&](std::int64_t seconds) {
        return Timestamp{clock_.now().ms + seconds * 1000}.to_string();
    };
    EXPECT_EQ(shown["tokens"]["access_expires_at"], in(3600));
    EXPECT_EQ(shown["tokens"]["refresh_expires_at"], in(8'640'000));
    EXPECT_EQ(shown["tokens"]["hard_expires_at"], in(157'680'000));
    EXPECT_EQ(shown["tokens"]["app"], "main");
    EXPECT_EQ(shown["tokens"]["granted_by"], "tester");
    EXPECT_EQ(shown["reconnect"], nullptr);
    EXPECT_EQ(get(kApp).json["connections"], Json({"books"}));
    expect_no_secret(dump_json(shown));

    const Json row = get("/api/audit?event=connection.authorized").json["items"][0];
    EXPECT_EQ(row["actor"], "tester") << "who began it, not who came back";
    EXPECT_EQ(row["detail"]["account"], "9130");
    EXPECT_GE(audited("credential.opened").size(), 1u);
    expect_no_secret(get("/api/audit").text);
    expect_no_secret(at_rest());
}

TEST_F(OAuthRoutesTest, AStateIsGoodOnceForTenMinutesAndAtItsPlatformOnly) {
    EXPECT_EQ(come_back({}).json["type"], "/errors/oauth.state_missing");
    EXPECT_EQ(
        come_back({{"state", "invented"}, {"code", "c"}, {"realmId", "1"}}).json["type"],
        "/errors/oauth.state_unknown"
    );
    const auto back = provider_.consent(page_for(), "9130");
    const Answer elsewhere = come_back(back, "/api/integrations/shop/callback");
    EXPECT_EQ(elsewhere.status, 400);
    EXPECT_EQ(elsewhere.json["type"], "/errors/oauth.state_foreign");
    EXPECT_EQ(elsewhere.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(come_back(back).status, 200);
    const Answer twice = come_back(back);
    EXPECT_EQ(twice.status, 409);
    EXPECT_EQ(twice.json["type"], "/errors/oauth.state_used");
    EXPECT_EQ(provider_.requests.size(), 1u) << "nothing is asked for a state that is not good";

    const auto in_time = provider_.consent(page_for(), "9130");
    const auto late = provider_.consent(page_for(), "9130");
    clock_.advance(std::chrono::minutes(10) - std::chrono::milliseconds(1));
    EXPECT_EQ(come_back(in_time).status, 200);
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(come_back(late).json["type"], "/errors/oauth.state_expired");
    EXPECT_EQ(provider_.requests.size(), 2u);
}

TEST_F(OAuthRoutesTest, AProgramThatLooksAtLinksInAdvanceUsesUpNoState) {
    const auto back = provider_.consent(page_for(), "9130");
    EXPECT_EQ(come_back(back, kCallback, "*/*", "HEAD").status, 405);
    EXPECT_TRUE(provider_.requests.empty());
    EXPECT_EQ(come_back(back).status, 200);
}

TEST_F(OAuthRoutesTest, AStateActsForItsTenantAndNobodyElse) {
    const TenantId other = other_tenant();
    const auto back = provider_.consent(page_for(), "9130");
    ASSERT_TRUE(engine().stores.tenants.set_active(tenant_, false, "unpaid", 2));
    EXPECT_EQ(come_back(back).json["type"], "/errors/tenant.suspended");
    ASSERT_TRUE(engine().stores.tenants.set_active(tenant_, true, "", 3));
    EXPECT_EQ(come_back(back).status, 200);
    EXPECT_EQ(books()["state"], "active");
    EXPECT_FALSE(engine().stores.connections.find(other, "books").has_value());
    // The other tenant has no such app.
    const Answer theirs =
        call({"POST", kAuthorize, R"({"app": "main"})", token(api::Role::kAdmin, "other"), {}});
    EXPECT_EQ(theirs.json["type"], "/errors/app.unknown");
    EXPECT_EQ(call({"GET", kApp, "", token(api::Role::kAdmin, "other"), {}}).status, 404);
}

TEST_F(OAuthRoutesTest, WhatThePlatformRefusesIsSaidPlainly) {
    auto back = provider_.consent(page_for(), "9130");
    back.erase("code");
    back["error"] = "access_denied";
    const Answer denied = come_back(back);
    EXPECT_EQ(denied.status, 403);
    EXPECT_EQ(denied.json["type"], "/errors/oauth.denied");
    EXPECT_EQ(come_back(back).json["type"], "/errors/oauth.state_used");

    back["state"] = provider_.consent(page_for(), "9130").at("state");
    back["error"] = "<script>alert(1)</script>";
    const Answer page = come_back(back, kCallback, "text/html,application/xhtml+xml");
    EXPECT_EQ(page.status, 422);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(page.text.find("<script"), std::string::npos);
    EXPECT_NE(page.text.find("oauth.refused"), std::string::npos) << page.text;

    back = provider_.consent(page_for(), "9130");
    back.erase("code");
    EXPECT_EQ(come_back(back).json["type"], "/errors/oauth.code_missing");
    back = provider_.consent(page_for(), "9130");
    back.erase("realmId");
    EXPECT_EQ(come_back(back).json["type"], "/errors/oauth.account_missing");
    EXPECT_EQ(provider_.requests.size(), 0u);
    EXPECT_EQ(books()["settings"], Json::object()) << "nothing was changed";
    EXPECT_EQ(audited("connection.authorized"), std::vector<std::string>(4, "refused"));
}

TEST_F(OAuthRoutesTest, ACodeThatIsNotTakenLeavesEverythingAsItWas) {
    const auto refused = [&](int status, const std::string& body) {
        const auto back = provider_.consent(page_for(), "9130");
        provider_.answer = engine::EndpointAnswer{status, body};
        const Answer answer = come_back(back);
        provider_.answer.reset();
        expect_no_secret(answer.text);
        return std::to_string(answer.status) + " " + answer.json["type"].get<std::string>();
    };
    EXPECT_EQ(refused(400, R"({"error":"invalid_grant"})"), "409 /errors/oauth.code_refused");
    EXPECT_EQ(refused(401, R"({"error":"invalid_client"})"), "409 /errors/oauth.client_refused");
    EXPECT_EQ(refused(503, "<html>"), "502 /errors/oauth.endpoint_unavailable");
    EXPECT_EQ(refused(200, "<html>"), "502 /errors/oauth.answer_unreadable");
    EXPECT_EQ(refused(200, R"({"access_token":"a2"})"), "502 /errors/oauth.answer_unreadable");
    const auto back = provider_.consent(page_for(), "9130");
    provider_.down = true;
    EXPECT_EQ(come_back(back).status, 502);
    provider_.down = false;
    // A verifier that is not the one of the page.
    auto mixed = provider_.consent(page_for(), "9130");
    mixed["code"] = provider_.consent(page_for(), "9130").at("code");
    EXPECT_EQ(come_back(mixed).json["type"], "/errors/oauth.code_refused");
    EXPECT_EQ(books()["settings"], Json::object());
    EXPECT_EQ(books()["credentials"], Json::array());
    EXPECT_EQ(connect("9130").status, 200);
}

TEST_F(OAuthRoutesTest, AnotherAccountIsRefusedUnlessItIsAskedFor) {
    ASSERT_EQ(connect("9130").status, 200);
    ASSERT_EQ(connect("9130").status, 200) << "the same one may be connected again";
    const Answer refused = connect("4711");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/oauth.other_account");
    EXPECT_EQ(provider_.requests.size(), 2u) << "it got no grant";
    EXPECT_EQ(books()["account"], "9130");
    EXPECT_EQ(connect("4711", {{"other_account", true}}).status, 200);
    EXPECT_EQ(books()["account"], "4711");
    EXPECT_EQ(books()["state"], "active");
    // What was delivered to one company would be taken as delivered to the other.
    shop_.put(1, "10.00", "ann@x.example");
    EXPECT_EQ(run().counts.created, 1);
    const Answer used = connect("9130", {{"other_account", true}});
    EXPECT_EQ(used.json["type"], "/errors/oauth.has_history");
    EXPECT_EQ(books()["account"], "4711");
}

TEST_F(OAuthRoutesTest, NobodyIsSentAwayWithSettingsThatAreWrong) {
    const Answer refused = post(
        kAuthorize,
        {{"settings", {{"page", 0}, {"realm", "1"}, {"client_secret", "mine"}, {"x", 1}}}}
    );
    const auto places = refused.places();
    EXPECT_EQ(
        std::set<std::string>(places.begin(), places.end()),
        (std::set<std::string>{
            "/settings/page", "/settings/realm", "/settings/client_secret", "/settings/x"})
    );
    EXPECT_EQ(refused.text.find("mine"), std::string::npos);
    EXPECT_EQ(post(kAuthorize, {{"connection", "No Name"}}).status, 400);
    EXPECT_EQ(
        post(kAuthorize, {{"connection", "shop"}}).json["type"], "/errors/connection.other_platform"
    );
    EXPECT_EQ(post(kAuthorize, {{"app", "no-such"}}).json["type"], "/errors/app.unknown");
    ASSERT_EQ(put("/api/integrations/books/apps/second", app()).status, 201);
    EXPECT_EQ(post(kAuthorize).places(), std::vector<std::string>{"/app"});
    ASSERT_EQ(connect("9130", {{"app", "second"}, {"settings", {{"page", 7}}}}).status, 200);
    EXPECT_EQ(books()["settings"]["page"], 7);
    // From then on it is known.
    EXPECT_EQ(post(kAuthorize).json["app"], "second");
    EXPECT_EQ(post("/api/integrations/shop/authorize").json["type"], "/errors/oauth.unsupported");
}

TEST_F(OAuthRoutesTest, DisconnectingRevokesAndThenForgets) {
    ASSERT_EQ(connect("9130").status, 200);
    const Answer done = post(kDisconnect, {{"connection", "books"}});
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(provider_.revoked, "r2");
    EXPECT_EQ(done.json["revoked"], true);
    EXPECT_EQ(done.json["state"], "needs_reauth");
    EXPECT_EQ(done.json["credentials"], Json({"client_secret"}));
    EXPECT_EQ(done.json["tokens"]["access_expires_at"], nullptr);
    EXPECT_EQ(done.json["tokens"]["refresh_expires_at"], nullptr);
    EXPECT_EQ(
        done.json["reconnect"],
        Json({{"method", "POST"}, {"href", kAuthorize}, {"body", {{"connection", "books"}}}})
    );
    EXPECT_EQ(audited("connection.disconnected"), std::vector<std::string>{"done"});
    EXPECT_EQ(remove(kApp).status, 204) << "nobody uses it any more";
}

TEST_F(OAuthRoutesTest, APlatformThatIsDownKeepsNobodyFromDisconnecting) {
    ASSERT_EQ(connect("9130").status, 200);
    provider_.down = true;
    const Answer done = post(kDisconnect, {{"connection", "books"}});
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(done.json["revoked"], false);
    EXPECT_NE(done.text.find("cannot be reached"), std::string::npos) << done.text;
    EXPECT_EQ(done.json["credentials"], Json({"client_secret"}));
    EXPECT_EQ(done.json["state"], "needs_reauth");
}

TEST_F(OAuthRoutesTest, WorkWaitsForTheReconnectionUnharmed) {
    ASSERT_EQ(connect("9130").status, 200);
    shop_.put(1, "10.00", "ann@x.example");
    EXPECT_EQ(run().counts.created, 1);
    {
        const std::lock_guard lock(grant_.mutex);
        grant_.generation += 100;  // the owner takes the consent back
    }
    shop_.put(2, "20.00", "bob@x.example");
    run();
    const Json waiting = books();
    EXPECT_EQ(waiting["state"], "needs_reauth");
    EXPECT_NE(waiting["state_reason"].get<std::string>().find("void"), std::string::npos);
    EXPECT_EQ(waiting["reconnect"]["href"], kAuthorize);
    EXPECT_EQ(books_.count("invoice"), 1u);
    later(3 * 86'400'000);
    EXPECT_EQ(get("/api/sync/failures").json["items"], Json::array())
        << "it waits, and is not dead";
    EXPECT_EQ(audited("connection.needs_reauth"), std::vector<std::string>{"done"});
    ASSERT_EQ(connect("9130").status, 200);
    later(60'000);
    EXPECT_EQ(books_.count("invoice"), 2u);
    EXPECT_EQ(books()["state"], "active");
}

TEST_F(OAuthRoutesTest, ANewSecretOfAnAppReachesItsConnections) {
    ASSERT_EQ(connect("9130").status, 200);
    Json changed = app();
    changed["client_secret"] = "cs-canary-2";
    ASSERT_EQ(put(kApp, changed).status, 200);
    const auto id = engine().stores.connections.find(tenant_, "books")->id;
    EXPECT_EQ(
        *engine().stores.vault.credential({tenant_, id, "client_secret"}).value(), "cs-canary-2"
    );
    changed["client_id"] = "app-2";
    const Answer refused = put(kApp, changed);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/errors/app.in_use");
    EXPECT_EQ(remove(kApp).json["type"], "/errors/app.in_use");
}

TEST_F(OAuthRoutesTest, WhatTheFileDeclaresIsReconnectedButNotChanged) {
    storage::NewConnection declared;
    declared.tenant = tenant_;
    declared.name = "declared";
    declared.platform = "books";
    declared.settings = {{"realm", "9130"}, {"client_id", "app-1"}, {"environment", "sandbox"}};
    declared.declared = true;
    ASSERT_TRUE(engine().stores.connections.put(declared, 1).has_value());
    const Json named{{"connection", "declared"}};
    EXPECT_EQ(connect("9130", named).status, 200);
    EXPECT_EQ(connect("4711", named).json["type"], "/errors/oauth.other_account");
    Json more = named;
    more["settings"] = {{"page", 3}};
    EXPECT_EQ(post(kAuthorize, more).json["type"], "/errors/managed_by_config");
    EXPECT_EQ(post(kDisconnect, named).json["type"], "/errors/managed_by_config");
    const auto stored = engine().stores.connections.find(tenant_, "declared").value();
    EXPECT_TRUE(stored.declared);
    EXPECT_EQ(stored.settings, declared.settings);
}

}  // namespace
}  // namespace syncline::testing
