// A row of the route table, and which row a request means. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.hpp"

namespace syncline::api {

struct Backend;

// What a caller must be; kPublic needs no credential, kInstallation is an admin of the operator's
// own tenant (identity.admin_tenant).
enum class Access { kPublic, kViewer, kOperator, kApprover, kAdmin, kInstallation };

// Handlers run on any of the server's threads, several at once.
using Handler = Result<Response> (*)(Backend& backend, const Request& request);

struct Route {
    std::string_view method;
    std::string_view path;  // "/api/flows/{name}": a segment in braces takes any text
    Access access;
    Handler handler;
    std::string_view summary;
};

// What an API key's scope must name: the area of the row and what is done there, as "flows:write".
// "flows:write" is enough to read, too.
std::string_view area_of(const Route& route);
bool scopes_allow(const std::vector<std::string>& scopes, const Route& route);
// Those of `scopes` that no row of the table asks for: "/scopes/1: ...".
std::vector<std::string> scope_problems(
    const std::vector<std::string>& scopes, const std::vector<Route>& routes
);

struct Match {
    const Route* route = nullptr;             // nullptr: no row with this path and method
    std::map<std::string, std::string> path;  // parameters, decoded
    std::vector<std::string_view> methods;    // those that rows with this path have
};

// Among rows whose path fits, the one with the earlier literal segment wins ("/api/sync/status"
// over
// "/api/sync/{entity}"). Errors: kInvalid for a path that is not properly encoded.
Result<Match> match_route(
    const std::vector<Route>& routes, std::string_view method, std::string_view path
);

// Errors: kInvalid for a malformed or repeated parameter ("?name: ...").
Result<std::map<std::string, std::string>> parse_query(std::string_view query);

// Nothing when an escape is malformed or stands for a control character.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);

}  // namespace syncline::api
