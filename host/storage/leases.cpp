// The part of the job store that leases jobs, and takes and gives back lanes.
#include "core/failpoint.hpp"
#include "storage/columns.hpp"
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kSelectDue = R"sql(
    SELECT q.id, q.lane FROM sync_queue q
     WHERE q.flow_id = ? AND q.state = 'queued' AND q.priority = ? AND q.run_at_ms <= ?
       AND NOT EXISTS (SELECT 1 FROM lanes l
                        WHERE l.connection_id = q.target_connection_id AND l.lane = q.lane)
     ORDER BY q.run_at_ms, q.id LIMIT ?
)sql";
constexpr auto kTakeLane = R"sql(
    INSERT INTO lanes (connection_id, lane, token) VALUES (?, ?, ?)
    ON CONFLICT (connection_id, lane) DO NOTHING
)sql";
constexpr auto kLease = R"sql(
    UPDATE sync_queue SET state = 'leased', lease_token = ?, lease_until_ms = ? WHERE id = ?
    RETURNING id, entity, source_id, lane, wanted_version,
              CASE WHEN record_version = wanted_version THEN record END, priority, attempts, written,
              run_id, approved, CASE WHEN first_failed_at_ms = 0 THEN 0
                           ELSE max(? - max(first_failed_at_ms, redriven_at_ms), 0) END
)sql";
constexpr auto kReleaseLane =
    "DELETE FROM lanes WHERE connection_id = ? AND lane = ? AND token = ? AND intent_id IS NULL";
constexpr auto kExtend =
    "UPDATE sync_queue SET lease_until_ms = ? WHERE lease_token = ? AND state = 'leased'";

constexpr auto kInDoubt = R"sql(
    SELECT 1 FROM lanes l JOIN intents i ON i.id = l.intent_id
     WHERE l.connection_id = ? AND l.lane = ? AND i.state = 'open' AND i.busy = 0
)sql";

constexpr auto kLoseLanes = R"sql(
    DELETE FROM lanes
     WHERE intent_id IS NULL
       AND token IN (SELECT lease_token FROM sync_queue WHERE state = 'leased' AND lease_until_ms < ?)
)sql";
constexpr auto kLoseLeases = R"sql(
    UPDATE sync_queue SET state = 'queued', lease_token = 0, lease_until_ms = 0, updated_at_ms = ?
     WHERE state = 'leased' AND lease_until_ms < ?
)sql";
constexpr auto kReleaseLanes = "DELETE FROM lanes WHERE intent_id IS NULL";
constexpr auto kReleaseLeases = R"sql(
    UPDATE sync_queue SET state = 'queued', lease_token = 0, lease_until_ms = 0, updated_at_ms = ?
     WHERE state = 'leased'
)sql";

constexpr auto kJob = columns(
    &Job::id,
    &Job::entity,
    &Job::source_id,
    &Job::lane,
    &Job::version,
    blob(&Job::record),
    &Job::priority,
    &Job::attempts,
    &Job::written,
    &Job::run,
    &Job::approved,
    &Job::failing_for_ms
);

}  // namespace

Result<std::vector<Job>> JobStore::claim(
    const Flow& flow,
    ClaimLimit limit,
    std::int64_t token,
    std::int64_t now_ms,
    std::int64_t lease_ms
) {
    auto claimed = database_.write([&](Sql& sql) -> Result<std::vector<Job>> {
        std::vector<Job> jobs;
        const int from = limit.kinds == JobKinds::kBackfill ? kBackfill : 0;
        const int to = limit.kinds == JobKinds::kNoBackfill ? kBackfill : kPriorities;
        for (int priority = from; priority < to; ++priority) {
            const std::int64_t wanted = limit.jobs - static_cast<std::int64_t>(jobs.size());
            if (wanted <= 0) {
                break;
            }
            for (const auto& [id, lane] : sql.rows<std::int64_t, std::string>(
                     kSelectDue, flow.id.value, priority, now_ms, wanted
                 )) {
                if (sql.run(kTakeLane, flow.target.value, lane, token) == 0) {
                    continue;  // two jobs of this claim share a lane; the second waits its turn
                }
                jobs.push_back(kJob.first(sql, kLease, token, now_ms + lease_ms, id, now_ms).value()
                );
                jobs.back().tenant = flow.tenant;
                jobs.back().flow = flow.id;
            }
        }
        return jobs;
    });
    if (claimed && !claimed->empty()) {
        SYNCLINE_FAILPOINT("lease.after_claim");
    }
    return claimed;
}

Result<std::vector<std::string>> JobStore::acquire_lanes(
    ConnectionId connection, const std::vector<std::string>& lanes, std::int64_t token
) {
    return database_.write([&](Sql& sql) -> Result<std::vector<std::string>> {
        std::vector<std::string> taken;
        for (const auto& lane : lanes) {
            if (sql.run(kTakeLane, connection.value, lane, token) > 0) {
                taken.push_back(lane);
            }
        }
        return taken;
    });
}

void JobStore::release_lane(
    Sql& sql, ConnectionId connection, const std::string& lane, std::int64_t token
) {
    sql.run(kReleaseLane, connection.value, lane, token);
}

Result<void> JobStore::release_lanes(
    ConnectionId connection, const std::vector<std::string>& lanes, std::int64_t token
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        for (const auto& lane : lanes) {
            release_lane(sql, connection, lane, token);
        }
        return {};
    });
}

Result<void> JobStore::extend_lease(std::int64_t token, std::int64_t until_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kExtend, until_ms, token);
        return {};
    });
}

Result<std::vector<std::string>> JobStore::lanes_in_doubt(
    ConnectionId connection, const std::vector<std::string>& lanes
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<std::string>> {
        std::vector<std::string> in_doubt;
        for (const auto& lane : lanes) {
            if (sql.value<std::int64_t>(kInDoubt, connection.value, lane)) {
                in_doubt.push_back(lane);
            }
        }
        return in_doubt;
    });
}

Result<std::int64_t> JobStore::release_lost_leases(std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        sql.run(kLoseLanes, now_ms);
        return sql.run(kLoseLeases, now_ms, now_ms);
    });
}

Result<void> JobStore::release_all_leases(std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kReleaseLanes);
        sql.run(kReleaseLeases, now_ms);
        return {};
    });
}

}  // namespace syncline::storage
