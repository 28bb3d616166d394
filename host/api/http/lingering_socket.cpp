#include "api/http/lingering_socket.hpp"

#include <array>
#include <chrono>

#include <Poco/Net/StreamSocketImpl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace syncline::api {
namespace {

namespace net = Poco::Net;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kDrainBytesMax = 16 * 1024 * 1024;
constexpr std::chrono::seconds kDrainTimeMax{5};
constexpr int kSilenceMs = 200;

void drain(int socket) {
    std::array<char, 16 * 1024> chunk{};
    std::size_t total = 0;
    const auto until = Clock::now() + kDrainTimeMax;
    while (total < kDrainBytesMax && Clock::now() < until) {
        pollfd readable{socket, POLLIN, 0};
        if (::poll(&readable, 1, kSilenceMs) <= 0) {
            return;
        }
        const auto count = ::recv(socket, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (count <= 0) {
            return;
        }
        total += static_cast<std::size_t>(count);
    }
}

class LingeringSocketImpl : public net::StreamSocketImpl {
public:
    explicit LingeringSocketImpl(int socket) : net::StreamSocketImpl(socket) {}

    void close() override {
        if (initialized()) {
            ::shutdown(sockfd(), SHUT_WR);
            drain(sockfd());
        }
        net::StreamSocketImpl::close();
    }
};

}  // namespace

LingeringSocket::LingeringSocket(const net::StreamSocket& accepted)
    : net::StreamSocket(new LingeringSocketImpl(::dup(accepted.impl()->sockfd()))) {}

}  // namespace syncline::api
