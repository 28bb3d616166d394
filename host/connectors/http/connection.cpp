#include "connectors/http/connection.hpp"

#include <cerrno>
#include <limits>
#include <system_error>

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <fcntl.h>
#include <openssl/err.h>

#include "connectors/http/tls.hpp"

namespace syncline::connectors {
namespace {

using Poco::Net::SecureStreamSocket;
using Poco::Net::Socket;
using Poco::Net::StreamSocket;

Error connect_error(const Url& url, const std::string& why) {
    return {
        ErrorCode::kTransient, "cannot connect to " + url.authority() + ": " + why, "http.connect"};
}

Error cancelled(const Url& url) {
    return {
        ErrorCode::kCancelled, "stopped while connecting to " + url.authority(), "http.stopped"};
}

enum class Waited { kReady, kTimedOut, kStopped };

Waited wait_for(const StreamSocket& socket, int direction, const Patience& patience) {
    while (true) {
        if (patience.is_stopped()) {
            return Waited::kStopped;
        }
        const Poco::Timespan slice(Poco::Timespan::TimeDiff{patience.slice().count()} * 1000);
        if (socket.poll(slice, direction | Socket::SELECT_ERROR)) {
            return Waited::kReady;
        }
        if (patience.is_over()) {
            return Waited::kTimedOut;
        }
    }
}

int clamped(std::size_t size) {
    constexpr std::size_t kMax = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(size, kMax));
}

// Poco 1.11 takes a full send buffer of a non-blocking socket for a fault.
int send_plain(StreamSocket& socket, std::string_view bytes) {
    try {
        return socket.sendBytes(bytes.data(), clamped(bytes.size()));
    } catch (const Poco::Exception& e) {
        if (e.code() == EAGAIN) {
            return -1;
        }
        throw;
    }
}

// A connected, non-blocking socket.
Result<StreamSocket> connect_tcp(
    const Url& url, const std::string& address, const Patience& patience
) {
    try {
        StreamSocket socket;
        socket.connectNB({Poco::Net::IPAddress(address), url.port});
        fcntl(socket.impl()->sockfd(), F_SETFD, FD_CLOEXEC);
        switch (wait_for(socket, Socket::SELECT_WRITE, patience)) {
            case Waited::kStopped:
                return cancelled(url);
            case Waited::kTimedOut:
                return connect_error(url, "no answer from " + address + " in time");
            case Waited::kReady:
                break;
        }
        if (const int failure = socket.impl()->socketError(); failure != 0) {
            return connect_error(url, address + ": " + std::generic_category().message(failure));
        }
        socket.setNoDelay(true);
        return socket;
    } catch (const Poco::Exception& e) {
        return connect_error(url, address + ": " + e.displayText());
    }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(
    const Url& url,
    const std::vector<std::string>& addresses,
    const Poco::Net::Context::Ptr& tls,
    const Patience& patience
) {
    Error failure = connect_error(url, "the name has no address");
    std::size_t untried = addresses.size();
    for (const auto& address : addresses) {
        // A silent address must leave time for the next.
        const auto share = patience.left() / static_cast<std::int64_t>(untried--);
        auto socket = connect_tcp(url, address, patience.at_most(share));
        if (!socket) {
            failure = socket.error();
            if (failure.code == ErrorCode::kCancelled) {
                return failure;
            }
            continue;
        }
        std::unique_ptr<Connection> connection(new Connection(*std::move(socket)));
        if (url.is_tls()) {
            SYNCLINE_RETURN_IF_ERROR(connection->secure(url, tls, patience));
        }
        return connection;
    }
    return failure;
}

Result<void> Connection::secure(
    const Url& url, const Poco::Net::Context::Ptr& tls, const Patience& patience
) {
    const auto tls_error = [&](const std::string& why) {
        return Error{
            ErrorCode::kTransient,
            "no secure connection to " + url.authority() + ": " + why,
            "http.tls"};
    };
    take_chain_error();
    try {
        const bool is_address = url.host.find(':') != std::string::npos ||
                                url.host.find_first_not_of("0123456789.") == std::string::npos;
        // SNI is for names only.
        auto secured = SecureStreamSocket::attach(socket_, is_address ? "" : url.host, tls);
        socket_ = secured;
        const IoOutcome handshake =
            repeat([&] { return secured.completeHandshake(); }, Socket::SELECT_READ, patience);
        switch (handshake.state) {
            case IoState::kDone:
                return check_certificate_host(secured, url.host);
            case IoState::kStopped:
                return cancelled(url);
            case IoState::kTimedOut:
                return tls_error("the handshake did not end in time");
            case IoState::kClosed:
                return tls_error("closed during the handshake");
            case IoState::kBroken:
                break;
        }
        const std::string chain = take_chain_error();
        return tls_error(chain.empty() ? handshake.detail : "certificate not trusted: " + chain);
    } catch (const Poco::Exception& e) {
        return tls_error(e.displayText());
    }
}

template <class Attempt>
IoOutcome Connection::repeat(Attempt&& attempt, int direction, const Patience& patience) {
    try {
        while (true) {
            // Also when nothing blocks: a server may send for ever.
            if (patience.is_stopped() || patience.is_over()) {
                return {patience.is_stopped() ? IoState::kStopped : IoState::kTimedOut, 0, {}};
            }
            // Poco and OpenSSL decide by these whether a failure is final; old values would mislead
            // them.
            errno = 0;
            ERR_clear_error();
            const int moved = attempt();
            if (moved > 0) {
                return {IoState::kDone, static_cast<std::size_t>(moved), {}};
            }
            if (moved == 0) {
                return {IoState::kClosed, 0, {}};
            }
            const bool wants_write = socket_.secure()
                                         ? moved == SecureStreamSocket::ERR_SSL_WANT_WRITE
                                         : direction == Socket::SELECT_WRITE;
            const int wanted = wants_write ? Socket::SELECT_WRITE : Socket::SELECT_READ;
            wait_for(socket_, wanted, patience);
        }
    } catch (const Poco::Exception& e) {
        return {IoState::kBroken, 0, e.displayText()};
    }
}

IoOutcome Connection::write_some(std::string_view bytes, const Patience& patience) {
    return repeat(
        [&] {
            const int moved = socket_.secure()
                                  ? socket_.sendBytes(bytes.data(), clamped(bytes.size()))
                                  : send_plain(socket_, bytes);
            // A TLS record that would block may have left in part.
            has_sent_ = has_sent_ || moved > 0 || (moved < 0 && socket_.secure());
            return moved;
        },
        Socket::SELECT_WRITE,
        patience
    );
}

IoOutcome Connection::read_some(char* into, std::size_t size, const Patience& patience) {
    return repeat(
        [&] { return socket_.receiveBytes(into, clamped(size)); }, Socket::SELECT_READ, patience
    );
}

bool Connection::is_quiet() {
    try {
        return !socket_.poll(Poco::Timespan(), Socket::SELECT_READ | Socket::SELECT_ERROR) &&
               socket_.available() == 0;
    } catch (const Poco::Exception&) {
        return false;
    }
}

}  // namespace syncline::connectors
