// What the API can do with reconciliations: ask for one, stop it, and deliver once more what it
// found missing. Everything is within one tenant. Holds nothing but references: whoever needs one
// makes one.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/confirmation_control.hpp"
#include "engine/reconciler.hpp"

namespace syncline::engine {

class ReconciliationControl {
public:
    // More records than this are healed with a confirmation only.
    static constexpr std::size_t kHealedFreely = 10;

    ReconciliationControl(
        Stores& stores,
        const ConnectorSource& connectors,
        SyncControl& syncs,
        ConfirmationControl& confirmations,
        const Clock& clock
    )
        : stores_(stores),
          reconciliations_(stores.database),
          connectors_(connectors),
          syncs_(syncs),
          confirmations_(confirmations),
          clock_(clock) {}

    struct Estimate {
        std::int64_t reads = 0;  // that platforms count
        std::vector<std::string> flows;
        std::vector<NotCompared> not_compared;
    };
    // Errors: kInvalid for the window; kNotFound "reconciliation.nothing" when no flow can be
    // compared.
    Result<Estimate> estimate(
        TenantId tenant, const DayWindow& window, const std::vector<std::string>& entities
    ) const;
    // Errors: as estimate(); kExists "reconciliation.busy".
    Result<storage::Reconciliation> ask(const storage::Reconciliation& wanted);
    // Errors: kNotFound, kExists.
    Result<void> stop(TenantId tenant, ReconciliationId id);

    struct Heal {
        std::vector<std::string> kinds;  // empty: every kind that a delivery mends
        bool dry_run = false;
        std::string subject;
        storage::AuditActor actor;
    };
    // What was, or would be, delivered once more through the queue, by flow.
    struct HealedFlow {
        std::string flow;
        std::vector<std::string> source_ids;
        std::string sync_id;                                     // of the sync that was started
        std::optional<ConfirmationControl::Asked> confirmation;  // or what confirms it
    };
    struct Healed {
        std::vector<HealedFlow> flows;
        std::int64_t not_healable = 0;  // findings that need a person
    };
    // Never by itself, and only what a delivery mends (Finding::healable). Errors: kNotFound;
    // kExists "reconciliation.not_completed"; those of SyncControl::start and
    // ConfirmationControl::ask.
    Result<Healed> heal(TenantId tenant, ReconciliationId id, const Heal& request);

private:
    Result<HealedFlow> heal_flow(
        TenantId tenant,
        const std::string& flow,
        const std::vector<storage::StoredFinding>& findings,
        const Heal& request,
        bool confirmed_first
    );

    Stores& stores_;
    storage::ReconciliationStore reconciliations_;
    const ConnectorSource& connectors_;
    SyncControl& syncs_;
    ConfirmationControl& confirmations_;
    const Clock& clock_;
};

}  // namespace syncline::engine
