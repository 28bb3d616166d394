// What the configuration file declares, brought into the database.
#include "engine/declarations.hpp"

#include <gtest/gtest.h>

#include "engine/flow_control.hpp"
#include "support/engine_fixture.hpp"
#include "support/fake_accounts.hpp"

namespace syncline::testing {
namespace {

using engine::Declarations;
using storage::ConnectionState;

class DeclarationsTest : public EngineTest {
protected:
    Result<void> apply(const Declarations& declarations) {
        return engine::apply_declarations(engine().stores, accounts_, declarations, ++now_);
    }
    static Declarations declared(const std::string& secret = "cs_1") {
        Declarations all;
        all.tenants = {"acme"};
        all.connections = {
            {"acme",
             "main",
             "shop",
             {{"store_url", "https://shop.example"}, {"consumer_secret", secret}}},
            {"acme", "ledger", "books", Json::object()}};
        engine::DeclaredFlow flow;
        flow.tenant = "acme";
        flow.definition.name = "main-ledger-orders";
        flow.definition.entity = "order";
        flow.definition.source.connection = "main";
        flow.definition.target.connection = "ledger";
        all.flows = {flow};
        return all;
    }
    TenantId acme() { return engine().stores.tenants.find("acme").value()->id; }
    storage::Connection connection(const std::string& name) {
        return engine().stores.connections.find(acme(), name).value();
    }
    Flow flow() { return engine().stores.flows.find(acme(), "main-ledger-orders").value(); }
    std::string secret() {
        return engine()
            .stores.vault.credential({acme(), connection("main").id, "consumer_secret"})
            .value()
            .value_or("(none)");
    }

    ShopAccount account_;
    FakeAccountSource accounts_{shop_, books_, account_};
    std::int64_t now_ = 100;
};

TEST_F(DeclarationsTest, MakesTenantsConnectionsAndFlows) {
    const auto applied = apply(declared());
    ASSERT_TRUE(applied.has_value()) << applied.error().message;
    EXPECT_TRUE(connection("main").declared);
    EXPECT_EQ(connection("main").settings, Json({{"store_url", "https://shop.example"}}));
    EXPECT_EQ(secret(), "cs_1");
    EXPECT_TRUE(flow().declared);
}

TEST_F(DeclarationsTest, ApplyingTheSameTwiceChangesNothing) {
    ASSERT_TRUE(apply(declared()));
    const auto generation = connection("main").generation;
    ASSERT_TRUE(apply(declared()));
    EXPECT_EQ(connection("main").generation, generation);
}

TEST_F(DeclarationsTest, ASecretThatWasRotatedIsNotRestored) {
    ASSERT_TRUE(apply(declared("first")));
    ASSERT_TRUE(engine().stores.vault.put_credentials(
        acme(), connection("main").id, {{"consumer_secret", "rotated"}}, 1
    ));
    ASSERT_TRUE(apply(declared("first")));
    EXPECT_EQ(secret(), "rotated");
    ASSERT_TRUE(apply(declared("second")));
    EXPECT_EQ(secret(), "second");
}

TEST_F(DeclarationsTest, ANewSecretResumesAConnectionThatNeededOne) {
    ASSERT_TRUE(apply(declared("first")));
    const auto before = connection("main");
    ASSERT_TRUE(engine().stores.connections.set_state(
        before.id, ConnectionState::kNeedsReauth, "refused", 1
    ));
    ASSERT_TRUE(apply(declared("first")));
    EXPECT_EQ(connection("main").state, ConnectionState::kNeedsReauth);
    ASSERT_TRUE(apply(declared("second")));
    EXPECT_EQ(connection("main").state, ConnectionState::kActive);
    EXPECT_GT(connection("main").generation, before.generation);
}

// A wrong realm_id is refused as wrong credentials are; the cure is a setting, not a secret.
TEST_F(DeclarationsTest, AChangedSettingResumesAConnectionThatWasRefused) {
    auto wanted = declared();
    ASSERT_TRUE(apply(wanted));
    ASSERT_TRUE(engine().stores.connections.set_state(
        connection("main").id, ConnectionState::kNeedsReauth, "refused", 1
    ));
    wanted.connections[0].settings["store_url"] = "https://other.example";
    ASSERT_TRUE(apply(wanted));
    EXPECT_EQ(connection("main").state, ConnectionState::kActive);
}

TEST_F(DeclarationsTest, WhatIsGoneIsDisabledAndComesBackAsItWas) {
    ASSERT_TRUE(apply(declared()));
    Declarations none;
    none.tenants = {"acme"};
    ASSERT_TRUE(apply(none));
    EXPECT_EQ(connection("main").state, ConnectionState::kDisabled);
    EXPECT_FALSE(flow().definition.enabled);
    EXPECT_EQ(flow().state, FlowState::kStopped);
    const FlowId id = flow().id;
    ASSERT_TRUE(apply(declared()));
    EXPECT_EQ(connection("main").state, ConnectionState::kActive);
    EXPECT_TRUE(flow().definition.enabled);
    EXPECT_EQ(flow().state, FlowState::kRunning);
    EXPECT_EQ(flow().id, id);
}

TEST_F(DeclarationsTest, APauseSurvivesTheNextStart) {
    ASSERT_TRUE(apply(declared()));
    engine::Restarts restarts(engine().stores, engine().control, clock_);
    engine::FlowControl flows(engine().stores, restarts, clock_, [] {});
    const storage::Cause cause{"ann", "stocktaking"};
    ASSERT_TRUE(flows.pause(acme(), "main-ledger-orders", cause));
    ASSERT_TRUE(apply(declared()));
    EXPECT_EQ(flow().state, FlowState::kPaused);
    ASSERT_TRUE(flows.resume(acme(), "main-ledger-orders", cause));
    EXPECT_EQ(flows.stop(acme(), "main-ledger-orders", cause).error().name, "managed_by_config");
    EXPECT_EQ(flows.remove(acme(), "main-ledger-orders").error().name, "managed_by_config");
    EXPECT_EQ(flows.replace(acme(), flow().definition).error().name, "managed_by_config");
}

TEST_F(DeclarationsTest, NamesEveryProblemAndAppliesNothing) {
    Declarations bad = declared();
    bad.connections[0].settings.erase("consumer_secret");
    bad.connections[1].platform = "abacus";
    bad.connections.push_back(bad.connections[0]);
    bad.flows[0].definition.target.connection = "nowhere";
    bad.flows.push_back(bad.flows[0]);
    bad.flows[1].tenant = "other";
    bad.flows[1].definition.entity = "widget";
    const auto refused = apply(bad);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kConfig);
    for (const char* line :
         {"/connections/0/settings/consumer_secret: missing",
          "/connections/1/platform: no loaded plugin speaks to 'abacus'",
          "/connections/2/name: 'main' is taken by /connections/0",
          "/flows/0/target/connection: there is no connection 'nowhere'",
          "/flows/1/tenant: 'other' is not in the list of tenants",
          "/flows/1/entity: unknown entity 'widget'"}) {
        EXPECT_NE(refused.error().message.find(line), std::string::npos) << line << "\nin\n"
                                                                         << refused.error().message;
    }
    EXPECT_FALSE(engine().stores.tenants.find("acme").value().has_value());
}

TEST_F(DeclarationsTest, AFlowCannotBePointedElsewhere) {
    ASSERT_TRUE(apply(declared()));
    Declarations other = declared();
    other.flows[0].definition.entity = "customer";
    const auto refused = apply(other);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("/flows/0/name: the flow"), std::string::npos);
}

TEST_F(DeclarationsTest, ASecretOfTheEnvironmentGoesToConnectionsOfItsTenantAndPlatform) {
    Declarations all = declared();
    all.secrets = {{"acme", "shop", "webhook_secret", "whs"}, {"acme", "books", "unknown", "x"}};
    ASSERT_TRUE(apply(all));
    EXPECT_EQ(
        engine().stores.vault.credential_names(acme(), connection("main").id).value(),
        (std::vector<std::string>{"consumer_secret", "webhook_secret"})
    );
    EXPECT_TRUE(
        engine().stores.vault.credential_names(acme(), connection("ledger").id).value().empty()
    );
}

TEST_F(DeclarationsTest, ASchedulePersistsAndIsDisabledWhenItLeavesTheFile) {
    Declarations all = declared();
    engine::DeclaredSchedule schedule;
    schedule.tenant = "acme";
    schedule.definition.name = "often";
    schedule.definition.flow = "main-ledger-orders";
    all.schedules = {schedule};
    ASSERT_TRUE(apply(all));
    const auto stored = [&] { return engine().stores.schedules.find(acme(), "often").value(); };
    EXPECT_TRUE(stored().declared);
    const auto before = stored();
    ASSERT_TRUE(apply(all));
    EXPECT_EQ(stored().revision, before.revision);
    ASSERT_TRUE(apply(declared()));
    EXPECT_FALSE(stored().declared);
    EXPECT_FALSE(stored().definition.enabled);
    ASSERT_TRUE(apply(all));
    EXPECT_TRUE(stored().definition.enabled);
    EXPECT_GT(stored().next_due_ms, 0);
}

TEST_F(DeclarationsTest, ABadScheduleIsNamedByItsPlace) {
    Declarations all = declared();
    engine::DeclaredSchedule schedule;
    schedule.tenant = "acme";
    schedule.definition.name = "often";
    schedule.definition.flow = "nowhere";
    all.schedules = {schedule, schedule};
    all.schedules[1].definition.cron = "x * * * *";
    const auto applied = apply(all);
    ASSERT_FALSE(applied.has_value());
    for (const char* line :
         {"/schedules/0/flow: there is no flow 'nowhere'",
          "/schedules/1/name: 'often' is taken by /schedules/0",
          "/schedules/1/cron: minute: 'x' is neither"}) {
        EXPECT_NE(applied.error().message.find(line), std::string::npos) << applied.error().message;
    }
}

}  // namespace
}  // namespace syncline::testing
