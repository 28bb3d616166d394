// A server on loopback that does exactly what a test's script says, byte by byte.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "core/guarded.hpp"

namespace syncline::testing {

// One accepted connection, as its script sees it.
class Peer {
public:
    Peer(Poco::Net::StreamSocket socket, const std::atomic<bool>& ending)
        : socket_(std::move(socket)), ending_(ending) {}

    // Head and body of the next request; empty when the client has closed.
    std::string read_request();
    // False when the client is gone.
    bool send(std::string_view bytes);
    // Sends one byte after the other.
    void drip(std::string_view bytes, std::chrono::milliseconds pause);
    // Waits, but not longer than the server lives.
    void wait(std::chrono::milliseconds span) const;
    // Waits until the server ends.
    void hang() const { wait(std::chrono::hours{1}); }
    // Ends the TCP connection without TLS's goodbye.
    void cut();

private:
    Poco::Net::StreamSocket socket_;
    const std::atomic<bool>& ending_;
    std::string received_;
};

using Script = std::function<void(Peer&)>;

class ScriptedServer {
public:
    // The first connection gets the first script, and so on; the last script serves all further
    // ones. A connection is closed when its script returns. With `tls` it speaks TLS.
    explicit ScriptedServer(std::vector<Script> scripts, Poco::Net::Context::Ptr tls = nullptr);
    ~ScriptedServer();

    std::uint16_t port() const { return socket_.address().port(); }
    std::string url(std::string_view target) const;
    int connections() const { return connections_; }

private:
    void accept_all();
    void serve(Poco::Net::StreamSocket& socket, const Script& script);

    const std::vector<Script> scripts_;
    const bool is_tls_;
    Poco::Net::ServerSocket socket_;
    std::atomic<bool> ending_{false};
    std::atomic<int> connections_{0};
    Guarded<std::vector<std::thread>> serving_;
    std::thread accepting_;
};

// A whole answer with a length.
std::string answer(int status, std::string_view body, std::string_view more_headers = "");

// Answers every request with `text` as long as the client asks.
Script always(std::string text);

}  // namespace syncline::testing
