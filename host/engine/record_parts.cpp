#include "engine/record_parts.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "core/approval.hpp"
#include "core/sha256.hpp"
#include "engine/deliver_stages.hpp"

namespace syncline::engine {
namespace {

// By id, what the order's record lists; nothing of a record that is gone or cannot be read.
std::optional<std::set<std::string>> listed_parts(const Record& record) {
    const auto json = parse_json(record.json);
    if (record.operation == RecordOperation::kDelete || !json) {
        return std::nullopt;
    }
    std::set<std::string> ids;
    const Json* refunds = syncline::detail::member_of(*json, "refunds");
    for (const auto& refund : refunds != nullptr ? *refunds : Json(Json::array())) {
        const Json* id = syncline::detail::member_of(refund, "id");
        if (id != nullptr && id->is_string()) {
            ids.insert(id->get<std::string>());
        }
    }
    return ids;
}

storage::RaisedJob job_of_missing(const Flow& flow, const std::string& id) {
    storage::RaisedJob job;
    job.source_id = id;
    job.lane = lane_name(kPartEntity, "#" + id);
    job.content_hash = sha256_hex("");  // as of any record that is gone
    job.approved = flow.definition.approval.exempts(Starter::kWebhook) ? "" : kApprovedNothing;
    return job;
}

}  // namespace

std::optional<storage::RecordPart> part_of(const Flow& flow, const Record& record) {
    if (flow.definition.entity != kPartEntity || record.operation == RecordOperation::kDelete) {
        return std::nullopt;
    }
    const auto json = parse_json(record.json);
    const Json* whole = json ? syncline::detail::member_of(*json, "order_id") : nullptr;
    return whole != nullptr && whole->is_string() && !whole->get_ref<const std::string&>().empty()
               ? std::optional<storage::RecordPart>({record.key, whole->get<std::string>()})
               : std::nullopt;
}

Result<std::vector<std::pair<Flow, RecordJobs>>> jobs_of_missing_parts(
    Stores& stores, const Flow& flow, const ReadRecords& read
) {
    std::vector<std::pair<Flow, RecordJobs>> all;
    if (flow.definition.entity != kWholeEntity) {
        return all;
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto flows, stores.flows.list(flow.tenant));
    std::erase_if(flows, [&](const Flow& one) {
        return one.definition.entity != kPartEntity || one.source != flow.source ||
               !one.definition.enabled;
    });
    if (flows.empty()) {
        return all;
    }
    const storage::PartStore parts(stores.database);
    std::set<std::string> missing;
    for (const auto& order : read.records) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto known, parts.of(flow.source, kPartEntity, order.key));
        if (const auto listed = known.empty() ? std::nullopt : listed_parts(order)) {
            std::copy_if(
                known.begin(),
                known.end(),
                std::inserter(missing, missing.end()),
                [&](const std::string& id) { return listed->count(id) == 0; }
            );
        }
    }
    for (const auto& one : flows) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto delivered,
            stores.id_mappings.written_before(one, {missing.begin(), missing.end()})
        );
        RecordJobs jobs;
        jobs.read_ms = read.read_ms;
        for (const auto& [id, documents] : delivered) {
            (void)documents;
            jobs.jobs.push_back(job_of_missing(one, id));
        }
        if (!jobs.jobs.empty()) {
            all.emplace_back(one, std::move(jobs));
        }
    }
    return all;
}

}  // namespace syncline::engine
