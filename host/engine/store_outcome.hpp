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

// Runs `store()`, which answers a Result, until it does not fail for want of storage. Errors: any
// other at once; kStorage only once `stop` is set (may be null). [any thread but the writer's]
template <class Store>
auto until_stored(const std::atomic<bool>* stop, Store&& store) -> decltype(store()) {
    constexpr std::chrono::milliseconds kPause{100};
    bool failed = false;
    while (true) {
        auto stored = store();
        const bool again =
            !stored && stored.error().code == ErrorCode::kStorage && (stop == nullptr || !*stop);
        if (!again) {
            if (failed && stored) {
                log::info("what the platform did can be stored again");
            }
            return stored;
        }
        if (!std::exchange(failed, true)) {
            log::error(
                "what the platform did cannot be stored; this work waits until it can",
                {{"reason", stored.error().message}}
            );
        }
        std::this_thread::sleep_for(kPause);
    }
}

// The same for a unit of work. `work(Sql&)` may run several times, each time after the former was
// rolled back. After a stop the next start finds the intent open.
template <class Work>
auto store_outcome(storage::Database& database, const std::atomic<bool>* stop, Work&& work)
    -> decltype(database.write(work)) {
    return until_stored(stop, [&] { return database.write(work); });
}

}  // namespace syncline::engine
