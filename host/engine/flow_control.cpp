#include "engine/flow_control.hpp"

#include "engine/connection_control.hpp"
#include "engine/flow_mapping.hpp"

namespace syncline::engine {
namespace {

Error managed(const std::string& name) {
    return managed_by_config("the flow '" + name + "'");
}

bool is_unknown(const Error& error) {
    return error.code == ErrorCode::kNotFound;
}

}  // namespace

Result<Flow> FlowControl::create(TenantId tenant, const FlowDefinition& definition) {
    const auto before = stores_.flows.find(tenant, definition.name);
    if (before) {
        return Error{
            ErrorCode::kExists,
            "/name: there is a flow '" + definition.name + "' already; PUT /api/flows/" +
                definition.name + " changes it",
            "flow.exists"};
    }
    if (!is_unknown(before.error())) {
        return before.error();
    }
    SYNCLINE_RETURN_IF_ERROR(check_flow_mapping(stores_, tenant, definition));
    return stores_.flows.put(tenant, definition, false, clock_.now().ms);
}

Result<FlowControl::Replaced> FlowControl::replace(
    TenantId tenant, const FlowDefinition& definition
) {
    const auto before = stores_.flows.find(tenant, definition.name);
    if (before && before->declared) {
        return managed(definition.name);
    }
    if (!before && !is_unknown(before.error())) {
        return before.error();
    }
    SYNCLINE_RETURN_IF_ERROR(check_flow_mapping(stores_, tenant, definition));
    SYNCLINE_ASSIGN_OR_RETURN(
        Flow flow, stores_.flows.put(tenant, definition, false, clock_.now().ms)
    );
    return Replaced{std::move(flow), !before.has_value()};
}

Result<void> FlowControl::remove(TenantId tenant, const std::string& name) {
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.find(tenant, name));
    if (flow.declared) {
        return managed(name);
    }
    return stores_.flows.remove(flow.id);
}

Result<Flow> FlowControl::set_state(
    TenantId tenant, const std::string& name, FlowState state, const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(Flow flow, stores_.flows.find(tenant, name));
    SYNCLINE_RETURN_IF_ERROR(stores_.flow_changes.set_state(flow.id, state, cause, clock_.now().ms)
    );
    flow.state = state;
    return flow;
}

Result<Flow> FlowControl::pause(
    TenantId tenant, const std::string& name, const storage::Cause& cause
) {
    return set_state(tenant, name, FlowState::kPaused, cause);
}

Result<Flow> FlowControl::resume(
    TenantId tenant, const std::string& name, const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(Flow flow, set_state(tenant, name, FlowState::kRunning, cause));
    SYNCLINE_RETURN_IF_ERROR(stores_.jobs.unpark_flow(flow.id, clock_.now().ms));
    wake_();
    return flow;
}

Result<StartedSync> FlowControl::restart(
    TenantId tenant, const std::string& name, const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.find(tenant, name));
    SYNCLINE_ASSIGN_OR_RETURN(const auto failure, stores_.flow_changes.failure(flow.id));
    if (!failure || !failure->open()) {
        return Error{
            ErrorCode::kExists,
            "the flow '" + name + "' has not failed; POST /api/sync/" +
                plural_of(flow.definition.entity) + " starts a run of it",
            "flow.not_failed"};
    }
    return restarts_.restart(*failure, cause);
}

Result<Flow> FlowControl::stop(
    TenantId tenant, const std::string& name, const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Flow before, stores_.flows.find(tenant, name));
    if (before.declared) {
        return managed(name);
    }
    SYNCLINE_ASSIGN_OR_RETURN(Flow flow, set_state(tenant, name, FlowState::kStopped, cause));
    SYNCLINE_ASSIGN_OR_RETURN(const auto runs, stores_.runs.open_runs());
    for (const auto& run : runs) {
        if (run.flow != flow.id) {
            continue;
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.runs.request_stop(run.id));
        if (run.collect_ended) {
            SYNCLINE_RETURN_IF_ERROR(stores_.jobs.park_run(run.id, clock_.now().ms));
        }
    }
    wake_();
    return flow;
}

}  // namespace syncline::engine
