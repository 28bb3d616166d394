#include "cli/host_client.hpp"

#include <memory>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

namespace syncline::cli {
namespace {

namespace net = Poco::Net;

// A preview waits for two platforms.
constexpr int kTimeoutS = 300;

std::unique_ptr<net::HTTPClientSession> session(
    const std::string& host, std::uint16_t port, bool tls
) {
    if (!tls) {
        return std::make_unique<net::HTTPClientSession>(host, port);
    }
    const net::Context::Ptr context =
        new net::Context(net::Context::TLS_CLIENT_USE, "", net::Context::VERIFY_RELAXED, 9, true);
    return std::make_unique<net::HTTPSClientSession>(host, port, context);
}

std::string lines_of(const Json& problem) {
    std::string lines;
    for (const auto& error : problem.value("errors", Json::array())) {
        const std::string place = error.contains("parameter")
                                      ? "?" + error.value("parameter", std::string())
                                      : error.value("pointer", std::string());
        lines += "\n  " + place + ": " + error.value("detail", std::string());
    }
    const Json difference = problem.value("difference", Json::object());
    for (const auto& change : difference.value("records", Json::array())) {
        lines += "\n  " + change.value("change", std::string()) + ": " +
                 change.value("flow", std::string()) + " " +
                 change.value("source_id", std::string());
    }
    return lines;
}

Error refused(int status, const std::string& reason, const std::string& text) {
    const auto problem = parse_json(text);
    const bool readable = problem && problem->is_object() && problem->contains("detail");
    std::string message = readable ? problem->value("detail", std::string()) + lines_of(*problem)
                                   : std::to_string(status) + " " + reason;
    if (status == 401) {
        message += " (it is taken from SYNCLINE_TOKEN or --token-file)";
    }
    return Error{
        ErrorCode::kInvalid,
        std::move(message),
        readable ? problem->value("type", std::string()) : std::string(),
        status};
}

}  // namespace

std::string encoded(const std::string& text) {
    std::string result;
    Poco::URI::encode(text, "!?#/'\",;:$&()[]*+=@", result);
    return result;
}

Result<HostClient> HostClient::make(const std::string& url, std::string token) {
    try {
        const Poco::URI uri(url);
        if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty()) {
            return Error{
                ErrorCode::kConfig,
                "'" + url.substr(0, 80) + "' is no address of a host (as http://127.0.0.1:8923)"};
        }
        HostClient client;
        client.url_ = url;
        client.host_ = uri.getHost();
        client.port_ = uri.getPort();
        client.tls_ = uri.getScheme() == "https";
        client.base_ = uri.getPath() == "/" ? "" : uri.getPath();
        client.token_ = std::move(token);
        return client;
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::kConfig, "'" + url.substr(0, 80) + "' is no URL"};
    }
}

Result<std::string> HostClient::call(
    const std::string& method, const std::string& path, const std::string& body
) const {
    try {
        const auto to = session(host_, port_, tls_);
        to->setTimeout(Poco::Timespan(10, 0), Poco::Timespan(30, 0), Poco::Timespan(kTimeoutS, 0));
        net::HTTPRequest request(method, base_ + path, net::HTTPMessage::HTTP_1_1);
        if (!token_.empty()) {
            request.set("Authorization", "Bearer " + token_);
        }
        if (!body.empty()) {
            request.setContentType("application/json");
        }
        if (method != "GET") {
            request.setContentLength64(static_cast<std::int64_t>(body.size()));
        }
        to->sendRequest(request) << body;
        net::HTTPResponse response;
        std::string text;
        Poco::StreamCopier::copyToString(to->receiveResponse(response), text);
        const int status = response.getStatus();
        if (status < 200 || status > 299) {
            return refused(status, response.getReason(), text);
        }
        return text;
    } catch (const Poco::Exception& e) {
        return Error{
            ErrorCode::kTransient,
            "no host answers at " + url_ + " (" + e.displayText() +
                "); start one with `syncline serve`, or give its address with --url or "
                "SYNCLINE_URL"};
    }
}

Result<std::string> HostClient::get_text(const std::string& path) const {
    return call("GET", path, "");
}

Result<Json> HostClient::get(const std::string& path) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, call("GET", path, ""));
    return parse_json(text);
}

Result<Json> HostClient::get_all(const std::string& path) const {
    SYNCLINE_ASSIGN_OR_RETURN(Json all, get(path));
    Json cursor = all.value("next_cursor", Json());
    while (cursor.is_string()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json page, get(path + "?cursor=" + encoded(cursor.get<std::string>()))
        );
        for (const auto& item : page.value("items", Json::array())) {
            all["items"].push_back(item);
        }
        cursor = page.value("next_cursor", Json());
    }
    all.erase("next_cursor");
    return all;
}

Result<Json> HostClient::post(const std::string& path, const Json& body) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, call("POST", path, dump_json(body)));
    return parse_json(text);
}

Result<void> HostClient::remove(const std::string& path) const {
    SYNCLINE_RETURN_IF_ERROR(call("DELETE", path, ""));
    return {};
}

Result<Json> HostClient::reset(const std::string& path) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, call("DELETE", path, ""));
    return parse_json(text);
}

Result<Json> HostClient::patch(const std::string& path, const Json& body) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, call("PATCH", path, dump_json(body)));
    return parse_json(text);
}

Result<Json> HostClient::put(const std::string& path, const Json& body) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, call("PUT", path, dump_json(body)));
    return parse_json(text);
}

}  // namespace syncline::cli
