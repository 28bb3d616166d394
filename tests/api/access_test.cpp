// Who may do what: a walk over the whole route table.
#include "api/http/base64url.hpp"
#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

using api::Access;
using api::Role;

// The template with every parameter filled in.
std::string some_path(std::string_view pattern) {
    std::string path;
    bool inside = false;
    for (const char c : pattern) {
        if (c == '{' || c == '}') {
            path += c == '{' ? "x" : "";
            inside = c == '{';
        } else if (!inside) {
            path += c;
        }
    }
    return path;
}

std::string flipped(std::string token) {
    char& last = token[token.size() - 2];
    last = last == 'A' ? 'B' : 'A';
    return token;
}

class AccessTest : public ApiTest {
protected:
    AccessTest() { identity_.failed_logins_max = 0; }

    Answer ask(const api::Route& route, const std::string& with) {
        return call({std::string(route.method), some_path(route.path), "", with, {}});
    }
    std::string sign(const std::string& header, const Json& claims) {
        // The same signature as ours, whatever the header says.
        const std::string text =
            api::base64url_encode(header) + "." + api::base64url_encode(dump_json(claims));
        return text + "." + text;
    }
    Json claims(std::int64_t lives_s = 3600) {
        const std::int64_t now = clock_.now().ms / 1000;
        return {
            {"sub", "tester"},
            {"tenant", "default"},
            {"role", "admin"},
            {"iat", now},
            {"exp", now + lives_s},
            {"jti", "1"}};
    }
    std::string token_of(Role role, std::int64_t lives_s, const storage::Key& key) {
        const std::int64_t now = clock_.now().ms / 1000;
        return api::sign_token(
            {"tester", "default", role, now - 10, now + lives_s, "1"}, key.reveal()
        );
    }
};

TEST_F(AccessTest, OnlyProbesAndDeliveriesArePublic) {
    std::vector<std::string> open;
    for (const auto& route : api::api_routes()) {
        if (route.access == Access::kPublic) {
            open.emplace_back(route.path);
        }
    }
    EXPECT_EQ(
        open,
        (std::vector<std::string>{// Its state says whose it is.
                                  "/api/integrations/{platform}/callback",
                                  // These are verified by their signature.
                                  "/api/webhooks/{platform}",
                                  "/api/webhooks/{platform}/{connection}",
                                  "/api/webhooks/quickbooks/cloudevents",
                                  "/health",
                                  "/livez",
                                  "/readyz",
                                  // What everybody may read.
                                  "/openapi.json",
                                  "/errors/{name}"})
    );
}

TEST_F(AccessTest, EveryOtherRowRefusesWhoeverHasNoValidToken) {
    const auto other_key = storage::Key::from_bytes(std::string(32, 'x')).value();
    const std::vector<std::pair<std::string, std::string>> bad{
        {"missing", ""},
        {"malformed", "not-a-token"},
        {"altered", flipped(admin())},
        {"expired", token_of(Role::kAdmin, -1, token_key_)},
        {"signed with another key", token_of(Role::kAdmin, 3600, other_key)},
        {"without a signature",
         api::base64url_encode(R"({"alg":"none"})") + "." +
             api::base64url_encode(dump_json(claims())) + "."},
        {"of another algorithm", sign(R"({"alg":"RS256","typ":"JWT"})", claims())}};
    for (const auto& route : api::api_routes()) {
        if (route.access == Access::kPublic) {
            continue;
        }
        for (const auto& [what, wrong] : bad) {
            const Answer answer = ask(route, wrong);
            EXPECT_EQ(answer.status, 401)
                << route.method << " " << route.path << " took a token " << what;
            EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
            EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer realm=\"syncline\"");
        }
    }
}

TEST_F(AccessTest, EveryRowRefusesARoleBelowItsOwn) {
    const std::map<Access, std::vector<Role>> too_low{
        {Access::kViewer, {}},
        {Access::kOperator, {Role::kViewer}},
        {Access::kApprover, {Role::kViewer, Role::kOperator}},
        {Access::kAdmin, {Role::kViewer, Role::kOperator, Role::kApprover}},
        {Access::kInstallation, {Role::kViewer, Role::kOperator, Role::kApprover}}};
    for (const auto& route : api::api_routes()) {
        if (route.access == Access::kPublic) {
            continue;
        }
        for (const Role role : too_low.at(route.access)) {
            const Answer answer = ask(route, token(role));
            EXPECT_EQ(answer.status, 403)
                << route.method << " " << route.path << " took a " << enum_name(role);
            EXPECT_EQ(answer.json["type"], "/errors/token.role");
        }
        EXPECT_NE(ask(route, admin()).status, 403) << route.path;
        EXPECT_NE(ask(route, admin()).status, 401) << route.path;
    }
}

TEST_F(AccessTest, ChangingRowsAskForMoreThanAViewer) {
    for (const auto& route : api::api_routes()) {
        const bool validates = route.path == "/api/connectors/{id}/config/validate";
        // A delivery is verified by its signature.
        const bool delivery = route.path.substr(0, 14) == "/api/webhooks/";
        if (route.method != "GET" && !validates && !delivery) {
            EXPECT_GE(route.access, Access::kOperator) << route.method << " " << route.path;
        }
    }
}

TEST_F(AccessTest, ATokenOfATenantThatIsNotHereIsRefused) {
    const Answer answer = call({"GET", "/api/flows", "", token(Role::kAdmin, "nobody"), {}});
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.json["type"], "/errors/token.tenant");
}

TEST_F(AccessTest, TheTenantComesFromTheTokenOnly) {
    other_tenant();
    const std::string theirs = token(Role::kAdmin, "other");
    EXPECT_TRUE(
        call({"GET", "/api/flows", "", theirs, {{"X-Tenant", "default"}}}).json["items"].empty()
    );
    EXPECT_EQ(call({"GET", "/api/flows?tenant=default", "", theirs, {}}).status, 400);
    EXPECT_EQ(call({"GET", "/api/flows", "", admin(), {}}).json["items"].size(), 1u);
}

TEST_F(AccessTest, WhatIsOfAnotherTenantIsNotFound) {
    other_tenant();
    shop_.put(1, "10.00", "a@x.example", {{"poison", true}});
    const auto run = ApiTest::run();
    const auto letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    ASSERT_EQ(letters.size(), 1u);
    const std::string failure = "/api/sync/failures/" + std::to_string(letters[0].id.value);
    const std::string theirs = token(Role::kAdmin, "other");
    const std::vector<std::pair<std::string, std::string>> calls{
        {"GET", "/api/sync/status/" + run.id},
        {"POST", "/api/sync/status/" + run.id + "/stop"},
        {"GET", failure},
        {"POST", failure + "/retry"},
        {"POST", failure + "/edit"},
        {"POST", failure + "/resolve"},
        {"GET", "/api/flows/shop-books-orders"},
        {"DELETE", "/api/flows/shop-books-orders"},
        {"PUT", "/api/flows/shop-books-orders/pause"},
        {"PUT", "/api/flows/shop-books-orders/resume"},
        {"PUT", "/api/flows/shop-books-orders/stop"},
        {"GET", "/api/records/orders/1"},
        {"DELETE", "/api/integrations/shop/credentials"},
        {"POST", "/api/integrations/shop/test"}};
    for (const auto& [method, path] : calls) {
        EXPECT_EQ(call({method, path, "", theirs, {}}).status, 404) << method << " " << path;
    }
    EXPECT_EQ(get(failure).status, 200);
    const Answer history = call({"GET", "/api/sync/history", "", theirs, {}});
    EXPECT_TRUE(history.json["items"].empty());
    const Answer retried = call({"POST", "/api/sync/retry", R"({"all": true})", theirs, {}});
    EXPECT_EQ(retried.json["retried"], 0);
}

}  // namespace
}  // namespace syncline::testing
