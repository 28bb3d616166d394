#include "engine/reconciliation_control.hpp"

#include <algorithm>
#include <set>

#include "core/reconcile_setting.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kAllFindings = 1'000'000;

}  // namespace

Result<ReconciliationControl::Estimate> ReconciliationControl::estimate(
    TenantId tenant, const DayWindow& window, const std::vector<std::string>& entities
) const {
    SYNCLINE_RETURN_IF_ERROR(check_window(window));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto scope, reconciliation_scope(stores_, connectors_, tenant, entities)
    );
    if (scope.pairs.empty()) {
        std::string why = "there is no enabled flow of orders or refunds into books";
        for (const auto& flow : scope.not_compared) {
            why += "; " + flow.flow + ": " + flow.reason;
        }
        return Error{ErrorCode::kNotFound, std::move(why), "reconciliation.nothing"};
    }
    Estimate estimate;
    SYNCLINE_ASSIGN_OR_RETURN(estimate.reads, estimated_reads(stores_, connectors_, scope, window));
    for (const auto& pair : scope.pairs) {
        for (const auto& flow : pair.flows) {
            estimate.flows.push_back(flow.definition.name);
        }
    }
    estimate.not_compared = scope.not_compared;
    return estimate;
}

Result<storage::Reconciliation> ReconciliationControl::ask(const storage::Reconciliation& wanted) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Estimate estimated, estimate(wanted.tenant, wanted.window, wanted.entities)
    );
    storage::Reconciliation asked = wanted;
    asked.estimated_reads = estimated.reads;
    return reconciliations_.add(asked, clock_.now().ms);
}

Result<void> ReconciliationControl::stop(TenantId tenant, ReconciliationId id) {
    return reconciliations_.request_stop(tenant, id, clock_.now().ms);
}

Result<ReconciliationControl::Healed> ReconciliationControl::heal(
    TenantId tenant, ReconciliationId id, const Heal& request
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto reconciliation, reconciliations_.by_id(tenant, id));
    if (reconciliation.state != "completed") {
        return Error{
            ErrorCode::kExists,
            "reconciliation " + std::to_string(id.value) + " is " + reconciliation.state +
                "; only one that is completed tells what to heal",
            "reconciliation.not_completed"};
    }
    storage::FindingFilter filter;
    filter.limit = kAllFindings;
    SYNCLINE_ASSIGN_OR_RETURN(const auto all, reconciliations_.findings(id, filter));
    const std::set<std::string> kinds(request.kinds.begin(), request.kinds.end());
    Healed healed;
    std::map<std::string, std::vector<storage::StoredFinding>> by_flow;
    std::set<std::string> records;
    for (const auto& stored : all) {
        if (!kinds.empty() && kinds.count(std::string(enum_name(stored.finding.kind))) == 0) {
            continue;
        }
        if (!stored.finding.healable) {
            ++healed.not_healable;
        } else if (stored.healed_by.empty()) {
            by_flow[stored.finding.flow].push_back(stored);
            records.insert(stored.finding.flow + "\n" + stored.finding.record_id);
        }
    }
    for (const auto& [flow, findings] : by_flow) {
        SYNCLINE_ASSIGN_OR_RETURN(
            auto one, heal_flow(tenant, flow, findings, request, records.size() > kHealedFreely)
        );
        healed.flows.push_back(std::move(one));
    }
    return healed;
}

Result<ReconciliationControl::HealedFlow> ReconciliationControl::heal_flow(
    TenantId tenant,
    const std::string& flow,
    const std::vector<storage::StoredFinding>& findings,
    const Heal& request,
    bool confirmed_first
) {
    HealedFlow healed;
    healed.flow = flow;
    std::set<std::string> ids;
    std::vector<std::int64_t> rows;
    for (const auto& stored : findings) {
        ids.insert(stored.finding.record_id);
        rows.push_back(stored.id);
    }
    healed.source_ids.assign(ids.begin(), ids.end());
    if (request.dry_run) {
        return healed;
    }
    StartRequest start;
    start.flow = flow;
    start.mode = SyncMode::kIds;
    start.options.ids = healed.source_ids;
    start.requested_by = request.subject;
    if (confirmed_first) {
        SYNCLINE_ASSIGN_OR_RETURN(
            healed.confirmation, confirmations_.ask(tenant, request.subject, start, request.actor)
        );
        return healed;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto started, syncs_.start(tenant, start));
    healed.sync_id = started.sync_id;
    SYNCLINE_RETURN_IF_ERROR(reconciliations_.note_healed(rows, started.sync_id));
    return healed;
}

}  // namespace syncline::engine
