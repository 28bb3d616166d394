// Reads a flow's source page by page and turns what changed into jobs; a page's jobs and the cursor
// that covers them are one transaction (architecture 3).
#pragma once

#include <atomic>
#include <map>
#include <optional>

#include "engine/connection_pool.hpp"

namespace syncline::engine {

class Collector {
public:
    Collector(Stores& stores, ConnectionPool& pool, const Clock& clock, EngineConfig config)
        : stores_(stores), pool_(pool), clock_(clock), config_(config) {}

    // Until the source has no more pages, the run is asked to stop, or `stop` is set; in the latter
    // two the scan stays where it is and goes on in the next run. Errors: of the source; what was
    // collected so far stays.
    Result<void> collect(const storage::Run& run, const std::atomic<bool>* stop);

private:
    struct Scan {
        const storage::Run& run;
        Flow flow;
        storage::Cursor cursor;
        ReadWindow window;
        std::string after_id;
        std::string next;
        // What a person confirmed, by source id; absent: the run is free to write what it reads.
        std::optional<std::map<std::string, std::string>> approved;
        bool sees_all = false;     // it comes past every record of the source
        std::int64_t read_ms = 0;  // our time before the oldest record that is not stored was read
    };
    Result<void> collect_ids(ConnectionSession& session, Scan& scan);
    Result<void> scan(ConnectionSession& session, Scan& scan, const std::atomic<bool>* stop);
    Result<void> store(Scan& scan, std::vector<Record>& records, bool ended);
    // Whether the scan that ended saw so few records that its cursor is not to be trusted; reports
    // it and remembers it in `cursor`.
    Result<bool> check_shrink(const Scan& scan, storage::Cursor& cursor);
    Result<void> note_rest(const Scan& scan);
    Result<std::vector<storage::RaisedJob>> to_jobs(
        const Scan& scan, const std::vector<Record>& records
    );

    Stores& stores_;
    ConnectionPool& pool_;
    const Clock& clock_;
    const EngineConfig config_;
};

// Where a scan starts and whether it continues one that was interrupted. Pure.
storage::Cursor begin_scan(
    const storage::Cursor& cursor,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t overlap_ms
);

}  // namespace syncline::engine
