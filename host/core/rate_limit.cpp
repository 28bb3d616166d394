#include "core/rate_limit.hpp"

#include <algorithm>

namespace syncline {
namespace {

// The unit of TokenBucket: per_minute * kFullPace units a millisecond make per_minute tokens.
constexpr std::int64_t kToken = 60'000 * TokenBucket::kFullPace;

// Recovery in 10 % of the limit per minute, that is kFullPace / 10 / 60'000 a millisecond.
constexpr std::int64_t kRecoveredPerMs = 1;
constexpr std::int64_t kPaceMin = TokenBucket::kFullPace / 16;

constexpr std::int64_t kSlowMs = 2'000;
constexpr std::size_t kSamplesMin = 20;
constexpr std::size_t kSamplesMax = 100;

// A hold never lasts longer than a wait that is honoured (core/retry.hpp), whatever clocks do.
constexpr std::int64_t kHoldMaxMs = 3'600'000;
constexpr std::int64_t kBusyMs = 20;

// A quarter of a second's worth: platforms that count per second are not surprised.
std::int64_t request_burst(std::int64_t per_minute) {
    return std::max<std::int64_t>(2, per_minute / 240);
}

// Limits of batches are counted per minute; a seventh of them at once stays below 8/7 in any.
std::int64_t batch_burst(std::int64_t per_minute) {
    return std::max<std::int64_t>(1, per_minute / 7);
}

}  // namespace

RateLimits RateLimitOverride::over(RateLimits limits) const {
    limits.in_flight_max = in_flight_max.value_or(limits.in_flight_max);
    limits.requests_per_minute = requests_per_minute.value_or(limits.requests_per_minute);
    limits.batches_per_minute = batches_per_minute.value_or(limits.batches_per_minute);
    return limits;
}

TokenBucket::TokenBucket(std::int64_t per_minute, std::int64_t burst)
    : per_minute_(std::clamp<std::int64_t>(per_minute, 1, 100'000)),
      capacity_(burst * kToken),
      content_(capacity_) {}

void TokenBucket::fill(std::int64_t now_ms, std::int64_t pace) {
    if (filled_at_ms_ >= 0 && now_ms > filled_at_ms_) {
        // A minute fills every bucket; a longer time would overflow.
        const std::int64_t passed = std::min<std::int64_t>(now_ms - filled_at_ms_, 60'000);
        content_ = std::min(content_ + per_minute_ * pace * passed, capacity_);
    }
    filled_at_ms_ = now_ms;
}

std::int64_t TokenBucket::wait_ms(std::int64_t pace) const {
    if (content_ >= kToken) {
        return 0;
    }
    const std::int64_t per_ms = per_minute_ * pace;
    return (kToken - content_ + per_ms - 1) / per_ms;
}

void TokenBucket::take() {
    content_ -= kToken;
}

RateLimiter::RateLimiter(RateLimits limits)
    : limits_(limits),
      requests_(limits.requests_per_minute, request_burst(limits.requests_per_minute)) {
    if (limits.batches_per_minute > 0) {
        batches_.emplace(limits.batches_per_minute, batch_burst(limits.batches_per_minute));
    }
}

void RateLimiter::recover(std::int64_t now_ms) {
    requests_.fill(now_ms, pace_);
    if (batches_) {
        batches_->fill(now_ms, pace_);
    }
    const std::int64_t passed =
        std::clamp<std::int64_t>(now_ms - paced_at_ms_, 0, TokenBucket::kFullPace);
    pace_ = std::min(pace_ + passed * kRecoveredPerMs, TokenBucket::kFullPace);
    paced_at_ms_ = now_ms;
}

std::int64_t RateLimiter::in_flight_max(std::int64_t now_ms) {
    recover(now_ms);
    return std::max<std::int64_t>(1, limits_.in_flight_max * pace_ / TokenBucket::kFullPace);
}

std::int64_t RateLimiter::pace_percent(std::int64_t now_ms) {
    recover(now_ms);
    return pace_ * 100 / TokenBucket::kFullPace;
}

std::int64_t RateLimiter::wait_ms(std::int64_t now_ms) {
    hold_until_ms_ = std::min(hold_until_ms_, now_ms + kHoldMaxMs);
    if (hold_until_ms_ > now_ms) {
        return hold_until_ms_ - now_ms;
    }
    if (in_flight_ >= in_flight_max(now_ms)) {
        return kBusyMs;
    }
    return requests_.wait_ms(pace_);
}

std::int64_t RateLimiter::start(std::int64_t now_ms, bool batch) {
    std::int64_t wait = wait_ms(now_ms);
    if (batch && batches_) {
        wait = std::max(wait, batches_->wait_ms(pace_));
    }
    if (wait > 0) {
        return wait;
    }
    requests_.take();
    if (batch && batches_) {
        batches_->take();
    }
    ++in_flight_;
    return 0;
}

void RateLimiter::end(std::int64_t started_ms, std::int64_t now_ms, int status) {
    recover(now_ms);
    in_flight_ = std::max<std::int64_t>(0, in_flight_ - 1);
    if (started_ms < slowed_at_ms_ && slowed_at_ms_ <= now_ms + 1) {
        return;  // what went out at the former pace says nothing about this one
    }
    const std::int64_t took = std::max<std::int64_t>(0, now_ms - started_ms);
    if (durations_ms_.size() < kSamplesMax) {
        durations_ms_.push_back(took);
    } else {
        durations_ms_[next_duration_] = took;
        next_duration_ = (next_duration_ + 1) % kSamplesMax;
    }
    if (status == 429 || answers_slowly()) {
        slow_down(now_ms);
    }
}

bool RateLimiter::answers_slowly() const {
    if (durations_ms_.size() < kSamplesMin) {
        return false;
    }
    std::vector<std::int64_t> sorted = durations_ms_;
    const auto rank = static_cast<std::ptrdiff_t>((sorted.size() * 95 + 99) / 100 - 1);
    std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
    return sorted[static_cast<std::size_t>(rank)] > kSlowMs;
}

void RateLimiter::slow_down(std::int64_t now_ms) {
    pace_ = std::max(pace_ / 2, kPaceMin);
    slowed_at_ms_ = now_ms + 1;  // what started in this millisecond was at the former pace
    durations_ms_.clear();
    next_duration_ = 0;
}

void RateLimiter::hold_until(std::int64_t until_ms) {
    hold_until_ms_ = std::max(hold_until_ms_, until_ms);
}

}  // namespace syncline
