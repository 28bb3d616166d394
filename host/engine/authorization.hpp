// Access tokens of connections with OAuth 2.0: refreshed before they expire, and once when the
// platform says they did; one refresh at a time per connection; new tokens durable before any is
// used.
#pragma once

#include <future>
#include <map>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class Authorization {
public:
    // A token that lives shorter than this is refreshed before it is used, so that no call starts
    // with one that dies on the way.
    static constexpr std::int64_t kFreshMs = 5 * 60'000;

    Authorization(Stores& stores, const Clock& clock) : stores_(stores), clock_(clock) {}

    // Makes sure the connection's access token will live for so long. [any]
    Result<void> ensure_fresh(
        const storage::Connection& connection,
        connectors::Connector& connector,
        const connectors::CallContext& call,
        std::int64_t at_least_ms = kFreshMs
    );

    // How often the connection's token was refreshed so far: to be asked before a call, and told to
    // refresh() when the call finds that its token has expired. [any]
    std::int64_t refreshes(ConnectionId connection) const;

    // Refreshes, or waits for the refresh another worker has begun; nothing to do if the token was
    // refreshed since `seen` was asked for. [any] Errors: kAuth when the grant is gone, else what
    // the token endpoint's answer means.
    Result<void> refresh(
        const storage::Connection& connection,
        connectors::Connector& connector,
        const connectors::CallContext& call,
        std::int64_t seen
    );

private:
    Result<void> refresh_now(
        const storage::Connection& connection,
        connectors::Connector& connector,
        const connectors::CallContext& call
    );

    Stores& stores_;
    const Clock& clock_;
    struct State {
        std::map<ConnectionId, std::shared_future<Result<void>>> under_way;
        std::map<ConnectionId, std::int64_t> done;
    };
    Guarded<State> state_;
};

}  // namespace syncline::engine
