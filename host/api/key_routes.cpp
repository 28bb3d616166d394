// The keys that seal what rests, for the admins of the installation.
#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/key_views.hpp"
#include "api/routes.hpp"

namespace syncline::api {

Result<Response> show_keys(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto overview, backend.keys.overview());
    return json_response(key_overview_json(overview));
}

Result<Response> rotate_keys(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, body_object(request));
    if (!body.empty()) {
        return invalid("/" + body.begin().key() + ": a rotation takes no settings");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rotation, backend.keys.begin(audit_actor(request)));
    Response response = json_response(key_rotation_json(rotation), 202);
    response.headers.emplace_back("Location", "/api/keys/rotations/" + std::to_string(rotation.id));
    return response;
}

Result<Response> show_key_rotation(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t id, row_number(request.at("id"), "key rotation"));
    SYNCLINE_ASSIGN_OR_RETURN(const auto rotation, backend.keys.by_id(id));
    return json_response(key_rotation_json(rotation));
}

}  // namespace syncline::api
