#include "storage/retention.hpp"

namespace syncline::storage {
namespace {

constexpr auto kPurgeJobs = R"sql(
    DELETE FROM sync_queue
     WHERE id IN (SELECT q.id FROM sync_queue q
                   WHERE q.state = 'settled' AND q.updated_at_ms < ? AND q.run_id IS NULL
                     AND q.edited = 0 AND q.resolution = ''
                     AND q.id < (SELECT max(id) FROM sync_queue)
                     AND q.id NOT IN (SELECT i.job_id FROM intents n
                                        JOIN intent_items i ON i.intent_id = n.id
                                       WHERE n.state = 'open')
                   ORDER BY q.updated_at_ms LIMIT ?)
)sql";
constexpr auto kPurgeRuns = R"sql(
    DELETE FROM sync_runs
     WHERE id IN (SELECT r.id FROM sync_runs r
                   WHERE r.finished_at_ms > 0 AND r.finished_at_ms < ?
                     AND r.status NOT IN ('queued', 'running')
                     AND EXISTS (SELECT 1 FROM sync_runs n
                                  WHERE n.flow_id = r.flow_id
                                    AND n.finished_at_ms > r.finished_at_ms)
                     AND NOT EXISTS (SELECT 1 FROM sync_queue q WHERE q.run_id = r.id)
                   ORDER BY r.finished_at_ms LIMIT ?)
)sql";
constexpr auto kPurgeLogs = R"sql(
    DELETE FROM sync_logs
     WHERE id IN (SELECT l.id FROM sync_logs l
                   WHERE l.at_ms < ? AND l.id < (SELECT max(id) FROM sync_logs)
                   ORDER BY l.at_ms LIMIT ?)
)sql";
constexpr auto kPurgeRequests = R"sql(
    DELETE FROM intents
     WHERE id IN (SELECT n.id FROM intents n
                   WHERE n.state = 'settled' AND n.settled_at_ms < ?
                     AND n.id < (SELECT max(id) FROM intents)
                     AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.intent_id = n.id)
                   ORDER BY n.settled_at_ms LIMIT ?)
)sql";
// What waits stays, however old.
constexpr auto kPurgeWebhooks = R"sql(
    DELETE FROM webhook_events
     WHERE id IN (SELECT e.id FROM webhook_events e
                   WHERE e.handled_at_ms > 0 AND e.handled_at_ms < ?
                     AND e.id < (SELECT max(id) FROM webhook_events)
                   ORDER BY e.handled_at_ms LIMIT ?)
)sql";
constexpr auto kPurgeIdempotencyKeys = R"sql(
    DELETE FROM idempotency_keys
     WHERE id IN (SELECT k.id FROM idempotency_keys k
                   WHERE k.created_at_ms < ? ORDER BY k.created_at_ms LIMIT ?)
)sql";
// The findings go with them.
constexpr auto kPurgeReconciliations = R"sql(
    DELETE FROM reconciliations
     WHERE id IN (SELECT r.id FROM reconciliations r
                   WHERE r.finished_at_ms > 0 AND r.finished_at_ms < ?
                     AND r.id < (SELECT max(id) FROM reconciliations)
                   ORDER BY r.finished_at_ms LIMIT ?)
)sql";
constexpr auto kNewestLog = "SELECT coalesce(max(at_ms), 0) FROM sync_logs";

}  // namespace

const char* Retention::statement(Finished what) {
    switch (what) {
        case Finished::kJobs:
            return kPurgeJobs;
        case Finished::kRuns:
            return kPurgeRuns;
        case Finished::kLogs:
            return kPurgeLogs;
        case Finished::kWebhooks:
            return kPurgeWebhooks;
        case Finished::kIdempotencyKeys:
            return kPurgeIdempotencyKeys;
        case Finished::kReconciliations:
            return kPurgeReconciliations;
        case Finished::kRequests:
            break;
    }
    return kPurgeRequests;
}

Result<std::int64_t> Retention::purge(
    Finished what, std::int64_t before_ms, std::int64_t rows_max
) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        return sql.run(statement(what), before_ms, rows_max);
    });
}

Result<std::int64_t> Retention::newest_log_ms() const {
    return database_.read([](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kNewestLog).value_or(0);
    });
}

}  // namespace syncline::storage
