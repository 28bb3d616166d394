// Keeps access tokens alive: every five minutes those are refreshed that end within fifteen, so
// that work seldom waits for a refresh, and a refresh token that is seldom used does not end
// unused.
//
// Life: start(), then stop() before anything it uses is destroyed.
#pragma once

#include "core/repeating.hpp"
#include "engine/connection_pool.hpp"

namespace syncline::engine {

class TokenKeeper {
public:
    static constexpr std::int64_t kEveryMs = 5 * 60'000;
    static constexpr std::int64_t kAtLeastMs = 15 * 60'000;

    TokenKeeper(
        Stores& stores, ConnectionPool& pool, const ConnectorSource& source, const Clock& clock
    )
        : stores_(stores), pool_(pool), source_(source), clock_(clock) {}
    ~TokenKeeper();

    void start();
    // Refreshes under way are asked to end. Idempotent.
    void stop();

    // Looks once at every connection; answers how many tokens it had refreshed. What goes wrong
    // with one stops no other. For tests, instead of start(). [one thread at a time]
    Result<std::int64_t> step();

private:
    Stores& stores_;
    ConnectionPool& pool_;
    const ConnectorSource& source_;
    const Clock& clock_;

    Repeating looking_{"access tokens were not looked at"};
};

}  // namespace syncline::engine
