// Reads a flow's source page by page and turns what changed into jobs; a page's jobs and the cursor
// that covers them are one transaction (architecture 3).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>

#include "engine/connection_pool.hpp"
#include "engine/record_jobs.hpp"

namespace syncline::engine {

// How reading ended, when it did not fail.
enum class ReadingEnd {
    kDone,     // nothing is left, or it was to stop
    kPutBack,  // it has had its pages; the scan goes on where it is
};

// What a collect may do at once.
struct ReadingLimit {
    std::int64_t pages = 0;  // 0: all
    bool continues = false;  // what the run takes up besides what it reads, it has taken up already
    std::function<void()> begun = {};  // called when it has been taken up, before reading
};

class Collector {
public:
    Collector(Stores& stores, ConnectionPool& pool, const Clock& clock, EngineConfig config)
        : stores_(stores), pool_(pool), clock_(clock), config_(config) {}

    // Until the source has no more pages, the limit is reached, the run is asked to stop, or `stop`
    // is set; in the latter three the scan stays where it is and goes on in the next turn or run.
    // Given ids are read at once. Errors: of the source; what was collected so far stays.
    Result<ReadingEnd> collect(
        const storage::Run& run, const std::atomic<bool>* stop, ReadingLimit limit = {}
    );

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
        bool sees_all = false;  // it comes past every record of the source
    };
    Result<void> collect_ids(ConnectionSession& session, Scan& scan);
    Result<ReadingEnd> scan(
        ConnectionSession& session,
        Scan& scan,
        const std::atomic<bool>* stop,
        std::int64_t pages_max
    );
    Result<void> store(Scan& scan, const ReadRecords& batch, bool ended);
    // Whether the scan that ended saw so few records that its cursor is not to be trusted; reports
    // it and remembers it in `cursor`.
    Result<bool> check_shrink(const Scan& scan, storage::Cursor& cursor);
    Result<void> note_rest(const Scan& scan);
    static RaiseRules rules_of(const Scan& scan);

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
