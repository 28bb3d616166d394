#include "api/http/gated_socket.hpp"

#include <algorithm>
#include <cstring>

#include <Poco/Net/StreamSocketImpl.h>

namespace syncline::api {
namespace {

namespace net = Poco::Net;
using Clock = std::chrono::steady_clock;

// A slow reader is looked at again after each of these.
constexpr int kSendBytes = 64 * 1024;

class GatedSocketImpl : public net::StreamSocketImpl {
public:
    GatedSocketImpl(
        const net::StreamSocket& socket, std::string request, Clock::time_point deadline
    )
        : socket_(socket), request_(std::move(request)), deadline_(deadline) {}

    int sendBytes(const void* buffer, int length, int flags) override {
        const auto* bytes = static_cast<const char*>(buffer);
        for (int sent = 0; sent < length;) {
            socket_.setSendTimeout(time_left());
            sent += std::max(
                0, socket_.sendBytes(bytes + sent, std::min(length - sent, kSendBytes), flags)
            );
        }
        return length;
    }
    int receiveBytes(void* buffer, int length, int) override {
        const std::size_t count =
            std::min(static_cast<std::size_t>(length), request_.size() - read_);
        std::memcpy(buffer, request_.data() + read_, count);
        read_ += count;
        return static_cast<int>(count);
    }
    bool poll(const Poco::Timespan&, int) override { return true; }
    int available() override { return static_cast<int>(request_.size() - read_); }
    net::SocketAddress address() override { return socket_.address(); }
    net::SocketAddress peerAddress() override { return socket_.peerAddress(); }
    bool secure() const override { return socket_.secure(); }
    void setReceiveTimeout(const Poco::Timespan&) override {}
    void setSendTimeout(const Poco::Timespan&) override {}
    void shutdown() override {}
    void close() override {}

private:
    Poco::Timespan time_left() const {
        const auto left =
            std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - Clock::now());
        if (left.count() <= 0) {
            throw Poco::TimeoutException("the client reads its answer too slowly");
        }
        return Poco::Timespan(left.count());
    }

    net::StreamSocket socket_;
    const std::string request_;
    const Clock::time_point deadline_;
    std::size_t read_ = 0;
};

}  // namespace

GatedSocket::GatedSocket(
    const net::StreamSocket& socket, std::string request, Clock::time_point deadline
)
    : net::StreamSocket(new GatedSocketImpl(socket, std::move(request), deadline)) {}

}  // namespace syncline::api
