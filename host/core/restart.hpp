// When a flow that failed runs again by itself. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace syncline {

// n*n+n minutes after the n-th restart in a row, at most an hour: at once, then 2, 6, 12, 20, 30,
// 42, 56 and 60 minutes.
inline std::chrono::milliseconds restart_delay(std::int64_t restarts) {
    const std::int64_t n = std::clamp<std::int64_t>(restarts, 0, 8);
    return std::chrono::minutes(std::min<std::int64_t>(n * n + n, 60));
}

// How many of them still count when it fails again: none after an hour in which it was well.
inline std::int64_t restarts_that_count(
    std::int64_t restarts, std::int64_t recovered_at_ms, std::int64_t now_ms
) {
    constexpr std::int64_t kHourMs = 3'600'000;
    const bool well = recovered_at_ms > 0 && now_ms - recovered_at_ms >= kHourMs;
    return well ? 0 : restarts;
}

}  // namespace syncline
