// A request and an answer as the handlers see them: values, without a socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <syncline/json.hpp>

#include "api/http/bearer_token.hpp"
#include "api/http/stream.hpp"
#include "core/ids.hpp"

namespace syncline::api {

// Who asks; the tenant comes from the verified credential only.
struct Actor {
    std::string subject;
    TenantId tenant;
    std::string tenant_name;
    Role role = Role::kViewer;
    std::string credential;           // which one, without its secret: "key slk_4f0c9a1be2d7"
    std::vector<std::string> scopes;  // of an API key; empty: all that the role may do
    bool installation = false;        // may administer the whole installation
};

struct Request {
    std::string method;    // "GET"; of a HEAD too; empty: no request, `broken` says why
    bool to_head = false;  // it is a HEAD
    std::string target;    // path and query, as sent
    std::string authorization;
    std::string content_type;
    std::string accept;
    std::string address;  // of the client
    std::string id;       // X-Request-Id: the client's if it is fit for a log line, else ours
    std::string body;     // at most ApiConfig::body_bytes_max
    std::optional<Error> broken;  // why it, or its body, could not be taken
    std::vector<std::pair<std::string, std::string>> headers;  // all of them, as sent

    // Set on the way to the handler.
    Actor actor;
    std::map<std::string, std::string> path;   // by name in the route's template, decoded
    std::map<std::string, std::string> query;  // decoded
    // For the answer, whatever it is.
    std::vector<std::pair<std::string, std::string>> answer_headers;

    // A path parameter of the matched route.
    const std::string& at(const std::string& name) const { return path.at(name); }
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    // Of an answer to anything but GET: it holds nothing secret, and may be large (gzip.hpp).
    bool may_compress = false;
    // Gets the connection once the head is under way; then the body is what it sends. [once]
    std::function<void(std::shared_ptr<Stream>)> stream = {};
};

inline Response json_response(const Json& json, int status = 200) {
    return {status, "application/json", dump_json(json), {}};
}
inline Response no_content() {
    return {204, "", "", {}};
}

}  // namespace syncline::api
