// The HTTP server: a gate that waits for whole requests, a bounded number of threads that read them
// with Poco's HTTP classes, and the Surface behind them.
#pragma once

#include <cstdint>
#include <memory>

#include "api/api_config.hpp"
#include "api/http/surface.hpp"

namespace syncline::api {

class Server {
public:
    // Listens. Errors: kConfig naming address and port, and why not.
    static Result<std::unique_ptr<Server>> start(const ApiConfig& config, Surface& surface);
    // As stop().
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    // No new connections.
    void close();
    // Also ends the idle ones, and returns when the requests under way are answered. Idempotent.
    void stop();

private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace syncline::api
