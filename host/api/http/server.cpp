#include "api/http/server.hpp"

#include <memory>
#include <sstream>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/NotificationQueue.h>
#include <Poco/Thread.h>

#include "api/http/gate.hpp"
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

std::string request_id(const net::HTTPRequest& request) {
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

Request request_of(const net::HTTPRequest& from) {
    Request request;
    request.method = from.getMethod() == net::HTTPRequest::HTTP_HEAD ? "GET" : from.getMethod();
    request.to_head = from.getMethod() == net::HTTPRequest::HTTP_HEAD;
    request.target = from.getURI();
    request.authorization = from.get("Authorization", "");
    request.content_type = from.get("Content-Type", "");
    request.accept = from.get("Accept", "");
    request.id = request_id(from);
    for (const auto& [name, value] : from) {
        request.headers.emplace_back(name, value);
    }
    return request;
}

// The bytes of an answer. `to_head`: of a HEAD request, which gets everything but the body.
std::string as_bytes(const Response& response, bool keep_alive, bool to_head) {
    net::HTTPResponse head(
        net::HTTPMessage::HTTP_1_1, static_cast<net::HTTPResponse::HTTPStatus>(response.status)
    );
    head.setDate(Poco::Timestamp());
    head.setKeepAlive(keep_alive);
    for (const auto& [name, value] : response.headers) {
        head.set(name, value);
    }
    if (!response.content_type.empty()) {
        head.setContentType(response.content_type);
    }
    if (response.status != 204 && response.status != 304 && !response.stream) {
        head.setContentLength64(static_cast<std::int64_t>(response.body.size()));
    }
    std::ostringstream out;
    head.write(out);
    return out.str() + (to_head ? std::string() : response.body);
}

// A refused request has no head that could be trusted.
Request refused_request(const Arrival& arrival) {
    Request request;
    request.id = new_request_id();
    request.address = arrival.address;
    const char* name = arrival.refused == 431   ? kHeadTooLarge
                       : arrival.refused == 417 ? kExpectation
                                                : kNotHttp;
    request.broken = Error{ErrorCode::kInvalid, arrival.reason, name};
    return request;
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
    State(
        const ApiConfig& config,
        const net::ServerSocket& listener,
        const net::Context::Ptr& tls,
        Surface& s
    )
        : surface(s),
          body_max(static_cast<std::size_t>(config.body_bytes_max)),
          port(listener.address().port()),
          gate(config, listener, tls, [this](Arrival arrival) {
              queue.enqueueNotification(new Ready(std::move(arrival)));
          }) {
        for (std::int64_t i = 0; i < config.threads; ++i) {
            threads.push_back(std::make_unique<Poco::Thread>());
            threads.back()->startFunc([this] { work(); });
        }
    }
    ~State() { stop(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void stop() {
        gate.end_arrivals();
        for (std::size_t i = 0; i < threads.size(); ++i) {
            queue.enqueueNotification(new Poco::Notification);
        }
        for (auto& thread : threads) {
            thread->join();
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
            serve(std::move(ready->arrival));
        }
    }

    void serve(Arrival arrival) {
        const std::uint64_t connection = arrival.connection;
        bool keep_alive = false;
        bool to_head = false;
        try {
            Request request = to_request(std::move(arrival), keep_alive);
            to_head = request.to_head;
            const Response response = surface.handle(std::move(request));
            if (response.stream && !to_head) {
                response.stream(gate.stream(connection, as_bytes(response, false, false)));
                return;
            }
            gate.answer(connection, as_bytes(response, keep_alive, to_head), !keep_alive);
        } catch (const std::exception& e) {
            log::error("a request could not be answered", {{"reason", e.what()}});
            gate.answer(connection, {}, true);
        }
    }

    Request to_request(Arrival arrival, bool& keep_alive) const {
        if (arrival.refused != 0) {
            return refused_request(arrival);
        }
        net::HTTPRequest from;
        from.setFieldLimit(0);  // the gate has counted them
        try {
            std::istringstream head(arrival.head.substr(arrival.head.find_first_not_of("\r\n")));
            from.read(head);
        } catch (const Poco::Exception&) {
            arrival.refused = 400;
            arrival.reason = "this is no HTTP/1.1 request";
            return refused_request(arrival);
        }
        keep_alive = from.getKeepAlive() && !arrival.too_large;
        Request request = request_of(from);
        request.address = arrival.address;
        request.body = std::move(arrival.body);
        if (arrival.too_large) {
            request.broken = body_too_large(body_max);
        }
        return request;
    }

    Surface& surface;
    const std::size_t body_max;
    const std::uint16_t port;
    Poco::NotificationQueue queue;
    std::vector<std::unique_ptr<Poco::Thread>> threads;
    Gate gate;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const ApiConfig& config, Surface& surface) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto tls, tls_context(config));
    try {
        const net::SocketAddress address(config.host, static_cast<std::uint16_t>(config.port));
        net::ServerSocket socket;
        socket.bind(address, true, false);
        socket.listen(kBacklog);
        if (tls.isNull() && !address.host().isLoopback()) {
            log::warn(
                "the API listens beyond this machine without TLS; set api.tls_certificate_file, or "
                "put a TLS proxy before it",
                {{"host", config.host}}
            );
        }
        return std::unique_ptr<Server>(
            new Server(std::make_unique<State>(config, socket, tls, surface))
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
