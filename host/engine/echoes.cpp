#include "engine/echoes.hpp"

#include <limits>

#include "core/sha256.hpp"
#include "engine/deliver_stages.hpp"

namespace syncline::engine {
namespace {

// Only content counts.
constexpr std::int64_t kReadNow = std::numeric_limits<std::int64_t>::max();

// Those that deliver what has not changed, too.
Result<std::set<RunId>> runs_that_ask(const Stores& stores, const std::vector<Work>& works) {
    std::set<RunId> all;
    for (const auto& work : works) {
        if (work.job.run) {
            all.insert(*work.job.run);
        }
    }
    std::set<RunId> asking;
    for (const auto& id : all) {
        const auto run = stores.runs.by_id(id);
        if (!run && run.error().code != ErrorCode::kNotFound) {
            return run.error();
        }
        if (run && run->mode != SyncMode::kIncremental) {
            asking.insert(id);
        }
    }
    return asking;
}

}  // namespace

void mark_echoes(
    storage::Sql& sql,
    const Stores& stores,
    const Flow& flow,
    std::int64_t read_ms,
    std::vector<storage::RaisedJob>& jobs
) {
    std::vector<storage::ReadContent> contents;
    for (const auto& job : jobs) {
        contents.push_back({job.source_id, job.content_hash});
    }
    const auto known = stores.own_writes.known(sql, flow, contents, read_ms);
    for (auto& job : jobs) {
        job.echo = !job.always && known.echoes.count(job.source_id) != 0;
        if (known.overtaken.count(job.source_id) != 0) {
            job.record.reset();
        }
    }
}

Result<void> settle_echoes(Stores& stores, const Flow& flow, std::vector<Work>& works) {
    std::vector<storage::ReadContent> contents;
    for (const auto& work : works) {
        contents.push_back({work.job.source_id, sha256_hex(work.record)});
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto known, stores.own_writes.known(flow, contents, kReadNow));
    SYNCLINE_ASSIGN_OR_RETURN(const auto asked_for, runs_that_ask(stores, works));
    for (auto& work : works) {
        if (work.job.run && asked_for.count(*work.job.run) != 0) {
            continue;
        }
        if (!work.outcome && known.echoes.count(work.job.source_id) != 0) {
            work.outcome = settled_outcome(work);
        }
    }
    return {};
}

Result<std::set<std::string>> own_echoes(
    const Stores& stores, const Flow& flow, const std::vector<Record>& records
) {
    std::vector<storage::ReadContent> contents;
    for (const auto& record : records) {
        contents.push_back({record.key, sha256_hex(record.json)});
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto known, stores.own_writes.known(flow, contents, kReadNow));
    return std::move(known.echoes);
}

}  // namespace syncline::engine
