#include "api/http/server.hpp"

#include <array>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>

#include "api/http/lingering_socket.hpp"
#include "api/http/problem.hpp"
#include "core/log.hpp"
#include "core/sha256.hpp"

namespace syncline::api {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kRequestIdMax = 64;
constexpr int kBacklog = 128;

std::string request_id(const net::HTTPServerRequest& request) {
    const std::string given = request.get("X-Request-Id", "");
    const bool fit = !given.empty() && given.size() <= kRequestIdMax &&
                     given.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-_."
                     ) == std::string::npos;
    if (fit) {
        return given;
    }
    const auto bytes = storage::random_bytes(8);
    return bytes ? sha256_hex(*bytes).substr(0, 16) : "none";
}

// Up to `max` bytes; answers whether that was all.
bool read_up_to(std::istream& in, std::string& into, std::size_t max) {
    std::array<char, 16 * 1024> chunk{};
    while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
        into.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
        if (into.size() > max) {
            return false;
        }
    }
    return true;
}

void take_body(net::HTTPServerRequest& from, std::size_t max, Request& request) {
    const bool announced_too_large =
        from.hasContentLength() && from.getContentLength64() > static_cast<std::int64_t>(max);
    if (!announced_too_large && read_up_to(from.stream(), request.body, max)) {
        const bool cut_short =
            from.hasContentLength() &&
            from.getContentLength64() != static_cast<std::int64_t>(request.body.size());
        if (cut_short) {
            request.broken = invalid("the body is shorter than its Content-Length");
        }
        return;
    }
    request.body.clear();
    request.broken = Error{
        ErrorCode::kInvalid,
        "the body is larger than " + std::to_string(max) + " bytes (api.body_bytes_max)",
        kTooLarge};
}

Request to_request(net::HTTPServerRequest& from, std::size_t body_max) {
    Request request;
    request.method = from.getMethod() == "HEAD" ? "GET" : from.getMethod();
    request.target = from.getURI();
    request.authorization = from.get("Authorization", "");
    request.content_type = from.get("Content-Type", "");
    request.accept = from.get("Accept", "");
    request.id = request_id(from);
    request.address = from.clientAddress().host().toString();
    take_body(from, body_max, request);
    return request;
}

void send(const Response& response, net::HTTPServerResponse& to, bool with_body) {
    to.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(response.status));
    for (const auto& [name, value] : response.headers) {
        to.set(name, value);
    }
    if (!response.content_type.empty()) {
        to.setContentType(response.content_type);
    }
    if (response.status != 204) {
        to.setContentLength64(static_cast<std::int64_t>(response.body.size()));
    }
    std::ostream& out = to.send();
    if (with_body) {
        out << response.body;
    }
}

class RequestHandler : public net::HTTPRequestHandler {
public:
    RequestHandler(Surface& surface, const Poco::ThreadPool& threads, std::size_t body_max)
        : surface_(surface), threads_(threads), body_max_(body_max) {}

    void handleRequest(net::HTTPServerRequest& from, net::HTTPServerResponse& to) override {
        Request request = to_request(from, body_max_);
        // What is left of a refused body would be taken for the next request; and when many are
        // connected, nobody keeps a thread for a request that may come.
        if (request.broken || threads_.available() < threads_.capacity() / 2) {
            to.setKeepAlive(false);
        }
        send(surface_.handle(std::move(request)), to, from.getMethod() != "HEAD");
    }

private:
    Surface& surface_;
    const Poco::ThreadPool& threads_;
    const std::size_t body_max_;
};

class HandlerFactory : public net::HTTPRequestHandlerFactory {
public:
    HandlerFactory(Surface& surface, const Poco::ThreadPool& threads, std::size_t body_max)
        : surface_(surface), threads_(threads), body_max_(body_max) {}

    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
        return new RequestHandler(surface_, threads_, body_max_);
    }
    // Idle connections end now, the others with their answer.
    void end_connections() {
        const bool in_midst_of_a_request = false;
        serverStopped.notify(this, in_midst_of_a_request);
    }

private:
    Surface& surface_;
    const Poco::ThreadPool& threads_;
    const std::size_t body_max_;
};

class ConnectionFactory : public net::TCPServerConnectionFactory {
public:
    ConnectionFactory(
        net::HTTPServerParams::Ptr params, net::HTTPRequestHandlerFactory::Ptr handlers
    )
        : params_(std::move(params)), handlers_(std::move(handlers)) {}

    net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
        return new net::HTTPServerConnection(LingeringSocket(socket), params_, handlers_);
    }

private:
    const net::HTTPServerParams::Ptr params_;
    const net::HTTPRequestHandlerFactory::Ptr handlers_;
};

net::HTTPServerParams::Ptr server_params(const ApiConfig& config) {
    net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
    params->setMaxThreads(static_cast<int>(config.threads));
    params->setMaxQueued(kBacklog);
    params->setTimeout(Poco::Timespan(15, 0));
    // Short: an idle connection keeps a thread.
    params->setKeepAliveTimeout(Poco::Timespan(5, 0));
    params->setMaxKeepAliveRequests(1000);
    return params;
}

}  // namespace

struct Server::State {
    State(const ApiConfig& config, net::ServerSocket& socket, Surface& surface)
        : State(config, socket, surface, server_params(config)) {}
    State(
        const ApiConfig& config,
        net::ServerSocket& socket,
        Surface& surface,
        const net::HTTPServerParams::Ptr& params
    )
        : threads("api", 2, static_cast<int>(config.threads)),
          handlers(
              new HandlerFactory(surface, threads, static_cast<std::size_t>(config.body_bytes_max))
          ),
          server(new ConnectionFactory(params, handlers), threads, socket, params) {}
    Poco::ThreadPool threads;
    Poco::SharedPtr<HandlerFactory> handlers;
    net::TCPServer server;
    bool stopped = false;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
    stop();
}

Result<std::unique_ptr<Server>> Server::start(const ApiConfig& config, Surface& surface) {
    try {
        const net::SocketAddress address(config.host, static_cast<std::uint16_t>(config.port));
        net::ServerSocket socket;
        socket.bind(address, true, false);
        socket.listen(kBacklog);
        std::unique_ptr<Server> server(new Server(std::make_unique<State>(config, socket, surface))
        );
        if (!address.host().isLoopback()) {
            log::warn(
                "the API listens beyond this machine; put a TLS proxy before it",
                {{"host", config.host}}
            );
        }
        server->state_->server.start();
        return server;
    } catch (const Poco::Exception& e) {
        return Error{
            ErrorCode::kConfig,
            "the API cannot listen on " + config.host + ":" + std::to_string(config.port) + ": " +
                e.displayText() + "; choose another api.host or api.port (API_HOST, API_PORT)",
            "api.listen"};
    }
}

std::uint16_t Server::port() const {
    return state_->server.port();
}

void Server::close() {
    state_->server.stop();
}

void Server::stop() {
    if (state_ == nullptr || state_->stopped) {
        return;
    }
    state_->stopped = true;
    state_->server.stop();
    state_->handlers->end_connections();
    state_->threads.joinAll();
}

}  // namespace syncline::api
