// Where new connections come from: the listening socket, which rests while no more can be opened.
// Used by the gate's thread alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "api/http/poller.hpp"

namespace syncline::api {

class Doorway {
public:
    // `listener` listens and is known to `poller` as `number`; `tls` may be null. Throws
    // Poco::Exception.
    Doorway(
        const Poco::Net::ServerSocket& listener,
        const Poco::Net::Context::Ptr& tls,
        Poller& poller,
        std::uint64_t number
    );

    // Hands those that wait to `enter`, with their address, as far as `make_room` says yes; the
    // others get `refusal`. Asked for the sake of a `shortage`, it is to free a file descriptor.
    void accept(
        const std::function<bool(bool shortage)>& make_room,
        const std::function<void(Poco::Net::StreamSocket, std::string address)>& enter,
        std::string_view refusal
    );
    // Tries again when there were no file descriptors left.
    void resume();
    // No new connections. Idempotent.
    void close();

private:
    bool watch();

    Poco::Net::ServerSocket listener_;
    const Poco::Net::Context::Ptr tls_;
    Poller& poller_;
    const std::uint64_t number_;
    bool open_ = true;
    bool pausing_ = false;
};

}  // namespace syncline::api
