// The watchdog over a fake shop that tells what it finds of its webhook.
#include "engine/webhook_watchdog.hpp"

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using engine::WebhookWatchdog;

// The shop as QuickBooks is: it cannot be asked for its webhooks, only for changes.
class SilentShopSource : public FakeConnectorSource {
public:
    SilentShopSource(FakeShop& shop, FakeBooks& books) : FakeConnectorSource(shop, books) {
        spec_ = *FakeConnectorSource::spec("shop");
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &spec_ : FakeConnectorSource::spec(platform);
    }
    Spec spec_;
};

class WebhookWatchdogTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return silent_; }

    void SetUp() override {
        EngineTest::SetUp();
        receivers_ = std::make_unique<engine::WebhookReceivers>(engine().stores, source(), clock_);
        watch("https://hooks.example/");
    }
    void watch(const std::string& public_url) {
        watchdog_ = std::make_unique<WebhookWatchdog>(
            engine().stores,
            engine().pool,
            source(),
            *receivers_,
            engine().control,
            clock_,
            public_url
        );
    }
    void look(std::int64_t after_ms = 0) {
        clock_.advance(std::chrono::milliseconds(after_ms));
        shop_.now_ms += after_ms;
        const auto looked = watchdog_->step();
        ASSERT_TRUE(looked.has_value()) << looked.error().message;
    }
    storage::Connection shop() { return engine().stores.connections.find(tenant_, "shop").value(); }
    storage::WebhookEndpoint endpoint() {
        return engine().stores.webhook_endpoints.of(tenant_, shop().id).value();
    }
    std::int64_t noted(const std::string& event) {
        return engine()
            .database
            ->read([&](storage::Sql& sql) -> Result<std::int64_t> {
                return sql
                    .value<std::int64_t>("SELECT count(*) FROM sync_logs WHERE event = ?", event)
                    .value_or(0);
            })
            .value();
    }
    std::int64_t runs(const std::string& mode) {
        return engine()
            .database
            ->read([&](storage::Sql& sql) -> Result<std::int64_t> {
                return sql
                    .value<std::int64_t>("SELECT count(*) FROM sync_runs WHERE mode = ?", mode)
                    .value_or(0);
            })
            .value();
    }
    void set_flow_state(FlowState state) {
        const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
        ASSERT_TRUE(engine().stores.flow_changes.set_state(flow.id, state, {}, clock_.now().ms));
    }
    void heard() {
        ASSERT_TRUE(engine().database->write([&](storage::Sql& sql) -> Result<void> {
            engine().stores.webhook_endpoints.note_event(sql, tenant_, shop().id, clock_.now().ms);
            return {};
        }));
    }

    SilentShopSource silent_{shop_, books_};
    std::unique_ptr<engine::WebhookReceivers> receivers_;
    std::unique_ptr<WebhookWatchdog> watchdog_;
};

TEST_F(WebhookWatchdogTest, RegistersOnceAndMakesASecretForIt) {
    look();
    ASSERT_EQ(shop_.registrations.size(), 1U);
    EXPECT_EQ(shop_.registrations[0].url, "https://hooks.example/api/webhooks/shop/shop");
    EXPECT_EQ(shop_.registrations[0].entities, std::vector<std::string>{"order"});
    EXPECT_TRUE(shop_.registrations[0].new_secret);
    const auto secret =
        engine().stores.vault.credential({tenant_, shop().id, "webhook_secret"}).value();
    ASSERT_TRUE(secret.has_value());
    EXPECT_EQ(secret->size(), 64U);
    EXPECT_EQ(noted("webhook.registered"), 1);
    EXPECT_EQ(runs("backfill"), 0);  // nothing was missed
    look(WebhookWatchdog::kCheckEveryMs - 1);
    EXPECT_EQ(shop_.registrations.size(), 1U);
    look(1);
    ASSERT_EQ(shop_.registrations.size(), 2U);
    EXPECT_FALSE(shop_.registrations[1].new_secret);
}

TEST_F(WebhookWatchdogTest, RegistersNothingWithoutAnAddressOrAFlow) {
    watch("");
    look();
    EXPECT_TRUE(shop_.registrations.empty());
    watch("https://hooks.example");
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    ASSERT_TRUE(engine().stores.flows.remove(flow.id).has_value());
    look();
    EXPECT_TRUE(shop_.registrations.empty());
}

TEST_F(WebhookWatchdogTest, EnablesADisabledOneAndReadsWhatWasMissed) {
    look();
    heard();
    shop_.put(1, "5.00", "old@x.example");
    clock_.advance(std::chrono::hours(3));
    shop_.now_ms += 3 * 3'600'000;
    shop_.put(2, "7.00", "new@x.example");
    shop_.webhook = WebhookState::kEnabled;
    look();
    EXPECT_EQ(noted("webhook.disabled"), 1);
    ASSERT_EQ(runs("backfill"), 1);
    work();
    EXPECT_EQ(books_.count("invoice"), 2U);
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(noted("webhook.disabled"), 1);
    EXPECT_EQ(runs("backfill"), 1);
}

TEST_F(WebhookWatchdogTest, ReadsOnlyWhatChangedSinceTheLastDelivery) {
    shop_.put(1, "5.00", "old@x.example");
    look();
    for (int i = 0; i < 12; ++i) {
        look(WebhookWatchdog::kCheckEveryMs);
    }
    heard();
    shop_.put(2, "7.00", "new@x.example");
    shop_.webhook = WebhookState::kEnabled;
    look(WebhookWatchdog::kCheckEveryMs);
    work();
    EXPECT_EQ(books_.count("invoice"), 1U);
}

// As when the host was down: the shop's few deliveries met nobody, too few to disable the webhook.
TEST_F(WebhookWatchdogTest, WhatChangedWhileNobodyTookDeliveriesIsRead) {
    look();
    shop_.put(1, "5.00", "missed@x.example");
    clock_.advance(std::chrono::minutes(45));
    shop_.now_ms += 45 * 60'000;
    heard();  // the first one that got through came before the check
    look();
    EXPECT_EQ(runs("backfill"), 1);
    EXPECT_EQ(noted("webhook.lapsed"), 1);
    work();
    EXPECT_EQ(books_.count("invoice"), 1U);
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 1);
}

TEST_F(WebhookWatchdogTest, WhatChangedWhileATenantWasSuspendedIsRead) {
    look();
    clock_.advance(std::chrono::minutes(5));
    auto& tenants = engine().stores.tenants;
    ASSERT_TRUE(tenants.set_active(tenant_, false, "unpaid", clock_.now().ms));
    shop_.put(1, "5.00", "missed@x.example");
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(shop_.registrations.size(), 1U);  // its connections rest
    ASSERT_TRUE(tenants.set_active(tenant_, true, "", clock_.now().ms));
    look();
    EXPECT_EQ(shop_.registrations.size(), 2U);
    EXPECT_EQ(runs("backfill"), 1);
    work();
    EXPECT_EQ(books_.count("invoice"), 1U);
}

TEST_F(WebhookWatchdogTest, WhatChangedWhileDeliveriesWereRefusedIsRead) {
    heard();
    shop_.put(9, "5.00", "read@x.example");
    for (int i = 0; i < 4; ++i) {
        look(WebhookWatchdog::kCheckEveryMs);
    }
    shop_.put(1, "5.00", "missed@x.example");
    storage::WebhookStray stray;
    stray.tenant = tenant_;
    stray.platform = "shop";
    stray.connection = "shop";
    stray.reason = "no_secret";
    stray.received_at_ms = clock_.now().ms;
    ASSERT_TRUE(engine().stores.webhook_events.keep_stray(stray, 0));
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 1);
    work();
    // Anybody may be refused, so only what changed since the last check is read.
    EXPECT_EQ(books_.count("invoice"), 1U);
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 1);
}

TEST_F(WebhookWatchdogTest, WhatChangedWhileItsCredentialsWereGoneIsRead) {
    look();
    shop_.put(1, "5.00", "missed@x.example");
    auto removed = endpoint();
    removed.webhooks = "[]";
    ASSERT_TRUE(engine().stores.webhook_endpoints.note_check(removed));
    shop_.webhook = WebhookState::kCreated;
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 1);
}

TEST_F(WebhookWatchdogTest, APausedFlowReadsWhatWasMissedOnceItGoesOn) {
    look();
    heard();
    clock_.advance(std::chrono::minutes(10));
    shop_.now_ms += 600'000;
    shop_.put(1, "5.00", "missed@x.example");
    set_flow_state(FlowState::kPaused);
    shop_.webhook = WebhookState::kEnabled;
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(noted("webhook.disabled"), 1);
    EXPECT_EQ(runs("backfill"), 0);
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 0);
    set_flow_state(FlowState::kRunning);
    look(15'000);
    EXPECT_EQ(runs("backfill"), 1);
    work();
    EXPECT_EQ(books_.count("invoice"), 1U);
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 1);
}

TEST_F(WebhookWatchdogTest, AFlowThatIsBusyReadsWhatWasMissedAfterwards) {
    look();
    heard();
    shop_.put(1, "5.00", "missed@x.example");
    storage::RunOptions other;
    other.ids = {"2"};
    start(SyncMode::kIds, other);
    shop_.webhook = WebhookState::kEnabled;
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(runs("backfill"), 0);
    work();
    EXPECT_EQ(books_.count("invoice"), 0U);
    look(15'000);
    EXPECT_EQ(runs("backfill"), 1);
    work();
    EXPECT_EQ(books_.count("invoice"), 1U);
}

// A flow whose policy has its runs looked at first, while the shop does not answer.
TEST_F(WebhookWatchdogTest, WhatWasMissedIsAskedForAgainWhenTheShopAnswers) {
    FlowDefinition definition;
    definition.name = "shop-books-orders";
    definition.entity = "order";
    definition.source.connection = "shop";
    definition.target.connection = "books";
    definition.approval.exempt = {};
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    look();
    heard();
    shop_.put(1, "5.00", "missed@x.example");
    shop_.webhook = WebhookState::kEnabled;
    shop_.next_read_errors.push_back({ErrorCode::kTransient, "no answer", "http.timeout"});
    const auto owed = [&] {
        return engine().stores.webhook_endpoints.backfills(tenant_, shop().id)->size();
    };
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(owed(), 1U);
    EXPECT_EQ(noted("webhook.catch_up_refused"), 1);
    look(15'000);
    EXPECT_EQ(owed(), 1U) << "not every fifteen seconds";
    // What it would write is for a person to confirm, who is told.
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(owed(), 0U);
    EXPECT_EQ(noted("webhook.catch_up_refused"), 2);
    EXPECT_EQ(runs("backfill"), 0);
}

TEST_F(WebhookWatchdogTest, OneThatIsGoneIsMadeAgainAndOneThatIsPausedIsLeft) {
    look();
    heard();
    shop_.webhook = WebhookState::kCreated;
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(noted("webhook.missing"), 1);
    EXPECT_EQ(runs("backfill"), 1);
    for (int i = 0; i < 3; ++i) {
        shop_.webhook = WebhookState::kPaused;
        look(WebhookWatchdog::kCheckEveryMs);
    }
    EXPECT_EQ(noted("webhook.paused"), 1);
    EXPECT_EQ(runs("backfill"), 1);
}

TEST_F(WebhookWatchdogTest, ARefusalIsSaidOnceAndHurtsNothingElse) {
    for (int i = 0; i < 3; ++i) {
        shop_.next_register_errors.push_back(
            {ErrorCode::kAuth, "the user may not manage webhooks", "woo.cannot_view"}
        );
        look(WebhookWatchdog::kCheckEveryMs);
    }
    EXPECT_EQ(noted("webhook.check_failed"), 1);
    EXPECT_EQ(endpoint().error, "the user may not manage webhooks");
    EXPECT_EQ(shop().state, storage::ConnectionState::kActive);
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(endpoint().error, "");
    // The secret that was made is told although the first three did not get through.
    EXPECT_TRUE(shop_.registrations.back().new_secret);
}

// The first one's call does not end before the last one was asked.
TEST_F(WebhookWatchdogTest, AShopThatDoesNotAnswerHoldsUpNoOther) {
    for (const std::string name : {"second", "third", "fourth"}) {
        add_connection(name, "shop");
        add_flow(name + "-orders", {}, name);
    }
    std::atomic<int> asked{0};
    std::atomic<bool> waited_in_vain{false};
    shop_.before_register = [&](const WebhookRegistration& registration) {
        ++asked;
        const auto began = std::chrono::steady_clock::now();
        while (registration.url == "https://hooks.example/api/webhooks/shop/shop" && asked < 4 &&
               !waited_in_vain) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            waited_in_vain = std::chrono::steady_clock::now() - began > std::chrono::seconds(10);
        }
    };
    look();
    EXPECT_EQ(asked, 4);
    EXPECT_FALSE(waited_in_vain);
    for (const auto deadline : shop_.register_deadlines) {
        EXPECT_LE(deadline, clock_.now().ms + engine::ConnectionPool::kCourtesyMs);
    }
}

TEST_F(WebhookWatchdogTest, ThoseThatAnsweredTheLastTimeAreAskedFirst) {
    for (int i = 0; i < 12; ++i) {
        const std::string name = "more-" + std::to_string(i);
        add_connection(name, "shop");
        add_flow(name + "-orders", {}, name);
    }
    shop_.next_register_errors.assign(8, {ErrorCode::kTransient, "no answer", "http.timeout"});
    look();
    std::set<std::string> failed;
    const auto endpoints = engine().stores.webhook_endpoints.list_all().value();
    for (const auto& one : endpoints) {
        if (!one.error.empty()) {
            failed.insert(engine().stores.connections.by_id(one.connection)->name);
        }
    }
    ASSERT_EQ(failed.size(), 8U);
    // Now these eight do not answer before the other five were asked.
    std::atomic<int> others{0};
    std::atomic<bool> waited_in_vain{false};
    shop_.before_register = [&](const WebhookRegistration& registration) {
        const std::string name = registration.url.substr(registration.url.rfind('/') + 1);
        others += failed.count(name) == 0 ? 1 : 0;
        const auto began = std::chrono::steady_clock::now();
        while (failed.count(name) != 0 && others < 5 && !waited_in_vain) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            waited_in_vain = std::chrono::steady_clock::now() - began > std::chrono::seconds(10);
        }
    };
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(others, 5);
    EXPECT_FALSE(waited_in_vain);
}

TEST_F(WebhookWatchdogTest, TheWebhooksOfAConnectionThatIsGoneAreRemoved) {
    look();
    ASSERT_TRUE(engine().stores.connections.retire(shop().id, "gone from the file", clock_.now().ms)
    );
    shop_.next_unregister_errors.push_back(
        {ErrorCode::kTransient, "the shop does not answer", "http.timeout"}
    );
    look();
    EXPECT_EQ(noted("webhook.left_behind"), 0);  // not due before its next check
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(noted("webhook.left_behind"), 1);
    EXPECT_EQ(endpoint().error, "the shop does not answer");
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(endpoint().webhooks, "[]");
    EXPECT_EQ(endpoint().error, "");
    look(WebhookWatchdog::kCheckEveryMs);
    EXPECT_EQ(
        shop_.unregistered,
        std::vector<std::string>(2, "https://hooks.example/api/webhooks/shop/shop")
    );
    EXPECT_EQ(shop_.registrations.size(), 1U);
}

TEST_F(WebhookWatchdogTest, ASilentPlatformIsAskedForChanges) {
    watch("");
    silent_.spec_.webhooks.silence_max_s = 6 * 3600;
    silent_.spec_.webhooks.catch_up_s = 24 * 3600;
    ASSERT_TRUE(
        engine().stores.vault.put_credentials(tenant_, shop().id, {{"webhook_secret", "s3cret"}}, 1)
    );
    // A flow that was never read is for a person to begin with.
    look();
    EXPECT_EQ(runs("incremental"), 0);
    shop_.put(1, "5.00", "a@x.example");
    run();
    EXPECT_EQ(runs("incremental"), 1);
    heard();
    look(6 * 3'600'000 - 1);
    EXPECT_EQ(runs("incremental"), 1);
    shop_.put(2, "6.00", "b@x.example");
    look(1);
    EXPECT_EQ(runs("incremental"), 2);
    EXPECT_EQ(noted("webhook.silent"), 1);
    work();
    EXPECT_EQ(books_.count("invoice"), 2U);
    // Deliveries come, yet once a day it is asked all the same.
    for (int hour = 0; hour < 23; ++hour) {
        heard();
        look(3'600'000);
    }
    EXPECT_EQ(runs("incremental"), 2);
    heard();
    look(3'600'000);
    EXPECT_EQ(runs("incremental"), 3);
    EXPECT_EQ(noted("webhook.silent"), 1);
}

}  // namespace
}  // namespace syncline::testing
