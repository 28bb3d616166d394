// Comparisons of the books with their sources, and what they found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/reconcile.hpp"
#include "storage/database.hpp"

namespace syncline {

using ReconciliationId = Id<struct ReconciliationTag>;

namespace storage {

// Finished ones are kept so long, with their findings and reports.
inline constexpr std::int64_t kReconciliationsKeptDays = 400;

// Members are named as the columns (migrations/sqlite/0025).
struct Reconciliation {
    ReconciliationId id;
    TenantId tenant;
    std::string state = "queued";  // queued, running, completed, failed, stopped
    std::string requested_by;
    bool nightly = false;
    DayWindow window;
    std::vector<std::string> entities;  // canonical; empty: all that can be compared
    bool stop_requested = false;
    std::int64_t estimated_reads = 0;
    std::int64_t reads = 0;
    std::int64_t drift_records = 0;
    std::string report;  // JSON; empty while it is not completed
    std::string error_code;
    std::string error_message;
    std::int64_t created_at_ms = 0;
    std::int64_t started_at_ms = 0;
    std::int64_t finished_at_ms = 0;

    bool ended() const { return state != "queued" && state != "running"; }
};

struct StoredFinding {
    std::int64_t id = 0;
    std::string target;  // connection, by name
    Finding finding;
    std::string healed_by;
};

// Empty members take all.
struct FindingFilter {
    std::string kind;
    bool healable_only = false;  // and not healed yet
    std::int64_t after_id = 0;   // page cursor
    std::int64_t limit = 50;
};

class ReconciliationStore {
public:
    explicit ReconciliationStore(Database& database) : database_(database) {}

    // Errors: kExists "reconciliation.busy" while another of the tenant is open.
    Result<Reconciliation> add(const Reconciliation& wanted, std::int64_t now_ms);
    Result<Reconciliation> by_id(TenantId tenant, ReconciliationId id) const;  // kNotFound
    // The newest first, before `before_id` (0: all).
    Result<std::vector<Reconciliation>> list(
        TenantId tenant, std::int64_t before_id, std::int64_t limit
    ) const;
    // The tenant's newest by itself; nothing: there was none.
    Result<std::optional<Reconciliation>> newest_nightly(TenantId tenant) const;

    // The oldest that waits, which runs now; nothing: none waits.
    Result<std::optional<Reconciliation>> start_next(std::int64_t now_ms);
    Result<bool> stop_requested(ReconciliationId id) const;
    // Errors: kNotFound; kExists "reconciliation.ended".
    Result<void> request_stop(TenantId tenant, ReconciliationId id, std::int64_t now_ms);
    // Those that ran when the process before us ended.
    Result<std::int64_t> fail_interrupted(std::int64_t now_ms);

    // A part of what was found; the state is unchanged.
    Result<void> add_findings(ReconciliationId id, const std::vector<StoredFinding>& findings);
    // The end, however it came: `ended` has state, reads, drift_records, report and the error.
    Result<void> finish(const Reconciliation& ended, std::int64_t now_ms);

    Result<std::vector<StoredFinding>> findings(ReconciliationId id, const FindingFilter& filter)
        const;
    // By kind name.
    Result<std::map<std::string, std::int64_t>> counts(ReconciliationId id) const;
    Result<void> note_healed(const std::vector<std::int64_t>& findings, const std::string& sync_id);

    // Documents that a pair of connections has mapped, written since then; by target entity.
    Result<std::map<std::string, std::int64_t>> mapped_since(
        ConnectionId source, ConnectionId target, std::int64_t since_ms
    ) const;

    // The records that documents of a target were written for, by the id mappings: of `ids`, those
    // that are mapped.
    struct Mapped {
        std::string entity;  // canonical
        std::string source_id;
    };
    Result<std::map<std::string, Mapped>> mapped_records(
        ConnectionId source,
        ConnectionId target,
        const std::string& target_entity,
        const std::vector<std::string>& ids
    ) const;

private:
    Database& database_;
};

}  // namespace storage
}  // namespace syncline
