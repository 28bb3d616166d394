// Whether a run may start without a person's confirmation, and the guard that keeps a confirmed run
// to what was confirmed.
//
// A run of the API is looked at before it starts: its plan is made, and what the flow's policy
// wants confirmed is refused. What changes at the source between that look and the reading, mostly
// less than a second, is not looked at again; a confirmed run has no such gap, since each of its
// records is compared once more when it is delivered.
#pragma once

#include "engine/preview.hpp"

namespace syncline::engine {

struct Work;

// Why a plan needs a confirmation: APPROVAL_RECORDS, APPROVAL_DESTRUCTIVE, APPROVAL_FIRST_POST;
// empty: it needs none.
std::vector<Reason> approval_reasons(
    const ApprovalPolicy& policy, const FlowPlan& plan, bool ever_written
);

class ApprovalGate {
public:
    ApprovalGate(Stores& stores, Preview& preview) : stores_(stores), preview_(preview) {}

    // Errors: kExists approval.required, saying how to get a confirmation; of source or target.
    Result<void> check(
        const Flow& flow, SyncMode mode, const storage::RunOptions& options, Starter starter
    );

    Result<std::vector<Reason>> reasons(const FlowPlan& plan);

private:
    Stores& stores_;
    Preview& preview_;
};

// Decides a work whose plan would write what nobody confirmed: its job is parked, which its run
// counts as waiting, until a run is free to write it or a confirmation has it.
void park_unapproved(Work& work);

}  // namespace syncline::engine
