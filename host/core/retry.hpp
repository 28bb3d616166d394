// What becomes of a job whose delivery failed: when it is tried again, or that it needs help. One
// rule per class of errors; a flow may override parts of it ("retry" of its definition). Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/result.hpp>

namespace syncline {

// Errors that are treated alike.
enum class ErrorClass {
    kTransient,     // passes by itself: no answer, 5xx, an own full disk
    kRateLimited,   // the platform wants us to wait
    kStaleVersion,  // the target has another version than the one we know
    kAuth,          // credentials or settings of the connection
    kNeedsData,     // another record must be in the target first
    kBusiness,      // a rule, or the platform, refuses this record
    kBug,           // a connector broke its contract
};
template <>
struct EnumNames<ErrorClass> {
    static constexpr std::array<std::pair<ErrorClass, std::string_view>, 7> kNames{{
        {ErrorClass::kTransient, "transient"},
        {ErrorClass::kRateLimited, "rate_limited"},
        {ErrorClass::kStaleVersion, "stale_version"},
        {ErrorClass::kAuth, "auth"},
        {ErrorClass::kNeedsData, "needs_data"},
        {ErrorClass::kBusiness, "business"},
        {ErrorClass::kBug, "bug"},
    }};
};

ErrorClass class_of(ErrorCode code);
// Its name in tables, logs and metrics: "transient", "rate_limited", "auth", ...
std::string error_class(ErrorCode code);

// How one class is tried again. The wait before try n+1 is initial * coefficient^(n-1), at most
// interval_max, less a random part of it.
struct RetryRule {
    std::chrono::milliseconds initial{5'000};
    int coefficient = 3;
    std::chrono::milliseconds interval_max{6 * 3'600'000};
    // Failures after which it is given up; 1: never tried again. 0: no limit, and a failure of the
    // class uses up no attempt.
    int attempts_max = 10;
    // Longest time from the first failure to the last try; 0: no limit.
    std::chrono::milliseconds elapsed_max{0};
    // How much of the wait is random.
    int jitter_percent = 50;
};

// The rules of all classes; a default one is what flows have that override nothing.
struct RetryPolicy {
    RetryPolicy();

    RetryRule& rule(ErrorClass of) { return rules[static_cast<std::size_t>(of)]; }
    const RetryRule& rule(ErrorClass of) const { return rules[static_cast<std::size_t>(of)]; }

    std::array<RetryRule, 7> rules;  // by ErrorClass
    // A wait the platform asks for is honoured in full between these.
    std::chrono::milliseconds retry_after_min{1'000};
    std::chrono::milliseconds retry_after_max{3'600'000};
};

// What a flow says of one class; absent members stay as they are.
struct RetryOverride {
    ErrorClass error_class = ErrorClass::kTransient;
    std::optional<std::int64_t> initial_s;
    std::optional<std::int64_t> coefficient;
    std::optional<std::int64_t> interval_max_s;
    std::optional<std::int64_t> attempts_max;
    std::optional<std::int64_t> elapsed_max_s;
    std::optional<std::int64_t> jitter_percent;

    static constexpr auto fields() {
        return std::make_tuple(
            field("class", &RetryOverride::error_class),
            field("initial_s", &RetryOverride::initial_s),
            field("coefficient", &RetryOverride::coefficient),
            field("interval_max_s", &RetryOverride::interval_max_s),
            field("attempts_max", &RetryOverride::attempts_max),
            field("elapsed_max_s", &RetryOverride::elapsed_max_s),
            field("jitter_percent", &RetryOverride::jitter_percent)
        );
    }
};

// The default policy with `overrides`, which have passed check_retry().
RetryPolicy retry_policy(const std::vector<RetryOverride>& overrides);

// What is wrong with overrides, as "/retry/0/initial_s: ...". Errors: kInvalid.
Result<void> check_retry(const std::vector<RetryOverride>& overrides);

enum class Verdict {
    kRetry,     // again after `delay`; an attempt is used up
    kWait,      // again after `delay`; no attempt is used up (rate limit, credentials, full disk)
    kDead,      // this job needs help: failed
    kHeld,      // a rule forbids it until a person decides, or another record is wanted first
    kConflict,  // the target was changed by somebody else
};

struct RetryDecision {
    Verdict verdict = Verdict::kDead;
    std::chrono::milliseconds delay{0};
};

// How a job failed so far.
struct Failures {
    int count = 1;                         // this one included; those that used up an attempt
    std::chrono::milliseconds lasting{0};  // since the first of them
};

// `random` in [0, 1'000'000) chooses the random part of the wait. A conflict named "conflict.*" has
// been compared with what we wrote: it is never tried again.
RetryDecision decide_retry(
    const Error& error, const Failures& failures, const RetryPolicy& policy, std::uint32_t random
);
// The same for an error that is to be treated as one of the class `as`.
RetryDecision decide_retry_as(
    ErrorClass as,
    const Error& error,
    const Failures& failures,
    const RetryPolicy& policy,
    std::uint32_t random
);
// The same for what has no time limit; `attempts` counts failures so far, this one included.
inline RetryDecision decide_retry(
    const Error& error, int attempts, const RetryPolicy& policy, std::uint32_t random
) {
    return decide_retry(error, Failures{attempts, {}}, policy, random);
}

}  // namespace syncline
