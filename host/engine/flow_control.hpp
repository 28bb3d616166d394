// What the API and the command line can do with flows: define, change, remove, pause, resume, stop,
// restart. Everything is within one tenant. [any thread]
#pragma once

#include <functional>
#include <string>

#include "core/clock.hpp"
#include "engine/restarts.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class FlowControl {
public:
    FlowControl(Stores& stores, Restarts& restarts, const Clock& clock, std::function<void()> wake)
        : stores_(stores), restarts_(restarts), clock_(clock), wake_(std::move(wake)) {}

    // Errors: kExists when there is a flow of that name; kInvalid and kNotFound as FlowStore::put
    // and check_flow_mapping().
    Result<Flow> create(TenantId tenant, const FlowDefinition& definition);

    struct Replaced {
        Flow flow;
        bool created = false;
    };
    // Makes the flow or replaces its definition. Errors: kExists (managed_by_config; other entity,
    // source or target).
    Result<Replaced> replace(TenantId tenant, const FlowDefinition& definition);

    // With its cursor and its jobs. Errors: kExists (managed_by_config; a run is open).
    Result<void> remove(TenantId tenant, const std::string& name);

    // Each of the following is noted with its cause.

    // No run starts and nothing is delivered until it is resumed; a run under way reads on and
    // waits.
    Result<Flow> pause(TenantId tenant, const std::string& name, const storage::Cause& cause);
    // Back to work, with the jobs that waited.
    Result<Flow> resume(TenantId tenant, const std::string& name, const storage::Cause& cause);
    // As pause; runs under way end. Errors: kExists managed_by_config.
    Result<Flow> stop(TenantId tenant, const std::string& name, const storage::Cause& cause);
    // The run that failed once more, now. Errors: kExists flow.not_failed; as SyncControl::start.
    Result<StartedSync> restart(
        TenantId tenant, const std::string& name, const storage::Cause& cause
    );

private:
    Result<Flow> set_state(
        TenantId tenant, const std::string& name, FlowState state, const storage::Cause& cause
    );

    Stores& stores_;
    Restarts& restarts_;
    const Clock& clock_;
    const std::function<void()> wake_;
};

}  // namespace syncline::engine
