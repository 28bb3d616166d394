// How fast one account of a platform may be asked: requests in flight, requests and batches per
// minute; slower for a while when the platform says so or takes long to answer. Pure; its owner
// locks. Times are milliseconds of whatever clock the caller has.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

struct RateLimits {
    std::int64_t in_flight_max = 4;
    std::int64_t requests_per_minute = 300;
    std::int64_t batches_per_minute = 0;  // 0: they count as requests only

    friend bool operator==(const RateLimits&, const RateLimits&) = default;
};

// What an operator says of one connection, instead of what its connector says.
struct RateLimitOverride {
    std::optional<std::int64_t> in_flight_max;
    std::optional<std::int64_t> requests_per_minute;
    std::optional<std::int64_t> batches_per_minute;

    RateLimits over(RateLimits limits) const;
    static constexpr auto fields() {
        return std::make_tuple(
            field("in_flight_max", &RateLimitOverride::in_flight_max),
            field("requests_per_minute", &RateLimitOverride::requests_per_minute),
            field("batches_per_minute", &RateLimitOverride::batches_per_minute)
        );
    }
};

// A bucket that holds `burst` tokens and gets `per_minute` new ones at full pace.
class TokenBucket {
public:
    static constexpr std::int64_t kFullPace = 600'000;

    TokenBucket(std::int64_t per_minute, std::int64_t burst);
    // Tokens since the last time, at `pace` of kFullPace.
    void fill(std::int64_t now_ms, std::int64_t pace);
    // How long until there is one; 0: now.
    std::int64_t wait_ms(std::int64_t pace) const;
    void take();

private:
    std::int64_t per_minute_;
    std::int64_t capacity_;
    std::int64_t content_;  // of kToken each
    std::int64_t filled_at_ms_ = -1;
};

class RateLimiter {
public:
    explicit RateLimiter(RateLimits limits);

    const RateLimits& limits() const { return limits_; }

    // A request that wants to go out: 0, and it counts as in flight; or the milliseconds after
    // which it is worth asking again.
    std::int64_t start(std::int64_t now_ms, bool batch);
    // It is over. `status` is the answer's, 0 if there was none.
    void end(std::int64_t started_ms, std::int64_t now_ms, int status);

    // Nothing goes out before: the platform asked for it.
    void hold_until(std::int64_t until_ms);

    // Whether a request would have to wait now, and how long; takes nothing.
    std::int64_t wait_ms(std::int64_t now_ms);

    // The pace in per cent of the limits, and the requests at once that it allows.
    std::int64_t pace_percent(std::int64_t now_ms);
    std::int64_t in_flight_max(std::int64_t now_ms);

private:
    void recover(std::int64_t now_ms);
    void slow_down(std::int64_t now_ms);
    bool answers_slowly() const;

    RateLimits limits_;
    TokenBucket requests_;
    std::optional<TokenBucket> batches_;
    std::int64_t pace_ = TokenBucket::kFullPace;
    std::int64_t paced_at_ms_ = 0;
    std::int64_t slowed_at_ms_ = 0;
    std::int64_t hold_until_ms_ = 0;
    std::int64_t in_flight_ = 0;
    std::vector<std::int64_t> durations_ms_;  // of the latest requests since the pace was cut
    std::size_t next_duration_ = 0;
};

}  // namespace syncline
