// Whether a run may start without a person's confirmation, and the guard that keeps a confirmed run
// to what was confirmed.
//
// A run of the API is looked at before it starts: its plan is made, and what the flow's policy
// wants confirmed is refused. What passes is held to that plan, as a confirmed run is to the one
// that was shown: each of its records is compared once more when it is delivered, however late it
// reads and however often it is restarted.
#pragma once

#include <map>

#include "core/guarded.hpp"
#include "engine/preview.hpp"
#include "storage/confirmation_store.hpp"

namespace syncline::engine {

struct Work;

// Why a plan needs a confirmation: APPROVAL_RECORDS, APPROVAL_DESTRUCTIVE, APPROVAL_FIRST_POST;
// empty: it needs none.
std::vector<Reason> approval_reasons(
    const ApprovalPolicy& policy, const FlowPlan& plan, bool ever_written
);

// What the plans would write, record by record.
std::vector<storage::PlannedWrite> planned_writes(const std::vector<FlowPlan>& plans);

class ApprovalGate {
public:
    ApprovalGate(Stores& stores, Preview& preview) : stores_(stores), preview_(preview) {}

    // The plan that was looked at; a schedule's run of a swept entity is looked at once a night and
    // answered the same until then, unless the flow or its cursor changes; nothing: the starter's
    // runs are free. Errors: kExists approval.required, saying how to get a confirmation; of source
    // or target; kCancelled soon after `stop` is set.
    Result<std::optional<FlowPlan>> check(
        const Flow& flow,
        SyncMode mode,
        const storage::RunOptions& options,
        Starter starter,
        const std::atomic<bool>* stop = nullptr
    );

    Result<std::vector<Reason>> reasons(const FlowPlan& plan);

private:
    // Why a schedule's run of a swept entity was refused, and of what that is true.
    struct Refusal {
        std::int64_t day = 0;
        std::string definition;
        std::int64_t cursor_at_ms = 0;
        Error error;

        bool same(const Refusal& other) const {
            return day == other.day && definition == other.definition &&
                   cursor_at_ms == other.cursor_at_ms;
        }
    };
    // As it would be now, without its error; nothing: the entity is not swept.
    Result<std::optional<Refusal>> refusal_now(const Flow& flow, const std::atomic<bool>* stop);

    Stores& stores_;
    Preview& preview_;
    Guarded<std::map<FlowId, Refusal>> refused_;
};

// Decides a work whose plan would write what nobody confirmed: its job is parked, which its run
// counts as waiting, until a run is free to write it or a confirmation has it.
void park_unapproved(Work& work);

}  // namespace syncline::engine
