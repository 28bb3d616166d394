// The part of the job store that keeps records back until somebody confirms them, and takes them up
// again.
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kAskForApproval =
    "UPDATE sync_queue SET approved = '!' WHERE id = ? AND state = 'parked'";
// The record is fetched anew: the copy is of when it was collected, and others may have seen a
// newer one since. What was edited by hand stays, and who edited it approved of it.
constexpr auto kTakeUpAll = R"sql(
    UPDATE sync_queue
       SET state = 'queued', approved = '', run_id = ?, run_at_ms = ?, updated_at_ms = ?,
           record = CASE edited WHEN 1 THEN record END,
           record_version = CASE edited WHEN 1 THEN record_version ELSE 0 END
     WHERE flow_id = ? AND state = 'parked'
)sql";
constexpr auto kTakeUp = R"sql(
    UPDATE sync_queue
       SET state = 'queued', approved = CASE WHEN edited = 1 AND approved = '' THEN '' ELSE ? END,
           run_id = ?, run_at_ms = ?, updated_at_ms = ?,
           record = CASE edited WHEN 1 THEN record END,
           record_version = CASE edited WHEN 1 THEN record_version ELSE 0 END
     WHERE flow_id = ? AND source_id = ? AND state = 'parked'
)sql";
constexpr auto kParkedIds =
    "SELECT source_id FROM sync_queue WHERE flow_id = ? AND state = 'parked' ORDER BY id";

constexpr auto kCollected =
    "SELECT state, content_hash FROM sync_queue WHERE flow_id = ? AND source_id = ?";

}  // namespace

void JobStore::ask_for_approval(Sql& sql, JobId job) {
    sql.run(kAskForApproval, job.value);
}

Result<void> JobStore::take_up_parked(
    FlowId flow,
    const RunId& run,
    const std::optional<std::map<std::string, std::string>>& approved,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        std::int64_t taken = 0;
        if (!approved) {
            taken = sql.run(kTakeUpAll, run, now_ms, now_ms, flow.value);
        } else {
            for (const auto& [source_id] : sql.rows<std::string>(kParkedIds, flow.value)) {
                const auto one = approved->find(source_id);
                if (one != approved->end()) {
                    taken +=
                        sql.run(kTakeUp, one->second, run, now_ms, now_ms, flow.value, source_id);
                }
            }
        }
        runs_.count(sql, run, RunCounts{.read = taken}, taken);
        return {};
    });
}

Result<std::vector<std::string>> JobStore::parked_ids(FlowId flow) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<std::string>> {
        std::vector<std::string> ids;
        for (const auto& [id] : sql.rows<std::string>(kParkedIds, flow.value)) {
            ids.push_back(id);
        }
        return ids;
    });
}

Result<std::optional<JobStore::Collected>> JobStore::collected(
    FlowId flow, const std::string& source_id
) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<Collected>> {
        const auto row = sql.row<std::string, std::string>(kCollected, flow.value, source_id);
        return row ? std::optional(Collected{std::get<0>(*row), std::get<1>(*row)}) : std::nullopt;
    });
}

}  // namespace syncline::storage
