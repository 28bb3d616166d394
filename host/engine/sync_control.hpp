// What the API and the command line can do with syncs: start, follow, stop, preview. Everything is
// within one tenant.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/approval.hpp"
#include "engine/connection_pool.hpp"
#include "engine/dispatcher.hpp"
#include "engine/preview.hpp"

namespace syncline::engine {

struct StartRequest {
    std::string entity;            // singular; may be empty when there is a flow
    std::string flow;              // empty: every enabled flow of the entity
    std::optional<SyncMode> mode;  // absent: the flow's
    storage::RunOptions options;
    std::string requested_by;
    Starter starter = Starter::kApi;
    bool let_through = false;  // it repeats a run that was allowed to start
    // Of an entity: leave out flows that are paused or stopped, instead of refusing.
    bool running_flows_only = false;
    // Done in the unit of work that makes the runs; an error of it leaves nothing behind.
    std::function<Result<void>(storage::Sql&, const std::string& sync_id)> also;
    // Set: a look at the source before the start ends soon, with kCancelled.
    const std::atomic<bool>* stop = nullptr;
};

struct StartedSync {
    std::string sync_id;
    std::vector<storage::Run> runs;
};

class SyncControl {
public:
    SyncControl(Stores& stores, Preview& preview, const Clock& clock, std::function<void()> wake)
        : stores_(stores),
          preview_(preview),
          approval_(stores, preview),
          clock_(clock),
          wake_(std::move(wake)) {}

    // Errors: kNotFound (no such flow, no enabled flow of the entity), kExists (flow.busy, flow
    // paused, approval.required), kInvalid (mode without what it needs); of source and target when
    // a flow's policy wants the run looked at first. A run that was looked at writes what its plan
    // has, as one that was confirmed does.
    Result<StartedSync> start(TenantId tenant, const StartRequest& request);

    // Whether start() asks source and target before it answers.
    Result<bool> asks_connectors(TenantId tenant, const StartRequest& request) const;
    // The errors of start() that need no look at the source.
    Result<void> check_startable(TenantId tenant, const StartRequest& request) const;
    ApprovalGate& approval() { return approval_; }

    // The plans of the flows the request means. Reads at most `limit` records each; writes nothing
    // anywhere, but asks the target what it has.
    Result<std::vector<FlowPlan>> dry_run(
        TenantId tenant, const StartRequest& request, std::int64_t limit
    );

    Result<std::vector<storage::Run>> status(TenantId tenant, const std::string& sync_id) const;
    // Asks the open runs of the sync to stop. Errors: kNotFound; kExists when they have ended.
    Result<void> stop(TenantId tenant, const std::string& sync_id);

private:
    Result<std::vector<Flow>> flows_of(TenantId tenant, const StartRequest& request) const;
    // The runs that were looked at write what was seen.
    void hold_to_plans(storage::Sql& sql, StartedSync& started, const std::vector<FlowPlan>& plans);

    Stores& stores_;
    Preview& preview_;
    ApprovalGate approval_;
    const Clock& clock_;
    const std::function<void()> wake_;
};

// The status of several runs as one: running before failed before partial before stopped before
// completed.
storage::RunStatus combined_status(const std::vector<storage::Run>& runs);

}  // namespace syncline::engine
