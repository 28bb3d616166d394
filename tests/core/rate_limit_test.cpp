#include "core/rate_limit.hpp"

#include <gtest/gtest.h>

namespace syncline {
namespace {

// Requests that are answered at once, as fast as the limiter lets them: how many in a time.
int sent_within(RateLimiter& limiter, std::int64_t from_ms, std::int64_t for_ms, bool batch) {
    int sent = 0;
    for (std::int64_t now = from_ms; now < from_ms + for_ms; ++now) {
        while (limiter.start(now, batch) == 0) {
            limiter.end(now, now, 200);
            ++sent;
        }
    }
    return sent;
}

TEST(RateLimit, KeepsTheRequestsOfAMinuteAndOfASecond) {
    RateLimiter quickbooks({8, 450, 35});
    EXPECT_LE(sent_within(quickbooks, 1'000, 1'000, false), 10);
    RateLimiter another({8, 450, 35});
    const int in_a_minute = sent_within(another, 1'000, 60'000, false);
    EXPECT_GE(in_a_minute, 445);
    EXPECT_LE(in_a_minute, 455);
}

TEST(RateLimit, KeepsTheBatchesOfAMinuteToo) {
    RateLimiter quickbooks({8, 450, 35});
    EXPECT_LE(sent_within(quickbooks, 1'000, 60'000, true), 40);
    EXPECT_EQ(sent_within(quickbooks, 61'000, 60'000, true), 35);
    EXPECT_GT(sent_within(quickbooks, 121'000, 10'000, false), 70);
}

TEST(RateLimit, TheWaitItNamesIsTheWaitThereIs) {
    RateLimiter limiter({100, 60, 0});
    ASSERT_EQ(limiter.start(5'000, false), 0);
    ASSERT_EQ(limiter.start(5'000, false), 0);
    const std::int64_t wait = limiter.start(5'000, false);
    EXPECT_EQ(wait, 1'000);
    EXPECT_GT(limiter.start(5'000 + wait - 1, false), 0);
    EXPECT_EQ(limiter.start(5'000 + wait, false), 0);
}

TEST(RateLimit, OnlySoManyRequestsAreInFlight) {
    RateLimiter limiter({3, 100'000, 0});
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(limiter.start(1'000, false), 0);
    }
    EXPECT_GT(limiter.start(1'000, false), 0);
    limiter.end(1'000, 1'500, 200);
    EXPECT_EQ(limiter.start(1'500, false), 0);
    EXPECT_GT(limiter.start(1'500, false), 0);
}

TEST(RateLimit, ARefusalHalvesThePaceAndTenPerCentComeBackInAMinute) {
    RateLimiter limiter({8, 450, 35});
    ASSERT_EQ(limiter.start(1'000, false), 0);
    limiter.end(1'000, 1'100, 429);
    EXPECT_EQ(limiter.pace_percent(1'100), 50);
    EXPECT_EQ(limiter.in_flight_max(1'100), 4);
    EXPECT_EQ(limiter.pace_percent(1'100 + 60'000), 60);
    EXPECT_EQ(limiter.pace_percent(1'100 + 4 * 60'000), 90);
    EXPECT_EQ(limiter.pace_percent(1'100 + 30 * 60'000), 100);
    EXPECT_EQ(limiter.in_flight_max(1'100 + 30 * 60'000), 8);
}

TEST(RateLimit, TheHalvedPaceHalvesWhatGoesOut) {
    RateLimiter limiter({8, 6'000, 0});
    ASSERT_EQ(limiter.start(1'000, false), 0);
    limiter.end(1'000, 1'000, 429);
    const int sent = sent_within(limiter, 1'000, 10'000, false);
    EXPECT_GE(sent, 500);
    EXPECT_LE(sent, 540);  // half of a thousand, the burst, and what came back meanwhile
}

TEST(RateLimit, RefusalsOfRequestsThatWereUnderWayTogetherHalveOnce) {
    RateLimiter limiter({8, 6'000, 0});
    ASSERT_EQ(limiter.start(1'000, false), 0);
    ASSERT_EQ(limiter.start(1'000, false), 0);
    ASSERT_EQ(limiter.start(1'000, false), 0);
    limiter.end(1'000, 1'200, 429);
    limiter.end(1'000, 1'200, 429);
    EXPECT_EQ(limiter.pace_percent(1'200), 50);
    limiter.end(1'000, 1'300, 429);
    EXPECT_EQ(limiter.pace_percent(1'300), 50);
    ASSERT_EQ(limiter.start(1'400, false), 0);
    limiter.end(1'400, 1'500, 429);
    EXPECT_EQ(limiter.pace_percent(1'500), 25);
}

TEST(RateLimit, SlowAnswersHalveThePace) {
    RateLimiter limiter({8, 6'000, 0});
    std::int64_t now = 1'000;
    const auto exchange = [&](std::int64_t takes_ms) {
        ASSERT_EQ(limiter.start(now, false), 0);
        limiter.end(now, now + takes_ms, 200);
        now += takes_ms;
    };
    for (int i = 0; i < 40; ++i) {
        exchange(1'900);
    }
    exchange(9'000);  // one is no p95
    EXPECT_EQ(limiter.pace_percent(now), 100);
    for (int i = 0; i < 5; ++i) {
        exchange(2'100);
    }
    EXPECT_LT(limiter.pace_percent(now), 60);
}

TEST(RateLimit, OneOfTwentyIsNoP95Either) {
    RateLimiter limiter({8, 6'000, 0});
    std::int64_t now = 1'000;
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(limiter.start(now, false), 0);
        const std::int64_t takes = i == 7 ? 9'000 : 1'000;
        limiter.end(now, now + takes, 200);
        now += takes;
    }
    EXPECT_EQ(limiter.pace_percent(now), 100);
}

TEST(RateLimit, AHoldKeepsEverythingBackUntilItIsOver) {
    RateLimiter limiter({8, 450, 35});
    limiter.hold_until(38'000);
    EXPECT_EQ(limiter.start(1'000, false), 37'000);
    EXPECT_GT(limiter.start(37'999, false), 0);
    EXPECT_EQ(limiter.start(38'000, false), 0);
}

TEST(RateLimit, AClockThatIsSetBackStopsNothing) {
    RateLimiter limiter({8, 60, 0});
    while (limiter.start(1'000'000'000, false) == 0) {
        limiter.end(1'000'000'000, 1'000'000'000, 200);
    }
    EXPECT_GT(limiter.start(5'000, false), 0);
    EXPECT_EQ(limiter.start(6'000, false), 0);
    limiter.end(6'000, 6'001, 429);
    EXPECT_EQ(limiter.pace_percent(6'001), 50);
    limiter.hold_until(900'000'000'000);
    EXPECT_EQ(limiter.start(7'000, false), 3'600'000);
    EXPECT_GT(limiter.start(7'000 + 3'599'999, false), 0);
    EXPECT_EQ(limiter.start(7'000 + 3'600'000, false), 0) << "an hour later it is over";
}

TEST(RateLimit, WhatAnOperatorSaysGoesBeforeTheConnector) {
    RateLimitOverride mine;
    mine.requests_per_minute = 60;
    EXPECT_EQ(mine.over({8, 450, 35}), (RateLimits{8, 60, 35}));
}

}  // namespace
}  // namespace syncline
