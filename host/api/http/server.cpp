#include "api/http/server.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponseImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/NotificationQueue.h>
#include <Poco/StreamCopier.h>

#include "api/http/gate.hpp"
#include "api/http/gated_socket.hpp"
#include "api/http/problem.hpp"
#include "core/log.hpp"
#include "core/sha256.hpp"

namespace syncline::api {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kRequestIdMax = 64;
constexpr int kBacklog = 128;

std::string new_request_id() {
    const auto bytes = storage::random_bytes(8);
    return bytes ? sha256_hex(*bytes).substr(0, 16) : "none";
}

std::string request_id(const net::HTTPServerRequest& request) {
    const std::string given = request.get("X-Request-Id", "");
    const bool fit = !given.empty() && given.size() <= kRequestIdMax &&
                     given.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789-_."
                     ) == std::string::npos;
    return fit ? given : new_request_id();
}

Error body_too_large(std::size_t max) {
    return {
        ErrorCode::kInvalid,
        "the body is larger than " + std::to_string(max) + " bytes (api.body_bytes_max)",
        kTooLarge};
}

std::string body_of(net::HTTPServerRequest& from) {
    std::string body;
    Poco::StreamCopier::copyToString(from.stream(), body);
    return body;
}

Request to_request(const net::HTTPServerRequest& from) {
    Request request;
    request.method = from.getMethod() == "HEAD" ? "GET" : from.getMethod();
    request.target = from.getURI();
    request.authorization = from.get("Authorization", "");
    request.content_type = from.get("Content-Type", "");
    request.accept = from.get("Accept", "");
    request.id = request_id(from);
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

// A refused request has no head that could be trusted.
Request refused_request(const Arrival& arrival) {
    Request request;
    request.id = new_request_id();
    const char* name = arrival.refused == 431   ? kHeadTooLarge
                       : arrival.refused == 417 ? kExpectation
                                                : kNotHttp;
    request.broken = Error{ErrorCode::kInvalid, arrival.reason, name};
    return request;
}

net::HTTPServerParams::Ptr server_params() {
    net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
    params->setKeepAlive(true);
    params->setMaxKeepAliveRequests(0);
    return params;
}

// Null without TLS.
Result<net::Context::Ptr> tls_context(const ApiConfig& config) {
    if (config.tls_certificate_file.empty() && config.tls_key_file.empty()) {
        return net::Context::Ptr();
    }
    try {
        net::Context::Params params;
        params.certificateFile = config.tls_certificate_file;
        params.privateKeyFile = config.tls_key_file;
        params.verificationMode = net::Context::VERIFY_NONE;  // of clients: they have a token
        net::Context::Ptr context(new net::Context(net::Context::TLS_SERVER_USE, params));
        context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
        return context;
    } catch (const Poco::Exception& e) {
        return Error{
            ErrorCode::kConfig,
            "the API cannot serve HTTPS with the certificate " + config.tls_certificate_file +
                " and the key " + config.tls_key_file + ": " + e.displayText() +
                " (api.tls_certificate_file, api.tls_key_file)",
            "api.tls"};
    }
}

// Ready for a thread; a null one tells its reader to end.
class Ready : public Poco::Notification {
public:
    explicit Ready(Arrival a) : arrival(std::move(a)) {}
    Arrival arrival;
};

}  // namespace

// Threads that take whole requests from the gate, in the order of their arrival.
struct Server::State {
    State(const ApiConfig& config, const net::ServerSocket& listener, Surface& s)
        : surface(s),
          body_max(static_cast<std::size_t>(config.body_bytes_max)),
          send_timeout(config.send_timeout_ms),
          port(listener.address().port()),
          gate(config, listener, [this](Arrival arrival) {
              queue.enqueueNotification(new Ready(std::move(arrival)));
          }) {
        for (std::int64_t i = 0; i < config.threads; ++i) {
            threads.emplace_back([this] { work(); });
        }
    }
    ~State() { stop(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void stop() {
        gate.close();
        for (std::size_t i = 0; i < threads.size(); ++i) {
            queue.enqueueNotification(new Poco::Notification);
        }
        for (auto& thread : threads) {
            thread.join();
        }
        threads.clear();
        gate.stop();
    }

    void work() {
        while (true) {
            Poco::AutoPtr<Poco::Notification> next(queue.waitDequeueNotification());
            auto* ready = dynamic_cast<Ready*>(next.get());
            if (ready == nullptr) {
                return;
            }
            Arrival arrival = std::move(ready->arrival);
            net::StreamSocket socket = arrival.socket;
            std::string rest = std::move(arrival.rest);
            if (serve(std::move(arrival))) {
                gate.serve_next(std::move(socket), std::move(rest));
            } else {
                gate.end(std::move(socket));
            }
        }
    }

    // Whether the client may ask again on this connection.
    bool serve(Arrival arrival) {
        try {
            const GatedSocket socket(
                arrival.socket,
                std::exchange(arrival.bytes, {}),
                std::chrono::steady_clock::now() + send_timeout
            );
            net::HTTPServerSession session(socket, params);
            net::HTTPServerResponseImpl response(session);
            response.setDate(Poco::Timestamp());
            response.setVersion(net::HTTPMessage::HTTP_1_1);
            if (arrival.refused != 0) {
                response.setKeepAlive(false);
                send(surface.handle(refused_request(arrival)), response, true);
                return false;
            }
            return answer(session, response, arrival.too_large);
        } catch (const Poco::Exception& e) {
            log::debug("an answer could not be sent", {{"problem", e.displayText()}});
        }
        return false;
    }

    bool answer(
        net::HTTPServerSession& session, net::HTTPServerResponseImpl& response, bool too_large
    ) {
        Request request;
        bool with_body = true;
        bool again = false;
        try {
            net::HTTPServerRequestImpl from(response, session, params.get());
            request = to_request(from);
            with_body = from.getMethod() != net::HTTPRequest::HTTP_HEAD;
            again = from.getKeepAlive() && !too_large;
            if (too_large) {
                request.broken = body_too_large(body_max);
            } else {
                request.body = body_of(from);
            }
        } catch (const Poco::Exception&) {
            Arrival odd;
            odd.refused = 400;
            odd.reason = "this is no HTTP/1.1 request";
            request = refused_request(odd);
            again = false;
        }
        response.setKeepAlive(again);
        send(surface.handle(std::move(request)), response, with_body);
        return again;
    }

    Surface& surface;
    const std::size_t body_max;
    const std::chrono::milliseconds send_timeout;
    const std::uint16_t port;
    net::HTTPServerParams::Ptr params = server_params();
    Poco::NotificationQueue queue;
    std::vector<std::thread> threads;
    Gate gate;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ApiConfig& config, Surface& surface) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto tls, tls_context(config));
    try {
        const net::SocketAddress address(config.host, static_cast<std::uint16_t>(config.port));
        net::ServerSocket socket = tls ? net::SecureServerSocket(tls) : net::ServerSocket();
        socket.bind(address, true, false);
        socket.listen(kBacklog);
        if (!tls && !address.host().isLoopback()) {
            log::warn(
                "the API listens beyond this machine without TLS; set api.tls_certificate_file, or "
                "put a TLS proxy before it",
                {{"host", config.host}}
            );
        }
        return std::unique_ptr<Server>(new Server(std::make_unique<State>(config, socket, surface))
        );
    } catch (const Poco::Exception& e) {
        return Error{
            ErrorCode::kConfig,
            "the API cannot listen on " + config.host + ":" + std::to_string(config.port) + ": " +
                e.displayText() + "; choose another api.host or api.port (API_HOST, API_PORT)",
            "api.listen"};
    }
}

std::uint16_t Server::port() const {
    return state_->port;
}

void Server::close() {
    state_->gate.close();
}

void Server::stop() {
    state_->stop();
}

}  // namespace syncline::api
