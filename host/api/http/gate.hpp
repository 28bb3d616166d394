// The gate of a listener: one thread that accepts connections and waits until a request is all
// there, so that slow, idle and silent clients cost a place and some memory, never a thread.
//
// Every connection has a deadline: `api.head_timeout_ms` from a request's first byte to its last
// header, `api.body_timeout_ms` for its body, `api.idle_timeout_ms` between requests. Of
// `api.connections_max` places the longest idle, then the longest unfinished one is given to
// whoever comes when all are taken. What unfinished requests hold together is bounded by
// `api.waiting_bytes_max`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "api/api_config.hpp"

namespace syncline::api {

// A request that is all there, or will not be.
struct Arrival {
    Poco::Net::StreamSocket socket;  // blocking again
    std::string bytes;               // the request's; of kTooLarge its head
    std::string rest;                // what came after it
    bool too_large = false;
    int refused = 0;     // the status of the answer, when it is no request
    std::string reason;  // of that
};

class Gate {
public:
    // `take` gets each arrival [the gate's thread] and must not block: it owns the socket, and
    // gives it back by serve_next() or end(). `listener` listens; plain or TLS.
    Gate(
        const ApiConfig& config,
        const Poco::Net::ServerSocket& listener,
        std::function<void(Arrival)> take
    );
    // As stop().
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    // The answer is sent, and the client may ask again. `rest`: as it arrived. [any thread]
    void serve_next(Poco::Net::StreamSocket socket, std::string rest);
    // The answer is sent, and it was the last: says so to the client, then reads and drops what it
    // still sends, until it ends too, or for 5 s or 16 MiB. Closing at once would reset the
    // connection, and a client that is still sending would lose the answer (RFC 9112 section 9.6).
    // [any thread]
    void end(Poco::Net::StreamSocket socket);

    // No new connections; idle ones end, requests under way still arrive. [any thread]
    void close();
    // Ends all connections but those it has given to `take`. Idempotent. [any thread but its own]
    void stop();

private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace syncline::api
