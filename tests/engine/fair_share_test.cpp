// Who delivers next, without any delivery: time is a number here.
#include "engine/fair_share.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

using engine::FairShare;
using engine::Startable;

constexpr TenantId kA{1};
constexpr TenantId kB{2};
constexpr TenantId kC{3};

// Slots in which deliveries of known lengths run; every tenant has work without end.
class Simulation {
public:
    explicit Simulation(std::int64_t slots) : share(slots) {}

    void tenant(TenantId id, std::int64_t cost_ms, int priority = 2) {
        costs_[id] = cost_ms;
        startable_.push_back({id, priority, 0});
    }
    void run_until(std::int64_t end_ms) {
        while (now_ms < end_ms) {
            start_what_may();
            const auto next = under_way_.begin();
            now_ms = next->first;
            const Startable one = next->second;
            under_way_.erase(next);
            share.end(one.tenant, one.priority, costs_[one.tenant]);
            served_ms[one.tenant] += costs_[one.tenant];
        }
    }
    void start_what_may() {
        while (const auto chosen = share.choose(startable_, now_ms)) {
            const Startable& one = startable_[*chosen];
            under_way_.emplace(now_ms + costs_[one.tenant], one);
            most_at_once[one.tenant] =
                std::max(most_at_once[one.tenant], share.running_of(one.tenant));
        }
    }

    FairShare share;
    std::int64_t now_ms = 0;
    std::map<TenantId, std::int64_t> served_ms;
    std::map<TenantId, std::int64_t> most_at_once;

private:
    std::map<TenantId, std::int64_t> costs_;
    std::vector<Startable> startable_;
    std::multimap<std::int64_t, Startable> under_way_;
};

TEST(FairShare, TenantsGetEqualTimeWhateverTheirDeliveriesTake) {
    Simulation simulation(1);
    simulation.tenant(kA, 5'000);
    simulation.tenant(kB, 500);
    simulation.run_until(1'000'000);
    EXPECT_LE(std::abs(simulation.served_ms[kA] - 500'000), 25'000);
    EXPECT_LE(std::abs(simulation.served_ms[kB] - 500'000), 25'000);
}

TEST(FairShare, ATenantOfWeightThreeGetsThreeTimesTheTime) {
    Simulation simulation(1);
    simulation.share.set_weights({{kB, 3}});
    simulation.tenant(kA, 700);
    simulation.tenant(kB, 700);
    simulation.run_until(1'000'000);
    EXPECT_LE(std::abs(simulation.served_ms[kA] - 250'000), 15'000);
    EXPECT_LE(std::abs(simulation.served_ms[kB] - 750'000), 15'000);
}

TEST(FairShare, OneVeryLongDeliveryIsNotHeldAgainstItsTenantForEver) {
    FairShare share(1);
    ASSERT_TRUE(share.choose({{kA, 2, 0}}, 0).has_value());
    share.end(kA, 2, 3'600'000);
    std::int64_t served_b = 0;
    const std::vector<Startable> both{{kA, 2, 0}, {kB, 2, 0}};
    while (share.choose(both, 1) == 1u) {
        share.end(kB, 2, 1'000);
        ASSERT_LT(++served_b, 70);
    }
    EXPECT_GT(served_b, 50);
}

TEST(FairShare, TenantsTakeTurnsAlsoWhenTheirDeliveriesAreShort) {
    FairShare share(1);
    const std::vector<Startable> all{{kA, 2, 0}, {kB, 2, 0}, {kC, 2, 0}};
    std::vector<std::size_t> turns;
    for (int i = 0; i < 12; ++i) {
        turns.push_back(*share.choose(all, 0));
        share.end(all[turns.back()].tenant, 2, 10);
    }
    EXPECT_EQ(turns, (std::vector<std::size_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
}

TEST(FairShare, OneTenantHasAtMostHalfWhileAnotherWaits) {
    FairShare share(32);
    const std::vector<Startable> only_a(40, Startable{kA, 2, 0});
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(share.choose(only_a, 0).has_value());
    }
    std::vector<Startable> both = only_a;
    both.push_back({kB, 2, 0});
    while (share.choose(both, 0)) {
    }
    EXPECT_EQ(share.running_of(kA), 16);
    EXPECT_EQ(share.running_of(kB), 16 - 1);  // it has half; the last slot is for who has none
    both.push_back({kC, 2, 0});
    EXPECT_TRUE(share.choose(both, 0).has_value());
    EXPECT_EQ(share.running_of(kC), 1);
}

TEST(FairShare, AlongsideNobodyATenantHasAllSlotsButOne) {
    FairShare share(32);
    const std::vector<Startable> only_a(40, Startable{kA, 2, 0});
    while (share.choose(only_a, 0)) {
    }
    EXPECT_EQ(share.running_of(kA), 31);
    const std::vector<Startable> interactive{{kA, 0, 0}};
    EXPECT_TRUE(share.choose(interactive, 0).has_value());
    EXPECT_FALSE(share.choose(interactive, 0).has_value());
}

TEST(FairShare, TheMoreUrgentGoesFirst) {
    FairShare share(32);
    const std::vector<Startable> all{{kA, 3, 0}, {kA, 2, 0}, {kB, 1, 0}, {kB, 0, 0}};
    EXPECT_EQ(share.choose(all, 0), 3u);
    EXPECT_EQ(share.choose({all[0], all[1], all[2]}, 0), 2u);
    EXPECT_EQ(share.choose({all[0], all[1]}, 0), 1u);
    EXPECT_EQ(share.choose({all[0]}, 0), 0u);
}

TEST(FairShare, BackfillsHaveAtMostHalf) {
    FairShare share(8);
    const std::vector<Startable> backfills{{kA, 3, 0}, {kB, 3, 0}};
    while (share.choose(backfills, 0)) {
    }
    EXPECT_EQ(share.running(), 4);
    EXPECT_TRUE(share.choose({{kC, 2, 0}}, 0).has_value());
    share.end(kA, 3, 10);
    EXPECT_TRUE(share.choose(backfills, 0).has_value());
    EXPECT_FALSE(share.choose(backfills, 0).has_value());
}

TEST(FairShare, ABackfillThatAgedGoesFirstAndIsStillOneOfThoseThatHaveHalf) {
    FairShare share(4, engine::LastSlot::kForAnybody);
    const std::vector<Startable> mixed{{kA, 2, 0}, {kB, 3, 0}, {kB, 3, 0, 2}};
    EXPECT_EQ(share.choose(mixed, 0), 2u);
    const std::vector<Startable> backfills(3, Startable{kB, 3, 0, 9});
    EXPECT_TRUE(share.choose(backfills, 0).has_value());
    EXPECT_FALSE(share.choose(backfills, 0).has_value());
}

TEST(FairShare, TheLastSlotMayBeForAnybody) {
    FairShare share(4, engine::LastSlot::kForAnybody);
    const std::vector<Startable> only_a(10, Startable{kA, 2, 0});
    while (share.choose(only_a, 0)) {
    }
    EXPECT_EQ(share.running_of(kA), 4);
}

TEST(FairShare, WithinATenantTheWorkServedLongestAgoGoesFirst) {
    FairShare share(32);
    EXPECT_EQ(share.choose({{kA, 2, 7}, {kA, 2, 3}, {kA, 2, 5}}, 0), 1u);
}

TEST(FairShare, ANewcomerIsServedInTheNextTurn) {
    Simulation simulation(1);
    simulation.tenant(kA, 5'000);
    simulation.run_until(50'000);
    simulation.tenant(kB, 5'000);
    simulation.run_until(55'001);
    EXPECT_GT(simulation.served_ms[kB], 0);
}

}  // namespace
}  // namespace syncline::testing
