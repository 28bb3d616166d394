#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

Result<Response> answer(Result<Flow> flow) {
    if (!flow) {
        return std::move(flow).error();
    }
    return json_response(flow_json(*flow));
}

Response created(const Flow& flow) {
    Response response = json_response(flow_json(flow), 201);
    response.headers.emplace_back("Location", "/api/flows/" + flow.definition.name);
    return response;
}

// Flows are written with singular entities; the plural of the URLs is understood.
Result<FlowDefinition> definition(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(FlowDefinition definition, body_as<FlowDefinition>(request));
    definition.entity = entity_from_plural(definition.entity).value_or(definition.entity);
    return definition;
}

}  // namespace

Result<Response> list_flows(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, backend.stores.flows.list(request.actor.tenant));
    Json items = Json::array();
    for (const auto& flow : flows) {
        items.push_back(flow_json(flow));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> create_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const FlowDefinition wanted, definition(request));
    const auto flow = backend.flows.create(request.actor.tenant, wanted);
    if (!flow) {
        return as_request_error(flow.error());
    }
    return created(*flow);
}

Result<Response> show_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    return answer(backend.stores.flows.find(request.actor.tenant, request.at("name")));
}

Result<Response> replace_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(FlowDefinition wanted, definition(request));
    if (!wanted.name.empty() && wanted.name != request.at("name")) {
        return invalid(
            "/name: the address says '" + request.at("name").substr(0, 60) + "', found '" +
            wanted.name.substr(0, 60) + "'; a flow's name does not change"
        );
    }
    wanted.name = request.at("name");
    const auto replaced = backend.flows.replace(request.actor.tenant, wanted);
    if (!replaced) {
        return as_request_error(replaced.error());
    }
    return replaced->created ? created(replaced->flow) : json_response(flow_json(replaced->flow));
}

Result<Response> remove_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_RETURN_IF_ERROR(backend.flows.remove(request.actor.tenant, request.at("name")));
    return no_content();
}

Result<Response> pause_flow(Backend& backend, const Request& request) {
    return answer(backend.flows.pause(request.actor.tenant, request.at("name")));
}

Result<Response> resume_flow(Backend& backend, const Request& request) {
    return answer(backend.flows.resume(request.actor.tenant, request.at("name")));
}

Result<Response> stop_flow(Backend& backend, const Request& request) {
    return answer(backend.flows.stop(request.actor.tenant, request.at("name")));
}

}  // namespace syncline::api
