#include "api/http/doorway.hpp"

#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/SecureStreamSocket.h>

#include "api/http/nonblocking.hpp"
#include "core/log.hpp"

namespace syncline::api {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kAtOnce = 64;

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

}  // namespace

Doorway::Doorway(
    const net::ServerSocket& listener,
    const net::Context::Ptr& tls,
    Poller& poller,
    std::uint64_t number
)
    : listener_(listener), tls_(tls), poller_(poller), number_(number) {
    listener_.setBlocking(false);
    if (!watch()) {
        throw Poco::IOException("the listener cannot be watched");
    }
}

bool Doorway::watch() {
    return poller_.watch(listener_.impl()->sockfd(), number_, Poller::For::kReading);
}

void Doorway::accept(
    const std::function<bool(bool shortage)>& make_room,
    const std::function<void(net::StreamSocket, std::string address)>& enter,
    std::string_view refusal
) {
    bool may_free = true;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
        try {
            net::SocketAddress client;
            net::StreamSocket socket = listener_.acceptConnection(client);
            // Before TLS is attached: Poco's TLS asks this one whether it may wait.
            socket.setBlocking(false);
            socket.setNoDelay(true);
            if (!make_room(false)) {
                send_some(socket, refusal);
                continue;
            }
            if (!tls_.isNull()) {
                socket = net::SecureStreamSocket::attach(socket, tls_);
            }
            enter(std::move(socket), client.host().toString());
            may_free = true;
        } catch (const Poco::Exception& e) {
            if (is_shortage(e.code())) {
                if (std::exchange(may_free, false) && make_room(true)) {
                    continue;
                }
                log::warn("a connection cannot be accepted", {{"problem", e.displayText()}});
                // It would be said again at once; with the next tick.
                poller_.unwatch(listener_.impl()->sockfd());
                pausing_ = true;
            }
            return;
        }
    }
}

void Doorway::resume() {
    if (pausing_ && open_) {
        pausing_ = !watch();
    }
}

void Doorway::close() {
    if (open_) {
        poller_.unwatch(listener_.impl()->sockfd());
        listener_.close();
        open_ = false;
    }
}

}  // namespace syncline::api
