// A tenant with a bit of everything, and the paths to it: what tests that walk over the whole table
// need to name something real in each row.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/support/api_fixture.hpp"
#include "storage/match_store.hpp"
#include "storage/reconciliation_store.hpp"
#include "support/signed_webhook.hpp"

namespace syncline::testing {

// The template with its parameters filled in; "x" where nothing is known of one.
inline std::string filled(
    std::string_view pattern, const std::map<std::string, std::string>& values
) {
    std::string path;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t end = pattern.find('}', at);
        if (pattern[at] != '{' || end == std::string_view::npos) {
            path += pattern[at++];
            continue;
        }
        const auto value = values.find(std::string(pattern.substr(at + 1, end - at - 1)));
        path += value == values.end() ? "x" : value->second;
        at = end + 1;
    }
    return path;
}

class WallFixture : public ApiTest {
protected:
    WallFixture() { identity_.failed_logins_max = 0; }

    void SetUp() override {
        ApiTest::SetUp();
        other_tenant();
        shop_.put(1, "10.00", "canary-mail@x.example", {{"poison", true}});
        shop_.put(2, "20.00", "canary-two@x.example");
        shop_.put(3, "30.00", "canary-three@x.example", {{"memo", "a"}});
        const auto run = ApiTest::run();
        make_conflict();
        receive_delivery();
        ASSERT_EQ(
            put("/api/sync/schedules/nightly",
                {{"name", "nightly"}, {"flow", "shop-books-orders"}, {"cron", "17 3 * * *"}}
            ).status,
            201
        );
        ASSERT_EQ(put("/api/settings/api_keys", {{"keys_max", 4711}}).status, 200);
        storage::OAuthApp app;
        app.tenant = tenant_;
        app.platform = "shop";
        app.name = "till";
        app.client_id = "canary-client";
        ASSERT_TRUE(engine().stores.apps.put(app, "canary-secret", 1).has_value());
        const Answer key = post("/api/api-keys", {{"name", "canary-key"}, {"role", "admin"}});
        ASSERT_EQ(
            put("/api/flows/shop-books-orders/pause", {{"reason", "canary-reason"}}).status, 200
        );
        ASSERT_EQ(put("/api/flows/shop-books-orders/resume").status, 200);
        ASSERT_EQ(
            post(
                "/api/alert-channels",
                {{"name", "pager"},
                 {"kind", "webhook"},
                 {"settings", {{"url", "https://canary.example/"}}}}
            ).status,
            201
        );
        storage::Alert alert;
        alert.tenant = tenant_;
        alert.rule = "run_failed";
        alert.subject = "flow canary";
        ASSERT_TRUE(alert_stores_->alerts.apply({{alert}, {}, {}}, 1));
        Json mapping{
            {"name", "till-memo"},
            {"description", "canary-mapping"},
            {"source_entity", "order"},
            {"target", "com.example.books"},
            {"target_entity", "invoice"},
            {"rules", Json::array({{{"source", "status"}, {"target", "memo"}}})}};
        ASSERT_EQ(post("/api/mappings", mapping).status, 201);
        ASSERT_EQ(post("/api/mappings/till-memo/publish").status, 200);
        mapping["description"] = "canary-draft";
        ASSERT_EQ(put("/api/mappings/till-memo", mapping).status, 200);
        compare_and_match();
        ids_ = {
            {"/api/sync/failures/{id}", failure_of("1")},
            {"/api/api-keys/{id}", key.json["id"].dump()},
            {"/api/conflicts/{id}", get("/api/conflicts").json["items"][0]["id"].dump()},
            {"/api/webhook-events/{id}", get("/api/webhook-events").json["items"][0]["id"].dump()},
            {"/api/connectors/{id}", "shop"},
            {"/api/sync/schedules/{name}", "nightly"},
            {"/api/alert-channels/{name}", "pager"},
            {"/api/mappings/{name}", "till-memo"},
            {"/errors/{name}", "flow.unknown"}};
        values_ = {
            {"entity", "orders"},
            {"syncId", run.id},
            {"token", confirmation()},
            {"source_id", "2"},
            {"name", "shop-books-orders"},
            {"platform", "shop"},
            {"connection", "shop"},
            {"key", "api_keys"},
            {"tenant", "default"},
            {"app", "till"},
            {"version", "1"},
            {"id", "1"}};
    }

    // Of the dead letter of a record.
    std::string failure_of(const std::string& source_id) {
        const Json found = get("/api/sync/failures?source_id=" + source_id).json["items"];
        EXPECT_EQ(found.size(), 1u);
        return found.empty() ? "0" : found[0]["id"].dump();
    }
    std::string confirmation() {
        const Answer asked =
            post("/api/sync/bulk/request-confirmation", {{"flow", "shop-books-orders"}});
        EXPECT_EQ(asked.status, 200) << asked.text;
        return asked.json.value("token", std::string());
    }
    // The path with what is the tenant's own.
    std::string path_to_theirs(const api::Route& route) {
        auto values = values_;
        for (const auto& [start, id] : ids_) {
            if (route.path.rfind(start, 0) == 0) {
                values[start.find("{id}") != std::string_view::npos ? "id" : "name"] = id;
            }
        }
        return filled(route.path, values);
    }

    std::map<std::string, std::string> values_;
    std::map<std::string_view, std::string> ids_;

private:
    // Of each one that is over.
    void compare_and_match() {
        storage::ReconciliationStore reconciliations(engine().stores.database);
        storage::Reconciliation compared;
        compared.tenant = tenant_;
        compared.requested_by = "canary-asker";
        compared.window = {"2026-11-01", "2026-11-30"};
        auto added = reconciliations.add(compared, 1).value();
        ASSERT_TRUE(reconciliations.start_next(2).value().has_value());
        added.state = "completed";
        added.report = "{}";
        ASSERT_TRUE(reconciliations.finish(added, 3));
        storage::MatchStore matches(engine().stores.database, engine().stores.vault);
        storage::Match matched;
        matched.tenant = tenant_;
        matched.source = engine().stores.connections.find(tenant_, "shop").value().id;
        matched.target = engine().stores.connections.find(tenant_, "books").value().id;
        matched.entity = "customer";
        matched.requested_by = "canary-asker";
        const auto id = engine().stores.database.write([&](storage::Sql& sql) {
            return matches.create(sql, matched);
        });
        ASSERT_TRUE(id.has_value());
        ASSERT_TRUE(matches.start(*id, 1));
        matched.id = *id;
        ASSERT_TRUE(matches.complete(matched, Json::object(), 2));
    }
    void make_conflict() {
        shop_.now_ms += 60'000;
        books_.edit("shop:shop:3", {{"total", "25.00"}});
        shop_.put(3, "35.00", "canary-three@x.example", {{"memo", "a"}});
        ApiTest::run();
        ASSERT_EQ(get("/api/conflicts").json["items"].size(), 1u);
    }
    void receive_delivery() {
        const auto stored = connections_->put(
            tenant_,
            "shop",
            "shop",
            {{"store_url", "https://shop.example"},
             {"consumer_secret", "cs"},
             {"webhook_secret", "s3cret"}}
        );
        ASSERT_TRUE(stored.has_value()) << stored.error().message;
        const std::string body = R"({"id": 2, "note": "canary-body"})";
        Call delivered{"POST", "/api/webhooks/shop/shop", body, "", {}};
        for (const auto& header : delivery(body).headers) {
            delivered.headers[header.name] = header.value;
        }
        ASSERT_EQ(call(delivered).status, 200);
    }
};

}  // namespace syncline::testing
