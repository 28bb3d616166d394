#include "api/http/surface.hpp"

#include <algorithm>

#include "api/http/etag.hpp"
#include "api/http/gzip.hpp"
#include "api/http/input.hpp"
#include "api/http/problem.hpp"
#include "core/log.hpp"
#include "core/trace_context.hpp"
#include "storage/alongside.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kTargetBytesMax = 4096;
constexpr std::int64_t kSpareThreads = 2;

bool allows(Access access, const Actor& actor) {
    const Role role = actor.role;
    switch (access) {
        case Access::kPublic:
        case Access::kViewer:
            return true;
        case Access::kOperator:
            return role >= Role::kOperator;
        case Access::kApprover:
            return role >= Role::kApprover;
        case Access::kAdmin:
            return role == Role::kAdmin;
        case Access::kInstallation:
            return role == Role::kAdmin && actor.installation;
    }
    return false;
}

Error not_allowed(Access access, const Actor& actor) {
    if (access == Access::kInstallation) {
        return Error{
            ErrorCode::kForbidden,
            "this needs an admin of the operator's own tenant (identity.admin_tenant)",
            "token.role"};
    }
    std::string needed;
    for (const Role role : {Role::kAdmin, Role::kApprover, Role::kOperator, Role::kViewer}) {
        Actor somebody;
        somebody.role = role;
        needed = allows(access, somebody) ? std::string(enum_name(role)) : needed;
    }
    return Error{
        ErrorCode::kForbidden,
        "this needs the role " + needed + "; the credential's is " +
            std::string(enum_name(actor.role)),
        "token.role"};
}

Result<void> check_allowed(const Route& route, const Actor& actor) {
    if (!allows(route.access, actor)) {
        return not_allowed(route.access, actor);
    }
    if (!scopes_allow(actor.scopes, route)) {
        return Error{
            ErrorCode::kForbidden,
            "this needs an API key with the scope " + std::string(area_of(route)) +
                (route.method == "GET" ? ":read" : ":write"),
            "token.scope"};
    }
    return {};
}

Error busy(const char* what) {
    return Error{ErrorCode::kStorage, what, kBusy, 0, std::chrono::seconds(2)};
}

Response wrong_method(const Request& request, const Match& match) {
    std::string allowed;
    for (const auto method : match.methods) {
        allowed += (allowed.empty() ? "" : ", ") + std::string(method);
    }
    Response response = problem(
        Error{
            ErrorCode::kInvalid,
            "this address takes " + allowed + ", not " + request.method.substr(0, 20),
            kMethod},
        request.id
    );
    response.headers.emplace_back("Allow", allowed);
    return response;
}

std::string media_type(const std::string& content_type) {
    std::string type = content_type.substr(0, content_type.find(';'));
    type.erase(type.find_last_not_of(' ') + 1);
    std::transform(type.begin(), type.end(), type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return type;
}

// RFC 7396 and plain JSON are the same text.
bool is_taken(const Request& request) {
    const std::string type = media_type(request.content_type);
    return type == "application/json" ||
           (request.method == "PATCH" && type == "application/merge-patch+json");
}

Result<void> check_body(const Request& request) {
    if (request.broken) {
        return *request.broken;
    }
    if (!request.body.empty() && !is_taken(request)) {
        return Error{
            ErrorCode::kInvalid,
            std::string("the body must be application/json") +
                (request.method == "PATCH" ? " or application/merge-patch+json" : "") +
                ", found '" + request.content_type.substr(0, 60) + "'",
            kMediaType};
    }
    return {};
}

// The asker's trace, or one that begins here.
TraceContext trace_of(const Request& request) {
    const auto parent = parse_traceparent(header_of(request, "traceparent"));
    return parent ? child_of(*parent) : new_trace();
}

void log_request(
    const Request& request,
    const Route* route,
    const Response& response,
    std::chrono::steady_clock::duration took
) {
    const bool quiet = response.status < 400 && request.method == "GET";
    const log::Level level = response.status >= 500 ? log::Level::kError
                             : quiet                ? log::Level::kDebug
                                                    : log::Level::kInfo;
    if (!log::enabled(level)) {
        return;
    }
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    log::write(
        level,
        "request",
        {{"method", request.method},
         {"route", route == nullptr ? "(none)" : route->path},
         {"status", response.status},
         {"ms", ms},
         {"bytes", response.body.size()},
         {"tenant", request.actor.tenant_name},
         {"by", request.actor.subject},
         {"via", request.actor.credential},
         {"request", request.id}}
    );
}

}  // namespace

Surface::Surface(
    Backend& backend,
    const std::vector<Route>& routes,
    storage::Key token_key,
    const ApiConfig& config,
    const IdentityConfig& identity,
    const FetchKeys& fetch
)
    : backend_(backend),
      routes_(routes),
      authenticator_(backend.stores, backend.clock, std::move(token_key), identity, fetch),
      requests_(config.threads - kSpareThreads, config.threads - kSpareThreads),
      limits_(config.requests_per_minute_per_tenant, config.requests_per_minute_per_credential),
      idempotency_(backend.stores.database, backend.stores.vault, backend.clock) {}

Response Surface::handle(Request request) {
    const auto started = std::chrono::steady_clock::now();
    const TraceScope traced(trace_of(request));
    const Route* route = nullptr;
    Result<Response> answered = [&]() -> Result<Response> {
        try {
            return answer(request, route);
        } catch (const std::exception& e) {
            return Error{ErrorCode::kBug, e.what(), "request.exception"};
        }
    }();
    if (!answered && status_of(answered.error()) == 500) {
        log::error(
            "a request met a bug",
            {{"request", request.id},
             {"code", answered.error().name},
             {"reason", answered.error().message}}
        );
    }
    Response response = answered ? std::move(*answered) : problem(answered.error(), request.id);
    for (auto& header : request.answer_headers) {
        response.headers.push_back(std::move(header));
    }
    compress(request, response);
    response.headers.emplace_back("X-Request-Id", request.id);
    response.headers.emplace_back("traceparent", current_trace()->header());
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    log_request(request, route, response, std::chrono::steady_clock::now() - started);
    return response;
}

Result<Response> Surface::answer(Request& request, const Route*& route) {
    if (request.method.empty()) {
        return request.broken.value_or(invalid("this is no request"));
    }
    if (request.target.size() > kTargetBytesMax) {
        return invalid("the address is longer than 4096 characters");
    }
    const std::size_t question = std::min(request.target.find('?'), request.target.size());
    const std::string path = request.target.substr(0, question);
    const std::string query = request.target.substr(std::min(question + 1, request.target.size()));
    SYNCLINE_ASSIGN_OR_RETURN(Match match, match_route(routes_, request.method, path));
    if (match.methods.empty()) {
        return Error{ErrorCode::kNotFound, "there is nothing at " + path.substr(0, 100), {}};
    }
    if (match.route == nullptr) {
        return wrong_method(request, match);
    }
    route = match.route;
    request.path = std::move(match.path);
    SYNCLINE_ASSIGN_OR_RETURN(request.query, parse_query(query));
    if (route->access == Access::kPublic) {
        return route->handler(backend_, request);
    }
    const auto place = requests_.take(TenantId{});
    if (!place) {
        return busy("the host serves as many requests as it can; try again");
    }
    SYNCLINE_ASSIGN_OR_RETURN(request.actor, authenticator_.authenticate(request));
    SYNCLINE_RETURN_IF_ERROR(
        limits_.take(request.actor, backend_.clock.now().ms, request.answer_headers)
    );
    SYNCLINE_RETURN_IF_ERROR(check_allowed(*route, request.actor));
    SYNCLINE_RETURN_IF_ERROR(check_body(request));
    if (route->method != "GET") {
        return carry_out(request, *route);
    }
    SYNCLINE_ASSIGN_OR_RETURN(Response response, route->handler(backend_, request));
    leave_out_known(request, response);
    return response;
}

// What the request is conditional on, and that it was made, are one with its first effect.
Result<Response> Surface::carry_out(const Request& request, const Route& route) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto wanted, Precondition::of(request, route, routes_));
    const auto once = [&](const Idempotency::Begin& begin) -> Result<Response> {
        const auto check = [&] { return wanted.check(backend_); };
        if (wanted.given()) {
            SYNCLINE_RETURN_IF_ERROR(check());  // before anybody waits for a platform
        }
        const storage::Alongside alongside(
            backend_.stores.database,
            wanted.given() ? [&](storage::Sql&) { return check(); } : storage::Alongside::Work(),
            begin
        );
        try {
            return route.handler(backend_, request);
        } catch (const std::exception& e) {
            return Error{ErrorCode::kBug, e.what(), "request.exception"};
        }
    };
    return idempotency_.once(request, once);
}

Result<Slots::Taken> connector_place(Backend& backend, TenantId tenant) {
    auto place = backend.connector_calls.take(tenant);
    if (!place) {
        return busy("as many previews and tests as allowed are under way; try again");
    }
    return std::move(*place);
}

}  // namespace syncline::api
