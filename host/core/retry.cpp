#include "core/retry.hpp"

#include <algorithm>
#include <set>

#include "core/json_problems.hpp"

namespace syncline {
namespace {

using std::chrono::milliseconds;

// Own troubles (a full disk, a stop) are over as soon as they are over.
constexpr milliseconds kOwnWait{1'000};
constexpr std::int64_t kWeekS = 7 * 86'400;
constexpr std::int64_t kYearS = 366 * 86'400;

milliseconds backoff(int attempts, const RetryRule& rule, std::uint32_t random) {
    std::int64_t interval = rule.initial.count();
    for (int i = 1; i < attempts && interval < rule.interval_max.count(); ++i) {
        interval *= rule.coefficient;
    }
    interval = std::min<std::int64_t>(interval, rule.interval_max.count());
    const std::int64_t moving = interval * rule.jitter_percent / 100;
    return milliseconds(interval - moving + moving * random / 1'000'000);
}

bool uses_attempts(ErrorClass of) {
    return of != ErrorClass::kRateLimited && of != ErrorClass::kAuth;
}

// The last try is at the end of the time there is. What the platform asks for comes first; it
// shortens no wait after a failure that used up an attempt, so "Retry-After: 0" does not use them
// up within a minute.
milliseconds delay_of(
    ErrorClass as,
    const Error& error,
    const Failures& failures,
    const RetryPolicy& policy,
    std::uint32_t random
) {
    const RetryRule& rule = policy.rule(as);
    milliseconds delay = backoff(failures.count, rule, random);
    const milliseconds left = rule.elapsed_max - failures.lasting;
    delay = rule.elapsed_max.count() > 0 ? std::clamp(left, milliseconds(0), delay) : delay;
    if (!error.retry_after) {
        return delay;
    }
    const milliseconds asked =
        std::clamp(*error.retry_after, policy.retry_after_min, policy.retry_after_max);
    return uses_attempts(as) ? std::max(asked, delay) : asked;
}

bool is_over(const Failures& failures, const RetryRule& rule) {
    return failures.count >= rule.attempts_max ||
           (rule.elapsed_max.count() > 0 && failures.lasting >= rule.elapsed_max);
}

Verdict last_word(ErrorClass as, const Error& error) {
    if (error.code == ErrorCode::kConflict) {
        return Verdict::kConflict;
    }
    return error.code == ErrorCode::kHold || as == ErrorClass::kNeedsData ? Verdict::kHeld
                                                                          : Verdict::kDead;
}

struct Bounds {
    const char* member;
    std::optional<std::int64_t> value;
    std::int64_t min;
    std::int64_t max;
};

void check_bounds(
    std::vector<std::string>& problems, const std::string& place, const RetryOverride& one
) {
    for (const auto& bounds : std::initializer_list<Bounds>{
             {"initial_s", one.initial_s, 1, 86'400},
             {"coefficient", one.coefficient, 1, 10},
             {"interval_max_s", one.interval_max_s, 1, kWeekS},
             {"attempts_max", one.attempts_max, 1, 1000},
             {"elapsed_max_s", one.elapsed_max_s, 0, kYearS},
             {"jitter_percent", one.jitter_percent, 0, 100}}) {
        if (bounds.value && (*bounds.value < bounds.min || *bounds.value > bounds.max)) {
            problems.push_back(
                place + "/" + bounds.member + ": expected " + std::to_string(bounds.min) + " to " +
                std::to_string(bounds.max) + ", found " + std::to_string(*bounds.value)
            );
        }
    }
    if (uses_attempts(one.error_class)) {
        return;
    }
    const std::string why = ": failures of the class " + std::string(enum_name(one.error_class)) +
                            " use up no attempt and are never given up";
    if (one.attempts_max) {
        problems.push_back(place + "/attempts_max" + why);
    }
    if (one.elapsed_max_s) {
        problems.push_back(place + "/elapsed_max_s" + why);
    }
}

}  // namespace

RetryPolicy::RetryPolicy() {
    const RetryRule never{milliseconds(5'000), 3, milliseconds(6 * 3'600'000), 1, {}, 50};
    rules.fill(never);
    rule(ErrorClass::kTransient) = RetryRule{};
    rule(ErrorClass::kRateLimited) = {milliseconds(60'000), 1, milliseconds(60'000), 0, {}, 0};
    rule(ErrorClass::kAuth) = {milliseconds(60'000), 1, milliseconds(60'000), 0, {}, 0};
    rule(ErrorClass::kStaleVersion) = {milliseconds(1'000), 1, milliseconds(60'000), 4, {}, 50};
}

ErrorClass class_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::kTransient:
        case ErrorCode::kCancelled:
        case ErrorCode::kStorage:
            return ErrorClass::kTransient;
        case ErrorCode::kRateLimited:
            return ErrorClass::kRateLimited;
        case ErrorCode::kConflict:
            return ErrorClass::kStaleVersion;
        case ErrorCode::kAuth:
        case ErrorCode::kConfig:
        case ErrorCode::kUnauthorized:
        case ErrorCode::kForbidden:
            return ErrorClass::kAuth;
        case ErrorCode::kBug:
            return ErrorClass::kBug;
        default:
            return ErrorClass::kBusiness;
    }
}

std::string error_class(ErrorCode code) {
    return std::string(enum_name(class_of(code)));
}

RetryPolicy retry_policy(const std::vector<RetryOverride>& overrides) {
    RetryPolicy policy;
    for (const auto& one : overrides) {
        RetryRule& rule = policy.rule(one.error_class);
        const auto seconds = [](std::int64_t s) { return milliseconds(s * 1000); };
        rule.initial = one.initial_s ? seconds(*one.initial_s) : rule.initial;
        rule.coefficient = static_cast<int>(one.coefficient.value_or(rule.coefficient));
        rule.interval_max = one.interval_max_s ? seconds(*one.interval_max_s)
                                               : std::max(rule.interval_max, rule.initial);
        rule.attempts_max = static_cast<int>(one.attempts_max.value_or(rule.attempts_max));
        rule.elapsed_max = one.elapsed_max_s ? seconds(*one.elapsed_max_s) : rule.elapsed_max;
        rule.jitter_percent = static_cast<int>(one.jitter_percent.value_or(rule.jitter_percent));
    }
    return policy;
}

Result<void> check_retry(const std::vector<RetryOverride>& overrides) {
    std::vector<std::string> problems;
    std::set<ErrorClass> seen;
    for (std::size_t i = 0; i < overrides.size(); ++i) {
        const RetryOverride& one = overrides[i];
        const std::string place = "/retry/" + std::to_string(i);
        if (!seen.insert(one.error_class).second) {
            problems.push_back(
                place + "/class: there is a rule for " + std::string(enum_name(one.error_class)) +
                " already"
            );
        }
        check_bounds(problems, place, one);
        if (one.initial_s && one.interval_max_s && *one.interval_max_s < *one.initial_s) {
            problems.push_back(
                place + "/interval_max_s: " + std::to_string(*one.interval_max_s) +
                " is less than initial_s, " + std::to_string(*one.initial_s)
            );
        }
    }
    return problems.empty() ? Result<void>() : joined(problems);
}

RetryDecision decide_retry(
    const Error& error, const Failures& failures, const RetryPolicy& policy, std::uint32_t random
) {
    return decide_retry_as(class_of(error.code), error, failures, policy, random);
}

RetryDecision decide_retry_as(
    ErrorClass as,
    const Error& error,
    const Failures& failures,
    const RetryPolicy& policy,
    std::uint32_t random
) {
    if (error.code == ErrorCode::kCancelled || error.code == ErrorCode::kStorage) {
        return {Verdict::kWait, kOwnWait};
    }
    const RetryRule& rule = policy.rule(as);
    if (!uses_attempts(as)) {
        return {Verdict::kWait, delay_of(as, error, {}, policy, random)};
    }
    const bool compared =
        error.code == ErrorCode::kConflict && error.name.rfind("conflict.", 0) == 0;
    if (compared || is_over(failures, rule)) {
        return {last_word(as, error)};
    }
    return {Verdict::kRetry, delay_of(as, error, failures, policy, random)};
}

}  // namespace syncline
