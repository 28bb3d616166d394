// A rotation looks at every sealed value where whoever sealed it put it: a place that is written
// down in two ways would let it call sound values unreadable.
#include "engine/arbiter.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/key_rotation.hpp"
#include "engine/webhook_inbox.hpp"
#include "storage/idempotency_store.hpp"
#include "storage/match_store.hpp"
#include "storage/sealed_columns.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class SealedPlacesTest : public EngineTest {
protected:
    std::string sealed(const storage::Place& place) {
        return engine().stores.vault.seal(place, "text").value();
    }
    template <class... Args>
    void insert(const char* statement, const Args&... args) {
        const auto done = engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
            sql.run(statement, args...);
            return {};
        });
        ASSERT_TRUE(done.has_value()) << done.error().message;
    }
};

TEST_F(SealedPlacesTest, AreThoseOfWhoeverSeals) {
    auto& stores = engine().stores;
    const Flow flow = stores.flows.list(tenant_).value().front();
    using storage::Blob;
    ASSERT_TRUE(stores.vault.put_credentials(tenant_, flow.source, {{"token", "t"}}, 1));
    ASSERT_TRUE(stores.kv.put(tenant_, flow.source, "seen", "v", 1));
    shop_.put(1, "10.00", "a@x.example", {{"poison", true}});
    shop_.put(2, "11.00", "b@x.example");
    run();  // a copy of a record, a detail, merge bases
    storage::NewIntent intent;
    intent.tenant = tenant_;
    intent.connection = flow.target;
    intent.flow = flow.id;
    intent.request = "{}";
    ASSERT_TRUE(stores.intents.open(intent, 1).has_value());
    const std::string identity("\x00\x01\xff", 3);
    insert(
        "INSERT INTO webhook_events (tenant_id, connection_id, received_at_ms, topic, webhook_id, "
        "delivery_id, body_sha256, body_bytes, identity, sealed, state, run_at_ms) "
        "VALUES (?, ?, 1, 't', '', '', '', 1, ?, ?, 'stored', 1)",
        tenant_.value,
        flow.source.value,
        Blob{identity},
        Blob{sealed(engine::webhook_place(tenant_, flow.source, identity))}
    );
    insert(
        "INSERT INTO webhook_strays (slot, number, tenant_id, received_at_ms, platform, "
        "connection, "
        "reason, body_sha256, body_bytes, sealed) VALUES (3, 3, ?, 1, 'shop', '', 'unproven', "
        "'abc', 1, ?)",
        tenant_.value,
        Blob{sealed(engine::stray_place(tenant_, "abc"))}
    );
    insert(
        "INSERT INTO conflicts (tenant_id, flow_id, entity, source_id, role, target_connection_id, "
        "target_entity, target_id, state, sides, decision, opened_at_ms, updated_at_ms) "
        "VALUES (?, ?, 'order', '77', '', ?, 'Invoice', '1', 'resolved', ?, ?, 1, 1)",
        tenant_.value,
        flow.id.value,
        flow.target.value,
        Blob{sealed(engine::conflict_place(tenant_, flow.id, "77"))},
        Blob{sealed(engine::conflict_place(tenant_, flow.id, "77"))}
    );
    storage::IdempotencyStore answers(stores.database, stores.vault);
    ASSERT_TRUE(answers.keep({tenant_, "ann", "k-1", "abc", "r-1"}, "an answer", 1));
    storage::OAuthApp app;
    app.tenant = tenant_;
    app.platform = "shop";
    app.name = "ours";
    const auto stored = stores.apps.put(app, "client secret", 1);
    ASSERT_TRUE(stored.has_value()) << stored.error().message;
    storage::OAuthState state;
    state.tenant = tenant_;
    state.app = stores.apps.find(tenant_, "shop", "ours").value().id;
    state.platform = "shop";
    state.payload = "{}";
    ASSERT_TRUE(stores.oauth.put_state("h-1", state));
    insert(
        "INSERT INTO alert_channels (tenant_id, name, kind, settings, secrets, enabled, "
        "severity_min, created_at_ms, updated_at_ms) "
        "VALUES (?, 'pager', 'webhook', '{}', ?, 1, 'warning', 1, 1)",
        tenant_.value,
        Blob{sealed({tenant_, ConnectionId{}, "alert_channel:pager"})}
    );
    storage::MatchStore matches(stores.database, stores.vault);
    storage::Match match;
    match.tenant = tenant_;
    match.source = flow.source;
    match.target = flow.target;
    match.entity = "order";
    const auto made =
        stores.database.write([&](storage::Sql& sql) { return matches.create(sql, match); });
    ASSERT_TRUE(made.has_value());
    match.id = *made;
    ASSERT_TRUE(matches.add(match, {storage::MatchProposal{}}));
    insert(
        "UPDATE sync_queue SET record = ? WHERE source_id = '1'",
        Blob{sealed(engine::record_place(tenant_, flow.id, "1"))}
    );

    const auto rotation = stores.keys.begin("test", 1).value();
    auto row = rotation;
    while (row.state != "completed") {
        row = stores.keys.step(row, 1).value();
    }
    EXPECT_EQ(row.unreadable, 0);
    for (const auto& one : stores.keys.unreadable(10).value()) {
        ADD_FAILURE() << one.kept_in << " row " << one.row << ": " << one.reason;
    }
    EXPECT_EQ(row.checked, stores.keys.count_sealed().value());
    const auto counted = stores.database.read([&](storage::Sql& sql) -> Result<void> {
        for (const auto& column : storage::sealed_columns()) {
            EXPECT_GE(sql.value<std::int64_t>(column.count).value_or(0), 1) << column.name;
        }
        return {};
    });
    EXPECT_TRUE(counted.has_value());
}

}  // namespace
}  // namespace syncline::testing
