// Idle connections, kept for the next request to the same server. [any thread]
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/http/connection.hpp"
#include "connectors/http/options.hpp"
#include "core/guarded.hpp"

namespace syncline::connectors {

class ConnectionPool {
public:
    explicit ConnectionPool(PoolOptions options) : options_(options) {}

    // A connection to `server` ("https://shop.example:443") that is still open, newest first;
    // nullptr if there is none.
    std::unique_ptr<Connection> take(const std::string& server);

    // Closes `connection`, or the oldest one, when there is no room.
    void give_back(const std::string& server, std::unique_ptr<Connection> connection);

    std::size_t idle_count() const;

private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point since;
    };
    using Shelves = std::map<std::string, std::vector<Idle>>;  // per server, oldest first
    static void drop_oldest(Shelves& shelves, std::vector<Idle>& dropped);

    const PoolOptions options_;
    Guarded<Shelves> shelves_;
};

}  // namespace syncline::connectors
