#include "api/http/nonblocking.hpp"

#include <array>
#include <cerrno>

#include <Poco/Exception.h>
#include <openssl/err.h>
#include <sys/socket.h>

namespace syncline::api {

std::optional<std::size_t> receive_some(
    Poco::Net::StreamSocket& socket, char* into, std::size_t room
) {
    ERR_clear_error();  // what another connection left in this thread's queue is not this one's
    try {
        const int count = socket.receiveBytes(into, static_cast<int>(room));
        if (count == 0) {
            return std::nullopt;
        }
        return count < 0 ? 0 : static_cast<std::size_t>(count);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

std::optional<std::size_t> send_some(Poco::Net::StreamSocket& socket, std::string_view bytes) {
    ERR_clear_error();
    try {
        const int count = socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
        return count < 0 ? 0 : static_cast<std::size_t>(count);
    } catch (const Poco::Exception& e) {
        return e.code() == EAGAIN ? std::optional<std::size_t>(0) : std::nullopt;
    }
}

std::optional<std::size_t> drop_some(Poco::Net::StreamSocket& socket) {
    std::array<char, kReceiveBytes> chunk{};
    const auto got = ::recv(socket.impl()->sockfd(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    return got > 0 ? std::optional<std::size_t>(static_cast<std::size_t>(got)) : std::nullopt;
}

void end_sending(Poco::Net::StreamSocket& socket) {
    try {
        if (socket.secure()) {
            socket.shutdown();  // says so within TLS
        }
    } catch (const Poco::Exception&) {  // it is gone already
    }
    ::shutdown(socket.impl()->sockfd(), SHUT_WR);
}

}  // namespace syncline::api
