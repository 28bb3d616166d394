// Everything that happens once around all handlers: finding the route, authentication, limits,
// conditions, repeated requests, errors as problem documents, one log line per request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/api_config.hpp"
#include "api/backend.hpp"
#include "api/http/authenticator.hpp"
#include "api/http/idempotency.hpp"
#include "api/http/request_limits.hpp"
#include "api/http/route.hpp"

namespace syncline::api {

class Surface {
public:
    Surface(
        Backend& backend,
        const std::vector<Route>& routes,
        storage::Key token_key,
        const ApiConfig& config,
        const IdentityConfig& identity = {},
        const FetchKeys& fetch = {}
    );

    // Never throws; an error becomes its problem document. [any thread, several at once]
    Response handle(Request request);

private:
    Result<Response> answer(Request& request, const Route*& route);
    Result<Response> carry_out(const Request& request, const Route& route);

    Backend& backend_;
    const std::vector<Route>& routes_;
    Authenticator authenticator_;
    // Threads are left over for those who only look whether the host is alive.
    Slots requests_;
    RequestLimits limits_;
    Idempotency idempotency_;
};

}  // namespace syncline::api
