#include "core/retry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace syncline::testing {
namespace {

using std::chrono::milliseconds;

const Error kNoAnswer{ErrorCode::kTransient, "502"};

TEST(Retry, BacksOffByThreeUpToSixHoursAndGivesUpAfterTenAttempts) {
    const RetryPolicy policy;
    const std::int64_t full[] = {
        5'000, 15'000, 45'000, 135'000, 405'000, 1'215'000, 3'645'000, 10'935'000, 21'600'000};
    for (int attempt = 1; attempt <= 9; ++attempt) {
        const auto least = decide_retry(kNoAnswer, attempt, policy, 0);
        const auto most = decide_retry(kNoAnswer, attempt, policy, 999'999);
        EXPECT_EQ(least.verdict, Verdict::kRetry);
        EXPECT_EQ(least.delay.count(), full[attempt - 1] / 2) << attempt;
        EXPECT_LE(most.delay.count(), full[attempt - 1]) << attempt;
        EXPECT_GE(most.delay.count(), full[attempt - 1] - 50) << attempt;
    }
    EXPECT_EQ(decide_retry(kNoAnswer, 10, policy, 0).verdict, Verdict::kDead);
}

TEST(Retry, HonoursWhatThePlatformAsksForUpToAnHour) {
    for (const ErrorCode code : {ErrorCode::kRateLimited, ErrorCode::kTransient}) {
        Error error{code, "later", {}, 429, milliseconds(37'000)};
        EXPECT_EQ(decide_retry(error, 1, {}, 999'999).delay, milliseconds(37'000));
        error.retry_after = milliseconds(3'599'999);
        EXPECT_EQ(decide_retry(error, 1, {}, 0).delay, milliseconds(3'599'999));
        error.retry_after = std::chrono::hours(5);
        EXPECT_EQ(decide_retry(error, 1, {}, 0).delay, milliseconds(3'600'000));
    }
    const Error at_once{ErrorCode::kRateLimited, "later", {}, 429, milliseconds(-5)};
    EXPECT_EQ(decide_retry(at_once, 1, {}, 0).delay, milliseconds(1'000));
    const Error silent{ErrorCode::kRateLimited, "429"};
    EXPECT_EQ(decide_retry(silent, 1, {}, 0).delay, milliseconds(60'000));
}

TEST(Retry, AShortWaitThatThePlatformAsksForDoesNotUseUpTheAttemptsAtOnce) {
    const Error hurried{ErrorCode::kTransient, "503", {}, 503, milliseconds(0)};
    for (int attempt = 1; attempt < 10; ++attempt) {
        EXPECT_EQ(
            decide_retry(hurried, attempt, {}, 0).delay,
            decide_retry(kNoAnswer, attempt, {}, 0).delay
        );
    }
}

TEST(Retry, EveryCodeHasItsClassAndVerdict) {
    struct Case {
        ErrorCode code;
        std::string error_class;
        Verdict first;
        Verdict hundredth;
    };
    const Case cases[] = {
        {ErrorCode::kTransient, "transient", Verdict::kRetry, Verdict::kDead},
        {ErrorCode::kCancelled, "transient", Verdict::kWait, Verdict::kWait},
        {ErrorCode::kStorage, "transient", Verdict::kWait, Verdict::kWait},
        {ErrorCode::kRateLimited, "rate_limited", Verdict::kWait, Verdict::kWait},
        {ErrorCode::kAuth, "auth", Verdict::kWait, Verdict::kWait},
        {ErrorCode::kConfig, "auth", Verdict::kWait, Verdict::kWait},
        {ErrorCode::kConflict, "stale_version", Verdict::kRetry, Verdict::kConflict},
        {ErrorCode::kHold, "business", Verdict::kHeld, Verdict::kHeld},
        {ErrorCode::kData, "business", Verdict::kDead, Verdict::kDead},
        {ErrorCode::kUnsupported, "business", Verdict::kDead, Verdict::kDead},
        {ErrorCode::kBug, "bug", Verdict::kDead, Verdict::kDead}};
    for (const auto& row : cases) {
        EXPECT_EQ(error_class(row.code), row.error_class) << static_cast<int>(row.code);
        EXPECT_EQ(decide_retry({row.code, "x"}, 1, {}, 0).verdict, row.first) << row.error_class;
        EXPECT_EQ(decide_retry({row.code, "x"}, 100, {}, 0).verdict, row.hundredth)
            << row.error_class;
    }
}

TEST(Retry, AConflictThatWasComparedIsForAPersonAtOnce) {
    const Error compared{ErrorCode::kConflict, "changed", "conflict.changed"};
    EXPECT_EQ(decide_retry(compared, 1, {}, 0).verdict, Verdict::kConflict);
}

TEST(Retry, WhatAnotherRecordHoldsUpIsHeldUnlessAFlowSaysOtherwise) {
    const Error missing{ErrorCode::kData, "the customer is refused"};
    const auto as = ErrorClass::kNeedsData;
    EXPECT_EQ(decide_retry_as(as, missing, {1, {}}, {}, 0).verdict, Verdict::kHeld);
    RetryOverride patient;
    patient.error_class = as;
    patient.attempts_max = 3;
    const RetryPolicy policy = retry_policy({patient});
    EXPECT_EQ(decide_retry_as(as, missing, {2, {}}, policy, 0).verdict, Verdict::kRetry);
    EXPECT_EQ(decide_retry_as(as, missing, {3, {}}, policy, 0).verdict, Verdict::kHeld);
}

TEST(Retry, AFlowOverridesPartsOfAClassAndNoOther) {
    RetryOverride quick;
    quick.initial_s = 1;
    quick.coefficient = 2;
    quick.interval_max_s = 8;
    quick.attempts_max = 6;
    quick.jitter_percent = 0;
    const RetryPolicy policy = retry_policy({quick});
    const std::int64_t waits[] = {1'000, 2'000, 4'000, 8'000, 8'000};
    for (int attempt = 1; attempt <= 5; ++attempt) {
        EXPECT_EQ(
            decide_retry(kNoAnswer, attempt, policy, 999'999).delay.count(), waits[attempt - 1]
        );
    }
    EXPECT_EQ(decide_retry(kNoAnswer, 6, policy, 0).verdict, Verdict::kDead);
    RetryOverride patient;
    patient.attempts_max = 20;
    EXPECT_EQ(decide_retry(kNoAnswer, 1, retry_policy({patient}), 0).delay, milliseconds(2'500));
    EXPECT_EQ(decide_retry({ErrorCode::kData, "x"}, 1, policy, 0).verdict, Verdict::kDead);
}

TEST(Retry, TheLastTryIsAtTheEndOfTheTimeThereIs) {
    RetryOverride hour;
    hour.elapsed_max_s = 3'600;
    hour.attempts_max = 1'000;
    hour.jitter_percent = 0;
    const RetryPolicy policy = retry_policy({hour});
    const auto after = [&](std::int64_t s) {
        return decide_retry(kNoAnswer, {8, std::chrono::seconds(s)}, policy, 0);
    };
    EXPECT_EQ(after(3'000).verdict, Verdict::kRetry);
    EXPECT_EQ(after(3'000).delay, std::chrono::seconds(600));
    EXPECT_EQ(after(3'600).verdict, Verdict::kDead);
    EXPECT_EQ(after(9'999).verdict, Verdict::kDead);
    const Error asked{ErrorCode::kTransient, "503", {}, 503, std::chrono::seconds(900)};
    EXPECT_EQ(
        decide_retry(asked, {2, std::chrono::seconds(3'000)}, policy, 0).delay,
        std::chrono::seconds(900)
    );
}

TEST(Retry, RulesAreCheckedWithTheirPlace) {
    struct Case {
        const char* rules;
        std::vector<std::string> problems;  // how each begins
    };
    const Case cases[] = {
        {"[]", {}},
        {R"([{"class": "transient", "initial_s": 1, "attempts_max": 1000}, {"class": "bug"}])", {}},
        {R"([{"initial_s": 0}])", {"/retry/0/initial_s: expected 1 to 86400, found 0"}},
        {R"([{"coefficient": 11, "jitter_percent": 101}])",
         {"/retry/0/coefficient: ", "/retry/0/jitter_percent: "}},
        {R"([{"interval_max_s": 604801, "elapsed_max_s": -1}])",
         {"/retry/0/interval_max_s: ", "/retry/0/elapsed_max_s: "}},
        {R"([{"initial_s": 60, "interval_max_s": 59}])", {"/retry/0/interval_max_s: 59 is less"}},
        {R"([{"class": "bug"}, {"class": "bug"}])", {"/retry/1/class: "}},
        {R"([{"class": "auth", "attempts_max": 5}])", {"/retry/0/attempts_max: "}},
        {R"([{"class": "rate_limited", "elapsed_max_s": 5}])", {"/retry/0/elapsed_max_s: "}},
    };
    for (const auto& row : cases) {
        const auto rules =
            from_json<std::vector<RetryOverride>>(*parse_json(row.rules), Unknown::kRefuse);
        ASSERT_TRUE(rules.has_value()) << rules.error().message;
        const auto checked = check_retry(*rules);
        EXPECT_EQ(checked.has_value(), row.problems.empty()) << row.rules;
        const std::string message = checked ? "" : checked.error().message;
        for (const auto& problem : row.problems) {
            EXPECT_NE(message.find(problem), std::string::npos) << row.rules << "\n" << message;
        }
    }
}

// Any rule that check_retry() takes.
RetryOverride any_rule() {
    RetryOverride rule;
    rule.initial_s = *rc::gen::inRange<std::int64_t>(1, 86'401);
    rule.interval_max_s = *rc::gen::inRange<std::int64_t>(*rule.initial_s, 604'801);
    rule.coefficient = *rc::gen::inRange<std::int64_t>(1, 11);
    rule.attempts_max = *rc::gen::inRange<std::int64_t>(2, 1'001);
    rule.jitter_percent = *rc::gen::inRange<std::int64_t>(0, 101);
    return rule;
}

RC_GTEST_PROP(Retry, WaitsNeverShrinkUpToTheirCap, ()) {
    const RetryOverride rule = any_rule();
    RC_ASSERT(check_retry({rule}).has_value());
    const RetryPolicy policy = retry_policy({rule});
    const auto random = *rc::gen::inRange<std::uint32_t>(0, 1'000'000);
    milliseconds before{0};
    for (int attempt = 1; attempt < *rule.attempts_max; ++attempt) {
        const auto decision = decide_retry(kNoAnswer, attempt, policy, random);
        RC_ASSERT(decision.verdict == Verdict::kRetry);
        RC_ASSERT(decision.delay >= before);
        RC_ASSERT(decision.delay <= std::chrono::seconds(*rule.interval_max_s));
        before = decision.delay;
    }
    RC_ASSERT(
        decide_retry(kNoAnswer, static_cast<int>(*rule.attempts_max), policy, random).verdict ==
        Verdict::kDead
    );
}

RC_GTEST_PROP(Retry, TheRandomPartStaysWithinItsBounds, ()) {
    RetryOverride rule = any_rule();
    const RetryPolicy jittered = retry_policy({rule});
    const std::int64_t percent = *rule.jitter_percent;
    rule.jitter_percent = 0;
    const RetryPolicy plain = retry_policy({rule});
    const int attempt = *rc::gen::inRange(1, static_cast<int>(*rule.attempts_max));
    const auto random = *rc::gen::inRange<std::uint32_t>(0, 1'000'000);
    const std::int64_t full = decide_retry(kNoAnswer, attempt, plain, random).delay.count();
    const std::int64_t delay = decide_retry(kNoAnswer, attempt, jittered, random).delay.count();
    RC_ASSERT(delay <= full);
    RC_ASSERT(delay >= full - full * percent / 100);
}

}  // namespace
}  // namespace syncline::testing
