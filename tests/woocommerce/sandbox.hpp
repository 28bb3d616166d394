// The simulated shop of syncline-sandbox, as a process of its own, spoken to over loopback HTTP.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <syncline/plugin/http.hpp>

namespace syncline::woocommerce::testing {

// One exchange over plain HTTP. "https://" is taken as a proxy in front of the shop would take it:
// TLS ends here.
inline Result<plugin::HttpResponse> exchange(const plugin::HttpRequest& request) {
    try {
        const Poco::URI uri(request.url);
        Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
        session.setTimeout(Poco::Timespan(20, 0));
        std::string target = request.url.substr(request.url.find('/', 8));
        Poco::Net::HTTPRequest sent(request.method, target, "HTTP/1.1");
        for (const auto& [name, value] : request.headers) {
            sent.set(name, value);
        }
        sent.setContentLength(static_cast<std::streamsize>(request.body.size()));
        session.sendRequest(sent) << request.body;
        Poco::Net::HTTPResponse received;
        std::istream& stream = session.receiveResponse(received);
        plugin::HttpResponse response;
        response.status = received.getStatus();
        Poco::StreamCopier::copyToString(stream, response.body);
        for (const auto& [name, value] : received) {
            response.headers.emplace_back(name, value);
        }
        return response;
    } catch (const Poco::Exception& error) {
        return Error{ErrorCode::kTransient, error.displayText(), "http.connect"};
    }
}

class Sandbox {
public:
    explicit Sandbox(const std::vector<std::string>& options = {})
        : handle_(Poco::Process::launch(
              std::string(SYNCLINE_BINARY_DIR) + "/bin/syncline-sandbox",
              options,
              nullptr,
              &output_,
              nullptr
          )) {
        Poco::PipeInputStream stream(output_);
        std::string line;
        std::getline(stream, line);
        const auto introduction = parse_json(line);
        if (!introduction) {
            throw std::runtime_error("syncline-sandbox did not start: " + line);
        }
        url_ = (*introduction)["url"].get<std::string>();
        keys_ = (*introduction)["platforms"]["woocommerce"]["keys"];
    }
    ~Sandbox() {
        Poco::Process::requestTermination(handle_.id());
        handle_.wait();
    }
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    const std::string& url() const { return url_; }
    // Of the key with these rights: "read_write", "read", "write".
    std::string key(const std::string& rights) const { return keys_[rights]["consumer_key"]; }
    std::string secret(const std::string& rights) const { return keys_[rights]["consumer_secret"]; }

    Json control(
        const std::string& method, const std::string& path, const Json& body = Json::object()
    ) {
        plugin::HttpRequest request;
        request.method = method;
        request.url = url_ + "/_sandbox" + path;
        request.json(body);
        const auto response = exchange(request);
        if (!response || !response->ok()) {
            throw std::runtime_error(
                method + " " + path + ": " + (response ? response->body : response.error().message)
            );
        }
        return response->json().value();
    }
    void shop(const Json& settings) { control("POST", "/woocommerce/shop", settings); }
    void fault(const std::string& path, const Json& action, const Json& times = 1) {
        control(
            "POST",
            "/faults",
            {{"platform", "woocommerce"}, {"path", path}, {"times", times}, {"action", action}}
        );
    }

private:
    Poco::Pipe output_;
    Poco::ProcessHandle handle_;
    std::string url_;
    Json keys_;
};

}  // namespace syncline::woocommerce::testing
