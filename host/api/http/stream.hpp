// An answer that goes on after its head, on one connection, until either side ends it.
#pragma once

#include <cstddef>
#include <string>

namespace syncline::api {

class Stream {
public:
    Stream() = default;
    virtual ~Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // Sends these bytes after those before. A client that leaves more than 256 KiB unread, or
    // reads nothing for `api.send_timeout_ms`, is disconnected. [any thread]
    virtual void send(std::string bytes) = 0;
    // This was all: the client is told so once it has read the rest. [any thread]
    virtual void end() = 0;
    // Bytes that the connection has not taken yet: who waits until they are few does not lose a
    // client that reads slowly. [any thread]
    virtual std::size_t unread() const = 0;
    // False once the connection is over, whoever ended it. [any thread]
    virtual bool is_open() const = 0;
};

}  // namespace syncline::api
