#include "listener.hpp"

#include <array>
#include <atomic>
#include <thread>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timestamp.h>

namespace sandbox {
namespace {

namespace Net = Poco::Net;

constexpr std::size_t kBodyMax = 64 * 1024 * 1024;
constexpr int kConnectionsMax = 512;

bool read_body(std::istream& stream, std::string& body) {
    std::array<char, 16384> chunk{};
    while (stream.read(chunk.data(), chunk.size()), stream.gcount() > 0) {
        body.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
        if (body.size() > kBodyMax)
            return false;
    }
    return true;
}

Request to_request(const Net::HTTPServerRequest& from, bool tls) {
    Request request;
    request.method = from.getMethod();
    const std::string& target = from.getURI();
    const auto question = target.find('?');
    request.path = percent_decode(target.substr(0, question), false);
    if (question != std::string::npos)
        request.raw_query = target.substr(question + 1);
    request.query = parse_form(request.raw_query);
    for (const auto& [name, value] : from) request.headers.emplace_back(name, value);
    request.tls = tls;
    return request;
}

class Handler : public Net::HTTPRequestHandler {
public:
    Handler(Server& server, const Clock& clock, bool tls)
        : server_(server), clock_(clock), tls_(tls) {}

    void handleRequest(Net::HTTPServerRequest& from, Net::HTTPServerResponse& to) override {
        Request request = to_request(from, tls_);
        if (!read_body(from.stream(), request.body))
            return send(from, to, control_error(413, "the sandbox takes bodies up to 64 MiB"));
        const Answer answer = server_.answer(request);
        if (answer.dropped) {
            Net::StreamSocket socket =
                dynamic_cast<Net::HTTPServerRequestImpl&>(from).detachSocket();
            socket.close();
            return;
        }
        send(from, to, answer.response);
    }

private:
    void send(
        const Net::HTTPServerRequest& from, Net::HTTPServerResponse& to, const Response& response
    ) {
        to.setStatus(static_cast<Net::HTTPResponse::HTTPStatus>(response.status));
        to.setReason(Net::HTTPResponse::getReasonForStatus(to.getStatus()));
        to.setDate(Poco::Timestamp(clock_.now_ms() * 1000));
        for (const auto& [name, value] : response.headers) to.add(name, value);
        if (from.getMethod() == "HEAD" || response.status == 204 || response.status == 304) {
            to.setContentLength64(0);
            to.send();
            return;
        }
        to.sendBuffer(response.body.data(), response.body.size());
    }

    Server& server_;
    const Clock& clock_;
    const bool tls_;
};

class HandlerFactory : public Net::HTTPRequestHandlerFactory {
public:
    HandlerFactory(Server& server, const Clock& clock, bool tls)
        : server_(server), clock_(clock), tls_(tls) {}
    Net::HTTPRequestHandler* createRequestHandler(const Net::HTTPServerRequest&) override {
        return new Handler(server_, clock_, tls_);  // Poco deletes it
    }

private:
    Server& server_;
    const Clock& clock_;
    const bool tls_;
};

Net::ServerSocket open_socket(const ListenerOptions& options) {
    const Net::SocketAddress address("127.0.0.1", options.port);
    if (options.tls_cert.empty())
        return Net::ServerSocket(address, 256);
    const Net::Context::Ptr context = new Net::Context(
        Net::Context::TLS_SERVER_USE,
        options.tls_key,
        options.tls_cert,
        "",
        Net::Context::VERIFY_NONE
    );
    return Net::SecureServerSocket(address, 256, context);
}

Net::HTTPServerParams::Ptr server_params() {
    Net::HTTPServerParams::Ptr params = new Net::HTTPServerParams;
    params->setMaxThreads(kConnectionsMax);
    params->setMaxQueued(kConnectionsMax);
    params->setKeepAlive(true);
    params->setKeepAliveTimeout(Poco::Timespan(120, 0));
    params->setMaxKeepAliveRequests(0);
    params->setSoftwareVersion("");
    return params;
}

}  // namespace

struct Listener::Parts {
    Parts(const ListenerOptions& options, Server& server, const Clock& clock)
        : tls(!options.tls_cert.empty()),
          socket(open_socket(options)),
          http(new HandlerFactory(server, clock, tls), pool, socket, server_params()) {}

    const bool tls;
    Poco::ThreadPool pool{4, kConnectionsMax + 8};
    Net::ServerSocket socket;
    Net::HTTPServer http;
};

Listener::Listener(const ListenerOptions& options, Server& server, const Clock& clock)
    : parts_(std::make_unique<Parts>(options, server, clock)) {
    parts_->http.start();
}

// Poco looks only four times a second whether it shall stop; a connection makes it look.
Listener::~Listener() {
    const Net::SocketAddress address = parts_->socket.address();
    std::atomic<bool> stopped{false};
    std::thread stop([&] {
        parts_->http.stopAll(true);
        stopped = true;
    });
    while (!stopped) {
        try {
            Net::StreamSocket wake(address);
        } catch (const Poco::Exception&) {
            break;  // no longer listening
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    stop.join();
}

std::string Listener::base_url() const {
    return std::string(parts_->tls ? "https" : "http") +
           "://127.0.0.1:" + std::to_string(parts_->socket.address().port());
}

}  // namespace sandbox
