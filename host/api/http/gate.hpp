// The gate of a listener: one thread that has all its connections. It waits until a request is all
// there before it hands it on, and sends the answer, so that slow, idle and silent clients cost a
// place and some memory, never a thread.
//
// Every connection has a deadline: `api.head_timeout_ms` until a request's last header (a new
// connection's from the start), `api.body_timeout_ms` for its body, `api.send_timeout_ms` for its
// answer, `api.idle_timeout_ms` between requests. When all of `api.connections_max` places are
// taken, the longest idle, then the longest unfinished one is given to whoever comes. What requests
// and answers hold together is bounded by `api.waiting_bytes_max`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>

#include "api/api_config.hpp"
#include "api/http/stream.hpp"

namespace syncline::api {

// A request that is all there, or what came instead of one.
struct Arrival {
    std::uint64_t connection = 0;
    std::string address;     // of the client, without port
    std::string head;        // request line and headers, with the empty line
    std::string body;        // without its transfer coding
    bool too_large = false;  // the body is, and was not waited for
    int refused = 0;         // not 0: it is no request; the status of the answer
    std::string reason;      // of that
};

class GateLoop;

class Gate {
public:
    // `take` gets each arrival [the gate's thread] and must not block; each is to be answered.
    // `listener` listens; `tls` may be null. Throws Poco::Exception.
    Gate(
        const ApiConfig& config,
        const Poco::Net::ServerSocket& listener,
        const Poco::Net::Context::Ptr& tls,
        std::function<void(Arrival)> take
    );
    // As stop().
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    // Sends these bytes. Then the client may ask again on the connection, or, after the `last`
    // one, it is told that this was all, and what it still sends is read and dropped: for 5 s and
    // 16 MiB at most. Closing at once would reset the connection, and a client that is still
    // sending would lose the answer (RFC 9112 section 9.6). [any thread]
    void answer(std::uint64_t connection, std::string bytes, bool last);

    // Sends these bytes, and keeps the connection for more of the same answer; it is never given to
    // whoever comes, and ends with close(). The connection may be over already. [any thread]
    std::shared_ptr<Stream> stream(std::uint64_t connection, std::string bytes);

    // No new connections; idle ones and streams end. [any thread]
    void close();
    // Returns when nothing will arrive any more; what has not arrived whole ends. [not its own]
    void end_arrivals();
    // Sends the answers it has, for 5 s at most, and ends all. Idempotent. [not its own]
    void stop();

private:
    class ConnectionStream;
    std::shared_ptr<GateLoop> loop_;
};

}  // namespace syncline::api
