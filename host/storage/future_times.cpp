#include "storage/future_times.hpp"

#include "storage/intent_store.hpp"

namespace syncline::storage {
namespace {

// Clocks are corrected by less than this all the time.
constexpr std::int64_t kToleranceMs = 60'000;
constexpr std::int64_t kRowsPerUnit = 500;
constexpr int kPriorities = 4;

constexpr auto kFlows = "SELECT id FROM flows";
// Whatever queues a job says when; its wait is counted from there.
constexpr auto kJobs = R"sql(
    UPDATE sync_queue
       SET run_at_ms = max(?, run_at_ms - (updated_at_ms - ?)), updated_at_ms = ?
     WHERE id IN (SELECT id FROM sync_queue
                   WHERE flow_id = ? AND state = 'queued' AND priority = ? AND run_at_ms > ?
                     AND updated_at_ms > ?
                   LIMIT ?)
)sql";
constexpr auto kLeases = R"sql(
    UPDATE sync_queue SET lease_until_ms = ? WHERE state = 'leased' AND lease_until_ms > ?
)sql";
constexpr auto kRequests = R"sql(
    UPDATE intents SET run_at_ms = ? WHERE state = 'open' AND run_at_ms > ? AND run_at_ms < ?
)sql";
constexpr auto kConnections = "UPDATE connections SET not_before_ms = ? WHERE not_before_ms > ?";
constexpr auto kWebhooks = R"sql(
    UPDATE webhook_events SET run_at_ms = ? WHERE state = 'stored' AND run_at_ms > ?
)sql";
constexpr auto kRestarts = "UPDATE flow_failures SET restart_at_ms = ? WHERE restart_at_ms > ?";

Result<std::int64_t> bring_back_jobs(
    Database& database, std::int64_t flow, int priority, std::int64_t now_ms
) {
    const std::int64_t future = now_ms + kToleranceMs;
    std::int64_t all = 0;
    for (std::int64_t rows = kRowsPerUnit; rows == kRowsPerUnit; all += rows) {
        SYNCLINE_ASSIGN_OR_RETURN(rows, database.write([&](Sql& sql) -> Result<std::int64_t> {
            return sql.run(
                kJobs, now_ms, now_ms, now_ms, flow, priority, future, future, kRowsPerUnit
            );
        }));
    }
    return all;
}

}  // namespace

Result<std::int64_t> bring_back_future_times(
    Database& database, const LongestWaits& longest, std::int64_t now_ms
) {
    const auto capped = [&](const char* text, std::int64_t wait_ms, const auto&... also) {
        return database.write([&](Sql& sql) -> Result<std::int64_t> {
            return sql.run(text, now_ms + wait_ms, now_ms + wait_ms + kToleranceMs, also...);
        });
    };
    SYNCLINE_ASSIGN_OR_RETURN(std::int64_t all, capped(kLeases, longest.lease_ms));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto requests, capped(kRequests, longest.retry_ms, kIntentGivenUp)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, capped(kConnections, longest.connection_ms));
    SYNCLINE_ASSIGN_OR_RETURN(const auto restarts, capped(kRestarts, longest.restart_ms));
    SYNCLINE_ASSIGN_OR_RETURN(const auto webhooks, capped(kWebhooks, longest.webhook_ms));
    all += requests + connections + restarts + webhooks;
    using Flows = std::vector<std::tuple<std::int64_t>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Flows flows, database.read([](Sql& sql) -> Result<Flows> {
        return sql.rows<std::int64_t>(kFlows);
    }));
    for (const auto& [flow] : flows) {
        for (int priority = 0; priority < kPriorities; ++priority) {
            SYNCLINE_ASSIGN_OR_RETURN(
                const auto jobs, bring_back_jobs(database, flow, priority, now_ms)
            );
            all += jobs;
        }
    }
    return all;
}

}  // namespace syncline::storage
