// One TCP or TLS connection to a server, with deadlines that hold whatever the server does.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include <syncline/result.hpp>

#include "connectors/http/url.hpp"
#include "connectors/http/wait.hpp"

namespace syncline::connectors {

enum class IoState {
    kDone,    // `count` bytes moved
    kClosed,  // the other side ended the connection in good order
    kBroken,  // reset, or a TLS fault; `detail` says which
    kTimedOut,
    kStopped,
};

struct IoOutcome {
    IoState state = IoState::kDone;
    std::size_t count = 0;
    std::string detail;
};

// Used by one thread at a time; may move between threads.
class Connection {
public:
    // Connects to the first of `addresses` that answers; with https the handshake is done, and the
    // certificate is for url.host. Errors: kTransient "http.connect" or "http.tls", kCancelled.
    static Result<std::unique_ptr<Connection>> open(
        const Url& url,
        const std::vector<std::string>& addresses,
        const Poco::Net::Context::Ptr& tls,
        const Patience& patience
    );

    // TLS from here on, over what was plain; the certificate is for url.host. Errors: as open().
    Result<void> secure(
        const Url& url, const Poco::Net::Context::Ptr& tls, const Patience& patience
    );

    // Sends a part of `bytes`, at least one byte unless the state is not kDone.
    IoOutcome write_some(std::string_view bytes, const Patience& patience);
    // Receives up to `size` bytes, at least one unless the state is not kDone.
    IoOutcome read_some(char* into, std::size_t size, const Patience& patience);

    // Before a reuse: nothing has arrived, so it was neither closed nor spoken on.
    bool is_quiet();

    // True once bytes of a request may have reached the other side.
    bool has_sent() const { return has_sent_; }
    void forget_sent() { has_sent_ = false; }

private:
    explicit Connection(Poco::Net::StreamSocket socket) : socket_(std::move(socket)) {}
    // Repeats `attempt` (bytes moved, 0 = closed, negative = would block) as long as it would
    // block.
    template <class Attempt>
    IoOutcome repeat(Attempt&& attempt, int direction, const Patience& patience);

    Poco::Net::StreamSocket socket_;
    bool has_sent_ = false;
};

}  // namespace syncline::connectors
