#include "engine/record_jobs.hpp"

#include <set>

#include "core/sha256.hpp"
#include "engine/deliver_stages.hpp"

namespace syncline::engine {

Result<std::vector<storage::RaisedJob>> jobs_of(
    Stores& stores, const Flow& flow, const std::vector<Record>& records, const RaiseRules& rules
) {
    const Filters& of_flow = flow.definition.source.filters;
    const bool filtered = !of_flow.empty() || !rules.filters.empty();
    std::set<std::string> known;
    if (filtered) {
        std::vector<std::string> ids;
        for (const auto& record : records) {
            ids.push_back(record.key);
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto delivered, stores.jobs.known_ids(flow.id, ids));
        known.insert(delivered.begin(), delivered.end());
    }
    std::vector<storage::RaisedJob> jobs;
    for (const auto& record : records) {
        if (filtered && known.count(record.key) == 0) {
            auto parsed = parse_json(record.json);
            if (parsed && (!passes(of_flow, *parsed) || !passes(rules.filters, *parsed))) {
                continue;
            }
        }
        storage::RaisedJob job;
        job.source_id = record.key;
        job.priority = rules.priority;
        job.always = rules.always;
        job.asked_for = rules.asked_for;
        job.content_hash = sha256_hex(record.json);
        if (rules.approved) {
            const auto approved = rules.approved->find(record.key);
            job.approved = approved == rules.approved->end() ? kApprovedNothing : approved->second;
        }
        const auto identity = identity_of_record(flow.definition.entity, record.key, record.json);
        // A record whose text cannot be read still gets its job, and fails there where it is seen.
        job.lane = lane_name(flow.definition.entity, identity ? *identity : "#" + record.key);
        SYNCLINE_ASSIGN_OR_RETURN(
            job.record,
            stores.vault.seal(record_place(flow.tenant, flow.id, record.key), record.json)
        );
        jobs.push_back(std::move(job));
    }
    return jobs;
}

}  // namespace syncline::engine
