#include "core/retry.hpp"

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

using std::chrono::milliseconds;

TEST(Retry, BacksOffByThreeUpToSixHoursAndGivesUpAfterTenAttempts) {
    const Error error{ErrorCode::kTransient, "502"};
    const RetryPolicy policy;
    const std::int64_t full[] = {
        5'000, 15'000, 45'000, 135'000, 405'000, 1'215'000, 3'645'000, 10'935'000, 21'600'000};
    for (int attempt = 1; attempt <= 9; ++attempt) {
        const auto least = decide_retry(error, attempt, policy, 0);
        const auto most = decide_retry(error, attempt, policy, 999'999);
        EXPECT_EQ(least.verdict, Verdict::kRetry);
        EXPECT_EQ(least.delay.count(), full[attempt - 1] / 2) << attempt;
        EXPECT_LE(most.delay.count(), full[attempt - 1]) << attempt;
        EXPECT_GE(most.delay.count(), full[attempt - 1] - 50) << attempt;
    }
    EXPECT_EQ(decide_retry(error, 10, policy, 0).verdict, Verdict::kDead);
}

TEST(Retry, HonoursWhatThePlatformAsksForUpToAnHour) {
    Error error{ErrorCode::kRateLimited, "429", {}, 429, milliseconds(37'000)};
    EXPECT_EQ(decide_retry(error, 99, {}, 0).verdict, Verdict::kWait);
    EXPECT_EQ(decide_retry(error, 1, {}, 0).delay, milliseconds(37'000));
    error.retry_after = std::chrono::hours(5);
    EXPECT_EQ(decide_retry(error, 1, {}, 0).delay, milliseconds(3'600'000));
    error.retry_after.reset();
    EXPECT_EQ(decide_retry(error, 1, {}, 0).delay, milliseconds(60'000));
}

TEST(Retry, EveryCodeHasItsVerdict) {
    const std::pair<ErrorCode, Verdict> cases[] = {
        {ErrorCode::kCancelled, Verdict::kWait},
        {ErrorCode::kAuth, Verdict::kWait},
        {ErrorCode::kConfig, Verdict::kWait},
        {ErrorCode::kStorage, Verdict::kWait},
        {ErrorCode::kData, Verdict::kDead},
        {ErrorCode::kBug, Verdict::kDead},
        {ErrorCode::kUnsupported, Verdict::kDead},
        {ErrorCode::kHold, Verdict::kHeld},
        {ErrorCode::kConflict, Verdict::kConflict}};
    for (const auto& [code, verdict] : cases) {
        EXPECT_EQ(decide_retry({code, "x"}, 1, {}, 0).verdict, verdict) << static_cast<int>(code);
    }
}

}  // namespace
}  // namespace syncline::testing
