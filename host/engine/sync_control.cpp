#include "engine/sync_control.hpp"

#include <algorithm>

#include "core/sha256.hpp"

namespace syncline::engine {
namespace {

Result<RunId> new_run_id(Timestamp now) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, storage::random_bytes(10));
    std::array<std::uint8_t, 10> random{};
    std::transform(bytes.begin(), bytes.end(), random.begin(), [](char c) {
        return static_cast<std::uint8_t>(c);
    });
    return uuid_v7(now, random);
}

Result<void> check_mode(SyncMode mode, const storage::RunOptions& options) {
    if (mode == SyncMode::kIds && options.ids.empty()) {
        return invalid("/ids: mode 'ids' needs the ids to read");
    }
    if (mode != SyncMode::kIds && !options.ids.empty()) {
        return invalid("/ids: only mode 'ids' takes ids");
    }
    if (mode != SyncMode::kBackfill && (options.from || options.to)) {
        return invalid(
            std::string(options.from ? "/from" : "/to") + ": only mode 'backfill' takes it"
        );
    }
    if (mode == SyncMode::kBackfill && !options.from) {
        return invalid("/from: mode 'backfill' needs the time from which to read");
    }
    if (options.batch_size < 0 || options.batch_size > 10'000) {
        return invalid("/batch_size: expected 1 to 10000");
    }
    return {};
}

Result<void> check_runs(const Flow& flow) {
    if (flow.state != FlowState::kRunning) {
        return Error{
            ErrorCode::kExists,
            "the flow '" + flow.definition.name + "' is " + std::string(enum_name(flow.state)) +
                "; resume it first",
            "flow.not_running"};
    }
    return {};
}

}  // namespace

storage::RunStatus combined_status(const std::vector<storage::Run>& runs) {
    using storage::RunStatus;
    for (const RunStatus status :
         {RunStatus::kRunning,
          RunStatus::kQueued,
          RunStatus::kFailed,
          RunStatus::kPartial,
          RunStatus::kStopped}) {
        if (std::any_of(runs.begin(), runs.end(), [&](const auto& run) {
                return run.status == status;
            })) {
            return status;
        }
    }
    return RunStatus::kCompleted;
}

Result<std::vector<Flow>> SyncControl::flows_of(TenantId tenant, const StartRequest& request)
    const {
    if (!request.flow.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.find(tenant, request.flow));
        if (!request.entity.empty() && flow.definition.entity != request.entity) {
            return invalid(
                "/flow: '" + request.flow + "' is a flow of " + plural_of(flow.definition.entity) +
                ", not of " + plural_of(request.entity)
            );
        }
        return std::vector<Flow>{flow};
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto flows, stores_.flows.list(tenant));
    flows.erase(
        std::remove_if(
            flows.begin(),
            flows.end(),
            [&](const Flow& flow) {
                return !flow.definition.enabled || flow.definition.entity != request.entity ||
                       (request.running_flows_only && flow.state != FlowState::kRunning);
            }
        ),
        flows.end()
    );
    if (flows.empty()) {
        return Error{
            ErrorCode::kNotFound,
            "there is no enabled flow of " + plural_of(request.entity) +
                "; make one with POST /api/flows",
            "flow.none"};
    }
    return flows;
}

Result<bool> SyncControl::asks_connectors(TenantId tenant, const StartRequest& request) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, flows_of(tenant, request));
    return std::any_of(flows.begin(), flows.end(), [&](const Flow& flow) {
        return !flow.definition.approval.exempts(request.starter);
    });
}

Result<void> SyncControl::check_startable(TenantId tenant, const StartRequest& request) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, flows_of(tenant, request));
    for (const auto& flow : flows) {
        SYNCLINE_RETURN_IF_ERROR(check_runs(flow));
        SYNCLINE_RETURN_IF_ERROR(
            check_mode(request.mode.value_or(flow.definition.mode), request.options)
        );
        SYNCLINE_RETURN_IF_ERROR(stores_.runs.check_idle(flow.id, flow.definition.name));
    }
    return {};
}

Result<StartedSync> SyncControl::start(TenantId tenant, const StartRequest& request) {
    SYNCLINE_RETURN_IF_ERROR(check_startable(tenant, request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, flows_of(tenant, request));
    StartedSync started;
    std::vector<FlowPlan> looked_at;
    for (const auto& flow : flows) {
        storage::Run run;
        run.mode = request.mode.value_or(flow.definition.mode);
        if (request.options.confirmation == 0 && !request.let_through) {
            SYNCLINE_ASSIGN_OR_RETURN(
                auto plan,
                approval_.check(flow, run.mode, request.options, request.starter, request.stop)
            );
            if (plan) {
                looked_at.push_back(std::move(*plan));
            }
        }
        SYNCLINE_ASSIGN_OR_RETURN(run.id, new_run_id(clock_.now()));
        run.tenant = tenant;
        run.flow = flow.id;
        run.flow_name = flow.definition.name;
        run.entity = flow.definition.entity;
        run.options = request.options;
        run.requested_by = request.requested_by;
        run.created_at_ms = clock_.now().ms;
        started.runs.push_back(std::move(run));
    }
    started.sync_id = started.runs.front().id;
    for (auto& run : started.runs) {
        run.sync_id = started.sync_id;
    }
    SYNCLINE_RETURN_IF_ERROR(stores_.runs.create(
        started.runs,
        [&](storage::Sql& sql) -> Result<void> {
            if (request.also) {
                SYNCLINE_RETURN_IF_ERROR(request.also(sql, started.sync_id));
            }
            hold_to_plans(sql, started, looked_at);
            return {};
        }
    ));
    wake_();
    return started;
}

void SyncControl::hold_to_plans(
    storage::Sql& sql, StartedSync& started, const std::vector<FlowPlan>& plans
) {
    if (plans.empty()) {
        return;
    }
    const storage::Run& first = started.runs.front();
    storage::Confirmation seen;
    seen.tenant = first.tenant;
    seen.subject = first.requested_by;
    seen.request = "{}";
    seen.created_at_ms = first.created_at_ms;
    seen.expires_at_ms = first.created_at_ms;
    seen.used_at_ms = first.created_at_ms;
    seen.sync_id = started.sync_id;
    const std::int64_t id = stores_.confirmations.put_used(sql, seen, planned_writes(plans));
    for (auto& run : started.runs) {
        const bool looked_at = std::any_of(plans.begin(), plans.end(), [&](const FlowPlan& plan) {
            return plan.id == run.flow;
        });
        if (looked_at) {
            run.options.confirmation = id;
        }
    }
}

Result<std::vector<storage::Run>> SyncControl::status(TenantId tenant, const std::string& sync_id)
    const {
    return stores_.runs.by_sync_id(tenant, sync_id);
}

Result<void> SyncControl::stop(TenantId tenant, const std::string& sync_id) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto runs, stores_.runs.by_sync_id(tenant, sync_id));
    bool any = false;
    for (const auto& run : runs) {
        if (run.ended()) {
            continue;
        }
        any = true;
        SYNCLINE_RETURN_IF_ERROR(stores_.runs.request_stop(run.id));
        if (run.collect_ended) {
            SYNCLINE_RETURN_IF_ERROR(stores_.jobs.park_run(run.id, clock_.now().ms));
        }
    }
    if (!any) {
        return Error{ErrorCode::kExists, "the sync has ended already", "run.ended"};
    }
    wake_();
    return {};
}

Result<std::vector<FlowPlan>> SyncControl::dry_run(
    TenantId tenant, const StartRequest& request, std::int64_t limit
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, flows_of(tenant, request));
    std::vector<FlowPlan> plans;
    for (const auto& flow : flows) {
        SYNCLINE_RETURN_IF_ERROR(
            check_mode(request.mode.value_or(flow.definition.mode), request.options)
        );
        SYNCLINE_ASSIGN_OR_RETURN(
            FlowPlan plan,
            preview_.plan(flow, request.mode.value_or(flow.definition.mode), request.options, limit)
        );
        plans.push_back(std::move(plan));
    }
    return plans;
}

}  // namespace syncline::engine
