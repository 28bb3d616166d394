// A client that sends bytes, so that it can be slow, wrong, silent or deaf.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

namespace syncline::testing {

class RawClient {
public:
    explicit RawClient(std::uint16_t port) : socket_(Poco::Net::SocketAddress("127.0.0.1", port)) {
        socket_.setReceiveTimeout(Poco::Timespan(10, 0));
        socket_.setSendTimeout(Poco::Timespan(1, 0));
    }
    // Throws Poco::Exception when the other side takes no more.
    void send(const std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            sent += static_cast<std::size_t>(
                socket_.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent))
            );
        }
    }
    // As many as fit within a second.
    void send_what_fits(const std::string& bytes) {
        try {
            send(bytes);
        } catch (const Poco::Exception&) {  // that is all
        }
    }
    // Whatever comes within one read; empty: the connection is over.
    std::string receive() {
        std::array<char, 64 * 1024> chunk{};
        try {
            const int count = socket_.receiveBytes(chunk.data(), chunk.size());
            return std::string(chunk.data(), static_cast<std::size_t>(std::max(count, 0)));
        } catch (const Poco::TimeoutException&) {
            return kNothing;
        } catch (const Poco::Exception&) {
            return {};
        }
    }
    // Until `text` came so many times, or the connection is over, or nothing came for 10 s.
    std::string receive_until(const std::string& text, std::size_t times = 1) {
        std::string all;
        while (count(all, text) < times) {
            const std::string more = receive();
            all += more;
            if (more.empty() || more == kNothing) {
                break;
            }
        }
        return all;
    }
    // Until the connection is over, or nothing came for 10 s (kNothing is its end then).
    std::string receive_all() {
        std::string all;
        for (std::string more = receive(); !more.empty(); more = receive()) {
            all += more;
            if (more == kNothing) {
                break;
            }
        }
        return all;
    }

    static std::size_t count(const std::string& in, const std::string& text) {
        std::size_t found = 0;
        for (auto at = in.find(text); at != std::string::npos; at = in.find(text, at + 1)) {
            ++found;
        }
        return found;
    }

    static constexpr auto kNothing = "(nothing came)";

private:
    Poco::Net::StreamSocket socket_;
};

}  // namespace syncline::testing
