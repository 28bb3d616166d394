// Runs that a person confirms: what one would do, with a token; then exactly that, once, within
// five minutes, unless the source moved on. Who asked confirms; or somebody else with the role
// approver or admin. An approver releases others' runs, never their own, and with the tenant's
// setting approval/second_person nobody does. Everything is within one tenant, and noted in the
// audit log.
#pragma once

#include "engine/sync_control.hpp"

namespace syncline::engine {

// What a new plan has otherwise than the one that was shown.
struct PlanChange {
    std::string flow;
    std::string source_id;
    std::string change;  // added, removed or changed
};

class ConfirmationControl {
public:
    ConfirmationControl(Stores& stores, SyncControl& syncs, const Clock& clock)
        : stores_(stores), syncs_(syncs), clock_(clock) {}

    struct Asked {
        std::string token;  // known to nobody else: only its hash is stored
        Timestamp expires_at;
        std::string plan_hash;
        std::vector<FlowPlan> plans;
        std::vector<Reason> reasons;  // why it needs a confirmation; empty: it needs none
    };
    // Errors: as SyncControl::start and dry_run; kData approval.too_large when the plan has more
    // records than one can be made of.
    Result<Asked> ask(
        TenantId tenant,
        const std::string& subject,
        const StartRequest& request,
        const storage::AuditActor& actor = {}
    );

    struct Confirmed {
        std::optional<StartedSync> started;  // absent: the plan is another one now
        std::string plan_hash;               // of the plan as it is now
        std::vector<FlowPlan> plans;
        std::vector<PlanChange> changes;
    };
    // Errors: kNotFound confirmation.unknown; kForbidden confirmation.not_yours, confirmation.own;
    // kExists confirmation.used, confirmation.expired; as SyncControl::start.
    Result<Confirmed> confirm(
        TenantId tenant,
        const std::string& subject,
        const std::string& token,
        const storage::AuditActor& actor = {}
    );

private:
    Result<std::vector<FlowPlan>> plans_of(TenantId tenant, const StartRequest& request);
    Result<bool> is_own(const storage::Confirmation& confirmation, const std::string& subject)
        const;
    Result<void> check_person(
        const storage::Confirmation& confirmation,
        const std::string& subject,
        const storage::AuditActor& actor
    ) const;

    Stores& stores_;
    SyncControl& syncs_;
    const Clock& clock_;
};

}  // namespace syncline::engine
