// The dry run: the way of a record up to the write, without it. Reads the source, asks the target
// what it has, stores nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
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
    std::string flow;
    std::string source;  // connection names
    std::string target;
    std::vector<PlanEntry> entries;
    std::map<std::string, std::int64_t> actions;  // by PlanAction name
    std::map<std::string, Money> money;  // of what would be created or updated, by currency
    std::int64_t read = 0;
    bool truncated = false;  // there are more records than `limit`
    std::string hash;        // over everything that would be written, in placeholder form
};

class Preview {
public:
    Preview(Stores& stores, ConnectionPool& pool, NeedResolver& needs)
        : stores_(stores), pool_(pool), needs_(needs) {}

    // What a run of the flow would do with at most `limit` records. Errors: of source or target.
    Result<FlowPlan> plan(
        const Flow& flow, SyncMode mode, const storage::RunOptions& options, std::int64_t limit
    );

private:
    Result<std::vector<Record>> read(
        const Flow& flow,
        SyncMode mode,
        const storage::RunOptions& options,
        std::int64_t limit,
        bool& truncated
    );
    Result<void> encode(
        ConnectionSession& target,
        const EncodeContext& context,
        const std::vector<Record>& records,
        const Flow& flow,
        std::vector<PlanEntry>& entries
    );
    Result<void> look_up_needs(
        ConnectionSession& target, const Flow& flow, std::vector<PlanEntry>& entries
    );

    Stores& stores_;
    ConnectionPool& pool_;
    NeedResolver& needs_;
};

}  // namespace syncline::engine
