// Carries stored messages to their channels: a few at once, at most half of them one tenant's, one
// at a time per channel, each try with a deadline, on threads that nothing else waits for. What is
// to be sent waits in the store, never in memory.
//
// Life: start(), then stop() before anything it uses is destroyed.
#pragma once

#include <map>
#include <memory>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/repeating.hpp"
#include "engine/alert_control.hpp"
#include "engine/worker_pool.hpp"

namespace syncline::engine {

// Tries of one message.
inline constexpr std::int64_t kAlertTriesMax = 8;

// How long after the n-th try (from 1) the next one comes.
std::chrono::milliseconds alert_try_delay(std::int64_t tries);

class AlertOutbox {
public:
    AlertOutbox(AlertStores& stores, AlertControl& control, const Clock& clock)
        : stores_(stores), control_(control), clock_(clock) {}
    ~AlertOutbox();

    void start();
    // Ends what is being sent. Idempotent.
    void stop();

    // Sends what is due, one message per channel, one after the other; answers how many were
    // tried. For tests, instead of start().
    Result<std::size_t> step();

private:
    Result<void> hand_out();
    Result<void> deliver(const storage::AlertDelivery& delivery);

    AlertStores& stores_;
    AlertControl& control_;
    const Clock& clock_;

    Guarded<std::map<AlertChannelId, TenantId>> busy_;
    std::unique_ptr<WorkerPool> senders_;  // absent before start()
    Repeating looking_{"alerts were not sent"};
};

}  // namespace syncline::engine
