// The limits of every connection in use: what its connector declares, or what the operator says
// instead, kept for each HTTP request (core/rate_limit.hpp has the rules). In memory: after a
// restart every connection begins at its full pace. [any thread]
#pragma once

#include <map>
#include <string>
#include <utility>

#include <syncline/spec.hpp>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/rate_limit.hpp"
#include "storage/connection_store.hpp"

namespace syncline::engine {

// By tenant and connection, as the configuration file has them.
using LimitOverrides = std::map<std::pair<std::string, std::string>, RateLimitOverride>;

class ConnectionLimits {
public:
    explicit ConnectionLimits(const Clock& clock) : clock_(clock) {}

    void set_overrides(LimitOverrides overrides);

    // To be called before the connection is used; limits that changed start anew.
    void prepare(const storage::Connection& connection, const Limits& declared);

    // How long a call had better not begin, since its first request would wait; 0: it may. Waits
    // that are too short to give up a thread for are none.
    std::int64_t wait_before_call(ConnectionId id);

    // Waits for the request's turn, a few seconds at most; answers when it began, for end().
    // Errors: kRateLimited with retry_after when its turn is too far away, kCancelled; nothing was
    // sent then. A request that finishes a write under way (kFinishes) waits up to the call's
    // deadline, and its error is kTransient: the write was not refused.
    enum class Purpose { kAny, kFinishes };
    Result<std::int64_t> begin(
        ConnectionId id,
        bool batch,
        const connectors::CallContext* call,
        Purpose purpose = Purpose::kAny
    );
    // `status` as answered; 0: no answer.
    void end(ConnectionId id, std::int64_t began_ms, int status);

    // The platform asked for it: requests of calls under way fail until then as well.
    void hold(ConnectionId id, std::int64_t until_ms);

    // In per cent of the limits; 100 for a connection that was not used yet.
    std::int64_t pace_percent(ConnectionId id);

private:
    struct State {
        LimitOverrides overrides;
        std::map<ConnectionId, RateLimiter> limiters;
    };

    const Clock& clock_;
    Guarded<State> state_;
};

}  // namespace syncline::engine
