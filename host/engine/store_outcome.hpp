// Storing what a remote system has done already. The disk may be full: then the work is not lost,
// it waits here until there is room again.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "core/log.hpp"
#include "storage/database.hpp"

namespace syncline::engine {

// Runs `work(Sql&)` as a unit of work until it is durable. `work` may run several times, each time
// after the former was rolled back. Errors: what `work` itself answers; kStorage only once `stop`
// is set (may be null), and then the next start finds the intent open. [any thread but the
// writer's]
template <class Work>
auto store_outcome(storage::Database& database, const std::atomic<bool>* stop, Work&& work)
    -> decltype(database.write(work)) {
    constexpr std::chrono::milliseconds kPause{100};
    bool failed = false;
    while (true) {
        auto stored = database.write(work);
        const bool again =
            !stored && stored.error().code == ErrorCode::kStorage && (stop == nullptr || !*stop);
        if (!again) {
            if (failed && stored) {
                log::info("outcomes can be stored again");
            }
            return stored;
        }
        if (!std::exchange(failed, true)) {
            log::error(
                "outcomes cannot be stored; this delivery waits until they can",
                {{"reason", stored.error().message}}
            );
        }
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace syncline::engine
