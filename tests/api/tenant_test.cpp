// Tenants: made, suspended, taken back; and walls between them, over the whole route table.
#include "api/support/wall_fixture.hpp"
#include "storage/plain_session.hpp"

namespace syncline::testing {
namespace {

using api::Access;
using api::Role;

constexpr std::array<Role, 4> kRoles{Role::kViewer, Role::kOperator, Role::kApprover, Role::kAdmin};

Role role_of(Access access) {
    switch (access) {
        case Access::kOperator:
            return Role::kOperator;
        case Access::kApprover:
            return Role::kApprover;
        case Access::kAdmin:
        case Access::kInstallation:
            return Role::kAdmin;
        default:
            return Role::kViewer;
    }
}

class TenantTest : public ApiTest {
protected:
    TenantTest() { identity_.failed_logins_max = 0; }

    Answer as(const std::string& tenant, const std::string& method, const std::string& path) {
        return call({method, path, "", token(Role::kAdmin, tenant), {}});
    }
    std::string key_of(const std::string& tenant, Role role) {
        return post(
                   "/api/tenants/" + tenant + "/api-keys",
                   {{"name", "k"}, {"role", std::string(enum_name(role))}}
        ).json.value("key", std::string());
    }
};

TEST_F(TenantTest, AreMadeByTheOperatorsOwnAdmins) {
    const Answer made = post("/api/tenants", {{"name", "acme"}});
    ASSERT_EQ(made.status, 201) << made.text;
    EXPECT_EQ(made.json["state"], "active");
    EXPECT_EQ(as("acme", "GET", "/api/flows").status, 200);
    EXPECT_EQ(post("/api/tenants", {{"name", "acme"}}).json["type"], "/errors/tenant.exists");
    EXPECT_EQ(
        post("/api/tenants", {{"name", "No Name"}}).places(), std::vector<std::string>{"/name"}
    );
    EXPECT_EQ(get("/api/tenants").json["items"].size(), 2u);
    // A tenant's admin does not see that there are others.
    for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/api/tenants"},
             {"POST", "/api/tenants"},
             {"POST", "/api/tenants/default/suspend"},
             {"POST", "/api/tenants/acme/api-keys"}}) {
        EXPECT_EQ(as("acme", method, path).status, 403) << path;
    }
    const Answer connected = call(
        {"POST",
         "/api/integrations/shop/credentials",
         R"({"store_url": "https://shop.example", "consumer_secret": "cs"})",
         token(Role::kAdmin, "acme"),
         {}}
    );
    EXPECT_EQ(connected.status, 201) << "its data key is there: " << connected.text;
    const Json row = get("/api/audit?event=tenant.created").json["items"][0];
    EXPECT_EQ(row["object"], "tenant acme");
}

TEST_F(TenantTest, ASuspendedTenantIsToldWhy) {
    other_tenant();
    const std::string key = key_of("other", Role::kAdmin);
    EXPECT_EQ(post("/api/tenants/other/suspend").places(), std::vector<std::string>{"/reason"});
    EXPECT_EQ(call({"GET", "/api/flows", "", key, {}}).status, 200);
    const Answer suspended = post("/api/tenants/other/suspend", {{"reason", "unpaid bill 17"}});
    ASSERT_EQ(suspended.status, 200) << suspended.text;
    EXPECT_EQ(suspended.json["state"], "suspended");
    for (const std::string& credential : {key, token(Role::kAdmin, "other")}) {
        const Answer refused = call({"GET", "/api/flows", "", credential, {}});
        EXPECT_EQ(refused.status, 403);
        EXPECT_EQ(refused.json["type"], "/errors/tenant.suspended");
        EXPECT_NE(refused.text.find("unpaid bill 17"), std::string::npos);
    }
    EXPECT_EQ(post("/api/tenants/other/resume").status, 200);
    EXPECT_EQ(call({"GET", "/api/flows", "", key, {}}).status, 200);
    EXPECT_EQ(
        post("/api/tenants/default/suspend", {{"reason", "x"}}).json["type"], "/errors/tenant.own"
    );
    EXPECT_EQ(post("/api/tenants/nobody/suspend", {{"reason", "x"}}).status, 404);
    const auto rows = get("/api/audit?event=tenant.").json["items"];
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1]["event"], "tenant.suspended");
    EXPECT_EQ(rows[1]["reason"], "unpaid bill 17");
}

TEST_F(TenantTest, ASuspendedTenantsWorkWaitsAndGoesOn) {
    auto& stores = engine().stores;
    shop_.put(1, "10.00", "a@x.example");
    start();
    ASSERT_TRUE(stores.tenants.set_active(tenant_, false, "unpaid", 1));
    work();
    EXPECT_EQ(books_.count("invoice"), 0u) << "neither read nor delivered";
    ASSERT_TRUE(stores.tenants.set_active(tenant_, true, "", 2));
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);

    // Suspended after it was read.
    shop_.put(2, "20.00", "b@x.example");
    books_.faults.push_back(WriteFault::kRateLimit);
    const auto run = ApiTest::run();
    EXPECT_EQ(run.counts.waiting, 1);
    ASSERT_TRUE(stores.tenants.set_active(tenant_, false, "unpaid", 3));
    later(3'600'000);
    EXPECT_EQ(books_.count("invoice"), 1u);
    const auto refused = engine().pool.open(stores.connections.find(tenant_, "shop")->id);
    EXPECT_EQ(refused.error().name, "tenant.suspended");
    ASSERT_TRUE(stores.tenants.set_active(tenant_, true, "", 4));
    later(3'600'000);
    EXPECT_EQ(books_.count("invoice"), 2u);
}

// Every row of the table, with every role, as a token and as an API key, of the operator's own
// tenant, another one, and a suspended one.
TEST_F(TenantTest, EveryRowTakesItsRoleAndNoLower) {
    other_tenant();
    post("/api/tenants", {{"name", "rests"}});
    std::map<std::pair<std::string, Role>, std::vector<std::string>> credentials;
    for (const std::string tenant : {"default", "other", "rests"}) {
        for (const Role role : kRoles) {
            credentials[{tenant, role}] = {token(role, tenant), key_of(tenant, role)};
        }
    }
    post("/api/tenants/rests/suspend", {{"reason", "unpaid"}});
    std::size_t checked = 0;
    for (const auto& route : api::api_routes()) {
        if (route.access == Access::kPublic) {
            continue;
        }
        const std::string path = filled(route.path, {{"entity", "orders"}});
        for (const auto& [who, presented] : credentials) {
            for (const auto& credential : presented) {
                // A body that no handler takes: nothing is changed on the way.
                const Answer answer =
                    call({std::string(route.method), path, R"({"no such": 1})", credential, {}});
                const std::string what = std::string(route.method) + " " + path + " as " +
                                         std::string(enum_name(who.second)) + " of " + who.first +
                                         ": " + answer.text;
                const bool allowed =
                    who.second >= role_of(route.access) &&
                    (route.access != Access::kInstallation || who.first == "default");
                if (who.first == "rests") {
                    EXPECT_EQ(answer.json["type"], "/errors/tenant.suspended") << what;
                } else if (allowed) {
                    EXPECT_NE(answer.status, 401) << what;
                    EXPECT_NE(answer.status, 403) << what;
                    EXPECT_LT(answer.status, 500) << what;
                } else {
                    EXPECT_EQ(answer.status, 403) << what;
                    EXPECT_EQ(answer.json["type"], "/errors/token.role") << what;
                }
                ++checked;
            }
        }
    }
    EXPECT_EQ(checked % (kRoles.size() * 6), 0u);
    EXPECT_GT(checked, 50u * kRoles.size() * 6);
}

// One tenant with a bit of everything, and another one that asks for it in every way.
class WallTest : public WallFixture {
protected:
    // Whether what is at the path belongs to one tenant only.
    static bool names_something(const api::Route& route) {
        if (route.access == Access::kPublic) {
            return false;
        }
        for (const char* parameter : {"{id}", "{name}", "{syncId}", "{token}", "{source_id}"}) {
            if (route.path.find(parameter) != std::string_view::npos) {
                return route.path.rfind("/api/connectors/", 0) != 0;
            }
        }
        return false;
    }
    // Bodies that would be taken if the names in them were the caller's own.
    static std::vector<std::string> bodies() {
        return {
            "",
            "{}",
            R"({"reason": "mine"})",
            R"({"keep": "source", "reason": "mine"})",
            R"({"merge": {"total": "1.00"}})",
            R"({"flow": "shop-books-orders"})",
            R"({"flow": "shop-books-orders", "mode": "full"})",
            R"({"flow": "shop-books-orders", "dryRun": true})",
            R"({"connection": "shop"})",
            R"({"cursor": "2026-01-01T00:00:00Z"})",
            R"({"all": true})",
            R"({"grade": "exact"})",
            R"({"overlap_s": 0})",
            R"({"name": "nightly", "flow": "shop-books-orders", "interval_s": 300})",
            R"({"name": "shop-books-orders", "entity": "order", "source": {"connection": "shop"},
                "target": {"connection": "books"}})"};
    }
    // All rows of every table but the other tenant's own, and what grows with each request.
    std::string everything_of_ours(TenantId other) {
        storage::Sql sql = storage::plain_session(dir_.file("test.db"));
        std::string all;
        for (const auto& [table] : sql.rows<std::string>(
                 "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN "
                 "('audit_log', 'sqlite_sequence') ORDER BY name"
             )) {
            std::string columns;
            bool has_tenant = false;
            const std::string info = "SELECT name FROM pragma_table_info('" + table + "')";
            for (const auto& [column] : sql.rows<std::string>(info.c_str())) {
                columns += (columns.empty() ? "" : " || '|' || ") + ("quote(\"" + column + "\")");
                has_tenant = has_tenant || column == "tenant_id";
            }
            const std::string rows =
                "SELECT " + columns + " FROM " + table +
                (has_tenant ? " WHERE tenant_id <> " + std::to_string(other.value) : "");
            for (const auto& [row] : sql.rows<std::string>(rows.c_str())) {
                all += table + ": " + row + "\n";
            }
        }
        return all;
    }
};

TEST_F(WallTest, NoRouteShowsOrChangesWhatIsAnothers) {
    const TenantId other = engine().stores.tenants.find("other").value()->id;
    const std::string theirs = token(Role::kAdmin, "other");
    const std::string before = everything_of_ours(other);
    ASSERT_NE(before.find("nightly"), std::string::npos);
    const auto documents = books_.documents.size();
    for (const auto& route : api::api_routes()) {
        if (route.access == Access::kPublic || route.access == Access::kInstallation) {
            continue;
        }
        for (const auto& body : bodies()) {
            const std::string path = path_to_theirs(route);
            const Answer answer = call({std::string(route.method), path, body, theirs, {}});
            const std::string what =
                std::string(route.method) + " " + path + " " + body + ": " + answer.text;
            if (names_something(route)) {
                // A body that the row does not take is refused before anybody looks.
                EXPECT_TRUE(answer.status == 404 || answer.status == 400) << what;
            } else {
                EXPECT_LT(answer.status, 500) << what;
            }
            for (const char* canary : {"canary", "\"keys_max\":4711", "17 3 * * *"}) {
                EXPECT_EQ(answer.text.find(canary), std::string::npos) << what;
            }
        }
    }
    work();
    EXPECT_EQ(everything_of_ours(other), before);
    EXPECT_EQ(books_.documents.size(), documents);
}

TEST_F(WallTest, WhatIsAnothersIsNotFound) {
    const std::string theirs = token(Role::kAdmin, "other");
    std::size_t named = 0;
    for (const auto& route : api::api_routes()) {
        if (!names_something(route) || route.access == Access::kInstallation) {
            continue;
        }
        const std::string path = path_to_theirs(route);
        std::set<int> answers;
        for (const auto& body : bodies()) {
            answers.insert(call({std::string(route.method), path, body, theirs, {}}).status);
        }
        // PUT of a name would make one of their own, if the connections were theirs.
        const bool makes = route.method == "PUT" && (route.path == "/api/flows/{name}" ||
                                                     route.path == "/api/sync/schedules/{name}");
        EXPECT_EQ(answers.count(404), makes ? 0u : 1u) << route.method << " " << path;
        // With our own token there is something.
        if (route.method == "GET") {
            EXPECT_EQ(get(path).status, 200) << path;
        }
        ++named;
    }
    EXPECT_GT(named, 20u);
}

}  // namespace
}  // namespace syncline::testing
