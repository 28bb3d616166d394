// What becomes of a job whose delivery failed: when it is tried again, or that it needs help. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <syncline/result.hpp>

namespace syncline {

// Backoff for failures that may pass by themselves.
struct RetryPolicy {
    std::chrono::milliseconds initial{5'000};
    int coefficient = 3;
    std::chrono::milliseconds interval_max{6 * 3'600'000};
    int attempts_max = 10;
    // A wait the platform asks for is honoured in full between these.
    std::chrono::milliseconds retry_after_min{1'000};
    std::chrono::milliseconds retry_after_max{3'600'000};
};

enum class Verdict {
    kRetry,     // again after `delay`; an attempt is used up
    kWait,      // again after `delay`; no attempt is used up (rate limit, credentials, full disk)
    kDead,      // this job needs help: failed
    kHeld,      // a rule forbids it until a person decides
    kConflict,  // the target was changed by somebody else
};

struct RetryDecision {
    Verdict verdict = Verdict::kDead;
    std::chrono::milliseconds delay{0};
};

// `attempts` counts failures so far, this one included (>= 1). `random` in [0, 1'000'000) spreads
// the wait (full jitter between half and all of it).
RetryDecision decide_retry(
    const Error& error, int attempts, const RetryPolicy& policy, std::uint32_t random
);

// Name of an error's class in tables, logs and metrics: "transient", "rate_limited", "auth", ...
std::string error_class(ErrorCode code);

}  // namespace syncline
