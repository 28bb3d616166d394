#include "engine/connection_limits.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace syncline::engine {
namespace {

using std::chrono::milliseconds;

// A thread waits for less; for more it is better used elsewhere.
constexpr std::int64_t kGiveUpThreadMs = 1'000;
constexpr std::int64_t kRequestWaitMaxMs = 10'000;
// So that a stop is noticed soon.
constexpr std::int64_t kSliceMs = 50;

bool is_stopped(const connectors::CallContext* call) {
    return call != nullptr && call->stop != nullptr && call->stop->load();
}

Error paced(std::int64_t wait_ms, ConnectionLimits::Purpose purpose) {
    return Error{
        purpose == ConnectionLimits::Purpose::kFinishes ? ErrorCode::kTransient
                                                        : ErrorCode::kRateLimited,
        "the connection's own limit of requests is reached",
        "connection.paced",
        0,
        milliseconds(wait_ms)};
}

}  // namespace

void ConnectionLimits::set_overrides(LimitOverrides overrides) {
    state_.with([&](State& state) { state.overrides = std::move(overrides); });
}

void ConnectionLimits::prepare(const storage::Connection& connection, const Limits& declared) {
    state_.with([&](State& state) {
        RateLimits limits{
            declared.in_flight_max, declared.requests_per_minute, declared.batches_per_minute};
        const auto mine = state.overrides.find({connection.tenant_name, connection.name});
        if (mine != state.overrides.end()) {
            limits = mine->second.over(limits);
        }
        const auto [entry, is_new] = state.limiters.try_emplace(connection.id, limits);
        if (!is_new && !(entry->second.limits() == limits)) {
            entry->second = RateLimiter(limits);
        }
    });
}

std::int64_t ConnectionLimits::wait_before_call(ConnectionId id) {
    const std::int64_t now = clock_.now().ms;
    const std::int64_t wait = state_.with([&](State& state) {
        const auto limiter = state.limiters.find(id);
        return limiter == state.limiters.end() ? 0 : limiter->second.wait_ms(now);
    });
    return wait < kGiveUpThreadMs ? 0 : wait;
}

Result<std::int64_t> ConnectionLimits::begin(
    ConnectionId id, bool batch, const connectors::CallContext* call, Purpose purpose
) {
    const auto give_up = std::chrono::steady_clock::now() + milliseconds(kRequestWaitMaxMs);
    for (;;) {
        const std::int64_t now = clock_.now().ms;
        const std::int64_t wait = state_.with([&](State& state) {
            const auto limiter = state.limiters.find(id);
            return limiter == state.limiters.end() ? 0 : limiter->second.start(now, batch);
        });
        if (wait == 0) {
            return now;
        }
        if (is_stopped(call)) {
            return Error{ErrorCode::kCancelled, "stopped before a request's turn", "stopped"};
        }
        const bool too_late =
            call != nullptr && call->deadline.ms != 0 && now + wait >= call->deadline.ms;
        const bool too_long =
            wait > kRequestWaitMaxMs || std::chrono::steady_clock::now() >= give_up;
        if (too_late || (too_long && purpose == Purpose::kAny)) {
            return paced(wait, purpose);
        }
        std::this_thread::sleep_for(milliseconds(std::min(wait, kSliceMs)));
    }
}

void ConnectionLimits::end(ConnectionId id, std::int64_t began_ms, int status) {
    const std::int64_t now = clock_.now().ms;
    state_.with([&](State& state) {
        const auto limiter = state.limiters.find(id);
        if (limiter != state.limiters.end()) {
            limiter->second.end(began_ms, now, status);
        }
    });
}

void ConnectionLimits::hold(ConnectionId id, std::int64_t until_ms) {
    state_.with([&](State& state) {
        const auto limiter = state.limiters.find(id);
        if (limiter != state.limiters.end()) {
            limiter->second.hold_until(until_ms);
        }
    });
}

std::int64_t ConnectionLimits::pace_percent(ConnectionId id) {
    const std::int64_t now = clock_.now().ms;
    return state_.with([&](State& state) -> std::int64_t {
        const auto limiter = state.limiters.find(id);
        return limiter == state.limiters.end() ? 100 : limiter->second.pace_percent(now);
    });
}

}  // namespace syncline::engine
