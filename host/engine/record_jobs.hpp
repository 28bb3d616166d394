// What was read of a source as the jobs it raises: filters, lanes, sealed copies, echoes. What a
// run collects and what a webhook announces become jobs in the same way.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/record.hpp>

#include "engine/stores.hpp"
#include "storage/part_store.hpp"

namespace syncline::engine {

struct RaiseRules {
    int priority = 2;
    bool always = false;     // also when the content is what it was
    bool asked_for = false;  // by their ids: also from quarantine
    Filters filters;         // besides the flow's own
    // What may be written, by source id; absent: the jobs are free to write what they become.
    std::optional<std::map<std::string, std::string>> approved;
};

// What was read of a flow's source and is not stored yet.
struct ReadRecords {
    std::vector<Record> records;
    std::vector<UnreadableRecord> unreadable;
    std::int64_t read_ms = 0;  // our time before the oldest of them was read

    std::int64_t size() const {
        return static_cast<std::int64_t>(records.size() + unreadable.size());
    }
};

struct RecordJobs {
    std::vector<storage::RaisedJob> jobs;
    std::vector<storage::UnreadableJob> unreadable;
    std::vector<storage::RecordPart> parts;  // what the records say of whose they are
    std::int64_t filtered = 0;               // records that raise none
    std::int64_t read_ms = 0;
};

// Records that were not delivered before and do not pass a filter raise none.
Result<RecordJobs> jobs_of(
    Stores& stores, const Flow& flow, const ReadRecords& read, const RaiseRules& rules
);

// What became of them; together as many as were read.
struct RaisedRecords {
    std::int64_t pending = 0;
    std::int64_t skipped = 0;
    std::int64_t dead = 0;  // listed as dead letters now, and told in the log
};

// Part of the unit of work that remembers that they were read; marks the echoes among `read`, which
// count as skipped.
RaisedRecords raise(
    storage::Sql& sql,
    Stores& stores,
    const Flow& flow,
    RecordJobs& read,
    const std::optional<RunId>& run,
    std::int64_t now_ms
);

}  // namespace syncline::engine
