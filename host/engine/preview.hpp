// The dry run: the way of a record up to the write, without it. Reads the source, asks the target
// what it has, stores nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "engine/flow_mapping.hpp"
#include "engine/needs.hpp"

namespace syncline::engine {

// What a run would do with one record.
struct PlanEntry {
    std::string source_id;
    PlannedRecord planned;
    bool encoded = false;  // the connector was asked; else a filter or a deletion decided
    std::vector<std::string> to_make;  // keys of needs that would be made first
    std::optional<Error> error;
};

struct FlowPlan {
    FlowId id;
    std::string flow;
    SyncMode mode = SyncMode::kIncremental;
    std::string source;  // connection names
    std::string target;
    std::optional<MappingUse> mapping;  // that adjusted the documents
    std::vector<PlanEntry> entries;
    std::map<std::string, std::int64_t> actions;  // by PlanAction name
    std::map<std::string, Money> money;  // of what would be created or updated, by currency
    std::int64_t read = 0;
    std::int64_t writes = 0;       // records of which something would be written
    std::int64_t destructive = 0;  // documents that would be deleted or voided
    bool truncated = false;        // there are more records than `limit`
    std::string hash;              // over everything that would be written, in placeholder form
};

// Something of the record would be written.
bool writes(const PlanEntry& entry);

class Preview {
public:
    Preview(
        Stores& stores,
        ConnectionPool& pool,
        NeedResolver& needs,
        const Clock& clock,
        EngineConfig config
    )
        : stores_(stores), pool_(pool), needs_(needs), clock_(clock), config_(config) {}

    // What a run of the flow would do with at most `limit` records: those it would read, and those
    // that wait parked. Errors: of source or target; kCancelled soon after `stop` is set.
    Result<FlowPlan> plan(
        const Flow& flow,
        SyncMode mode,
        const storage::RunOptions& options,
        std::int64_t limit,
        const std::atomic<bool>* stop = nullptr
    );

    // The same for a run of a schedule, which leaves a swept entity alone until the next night
    // (engine/sweep.hpp).
    Result<FlowPlan> plan_of_schedule(
        const Flow& flow,
        SyncMode mode,
        const storage::RunOptions& options,
        std::int64_t limit,
        const std::atomic<bool>* stop = nullptr
    );
    // Today, on the clocks of the source's account, if the flow's entity is swept. Errors: of the
    // source.
    Result<std::optional<std::int64_t>> day_of_sweep(
        const Flow& flow, const std::atomic<bool>* stop
    );

    // What the flow's next run would read if its cursor were this one, at most `limit` records.
    struct Reread {
        std::int64_t from_ms = 0;  // 0: from the beginning
        std::int64_t records = 0;
        std::int64_t known = 0;  // of them, those that were collected before
        bool truncated = false;
    };
    Result<Reread> reread(const Flow& flow, std::int64_t cursor_ms, std::int64_t limit);

private:
    struct Reading {
        storage::Cursor cursor;                    // in: where reading stands
        const std::atomic<bool>* stop = nullptr;   // in
        bool by_schedule = false;                  // in
        std::int64_t from_ms = 0;                  // out: where the window begins
        bool truncated = false;                    // out
        std::vector<UnreadableRecord> unreadable;  // out
    };
    Result<FlowPlan> plan_of(
        const Flow& flow,
        SyncMode mode,
        const storage::RunOptions& options,
        std::int64_t limit,
        Reading reading
    );
    Result<std::vector<Record>> read(
        const Flow& flow,
        SyncMode mode,
        const storage::RunOptions& options,
        std::int64_t limit,
        Reading& reading
    );
    bool sweep_rests(
        ConnectionSession& source, const Flow& flow, SyncMode mode, const Reading& reading
    ) const;
    Result<Page> read_ids(
        ConnectionSession& source, const Flow& flow, const std::vector<std::string>& ids
    );
    using Before = std::map<std::string, std::vector<WrittenBefore>>;  // by source id
    // As a delivery finds it.
    Result<std::vector<WrittenBefore>> written_before(
        const Flow& flow, const Record& record, const Before& by_id
    ) const;
    // With the mapping of `flow`, which the plan then names.
    Result<void> encode(
        ConnectionSession& target,
        const Flow& flow,
        const EncodeContext& context,
        const std::vector<Record>& records,
        const Before& before,
        FlowPlan& plan
    );
    // A run makes dead letters of them.
    Result<void> show_unreadable(
        const Flow& flow, SyncMode mode, const Reading& reading, std::vector<PlanEntry>& entries
    );
    // What a conflict stands open about is not written.
    Result<void> show_conflicts(const Flow& flow, std::vector<PlanEntry>& entries);
    Result<void> look_up_needs(
        ConnectionSession& target, const Flow& flow, std::vector<PlanEntry>& entries
    );

    Stores& stores_;
    ConnectionPool& pool_;
    NeedResolver& needs_;
    const Clock& clock_;
    const EngineConfig config_;
};

}  // namespace syncline::engine
