// Schedules start runs: in time, once, whatever the clock and the process do.
#include "engine/scheduler.hpp"

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "engine/flow_control.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

using storage::RunStatus;
using storage::Schedule;

constexpr std::int64_t kMinute = 60'000;

class SchedulerTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        clock_.set(Timestamp::parse("2026-11-21T10:00:00Z").value());
    }
    static ScheduleDefinition every_five_minutes() {
        ScheduleDefinition definition;
        definition.name = "orders";
        definition.flow = "shop-books-orders";
        definition.jitter_s = 0;
        return definition;
    }
    void put(const ScheduleDefinition& definition) {
        const auto stored =
            engine().stores.schedules.put(tenant_, definition, false, clock_.now().ms);
        ASSERT_TRUE(stored.has_value()) << stored.error().message;
    }
    Schedule stored(const std::string& name = "orders") {
        return engine().stores.schedules.find(tenant_, name).value();
    }
    // Looks once, with a scheduler that remembers nothing.
    std::size_t step() {
        engine::Scheduler scheduler(engine().stores, engine().control, clock_);
        return scheduler.step().value();
    }
    void pass(std::int64_t ms) { clock_.advance(std::chrono::milliseconds(ms)); }
    // Steps every 20 s for `ms`; runs are worked off at once.
    std::size_t live(std::int64_t ms) {
        std::size_t started = 0;
        for (std::int64_t passed = 0; passed < ms; passed += 20'000) {
            pass(20'000);
            started += step();
            work();
        }
        return started;
    }
    std::vector<storage::Run> history() {
        storage::RunFilter filter;
        filter.limit = 1000;
        return engine().stores.runs.history(tenant_, filter).value();
    }
    std::string time(std::int64_t ms) { return Timestamp{ms}.to_string().substr(11, 8); }
};

TEST_F(SchedulerTest, ARunStartsAtEverySlotAndNotInBetween) {
    put(every_five_minutes());
    EXPECT_EQ(step(), 0u);
    pass(5 * kMinute - 1);
    EXPECT_EQ(step(), 0u);
    pass(1);
    EXPECT_EQ(step(), 1u);
    EXPECT_EQ(step(), 0u);
    ASSERT_EQ(history().size(), 1u);
    EXPECT_EQ(history()[0].requested_by, "schedule:orders");
    EXPECT_EQ(stored().last_sync_id, history()[0].sync_id);
    EXPECT_EQ(time(stored().last_due_ms), "10:05:00");
    EXPECT_EQ(time(stored().next_due_ms), "10:10:00");
    work();
    EXPECT_EQ(live(60 * kMinute), 12u);
}

TEST_F(SchedulerTest, JitterDelaysTheStartByTheSameTimeAlways) {
    auto definition = every_five_minutes();
    definition.jitter_s = 30;
    put(definition);
    const std::int64_t jitter = stored().jitter_ms;
    ASSERT_GT(jitter, 0);
    for (int i = 0; i < 3; ++i) {
        pass(5 * kMinute - (i == 0 ? 0 : jitter) + jitter - 1);
        EXPECT_EQ(step(), 0u);
        pass(1);
        EXPECT_EQ(step(), 1u);
        work();
    }
}

TEST_F(SchedulerTest, AllFlowsOfAnEntityRunTogetherSaveThosePaused) {
    add_flow("shop-books-more");
    add_flow("shop-books-paused");
    const auto paused = engine().stores.flows.find(tenant_, "shop-books-paused").value();
    ASSERT_TRUE(
        engine().stores.flow_changes.set_state(paused.id, FlowState::kPaused, {"ann", ""}, 1)
    );
    auto definition = every_five_minutes();
    definition.flow.clear();
    definition.entity = "order";
    put(definition);
    pass(5 * kMinute);
    EXPECT_EQ(step(), 1u);
    const auto runs = history();
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].sync_id, runs[1].sync_id);
}

TEST_F(SchedulerTest, AfterARestartItGoesOnWhereItWas) {
    put(every_five_minutes());
    pass(5 * kMinute);
    EXPECT_EQ(step(), 1u);
    work();
    restart();
    EXPECT_EQ(step(), 0u);
    pass(5 * kMinute);
    restart();
    EXPECT_EQ(step(), 1u);
    EXPECT_EQ(step(), 0u);
}

TEST_F(SchedulerTest, ASlotIsUsedExactlyWhenItsRunIsThere) {
    put(every_five_minutes());
    pass(5 * kMinute);
    // A crash before the commit: nothing of the unit of work stays.
    const Schedule before = stored();
    const auto crashed = engine().stores.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(engine().stores.schedules.settle(
            sql, before, {before.next_due_ms, "sync", before.next_due_ms + 1, 0, "", 1}
        ));
        return Error{ErrorCode::kStorage, "the disk is full"};
    });
    ASSERT_FALSE(crashed.has_value());
    EXPECT_EQ(step(), 1u);
    // Two schedulers that saw the same: the second one's runs are not made.
    const auto again = engine().control.start(
        tenant_,
        {"",
         "shop-books-orders",
         {},
         {},
         "schedule:orders",
         Starter::kSchedule,
         false,
         true,
         [&](storage::Sql& sql, const std::string& sync_id) {
             return engine().stores.schedules.settle(
                 sql, before, {before.next_due_ms, sync_id, 0, 0, "", 1}
             );
         }}
    );
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(history().size(), 1u);
}

struct MisfireRow {
    Misfire misfire;
    std::size_t at_once;  // runs that start at the first look
    std::size_t later;    // and within the next four minutes
};

TEST_F(SchedulerTest, SlotsThatPassedWhileTheHostWasDownFollowThePolicy) {
    for (const auto& row :
         {MisfireRow{Misfire::kCoalesce, 1, 0}, {Misfire::kSkip, 0, 0}, {Misfire::kAll, 1, 8}}) {
        auto definition = every_five_minutes();
        definition.name = std::string(enum_name(row.misfire));
        definition.misfire = row.misfire;
        put(definition);
        restart();
        pass(46 * kMinute);  // nine slots, the last one a minute ago
        pass(1);
        EXPECT_EQ(step(), row.at_once) << definition.name;
        work();
        EXPECT_EQ(live(3 * kMinute), row.later) << definition.name;
        EXPECT_EQ(live(kMinute), 1u) << definition.name;
        ASSERT_TRUE(engine().stores.schedules.remove(stored(definition.name).id));
        pass(5 * kMinute - 1 - clock_.now().ms % (5 * kMinute));
        pass(1);
    }
}

TEST_F(SchedulerTest, AClockSetAheadIsADownTime) {
    put(every_five_minutes());
    pass(400LL * 86'400'000);
    EXPECT_EQ(step(), 1u);
    EXPECT_EQ(step(), 0u);
}

TEST_F(SchedulerTest, AClockSetBackRepeatsNoSlot) {
    put(every_five_minutes());
    EXPECT_EQ(live(60 * kMinute), 12u);
    pass(-60 * kMinute);
    EXPECT_EQ(live(60 * kMinute), 0u);
    EXPECT_EQ(live(10 * kMinute), 2u);
    EXPECT_EQ(history().size(), 14u);
}

TEST_F(SchedulerTest, AClockThatWasAYearAheadStopsNothingWhenItIsRightAgain) {
    put(every_five_minutes());
    EXPECT_EQ(live(10 * kMinute), 2u);
    pass(365LL * 86'400'000);
    EXPECT_EQ(step(), 1u);
    work();
    pass(-365LL * 86'400'000);
    EXPECT_EQ(live(10 * kMinute), 2u);
}

TEST_F(SchedulerTest, DuringABlackoutNothingStartsAndAfterItThePolicyDecides) {
    for (const auto& [misfire, after] :
         {std::pair{Misfire::kCoalesce, std::size_t{1}}, {Misfire::kSkip, std::size_t{0}}}) {
        auto definition = every_five_minutes();
        definition.misfire = misfire;
        const std::int64_t now = clock_.now().ms;
        definition.blackouts = {
            Blackout{Timestamp{now + 2 * kMinute}, Timestamp{now + 28 * kMinute}, "", 0}};
        put(definition);
        EXPECT_EQ(live(28 * kMinute - 20'000), 0u);
        EXPECT_EQ(live(20'000), after);
        EXPECT_EQ(live(2 * kMinute), 1u);
    }
}

class OverlapTest : public SchedulerTest {
protected:
    // One run that has started and does not read on until work() is called.
    void begin(Overlap overlap) {
        auto definition = every_five_minutes();
        definition.overlap = overlap;
        put(definition);
        pass(5 * kMinute);
        ASSERT_EQ(step(), 1u);
        pass(5 * kMinute);
    }
};

TEST_F(OverlapTest, SkipLeavesTheSlotOutAndSaysSo) {
    begin(Overlap::kSkip);
    EXPECT_EQ(step(), 0u);
    EXPECT_EQ(stored().last_error, "left out: the run before it was still reading");
    work();
    EXPECT_EQ(step(), 0u);
    pass(5 * kMinute);
    EXPECT_EQ(step(), 1u);
    EXPECT_EQ(stored().last_error, "");
}

TEST_F(OverlapTest, QueueOneStartsAfterwardsOnceHoweverManyCame) {
    begin(Overlap::kQueueOne);
    EXPECT_EQ(step(), 0u);
    pass(15 * kMinute);
    EXPECT_EQ(step(), 0u);
    restart();
    work();
    EXPECT_EQ(step(), 1u);
    work();
    EXPECT_EQ(step(), 0u);
    EXPECT_EQ(history().size(), 2u);
}

TEST_F(OverlapTest, CancelStopsTheRunBeforeAndLosesNoRecord) {
    begin(Overlap::kCancel);
    for (int i = 1; i <= 30; ++i) {
        shop_.put(i, "10.00", "a@x.example");
    }
    EXPECT_EQ(step(), 0u);
    work();
    EXPECT_EQ(history()[0].status, RunStatus::kStopped);
    EXPECT_EQ(step(), 1u);
    work();
    EXPECT_EQ(history()[0].status, RunStatus::kCompleted);
    EXPECT_EQ(books_.count("invoice"), 30u);
}

TEST_F(OverlapTest, CancelTakesOverTheJobsThatTheStoppedRunLeft) {
    begin(Overlap::kCancel);
    shop_.put(1, "10.00", "a@x.example");
    const auto first = history()[0];
    // It has read its record, and its collect is still open.
    ASSERT_TRUE(engine().stores.runs.start(first.id, clock_.now().ms));
    std::atomic<bool> go_on{false};
    ASSERT_TRUE(engine().collector.collect(first, &go_on).has_value());
    EXPECT_EQ(step(), 0u);
    work();
    EXPECT_EQ(books_.count("invoice"), 0u);
    EXPECT_EQ(step(), 1u);
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(OverlapTest, CancelWaitsForASyncThatSomebodyAskedFor) {
    auto definition = every_five_minutes();
    definition.overlap = Overlap::kCancel;
    put(definition);
    start();
    pass(5 * kMinute);
    EXPECT_EQ(step(), 0u);
    work();
    EXPECT_EQ(history()[0].status, RunStatus::kCompleted);
    EXPECT_EQ(step(), 1u);
}

TEST_F(OverlapTest, DeliveriesUnderWayAreNoOverlap) {
    begin(Overlap::kSkip);
    shop_.put(1, "10.00", "a@x.example");
    const auto first = history()[0];
    ASSERT_TRUE(engine().stores.runs.start(first.id, clock_.now().ms));
    std::atomic<bool> go_on{false};
    ASSERT_TRUE(engine().collector.collect(first, &go_on).has_value());
    ASSERT_TRUE(engine().stores.runs.end_collect(first.id, std::nullopt, clock_.now().ms));
    EXPECT_EQ(history()[0].status, RunStatus::kRunning);
    EXPECT_EQ(step(), 1u);
    work();
    for (const auto& run : history()) {
        EXPECT_EQ(run.status, RunStatus::kCompleted);
        expect_adds_up(run);
    }
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(SchedulerTest, AFlowThatCannotRunCostsTheSlotAndTheReasonIsShown) {
    put(every_five_minutes());
    const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
    ASSERT_TRUE(engine().stores.flow_changes.set_state(flow.id, FlowState::kPaused, {"ann", ""}, 1)
    );
    pass(5 * kMinute);
    EXPECT_EQ(step(), 0u);
    EXPECT_NE(stored().last_error.find("is paused; resume it first"), std::string::npos);
    EXPECT_EQ(time(stored().next_due_ms), "10:10:00");
    ASSERT_TRUE(engine().stores.flow_changes.set_state(flow.id, FlowState::kRunning, {"ann", ""}, 1)
    );
    EXPECT_EQ(step(), 0u);
    pass(5 * kMinute);
    EXPECT_EQ(step(), 1u);
}

TEST_F(SchedulerTest, WhatPassedWhileItWasPausedOrDisabledIsNobodys) {
    put(every_five_minutes());
    ASSERT_TRUE(engine().stores.schedules.set_paused(stored(), true, clock_.now().ms));
    EXPECT_EQ(live(12 * kMinute), 0u);
    ASSERT_TRUE(engine().stores.schedules.set_paused(stored(), false, clock_.now().ms));
    EXPECT_EQ(step(), 0u);
    EXPECT_EQ(live(3 * kMinute), 1u);
    auto disabled = every_five_minutes();
    disabled.enabled = false;
    put(disabled);
    EXPECT_EQ(live(12 * kMinute), 0u);
    put(every_five_minutes());
    EXPECT_EQ(step(), 0u);
    EXPECT_EQ(live(3 * kMinute), 1u);
}

TEST_F(SchedulerTest, TheSameDefinitionAgainChangesNothing) {
    put(every_five_minutes());
    pass(7 * kMinute);
    put(every_five_minutes());
    EXPECT_EQ(time(stored().next_due_ms), "10:05:00");
    EXPECT_EQ(step(), 1u);
}

TEST_F(SchedulerTest, OneScheduleThatFailsStopsNoOther) {
    for (const char* name : {"a", "b", "c"}) {
        add_flow(std::string("flow-") + name);
        auto definition = every_five_minutes();
        definition.name = name;
        definition.flow = std::string("flow-") + name;
        put(definition);
    }
    const auto gone = engine().stores.flows.find(tenant_, "flow-b").value();
    ASSERT_TRUE(engine().stores.flows.remove(gone.id));
    pass(5 * kMinute);
    EXPECT_EQ(step(), 2u);
    EXPECT_NE(stored("b").last_error.find("there is no flow 'flow-b'"), std::string::npos);
}

TEST_F(SchedulerTest, TheThreadStartsWhatIsDueAndStops) {
    put(every_five_minutes());
    pass(5 * kMinute);
    engine::Scheduler scheduler(engine().stores, engine().control, clock_);
    scheduler.start();
    for (int i = 0; i < 1000 && history().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    scheduler.stop();
    EXPECT_EQ(history().size(), 1u);
    pass(5 * kMinute);
    EXPECT_EQ(history().size(), 1u);
}

class GatedScheduleTest : public SchedulerTest {
protected:
    // A flow whose scheduled runs are looked at before they start, and its schedule.
    void put_gated(const std::string& name) {
        FlowDefinition definition =
            engine().stores.flows.find(tenant_, "shop-books-orders").value().definition;
        definition.name = name;
        definition.approval.exempt = {Starter::kApi};
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
        auto schedule = every_five_minutes();
        schedule.name = name;
        schedule.flow = name;
        put(schedule);
    }
};

TEST_F(GatedScheduleTest, ASourceThatFailsIsAskedOncePerSlotAndTheReasonIsShown) {
    put_gated("gated");
    pass(5 * kMinute);
    const Error closed{ErrorCode::kTransient, "the shop is closed", "shop.closed"};
    shop_.next_read_errors = {closed, closed, closed};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(step(), 0u);
    }
    EXPECT_EQ(shop_.reads, 1);
    EXPECT_NE(stored("gated").last_error.find("the shop is closed"), std::string::npos);
    shop_.next_read_errors.clear();
    pass(5 * kMinute);
    EXPECT_EQ(step(), 1u);
    EXPECT_EQ(stored("gated").last_error, "");
}

TEST_F(GatedScheduleTest, ASourceThatHangsKeepsNoOtherScheduleWaitingNorTheEnd) {
    put_gated("gated");
    put(every_five_minutes());
    pass(5 * kMinute);
    shop_.hangs = true;
    engine::Scheduler scheduler(engine().stores, engine().control, clock_);
    const auto begun = std::chrono::steady_clock::now();
    scheduler.start();
    for (int i = 0; i < 1000 && history().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_EQ(history().size(), 1u);
    EXPECT_EQ(history()[0].flow_name, "shop-books-orders");
    scheduler.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(12));
    // Its slot is not lost.
    shop_.hangs = false;
    EXPECT_EQ(stored("gated").last_error, "");
    EXPECT_EQ(step(), 1u);
}

// Whatever the clock does and whenever the process is killed: no slot has two runs, and once the
// clock runs evenly again every slot has one.
TEST_F(SchedulerTest, NoSlotIsUsedTwiceWhateverTheClockDoes) {
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const auto within = [&](std::int64_t from, std::int64_t to) {
            return from +
                   static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(to - from));
        };
        auto definition = every_five_minutes();
        definition.name = "seed-" + std::to_string(seed);
        definition.misfire = seed % 3 == 0 ? Misfire::kAll : Misfire::kCoalesce;
        put(definition);
        std::vector<std::int64_t> used;
        const auto look = [&] {
            const std::size_t started = step();
            for (std::size_t i = 0; i < started; ++i) {
                used.push_back(stored(definition.name).last_due_ms);
            }
            work();
            return started;
        };
        for (int move = 0; move < 40; ++move) {
            const std::int64_t kind = within(0, 10);
            if (kind == 0) {
                restart();
            }
            pass(1000 * (kind < 3 ? within(-7'200, 7'200) : within(1, 400)));
            look();
        }
        const std::set<std::int64_t> slots(used.begin(), used.end());
        EXPECT_EQ(slots.size(), used.size());
        EXPECT_GT(slots.size(), 5u);
        // Beyond everything that was ever seen and made up for: one in every five minutes.
        pass(std::max<std::int64_t>(0, *slots.rbegin() - clock_.now().ms));
        for (int i = 0; i < 60; ++i) {
            look();
        }
        std::size_t started = 0;
        for (int i = 0; i < 30; ++i) {
            pass(20'000);
            started += look();
        }
        EXPECT_EQ(started, 2u);
        ASSERT_TRUE(engine().stores.schedules.remove(stored(definition.name).id));
    }
}

}  // namespace
}  // namespace syncline::testing
