// Everything that happens once around all handlers: finding the route, authentication, limits,
// errors as problem documents, one log line per request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/api_config.hpp"
#include "api/backend.hpp"
#include "api/http/route.hpp"
#include "storage/seal.hpp"

namespace syncline::api {

class Surface {
public:
    Surface(
        Backend& backend,
        const std::vector<Route>& routes,
        storage::Key token_key,
        const ApiConfig& config
    );

    // Never throws; an error becomes its problem document. [any thread, several at once]
    Response handle(Request request);

private:
    Result<Response> answer(Request& request, const Route*& route);
    Result<Actor> authenticate(const Request& request) const;

    Backend& backend_;
    const std::vector<Route>& routes_;
    const storage::Key token_key_;
    // Threads are left over for those who only look whether the host is alive.
    Slots requests_;
};

}  // namespace syncline::api
