// Flows that fail are restarted by themselves, later each time; who changed a flow is noted.
#include "core/restart.hpp"

#include "engine/flow_control.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

TEST(RestartDelay, IsTheSquareAndTheNumberInMinutesButAnHourAtMost) {
    std::vector<std::int64_t> minutes;
    for (std::int64_t n = 0; n <= 9; ++n) {
        minutes.push_back(restart_delay(n).count() / kMinuteMs);
    }
    EXPECT_EQ(minutes, (std::vector<std::int64_t>{0, 2, 6, 12, 20, 30, 42, 56, 60, 60}));
}

TEST(RestartDelay, BeginsAnewAfterAnHourOfHealth) {
    EXPECT_EQ(restarts_that_count(5, 0, 10'000'000), 5);
    EXPECT_EQ(restarts_that_count(5, 1'000, 3'600'999), 5);
    EXPECT_EQ(restarts_that_count(5, 1'000, 3'601'000), 0);
}

class RestartTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        shop_.put(1, "10.00", "a@x.example");
    }
    Flow flow() { return engine().stores.flows.find(tenant_, "shop-books-orders").value(); }
    std::optional<storage::FlowFailure> failure() {
        return engine().stores.flow_changes.failure(flow().id).value();
    }
    void break_source() {
        shop_.next_read_errors = {Error{ErrorCode::kData, "the shop is closed", "shop.closed"}};
    }
    // Lets time pass, restarts what is due and works; answers how many were restarted.
    std::size_t pass(std::int64_t ms) {
        clock_.advance(std::chrono::milliseconds(ms));
        shop_.now_ms += ms;
        engine::Restarts restarts(engine().stores, engine().control, clock_);
        const std::size_t started = restarts.step().value();
        work();
        return started;
    }
    std::vector<std::string> changes() {
        std::vector<std::string> all;
        const auto noted = engine().stores.flow_changes.changes(flow().id, 100).value();
        for (const auto& change : noted) {
            all.push_back(change.change + ":" + change.after + ":" + change.cause.actor);
        }
        return all;
    }
    template <class Do>
    auto with_flows(Do&& what) {
        engine::Restarts restarts(engine().stores, engine().control, clock_);
        engine::FlowControl flows(engine().stores, restarts, clock_, [] {});
        return what(flows);
    }
};

TEST_F(RestartTest, AFailedFlowIsRestartedAtOnceAndThenLaterAndLater) {
    break_source();
    const auto failed = run(SyncMode::kFull);
    EXPECT_EQ(failed.status, storage::RunStatus::kFailed);
    ASSERT_TRUE(failure() && failure()->open());
    EXPECT_EQ(failure()->error_code, "shop.closed");
    for (const std::int64_t minutes : {0, 2, 6, 12, 20, 30, 42, 56, 60, 60}) {
        break_source();
        if (minutes > 0) {
            EXPECT_EQ(pass(minutes * kMinuteMs - 1), 0u) << minutes;
        }
        EXPECT_EQ(pass(1), 1u) << minutes;
    }
    EXPECT_EQ(failure()->restarts, 10);
    EXPECT_EQ(books_.count("invoice"), 0u);
    shop_.next_read_errors.clear();
    EXPECT_EQ(pass(60 * kMinuteMs), 1u);
    EXPECT_EQ(books_.count("invoice"), 1u);
    EXPECT_FALSE(failure()->open());
    EXPECT_EQ(pass(120 * kMinuteMs), 0u);
}

TEST_F(RestartTest, TheSameRunIsStartedOnceMore) {
    break_source();
    storage::RunOptions options;
    options.filters.status = {"processing"};
    options.batch_size = 7;
    run(SyncMode::kFull, options);
    EXPECT_EQ(pass(0), 1u);
    const auto again = engine().stores.runs.history(tenant_, {}).value();
    ASSERT_EQ(again.size(), 2u);
    for (const auto& one : again) {
        EXPECT_EQ(one.mode, SyncMode::kFull);
        EXPECT_EQ(one.options.batch_size, 7);
        EXPECT_EQ(one.options.filters.status, std::vector<std::string>{"processing"});
    }
    EXPECT_EQ(changes(), (std::vector<std::string>{"restart:running:host", "failure:failed:host"}));
}

TEST_F(RestartTest, AFlowThatWasWellForAnHourBeginsAnew) {
    break_source();
    run();
    break_source();
    ASSERT_EQ(pass(0), 1u);
    ASSERT_EQ(pass(2 * kMinuteMs), 1u);  // recovers
    pass(59 * kMinuteMs);
    break_source();
    run();
    EXPECT_EQ(failure()->restarts, 2);
    ASSERT_EQ(pass(6 * kMinuteMs), 1u);
    pass(60 * kMinuteMs);
    break_source();
    run();
    EXPECT_EQ(failure()->restarts, 0);
}

TEST_F(RestartTest, APersonsPauseEndsTheRestarts) {
    break_source();
    run();
    const storage::Cause cause{"ann", "the shop moves"};
    ASSERT_TRUE(with_flows([&](auto& flows) {
        return flows.pause(tenant_, "shop-books-orders", cause);
    }));
    EXPECT_FALSE(failure().has_value());
    EXPECT_EQ(pass(60 * kMinuteMs), 0u);
    ASSERT_TRUE(with_flows([&](auto& flows) {
        return flows.resume(tenant_, "shop-books-orders", cause);
    }));
    EXPECT_EQ(pass(60 * kMinuteMs), 0u);
    EXPECT_EQ(
        changes(),
        (std::vector<std::string>{"state:running:ann", "state:paused:ann", "failure:failed:host"})
    );
    const auto newest = engine().stores.flow_changes.changes(flow().id, 1).value().at(0);
    EXPECT_EQ(newest.before, "paused");
    EXPECT_EQ(newest.cause.reason, "the shop moves");
}

TEST_F(RestartTest, APersonRestartsWhatFailedAndNothingElse) {
    const storage::Cause cause{"ann", "it is open again"};
    const auto restart = [&](auto& flows) {
        return flows.restart(tenant_, "shop-books-orders", cause);
    };
    EXPECT_EQ(with_flows(restart).error().name, "flow.not_failed");
    break_source();
    run();
    ASSERT_TRUE(with_flows(restart).has_value());
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
    EXPECT_EQ(changes().front(), "restart:running:ann");
    EXPECT_EQ(with_flows(restart).error().name, "flow.not_failed");
}

TEST_F(RestartTest, AStoppedRunIsNoFailure) {
    const std::string id = start();
    const Error broken{ErrorCode::kCancelled, "stopped", "source.stopped"};
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().stores.runs.request_stop(id));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, broken, clock_.now().ms));
    EXPECT_EQ(status(id).status, storage::RunStatus::kStopped);
    EXPECT_FALSE(failure().has_value());
}

TEST_F(RestartTest, AStoppedRunEndsThoughADeliveryPutsItsRecordBack) {
    const std::string id = start();
    ASSERT_TRUE(engine().stores.runs.start(id, clock_.now().ms));
    ASSERT_TRUE(engine().collector.collect(status(id), nullptr));
    ASSERT_TRUE(engine().stores.runs.end_collect(id, std::nullopt, clock_.now().ms));
    const auto jobs = engine().stores.jobs.claim(flow(), 10, 77, clock_.now().ms, 60'000).value();
    ASSERT_EQ(jobs.size(), 1u);
    ASSERT_TRUE(engine().control.stop(tenant_, id));
    storage::JobOutcome busy;
    busy.job = jobs[0].id;
    busy.version = jobs[0].version;
    busy.kind = storage::JobOutcome::Kind::kRequeue;
    ASSERT_TRUE(engine().stores.database.write([&](storage::Sql& sql) {
        return engine().stores.jobs.finish(sql, busy, 77, clock_.now().ms);
    }));
    EXPECT_EQ(status(id).status, storage::RunStatus::kRunning);
    work();
    EXPECT_EQ(status(id).status, storage::RunStatus::kStopped);
    EXPECT_EQ(books_.count("invoice"), 0u);
}

TEST_F(RestartTest, ADisabledFlowIsNotRestartedNorWhenItIsEnabledAgain) {
    break_source();
    run();
    FlowDefinition definition = flow().definition;
    definition.enabled = false;
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    EXPECT_EQ(pass(60 * kMinuteMs), 0u);
    EXPECT_FALSE(failure().has_value());
    definition.enabled = true;
    ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    EXPECT_EQ(pass(60 * kMinuteMs), 0u);
}

TEST_F(RestartTest, ABackfillThatFailedIsRestartedWhateverOtherRunsDoMeanwhile) {
    storage::RunOptions may;
    may.from = Timestamp{1000};
    break_source();
    const auto failed = run(SyncMode::kBackfill, may);
    ASSERT_EQ(failed.status, storage::RunStatus::kFailed);
    EXPECT_EQ(run().status, storage::RunStatus::kCompleted);
    ASSERT_TRUE(failure() && failure()->open());
    break_source();
    EXPECT_EQ(run().status, storage::RunStatus::kFailed);
    EXPECT_EQ(failure()->run, failed.id);
    EXPECT_EQ(pass(1), 1u);
    EXPECT_FALSE(failure()->open());
    const auto newest = engine().stores.runs.history(tenant_, {}).value().front();
    EXPECT_EQ(newest.mode, SyncMode::kBackfill);
    EXPECT_EQ(newest.status, storage::RunStatus::kCompleted);
    EXPECT_GT(failure()->recovered_at_ms, 0);
}

}  // namespace
}  // namespace syncline::testing
