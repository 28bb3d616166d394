#include "api/definitions.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "api/sync_body.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kChangesShown = 20;

// What people change of a flow; that it failed or recovered is not among it.
Response with_etag(const Flow& flow, Response response) {
    set_etag(
        response,
        {flow.id.value, to_json(flow.definition), std::string(enum_name(flow.state)), flow.declared}
    );
    return response;
}

Response created(const Flow& flow) {
    Response response = json_response(flow_json(flow, {}), 201);
    response.headers.emplace_back("Location", "/api/flows/" + flow.definition.name);
    return with_etag(flow, std::move(response));
}

// Flows are written with singular entities; the plural of the URLs is understood.
Result<FlowDefinition> definition_of(const Json& json) {
    SYNCLINE_ASSIGN_OR_RETURN(auto definition, strict_from_json<FlowDefinition>(json));
    definition.entity = entity_from_plural(definition.entity).value_or(definition.entity);
    return definition;
}

Result<FlowDefinition> definition(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, body_object(request));
    return definition_of(json);
}

// The body of pause, resume, stop and restart: {} or {"reason": "..."}.
struct ReasonBody {
    std::string reason;

    static constexpr auto fields() { return std::make_tuple(field("reason", &ReasonBody::reason)); }
};

Result<storage::Cause> cause_of(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto body, body_as<ReasonBody>(request));
    return cause_with(request, body.reason);
}

Result<Json> shown(Backend& backend, const Flow& flow) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto failure, backend.stores.flow_changes.failure(flow.id));
    return flow_json(flow, failure);
}

Result<Response> answer(Backend& backend, Result<Flow> flow) {
    if (!flow) {
        return std::move(flow).error();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, shown(backend, *flow));
    return with_etag(*flow, json_response(json));
}

// Makes or changes the flow of the address as `wanted(flow before, if any)` says, which is asked in
// the unit of work of the change.
template <class Wanted>
Result<Response> change_definition(Backend& backend, const Request& request, const Wanted& wanted) {
    const TenantId tenant = request.actor.tenant;
    const auto replaced = change_definition(
        backend,
        request,
        "flow",
        [&](const std::string& name) { return backend.stores.flows.find(tenant, name); },
        wanted,
        [&](const FlowDefinition& definition) { return backend.flows.replace(tenant, definition); }
    );
    if (!replaced) {
        return as_request_error(replaced.error());
    }
    return replaced->created ? created(replaced->flow) : answer(backend, replaced->flow);
}

using StateChange =
    Result<Flow> (engine::FlowControl::*)(TenantId, const std::string&, const storage::Cause&);

Result<Response> change_state(
    Backend& backend, const Request& request, const char* event, StateChange change
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto cause, cause_of(request));
    const std::string& name = request.at("name");
    auto entry = audit_entry(backend, request, event, "flow " + name);
    entry.reason = cause.reason;
    return answer(backend, audited(backend, std::move(entry), [&](auto&) {
                      return (backend.flows.*change)(request.actor.tenant, name, cause);
                  }));
}

}  // namespace

Result<Response> list_flows(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"entity", "limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_parameter(request));
    SYNCLINE_ASSIGN_OR_RETURN(auto flows, backend.stores.flows.list(request.actor.tenant));
    std::erase_if(flows, [&](const Flow& flow) {
        return !entity.empty() && flow.definition.entity != entity;
    });
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, flows, [](const Flow& flow) {
                                  return flow.definition.name;
                              }));
    Json items = Json::array();
    for (const auto& flow : flows) {
        SYNCLINE_ASSIGN_OR_RETURN(Json item, shown(backend, flow));
        items.push_back(std::move(item));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> create_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const FlowDefinition wanted, definition(request));
    const auto flow = audited(
        backend,
        audit_entry(backend, request, "flow.created", "flow " + wanted.name),
        [&](auto& entry) {
            entry.detail["definition"] = to_json(wanted);
            return backend.flows.create(request.actor.tenant, wanted);
        }
    );
    if (!flow) {
        return as_request_error(flow.error());
    }
    return created(*flow);
}

Result<Response> show_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    return answer(backend, backend.stores.flows.find(request.actor.tenant, request.at("name")));
}

Result<Response> replace_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const FlowDefinition wanted, definition(request));
    return change_definition(backend, request, [&](const Result<Flow>&) {
        return Result<FlowDefinition>(wanted);
    });
}

Result<Response> patch_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json patch, body_object(request));
    return change_definition(backend, request, [&](const Result<Flow>& before) {
        return before ? definition_of(merged(to_json(before->definition), patch))
                      : Result<FlowDefinition>(before.error());
    });
}

Result<Response> remove_flow(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& name = request.at("name");
    SYNCLINE_RETURN_IF_ERROR(audited(
        backend,
        audit_entry(backend, request, "flow.removed", "flow " + name),
        [&](auto&) { return backend.flows.remove(request.actor.tenant, name); }
    ));
    return no_content();
}

Result<Response> show_flow_status(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const Flow flow, backend.stores.flows.find(request.actor.tenant, request.at("name"))
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto failure, backend.stores.flow_changes.failure(flow.id));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto changes, backend.stores.flow_changes.changes(flow.id, kChangesShown)
    );
    return json_response(flow_status_json(flow, failure, changes));
}

Result<Response> pause_flow(Backend& backend, const Request& request) {
    return change_state(backend, request, "flow.paused", &engine::FlowControl::pause);
}

Result<Response> resume_flow(Backend& backend, const Request& request) {
    return change_state(backend, request, "flow.resumed", &engine::FlowControl::resume);
}

Result<Response> stop_flow(Backend& backend, const Request& request) {
    return change_state(backend, request, "flow.stopped", &engine::FlowControl::stop);
}

Result<Response> restart_flow(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto cause, cause_of(request));
    // Its start may look at source and target first: the change itself is among the flow's own.
    auto entry = audit_entry(backend, request, "flow.restarted", "flow " + request.at("name"));
    entry.reason = cause.reason;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto started, backend.flows.restart(request.actor.tenant, request.at("name"), cause)
    );
    entry.detail["sync_id"] = started.sync_id;
    SYNCLINE_RETURN_IF_ERROR(backend.stores.audit.append(entry));
    return started_response(started);
}

}  // namespace syncline::api
