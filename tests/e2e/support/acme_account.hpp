// An Acme account over HTTP, as the SDK's template speaks to it: the orders it has, and the
// customers and invoices it is given.
#pragma once

#include <mutex>
#include <string>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/Timestamp.h>
#include <Poco/URI.h>
#include <nlohmann/json.hpp>

namespace syncline::test {

class AcmeAccount {
public:
    explicit AcmeAccount(nlohmann::json orders) : orders_(std::move(orders)) { server_.start(); }
    ~AcmeAccount() { server_.stopAll(true); }
    AcmeAccount(const AcmeAccount&) = delete;
    AcmeAccount& operator=(const AcmeAccount&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    nlohmann::json invoices() const {
        const std::lock_guard lock(mutex_);
        return invoices_;
    }

private:
    class Handler : public Poco::Net::HTTPRequestHandler {
    public:
        explicit Handler(AcmeAccount& account) : account_(account) {}
        void handleRequest(
            Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response
        ) override {
            std::string body;
            Poco::StreamCopier::copyToString(request.stream(), body);
            const auto answer = account_.answer(request.getMethod(), request.getURI(), body);
            if (answer.is_null()) {
                response.setStatus(Poco::Net::HTTPResponse::HTTP_NOT_FOUND);
            }
            response.setDate(Poco::Timestamp());
            response.setContentType("application/json");
            response.send() << answer.dump();
        }

    private:
        AcmeAccount& account_;
    };
    class Factory : public Poco::Net::HTTPRequestHandlerFactory {
    public:
        explicit Factory(AcmeAccount& account) : account_(account) {}
        Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&)
            override {
            return new Handler(account_);
        }

    private:
        AcmeAccount& account_;
    };

    nlohmann::json answer(
        const std::string& method, const std::string& target, const std::string& body
    ) {
        const std::lock_guard lock(mutex_);
        const Poco::URI uri(target);
        const std::string path = uri.getPath();
        if (path == "/api/account") {
            return {{"id", "acme-1"}, {"name", "Acme of the test"}, {"currency", "USD"}};
        }
        if (path == "/api/orders") {
            const bool first = target.find("after_id=&") != std::string::npos ||
                               target.find("after_id=") + 9 == target.size();
            return {{"orders", first ? orders_ : nlohmann::json::array()}, {"more", false}};
        }
        if (path != "/api/invoices" && path != "/api/customers") {
            return nullptr;
        }
        auto& list = path == "/api/invoices" ? invoices_ : customers_;
        if (method == "POST") {
            auto made = nlohmann::json::parse(body);
            made["id"] = std::to_string(list.size() + 1);
            made["version"] = 1;
            list.push_back(made);
            return made;
        }
        nlohmann::json items = nlohmann::json::array();
        for (const auto& [name, value] : uri.getQueryParameters()) {
            for (const auto& one : list) {
                if (one.value(name, "") == value) {
                    items.push_back(one);
                }
            }
        }
        return {{"items", items}};
    }

    mutable std::mutex mutex_;
    const nlohmann::json orders_;
    nlohmann::json invoices_ = nlohmann::json::array();
    nlohmann::json customers_ = nlohmann::json::array();
    Poco::Net::ServerSocket socket_{Poco::Net::SocketAddress("127.0.0.1", 0)};
    Poco::Net::HTTPServer server_{
        new Factory(*this),
        socket_,
        Poco::Net::HTTPServerParams::Ptr(new Poco::Net::HTTPServerParams)};
};

}  // namespace syncline::test
