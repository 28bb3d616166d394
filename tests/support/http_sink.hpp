// An HTTP server on loopback that keeps what is posted to it, and answers as it is told.
#pragma once

#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>

#include "core/guarded.hpp"

namespace syncline::testing {

class HttpSink {
public:
    struct Received {
        std::string path;
        std::map<std::string, std::string> headers;  // names in lower case
        std::string body;
    };
    struct Said {
        int status = 200;
        std::string body;
        std::map<std::string, std::string> headers;
    };

    explicit HttpSink(std::function<Said(const Received&)> answer)
        : answer_(std::move(answer)),
          socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
          server_(new Factory(*this), socket_, new Poco::Net::HTTPServerParams) {
        server_.start();
    }
    ~HttpSink() { server_.stopAll(true); }
    HttpSink(const HttpSink&) = delete;
    HttpSink& operator=(const HttpSink&) = delete;

    std::string url(const std::string& path = "/") const {
        return "http://127.0.0.1:" + std::to_string(socket_.address().port()) + path;
    }
    std::vector<Received> received() const {
        return received_.with([](const auto& all) { return all; });
    }

private:
    class Handler : public Poco::Net::HTTPRequestHandler {
    public:
        explicit Handler(HttpSink& sink) : sink_(sink) {}
        void handleRequest(
            Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response
        ) override {
            Received got;
            got.path = request.getURI();
            for (const auto& [name, value] : request) {
                std::string lower = name;
                for (char& c : lower) {
                    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                }
                got.headers[lower] = value;
            }
            Poco::StreamCopier::copyToString(request.stream(), got.body);
            sink_.received_.with([&](auto& all) { all.push_back(got); });
            const Said said = sink_.answer_(got);
            response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(said.status));
            for (const auto& [name, value] : said.headers) {
                response.set(name, value);
            }
            response.send() << said.body;
        }

    private:
        HttpSink& sink_;
    };
    class Factory : public Poco::Net::HTTPRequestHandlerFactory {
    public:
        explicit Factory(HttpSink& sink) : sink_(sink) {}
        Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&)
            override {
            return new Handler(sink_);
        }

    private:
        HttpSink& sink_;
    };

    const std::function<Said(const Received&)> answer_;
    Guarded<std::vector<Received>> received_;
    Poco::Net::ServerSocket socket_;
    Poco::Net::HTTPServer server_;
};

}  // namespace syncline::testing
