// Keeps the store in order while the host works: purges what is finished and old, in units of a few
// milliseconds with pauses between them, so that writers hardly notice; and brings times back that
// a clock which was ahead left in the future.
//
// A clock that jumps ahead must not purge what is young: while it is not believed (a jump of more
// than a day against the steady clock, or a month of silence before a start) nothing is purged for
// a day of running.
//
// Life: start(), then stop() before the database is destroyed.
#pragma once

#include <chrono>
#include <functional>

#include "core/clock.hpp"
#include "core/repeating.hpp"
#include "engine/retention_config.hpp"
#include "storage/future_times.hpp"
#include "storage/retention.hpp"

namespace syncline::engine {

class Upkeep {
public:
    using Steady = std::chrono::steady_clock;

    Upkeep(
        storage::Database& database,
        const Clock& clock,
        RetentionConfig config,
        storage::LongestWaits longest,
        std::function<Steady::time_point()> steady = [] { return Steady::now(); }
    );
    ~Upkeep();

    void start();
    // Returns when nothing will be written any more. Idempotent.
    void stop();

    // Looks at the clock, and does one unit of purging if it is time for it; answers how long to
    // wait before the next step. For tests, instead of start(). [one thread at a time]
    Result<std::chrono::milliseconds> step();

private:
    Result<void> look_at_clock();
    Result<void> doubt_clock_at_start(std::int64_t now_ms);
    void doubt(const char* why, std::int64_t days);
    Result<std::chrono::milliseconds> purge_some(std::int64_t now_ms);
    std::int64_t days_of(storage::Finished what) const;

    storage::Database& database_;
    storage::Retention retention_;
    const Clock& clock_;
    const RetentionConfig config_;
    const storage::LongestWaits longest_;
    const std::function<Steady::time_point()> steady_;

    // Of the thread, or of whoever calls step().
    bool looked_ = false;
    std::int64_t wall_ms_ = 0;  // when it was looked at last, by both clocks
    Steady::time_point looked_at_{};
    Steady::time_point purge_from_{};  // nothing is purged before
    std::size_t purging_ = 0;          // index in kAllFinished
    std::int64_t rows_ = 100;          // of the next unit
    std::int64_t purged_ = 0;          // in this pass

    Repeating looking_{"old work was not purged"};
};

}  // namespace syncline::engine
