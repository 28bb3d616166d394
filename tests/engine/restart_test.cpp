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
    start();
    ASSERT_TRUE(with_flows([&](auto& flows) {
        return flows.stop(tenant_, "shop-books-orders", {"ann", ""});
    }));
    work();
    EXPECT_FALSE(failure().has_value());
}

}  // namespace
}  // namespace syncline::testing
