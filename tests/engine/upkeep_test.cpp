// When the store is purged, and what a clock that jumps does to it.
#include "engine/upkeep.hpp"

#include "support/fake_clock.hpp"
#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace std::chrono_literals;
using engine::Upkeep;

constexpr std::int64_t kDayOfRetentionMs = 86'400'000;

class UpkeepTest : public ::testing::Test {
protected:
    void SetUp() override { make({}); }
    void make(engine::RetentionConfig config) {
        upkeep_ = std::make_unique<Upkeep>(
            *store_.database,
            clock_,
            config,
            storage::LongestWaits{600'000},
            [this] { return steady_; }
        );
    }
    // Both clocks go on.
    void pass(std::chrono::milliseconds time) {
        clock_.advance(time);
        steady_ += time;
    }
    // Until nothing is to do at once.
    void settle() {
        for (int i = 0; i < 100; ++i) {
            const auto wait = upkeep_->step();
            ASSERT_TRUE(wait.has_value()) << wait.error().message;
            if (*wait >= 1s) {
                return;
            }
        }
        FAIL() << "it never rests";
    }
    std::int64_t settled() const { return store_.count("sync_queue WHERE state = 'settled'"); }
    void log_now() {
        store_.write([&](storage::Sql& sql) {
            sql.run(
                "INSERT INTO sync_logs (tenant_id, at_ms, level, event) VALUES (1, ?, 'info', 'x')",
                clock_.now().ms
            );
        });
    }

    TempDir dir_;
    FakeClock clock_;
    Upkeep::Steady::time_point steady_{1000h};
    FilledStore store_{dir_.file("a.db"), clock_.now().ms};
    std::unique_ptr<Upkeep> upkeep_;
};

TEST_F(UpkeepTest, JobsGoWhenTheyAreOldEnoughAndNotBefore) {
    settle();
    pass(std::chrono::milliseconds(89 * kDayOfRetentionMs));
    log_now();
    settle();
    EXPECT_EQ(settled(), 2);
    pass(std::chrono::milliseconds(2 * kDayOfRetentionMs));
    settle();
    EXPECT_EQ(settled(), 0);
    EXPECT_EQ(store_.count("sync_queue"), 3);
}

TEST_F(UpkeepTest, WhatIsKeptForEverStays) {
    make({.jobs_days = 0});
    settle();
    pass(std::chrono::milliseconds(5000 * kDayOfRetentionMs));
    settle();
    EXPECT_EQ(settled(), 2);
}

TEST_F(UpkeepTest, AfterAPassItRestsForHalfAnHour) {
    settle();
    pass(std::chrono::milliseconds(91 * kDayOfRetentionMs));
    settle();
    ASSERT_EQ(settled(), 0);
    store_.now = clock_.now().ms - 100 * kDayOfRetentionMs;
    store_.raise("old", std::nullopt);
    store_.finish(store_.claim(9, 10).back(), 9, storage::JobOutcome::Kind::kSettled, "created");
    store_.raise("newer", std::nullopt);
    settle();
    EXPECT_EQ(settled(), 1);
    pass(31min);
    settle();
    EXPECT_EQ(settled(), 0);
}

TEST_F(UpkeepTest, AClockThatJumpsAheadPurgesNothingForADay) {
    settle();
    clock_.advance(std::chrono::milliseconds(4000 * kDayOfRetentionMs));
    steady_ += 1s;
    settle();
    pass(23h);
    settle();
    EXPECT_EQ(settled(), 2) << "the clock may be wrong";
    clock_.advance(std::chrono::milliseconds(-4000 * kDayOfRetentionMs));
    pass(2h);
    settle();
    EXPECT_EQ(settled(), 2) << "it was";
}

TEST_F(UpkeepTest, ATimeThatWasRightAfterAllIsBelievedAfterADay) {
    settle();
    clock_.advance(std::chrono::milliseconds(4000 * kDayOfRetentionMs));
    settle();
    pass(25h);
    settle();
    EXPECT_EQ(settled(), 0);
}

TEST_F(UpkeepTest, AStartLongAfterTheLastWorkPurgesNothingForADay) {
    log_now();
    pass(std::chrono::milliseconds(400 * kDayOfRetentionMs));
    settle();
    EXPECT_EQ(settled(), 2);
    pass(25h);
    settle();
    EXPECT_EQ(settled(), 0);
}

TEST_F(UpkeepTest, AClockThatIsSetBackLetsDueWorkGoOn) {
    settle();
    clock_.advance(std::chrono::milliseconds(-kDayOfRetentionMs));
    store_.now = clock_.now().ms;
    EXPECT_TRUE(store_.claim(7, 10).empty());
    settle();
    EXPECT_EQ(store_.claim(8, 10).size(), 1u);
    EXPECT_EQ(settled(), 2);
}

TEST_F(UpkeepTest, AStartWithAClockThatWasSetBackDoesToo) {
    clock_.advance(std::chrono::milliseconds(-kDayOfRetentionMs));
    store_.now = clock_.now().ms;
    settle();
    EXPECT_EQ(store_.claim(8, 10).size(), 1u);
}

TEST_F(UpkeepTest, StopsAtOnce) {
    upkeep_->start();
    const auto start = std::chrono::steady_clock::now();
    upkeep_->stop();
    upkeep_->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

}  // namespace
}  // namespace syncline::testing
