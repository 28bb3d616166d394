#include "engine/approval.hpp"

#include "engine/deliver.hpp"
#include "storage/id_mapping_directory.hpp"
#include "storage/match_store.hpp"

namespace syncline::engine {
namespace {

// So many records are looked through before a run; one that reads more is not a small one.
constexpr std::int64_t kLookedThroughMax = 1'000;

constexpr auto kFirstPost = "APPROVAL_FIRST_POST";

// What is known of the documents that the target may have already (rule 4.34).
std::string comparison_text(
    const Flow& flow, const std::optional<storage::MatchStore::Latest>& match
) {
    if (!match) {
        return ", and what is there already was not compared with the source (syncline match "
               "--flow " +
               flow.definition.name + ")";
    }
    if (match->undecided == 0) {
        return "";
    }
    return ", and nobody decided about " + std::to_string(match->undecided) + " proposal" +
           (match->undecided == 1 ? "" : "s") + " of match " + std::to_string(match->id);
}

std::string records_text(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " record" : " records");
}

Error approval_required(const Flow& flow, const std::vector<Reason>& reasons) {
    std::string message = "the run of '" + flow.definition.name + "' needs a confirmation: ";
    for (const auto& reason : reasons) {
        message += (&reason == &reasons.front() ? "" : "; ") + reason.message;
    }
    return Error{
        ErrorCode::kExists,
        message + ". POST the same to /api/sync/bulk/request-confirmation with \"entity\": \"" +
            plural_of(flow.definition.entity) +
            "\": it shows the plan and gives a token for POST /api/sync/confirm/{token}. (A flow "
            "with \"approval\": {\"exempt\": [\"api\", \"schedule\", \"webhook\"]} needs none.)",
        "approval.required"};
}

}  // namespace

std::vector<Reason> approval_reasons(
    const ApprovalPolicy& policy, const FlowPlan& plan, bool ever_written
) {
    std::vector<Reason> reasons;
    if (plan.writes > policy.records_max) {
        reasons.push_back(
            {"APPROVAL_RECORDS",
             "it would write " + records_text(plan.writes) + " to '" + plan.target +
                 "', more than the " + std::to_string(policy.records_max) +
                 " that need no confirmation"}
        );
    } else if (plan.truncated) {
        reasons.push_back(
            {"APPROVAL_RECORDS",
             "it would read more than " + records_text(plan.read) +
                 ", too many to look through before it starts"}
        );
    }
    if (policy.destructive && plan.destructive > 0) {
        reasons.push_back(
            {"APPROVAL_DESTRUCTIVE",
             "it would delete or void " + std::to_string(plan.destructive) +
                 (plan.destructive == 1 ? " document in '" : " documents in '") + plan.target + "'"}
        );
    }
    if (policy.first_post && plan.writes > 0 && !ever_written) {
        reasons.push_back(
            {kFirstPost,
             "it would be the first ever of '" + plan.flow + "' to write to '" + plan.target + "'"}
        );
    }
    return reasons;
}

std::vector<storage::PlannedWrite> planned_writes(const std::vector<FlowPlan>& plans) {
    std::vector<storage::PlannedWrite> all;
    for (const auto& plan : plans) {
        for (const auto& entry : plan.entries) {
            if (writes(entry)) {
                all.push_back({plan.id, entry.source_id, approved_form(entry.planned)});
            }
        }
    }
    return all;
}

Result<std::optional<FlowPlan>> ApprovalGate::check(
    const Flow& flow,
    SyncMode mode,
    const storage::RunOptions& options,
    Starter starter,
    const std::atomic<bool>* stop
) {
    if (flow.definition.approval.exempts(starter)) {
        return std::optional<FlowPlan>();
    }
    std::optional<Refusal> now;
    if (starter == Starter::kSchedule && mode == SyncMode::kIncremental) {
        SYNCLINE_ASSIGN_OR_RETURN(now, refusal_now(flow, stop));
        const auto refused = refused_.with([&](const auto& all) -> std::optional<Error> {
            const auto known = all.find(flow.id);
            return now && known != all.end() && known->second.same(*now)
                       ? std::optional<Error>(known->second.error)
                       : std::nullopt;
        });
        if (refused) {
            return *refused;
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        FlowPlan plan,
        starter == Starter::kSchedule
            ? preview_.plan_of_schedule(flow, mode, options, kLookedThroughMax, stop)
            : preview_.plan(flow, mode, options, kLookedThroughMax, stop)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto why, reasons(plan));
    if (why.empty()) {
        return std::optional<FlowPlan>(std::move(plan));
    }
    const Error error = approval_required(flow, why);
    if (now) {
        now->error = error;
        refused_.with([&](auto& all) { all[flow.id] = *now; });
    }
    return error;
}

Result<std::optional<ApprovalGate::Refusal>> ApprovalGate::refusal_now(
    const Flow& flow, const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto day, preview_.day_of_sweep(flow, stop));
    if (!day) {
        return std::optional<Refusal>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto cursor, stores_.flows.cursor(flow.id, flow.definition.entity)
    );
    return std::optional<Refusal>(Refusal{
        *day, dump_json(to_json(flow.definition)), cursor.updated_at_ms, {}});
}

Result<std::vector<Reason>> ApprovalGate::reasons(const FlowPlan& plan) {
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.by_id(plan.id));
    SYNCLINE_ASSIGN_OR_RETURN(
        const bool ever_written,
        storage::IdMappingDirectory(stores_.database)
            .any_written(flow.source, flow.target, flow.definition.entity)
    );
    auto reasons = approval_reasons(flow.definition.approval, plan, ever_written);
    for (auto& reason : reasons) {
        if (reason.code == kFirstPost) {
            SYNCLINE_ASSIGN_OR_RETURN(
                const auto match,
                storage::MatchStore(stores_.database, stores_.vault)
                    .latest(flow.source, flow.target, flow.definition.entity)
            );
            reason.message += comparison_text(flow, match);
        }
    }
    return reasons;
}

void park_unapproved(Work& work) {
    if (work.outcome || approval_covers(work.job.approved, work.planned)) {
        return;
    }
    storage::JobOutcome outcome;
    outcome.job = work.job.id;
    outcome.version = work.job.version;
    outcome.kind = storage::JobOutcome::Kind::kPark;
    outcome.approved = work.job.approved;
    outcome.error = Error{
        ErrorCode::kHold,
        "it is not what was confirmed: the record is new or changed since; it waits for the next "
        "run that may write it, or for a new confirmation",
        "approval.changed"};
    work.outcome = std::move(outcome);
}

}  // namespace syncline::engine
