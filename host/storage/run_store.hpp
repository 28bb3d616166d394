// Runs and their counters.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

enum class RunStatus { kQueued, kRunning, kCompleted, kPartial, kFailed, kStopped };

struct RunCounts {
    std::int64_t read = 0;
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t skipped = 0;
    std::int64_t held = 0;
    std::int64_t conflict = 0;
    std::int64_t waiting = 0;
    std::int64_t failed = 0;

    RunCounts& operator+=(const RunCounts& other);
    static constexpr auto fields() {
        return std::make_tuple(
            field("read", &RunCounts::read),
            field("created", &RunCounts::created),
            field("updated", &RunCounts::updated),
            field("skipped", &RunCounts::skipped),
            field("held", &RunCounts::held),
            field("conflict", &RunCounts::conflict),
            field("waiting", &RunCounts::waiting),
            field("failed", &RunCounts::failed)
        );
    }
};

// What a run reads; the part of a sync request that belongs to one flow.
struct RunOptions {
    std::optional<Timestamp> from;  // backfill
    std::optional<Timestamp> to;
    std::vector<std::string> ids;   // ids mode
    Filters filters;                // in addition to the flow's own
    std::int64_t batch_size = 0;    // 0: the flow's
    std::int64_t confirmation = 0;  // it writes what that one has; 0: whatever it reads

    static constexpr auto fields() {
        return std::make_tuple(
            field("from", &RunOptions::from),
            field("to", &RunOptions::to),
            field("ids", &RunOptions::ids),
            field("filters", &RunOptions::filters),
            field("batch_size", &RunOptions::batch_size),
            field("confirmation", &RunOptions::confirmation)
        );
    }
};

struct Run {
    RunId id;
    std::string sync_id;
    TenantId tenant;
    FlowId flow;
    std::string flow_name;
    std::string entity;
    SyncMode mode = SyncMode::kIncremental;
    RunOptions options;
    RunStatus status = RunStatus::kQueued;
    bool stop_requested = false;
    bool collect_ended = false;
    std::int64_t jobs_open = 0;
    RunCounts counts;
    std::string error_code;
    std::string error_message;
    std::string requested_by;
    std::int64_t created_at_ms = 0;
    std::int64_t started_at_ms = 0;
    std::int64_t finished_at_ms = 0;

    bool ended() const { return status != RunStatus::kQueued && status != RunStatus::kRunning; }
};

struct RunFilter {
    std::string flow;            // name; empty: any
    std::string entity;          // empty: any
    std::string status;          // empty: any
    std::int64_t before_ms = 0;  // page cursor: created before; 0 = newest
    std::string before_id;
    std::int64_t limit = 50;
};

class RunStore {
public:
    explicit RunStore(Database& database) : database_(database) {}

    // All or none, in one unit of work with `also`, which comes first and may still change the
    // runs. Errors: kExists "flow.busy" while another run of a flow reads; whether its records are
    // delivered does not matter.
    Result<void> create(
        const std::vector<Run>& runs, const std::function<Result<void>(Sql&)>& also = {}
    );

    // Errors: kExists flow.busy, as create() would say.
    Result<void> check_idle(FlowId flow, const std::string& flow_name) const;

    Result<Run> by_id(const RunId& id) const;  // kNotFound
    // The runs of a request, or the one run of that id. kNotFound when it is another tenant's.
    Result<std::vector<Run>> by_sync_id(TenantId tenant, const std::string& sync_id) const;
    Result<std::vector<Run>> history(TenantId tenant, const RunFilter& filter) const;
    Result<std::vector<Run>> open_runs() const;
    Result<RunCounts> totals(TenantId tenant, std::int64_t since_ms) const;

    Result<void> start(const RunId& id, std::int64_t now_ms);
    Result<void> request_stop(const RunId& id);
    Result<bool> stop_requested(const RunId& id) const;
    // Collect is over, with or without an error; the run ends when its jobs have their outcome.
    Result<void> end_collect(
        const RunId& id, const std::optional<Error>& error, std::int64_t now_ms
    );

    // Parts of a caller's unit of work.
    void count(Sql& sql, const RunId& id, const RunCounts& counts, std::int64_t jobs_opened);
    // One job of the run has its first outcome: `column` of RunCounts goes up; ends the run if it
    // was the last.
    void first_outcome(Sql& sql, const RunId& id, const std::string& column, std::int64_t now_ms);
    void finish_if_done(Sql& sql, const RunId& id, std::int64_t now_ms);

private:
    Database& database_;
};

}  // namespace syncline::storage

namespace syncline {
template <>
struct EnumNames<storage::RunStatus> {
    static constexpr std::array<std::pair<storage::RunStatus, std::string_view>, 6> kNames{{
        {storage::RunStatus::kQueued, "queued"},
        {storage::RunStatus::kRunning, "running"},
        {storage::RunStatus::kCompleted, "completed"},
        {storage::RunStatus::kPartial, "partial"},
        {storage::RunStatus::kFailed, "failed"},
        {storage::RunStatus::kStopped, "stopped"},
    }};
};
}  // namespace syncline
