// A clock that was a day ahead is set back.
#include "storage/future_times.hpp"

#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;
using Kind = JobOutcome::Kind;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kAhead = 20 * kDayMs;
constexpr std::int64_t kNow = kAhead - kDayMs;
constexpr LongestWaits kLongest{60'000};

class FutureTimesTest : public ::testing::Test {
protected:
    std::int64_t bring_back(std::int64_t now_ms) {
        return bring_back_future_times(*store_.database, kLongest, now_ms).value();
    }
    std::int64_t value(const char* query) {
        return store_.database
            ->read([&](Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>(query).value();
            })
            .value();
    }

    TempDir dir_;
    FilledStore store_{dir_.file("a.db"), kAhead};
};

TEST_F(FutureTimesTest, WhatWasDueIsDueAtOnce) {
    store_.now = kNow;
    EXPECT_TRUE(store_.claim(7, 10).empty()) << "it waits for a day";
    EXPECT_GT(bring_back(kNow), 0);
    const auto claimed = store_.claim(8, 10);
    ASSERT_EQ(claimed.size(), 1u);
    EXPECT_EQ(claimed[0].source_id, "5");
}

TEST_F(FutureTimesTest, APauseBeforeTheNextTryKeepsItsLength) {
    const Job job = store_.claim(7, 1).at(0);
    JobOutcome outcome;
    outcome.job = job.id;
    outcome.version = job.version;
    outcome.kind = Kind::kRetry;
    outcome.delay_ms = 45'000;
    outcome.error = Error{ErrorCode::kTransient, "why", "x.why"};
    store_.write([&](Sql& sql) { EXPECT_TRUE(store_.jobs->finish(sql, outcome, 7, kAhead)); });
    bring_back(kNow);
    EXPECT_EQ(value("SELECT run_at_ms FROM sync_queue WHERE source_id = '5'"), kNow + 45'000);
}

TEST_F(FutureTimesTest, LeasesRequestsAndConnectionsWaitNoLongerThanTheyMay) {
    ASSERT_TRUE(ConnectionStore(*store_.database).set_not_before(store_.flow.target, kAhead + 5'000)
    );
    store_.write([&](Sql& sql) {
        store_.intents->leave_open(
            sql, IntentId{1}, false, IntentStore::Attempt::kUsedUp, kAhead + 5'000, "why"
        );
    });
    bring_back(kNow);
    EXPECT_EQ(
        value("SELECT lease_until_ms FROM sync_queue WHERE source_id = '4'"),
        kNow + kLongest.lease_ms
    );
    EXPECT_EQ(value("SELECT run_at_ms FROM intents"), kNow + kLongest.retry_ms);
    EXPECT_EQ(value("SELECT max(not_before_ms) FROM connections"), kNow + kLongest.connection_ms);
}

TEST_F(FutureTimesTest, ARequestThatWasGivenUpStaysSo) {
    store_.write([&](Sql& sql) {
        store_.intents->leave_open(
            sql, IntentId{1}, false, IntentStore::Attempt::kUsedUp, kIntentGivenUp, "why"
        );
    });
    bring_back(kNow);
    EXPECT_EQ(value("SELECT run_at_ms FROM intents"), kIntentGivenUp);
}

TEST_F(FutureTimesTest, ARightClockChangesNothing) {
    EXPECT_EQ(bring_back(kAhead), 0);
    EXPECT_EQ(bring_back(kAhead + kDayMs), 0);
    EXPECT_EQ(bring_back(kAhead - 1'000), 0) << "as clocks are corrected all the time";
}

TEST_F(FutureTimesTest, ManyJobsAreBroughtBackInShortUnits) {
    for (int i = 0; i < 1'200; ++i) {
        store_.raise("many" + std::to_string(i), std::nullopt);
    }
    EXPECT_EQ(bring_back(kNow), 1'201 + 2) << "all that are queued, a lease, and a request";
    EXPECT_EQ(
        store_.count("sync_queue WHERE state = 'queued' AND run_at_ms > " + std::to_string(kNow)), 0
    );
}

}  // namespace
}  // namespace syncline::testing
