#include "core/retry.hpp"

#include <algorithm>

namespace syncline {
namespace {

using std::chrono::milliseconds;

milliseconds backoff(int attempts, const RetryPolicy& policy, std::uint32_t random) {
    std::int64_t interval = policy.initial.count();
    for (int i = 1; i < attempts && interval < policy.interval_max.count(); ++i) {
        interval *= policy.coefficient;
    }
    interval = std::min<std::int64_t>(interval, policy.interval_max.count());
    return milliseconds(interval / 2 + interval / 2 * random / 1'000'000);
}

milliseconds asked_for(const Error& error, const RetryPolicy& policy, milliseconds otherwise) {
    return error.retry_after
               ? std::clamp(*error.retry_after, policy.retry_after_min, policy.retry_after_max)
               : otherwise;
}

}  // namespace

RetryDecision decide_retry(
    const Error& error, int attempts, const RetryPolicy& policy, std::uint32_t random
) {
    switch (error.code) {
        case ErrorCode::kRateLimited:
            return {Verdict::kWait, asked_for(error, policy, milliseconds(60'000))};
        case ErrorCode::kCancelled:
        case ErrorCode::kStorage:
            return {Verdict::kWait, milliseconds(1'000)};
        case ErrorCode::kTransient:
            if (attempts >= policy.attempts_max) {
                return {Verdict::kDead};
            }
            return {Verdict::kRetry, asked_for(error, policy, backoff(attempts, policy, random))};
        case ErrorCode::kAuth:
        case ErrorCode::kConfig:
            return {Verdict::kWait, milliseconds(60'000)};
        case ErrorCode::kHold:
            return {Verdict::kHeld};
        case ErrorCode::kConflict:
            return {Verdict::kConflict};
        default:
            return {Verdict::kDead};
    }
}

std::string error_class(ErrorCode code) {
    switch (code) {
        case ErrorCode::kTransient:
        case ErrorCode::kCancelled:
        case ErrorCode::kStorage:
            return "transient";
        case ErrorCode::kRateLimited:
            return "rate_limited";
        case ErrorCode::kAuth:
        case ErrorCode::kUnauthorized:
        case ErrorCode::kForbidden:
            return "auth";
        case ErrorCode::kConfig:
            return "config";
        case ErrorCode::kConflict:
            return "conflict";
        case ErrorCode::kHold:
            return "business";
        case ErrorCode::kBug:
            return "bug";
        default:
            return "data";
    }
}

}  // namespace syncline
