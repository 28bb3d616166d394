// The part of the job store that keeps records back until somebody confirms them, and takes them up
// again.
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kAskForApproval =
    "UPDATE sync_queue SET approved = '!' WHERE id = ? AND state = 'parked'";
constexpr auto kTakeUpAll = R"sql(
    UPDATE sync_queue SET state = 'queued', approved = '', run_at_ms = ?, updated_at_ms = ?
     WHERE flow_id = ? AND state = 'parked'
)sql";
constexpr auto kTakeUp = R"sql(
    UPDATE sync_queue SET state = 'queued', approved = ?, run_at_ms = ?, updated_at_ms = ?
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
    const std::optional<std::map<std::string, std::string>>& approved,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (!approved) {
            sql.run(kTakeUpAll, now_ms, now_ms, flow.value);
            return {};
        }
        for (const auto& [source_id] : sql.rows<std::string>(kParkedIds, flow.value)) {
            const auto one = approved->find(source_id);
            if (one != approved->end()) {
                sql.run(kTakeUp, one->second, now_ms, now_ms, flow.value, source_id);
            }
        }
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
