// Deadlines that hold: how long to wait for a socket, and who may end the wait sooner.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace syncline::connectors {

using SteadyTime = std::chrono::steady_clock::time_point;

// Until when an operation may block. The stop flag is looked at every kStopPoll.
struct Patience {
    SteadyTime until;
    const std::atomic<bool>* stop = nullptr;

    static constexpr std::chrono::milliseconds kStopPoll{50};

    bool is_stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
    bool is_over() const { return std::chrono::steady_clock::now() >= until; }
    std::chrono::milliseconds left() const {
        using std::chrono::milliseconds;
        const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
        return std::max(left, milliseconds{0});
    }
    std::chrono::milliseconds slice() const { return std::min(left(), kStopPoll); }
    // As patient, but at most `span` from now on.
    Patience at_most(std::chrono::milliseconds span) const {
        return {std::min(until, std::chrono::steady_clock::now() + span), stop};
    }
};

}  // namespace syncline::connectors
