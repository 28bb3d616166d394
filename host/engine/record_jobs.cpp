#include "engine/record_jobs.hpp"

#include <set>

#include "core/sha256.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/echoes.hpp"
#include "engine/record_parts.hpp"
#include "engine/unreadable.hpp"

namespace syncline::engine {
namespace {

Result<storage::RaisedJob> job_of(
    Stores& stores, const Flow& flow, const Record& record, const RaiseRules& rules
) {
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
        job.record, stores.vault.seal(record_place(flow.tenant, flow.id, record.key), record.json)
    );
    return job;
}

void log_unreadable(
    storage::Sql& sql,
    Stores& stores,
    const Flow& flow,
    const storage::UnreadableJob& job,
    const std::optional<RunId>& run,
    std::int64_t now_ms
) {
    storage::LogEntry entry;
    entry.tenant = flow.tenant;
    entry.at_ms = now_ms;
    entry.level = "warning";
    entry.event = "record.unreadable";
    entry.run = run;
    entry.flow = flow.id;
    entry.entity = flow.definition.entity;
    entry.source_id = job.source_id;
    entry.message = job.error.message;
    stores.log.append(sql, entry);
}

}  // namespace

Result<RecordJobs> jobs_of(
    Stores& stores, const Flow& flow, const ReadRecords& read, const RaiseRules& rules
) {
    const Filters& of_flow = flow.definition.source.filters;
    const bool filtered = !of_flow.empty() || !rules.filters.empty();
    std::set<std::string> known;
    if (filtered) {
        std::vector<std::string> ids;
        for (const auto& record : read.records) {
            ids.push_back(record.key);
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto delivered, stores.jobs.known_ids(flow.id, ids));
        known.insert(delivered.begin(), delivered.end());
    }
    RecordJobs jobs;
    jobs.read_ms = read.read_ms;
    for (const auto& record : read.records) {
        if (auto part = part_of(flow, record)) {
            jobs.parts.push_back(std::move(*part));
        }
        if (filtered && known.count(record.key) == 0) {
            auto parsed = parse_json(record.json);
            if (parsed && (!passes(of_flow, *parsed) || !passes(rules.filters, *parsed))) {
                ++jobs.filtered;
                continue;
            }
        }
        SYNCLINE_ASSIGN_OR_RETURN(auto job, job_of(stores, flow, record, rules));
        jobs.jobs.push_back(std::move(job));
    }
    for (const auto& record : read.unreadable) {
        storage::UnreadableJob job = to_unreadable_job(stores, flow, record);
        job.priority = rules.priority;
        job.approved = rules.approved ? kApprovedNothing : "";
        jobs.unreadable.push_back(std::move(job));
    }
    return jobs;
}

RaisedRecords raise(
    storage::Sql& sql,
    Stores& stores,
    const Flow& flow,
    RecordJobs& read,
    const std::optional<RunId>& run,
    std::int64_t now_ms
) {
    RaisedRecords raised;
    raised.skipped = read.filtered;
    mark_echoes(sql, stores, flow, read.read_ms, read.jobs);
    for (const auto& part : read.parts) {
        storage::PartStore::note(sql, flow.source, flow.definition.entity, part);
    }
    for (const auto& job : read.jobs) {
        const bool noted =
            job.echo &&
            stores.jobs.note_echo(sql, flow.id, job.source_id, job.content_hash, now_ms);
        const bool pending =
            !noted && stores.jobs.raise(sql, flow, job, run, now_ms) == storage::Raised::kPending;
        (pending ? raised.pending : raised.skipped) += 1;
    }
    for (const auto& job : read.unreadable) {
        const auto became = stores.jobs.raise_unreadable(sql, flow, job, run, now_ms);
        (became == storage::Raised::kDead      ? raised.dead
         : became == storage::Raised::kPending ? raised.pending
                                               : raised.skipped) += 1;
        if (became == storage::Raised::kDead) {
            log_unreadable(sql, stores, flow, job, run, now_ms);
        }
    }
    return raised;
}

}  // namespace syncline::engine
