#include "connectors/support/scripted_server.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <Poco/Exception.h>
#include <Poco/Net/SecureServerSocket.h>
#include <sys/socket.h>

namespace syncline::testing {
namespace {

Poco::Net::ServerSocket listen(const Poco::Net::Context::Ptr& tls) {
    const Poco::Net::SocketAddress any_port("127.0.0.1", 0);
    Poco::Net::ServerSocket socket =
        tls.isNull() ? Poco::Net::ServerSocket() : Poco::Net::SecureServerSocket(tls);
    socket.bind(any_port);
    // Small, so that a request that is not read does not vanish into the kernel.
    socket.setReceiveBufferSize(256 * 1024);
    socket.listen();
    return socket;
}

std::size_t content_length(std::string_view head) {
    const auto at = head.find("Content-Length: ");
    return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + 16)));
}

}  // namespace

std::string Peer::read_request() {
    std::array<char, 64 * 1024> bytes{};
    try {
        while (true) {
            const auto head_end = received_.find("\r\n\r\n");
            if (head_end != std::string::npos) {
                const std::size_t whole =
                    head_end + 4 + content_length(received_.substr(0, head_end));
                if (received_.size() >= whole) {
                    std::string request = received_.substr(0, whole);
                    received_.erase(0, whole);
                    return request;
                }
            }
            if (!socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) {
                if (ending_) {
                    return "";
                }
                continue;
            }
            const int count = socket_.receiveBytes(bytes.data(), bytes.size());
            if (count <= 0) {
                return "";
            }
            received_.append(bytes.data(), static_cast<std::size_t>(count));
        }
    } catch (const Poco::Exception&) {
        return "";
    }
}

bool Peer::send(std::string_view bytes) {
    try {
        while (!bytes.empty()) {
            const auto piece = bytes.substr(0, 64 * 1024);
            const int count = socket_.sendBytes(piece.data(), static_cast<int>(piece.size()));
            if (count <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    } catch (const Poco::Exception&) {
        return false;
    }
}

void Peer::drip(std::string_view bytes, std::chrono::milliseconds pause) {
    for (const char c : bytes) {
        if (ending_ || !send(std::string_view(&c, 1))) {
            return;
        }
        wait(pause);
    }
}

void Peer::wait(std::chrono::milliseconds span) const {
    const auto until = std::chrono::steady_clock::now() + span;
    while (!ending_ && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::min(span, std::chrono::milliseconds{5}));
    }
}

void Peer::cut() {
    ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts, Poco::Net::Context::Ptr tls)
    : scripts_(std::move(scripts)),
      is_tls_(!tls.isNull()),
      socket_(listen(tls)),
      accepting_([this] { accept_all(); }) {}

ScriptedServer::~ScriptedServer() {
    ending_ = true;
    accepting_.join();
    serving_.with([](auto& threads) {
        for (auto& thread : threads) {
            thread.join();
        }
    });
}

std::string ScriptedServer::url(std::string_view target) const {
    return std::string(is_tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port()) +
           std::string(target);
}

void ScriptedServer::accept_all() {
    while (!ending_) {
        if (!socket_.poll(Poco::Timespan(0, 5'000), Poco::Net::Socket::SELECT_READ)) {
            continue;
        }
        // Owned by the serving thread alone: Poco counts the users of a socket where TSan cannot
        // see it.
        auto socket = std::make_unique<Poco::Net::StreamSocket>(socket_.acceptConnection());
        const auto number = static_cast<std::size_t>(connections_++);
        const Script& script = scripts_[std::min(number, scripts_.size() - 1)];
        serving_.with([&](auto& threads) {
            threads.emplace_back([this, socket = std::move(socket), &script] {
                serve(*socket, script);
            });
        });
    }
}

void ScriptedServer::serve(Poco::Net::StreamSocket& socket, const Script& script) {
    Peer peer(socket, ending_);
    script(peer);
    try {
        socket.shutdown();
    } catch (const Poco::Exception&) {
        return;
    }
}

std::string answer(int status, std::string_view body, std::string_view more_headers) {
    return "HTTP/1.1 " + std::to_string(status) +
           " Status\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(more_headers) + "\r\n" + std::string(body);
}

Script always(std::string text) {
    return [text = std::move(text)](Peer& peer) {
        while (!peer.read_request().empty() && peer.send(text)) {
        }
    };
}

}  // namespace syncline::testing
