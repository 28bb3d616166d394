// Whose deliveries are handled next.
#include "engine/intake_turns.hpp"

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

using engine::IntakeTurns;
using Due = std::vector<storage::DueConnection>;

constexpr TenantId kAcme{1};
constexpr TenantId kOther{2};

Due connections_of(TenantId tenant, std::int64_t from, std::int64_t count) {
    Due due;
    for (std::int64_t id = from; id < from + count; ++id) {
        due.push_back({tenant, ConnectionId{id}});
    }
    return due;
}

Due all_chosen(IntakeTurns& turns, const Due& due) {
    Due chosen;
    while (const auto one = turns.choose(due)) {
        chosen.push_back(*one);
    }
    return chosen;
}

TEST(IntakeTurns, ATenantWhoseShopsDoNotAnswerLeavesThreadsToTheOthers) {
    IntakeTurns turns;
    const Due acme = connections_of(kAcme, 1, 20);
    EXPECT_EQ(all_chosen(turns, acme).size(), IntakeTurns::kAtOnce / 2);
    const auto other = turns.choose(connections_of(kOther, 100, 1));
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->connection.value, 100);
    EXPECT_FALSE(turns.choose(acme).has_value());
}

TEST(IntakeTurns, ThoseThatDidNotAnswerTheLastTimeGoLastAndAreFew) {
    IntakeTurns turns;
    const Due failing = connections_of(kAcme, 1, 4);
    for (const auto& one : all_chosen(turns, failing)) {
        turns.end(one, false);
    }
    Due due = failing;
    due.push_back({kAcme, ConnectionId{50}});
    const Due chosen = all_chosen(turns, due);
    ASSERT_EQ(chosen.size(), 3U);
    EXPECT_EQ(chosen[0].connection.value, 50);
    // The next ones are those that have waited longest.
    turns.end(chosen[1], false);
    const auto next = turns.choose(failing);
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(next->connection.value, 3);
    // One that answers again is as any other.
    turns.end(*next, true);
    turns.end(chosen[0], true);
    EXPECT_EQ(turns.choose(failing)->connection.value, 3);
}

TEST(IntakeTurns, OneConnectionIsHandledOnceAtATime) {
    IntakeTurns turns;
    const Due due = connections_of(kAcme, 1, 1);
    const Due chosen = all_chosen(turns, due);
    ASSERT_EQ(chosen.size(), 1U);
    turns.end(chosen[0], true);
    EXPECT_TRUE(turns.choose(due).has_value());
}

TEST(IntakeTurns, FailingOnesOfManyTenantsLeaveHalfOfTheThreads) {
    IntakeTurns turns;
    Due due;
    for (std::int64_t tenant = 1; tenant <= 6; ++tenant) {
        const Due own = connections_of(TenantId{tenant}, tenant * 10, 2);
        for (const auto& one : all_chosen(turns, own)) {
            turns.end(one, false);
        }
        due.insert(due.end(), own.begin(), own.end());
    }
    EXPECT_EQ(all_chosen(turns, due).size(), IntakeTurns::kAtOnce / 2);
    EXPECT_TRUE(turns.choose(connections_of(TenantId{7}, 100, 1)).has_value());
}

}  // namespace
}  // namespace syncline::testing
