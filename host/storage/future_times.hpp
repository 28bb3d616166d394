// What a clock that was ahead wrote, once it is set back: times that lie further in the future than
// any wait of ours, which would keep work waiting until the clock is there again.
#pragma once

#include <cstdint>

#include "storage/database.hpp"

namespace syncline::storage {

// The longest that anything may wait from now on.
struct LongestWaits {
    std::int64_t lease_ms = 0;
    std::int64_t retry_ms = 7 * 3'600'000;   // a request in doubt: the longest pause, and an hour
    std::int64_t connection_ms = 3'600'000;  // what a platform may ask for
    std::int64_t restart_ms = 3'600'000;     // of a flow that failed
    std::int64_t webhook_ms = 600'000;       // until its records are looked at again
};

// Queued jobs keep how long they were to wait, counted from `now_ms`; leases, requests in doubt and
// connections wait at most as long as they may. Answers how many rows were changed. In short units
// of work, each complete in itself.
Result<std::int64_t> bring_back_future_times(
    Database& database, const LongestWaits& longest, std::int64_t now_ms
);

}  // namespace syncline::storage
