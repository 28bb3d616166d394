#include "api/backend.hpp"
#include "api/routes.hpp"

namespace syncline::api {

Result<Response> show_alive(Backend& backend, const Request&) {
    return json_response({{"status", "ok"}, {"version", backend.version}});
}

Result<Response> show_ready(Backend& backend, const Request&) {
    const auto ready = backend.ready();
    if (!ready) {
        return json_response({{"status", "not ready"}, {"reason", ready.error().message}}, 503);
    }
    return json_response({{"status", "ok"}});
}

// The two members that operators of Kafka Connect look for (KIP-1017).
Result<Response> show_health(Backend& backend, const Request&) {
    const auto ready = backend.ready();
    if (!ready) {
        return json_response({{"status", "unhealthy"}, {"message", ready.error().message}}, 503);
    }
    return json_response({{"status", "healthy"}, {"message", "The host is up and takes requests."}}
    );
}

}  // namespace syncline::api
