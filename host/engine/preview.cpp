#include "engine/preview.hpp"

#include <algorithm>
#include <set>

#include "core/sha256.hpp"
#include "engine/collect.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/echoes.hpp"
#include "engine/encode.hpp"
#include "engine/overlap.hpp"
#include "engine/sweep.hpp"
#include "engine/transformer.hpp"
#include "engine/unreadable.hpp"
#include "engine/written_before.hpp"

namespace syncline::engine {
namespace {

void add_money(std::map<std::string, Money>& totals, const Money& amount) {
    auto [entry, first] = totals.try_emplace(std::string(amount.currency().code()), amount);
    if (!first) {
        entry->second += amount;
    }
}

// Counts, money per currency, and the hash over everything that would be written.
void tally(FlowPlan& plan) {
    std::map<std::string, std::string> forms;  // in an order that is not the source's
    for (const auto& entry : plan.entries) {
        const PlanAction action = entry.error ? PlanAction::kError : entry.planned.action;
        ++plan.actions[std::string(enum_name(action))];
        if (!writes(entry)) {
            continue;
        }
        ++plan.writes;
        forms[entry.source_id] = approved_form(entry.planned);
        for (const auto& document : entry.planned.documents) {
            if (document.action == PlanAction::kSkip) {
                continue;
            }
            plan.destructive += document.document.operation != DocumentOperation::kUpsert ? 1 : 0;
            // A payment repeats the money of its invoice.
            if (document.document.money && document.siblings.empty()) {
                add_money(plan.money, document.document.money->total);
            }
        }
    }
    std::string everything;
    for (const auto& [source_id, form] : forms) {
        everything += source_id + " " + form + "\n";
    }
    plan.hash = sha256_hex(everything);
}

// An incremental run leaves it alone, as JobStore::raise() does.
bool rests(const storage::JobStore::Collected& job, const Record& record) {
    return (job.state == "settled" || job.state == "dead") &&
           job.content_hash == sha256_hex(record.json);
}

void note_unreadable(
    const Page& page, std::set<std::string>& seen, std::vector<UnreadableRecord>& unreadable
) {
    for (const auto& record : page.unreadable) {
        if (seen.insert(record.id).second) {
            unreadable.push_back(record);
            unreadable.back().raw = {};  // nobody looks at it in a plan
        }
    }
}

bool wanted(const Flow& flow, const storage::RunOptions& options, const Record& record) {
    const Filters& of_flow = flow.definition.source.filters;
    if (of_flow.empty() && options.filters.empty()) {
        return true;
    }
    const auto parsed = parse_json(record.json);
    return !parsed || (passes(of_flow, *parsed) && passes(options.filters, *parsed));
}

}  // namespace

bool writes(const PlanEntry& entry) {
    return !entry.error && (entry.planned.action == PlanAction::kCreate ||
                            entry.planned.action == PlanAction::kUpdate);
}

Result<FlowPlan> Preview::plan(
    const Flow& flow,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t limit,
    const std::atomic<bool>* stop
) {
    Reading reading;
    reading.stop = stop;
    return plan_of(flow, mode, options, limit, std::move(reading));
}

Result<FlowPlan> Preview::plan_of_schedule(
    const Flow& flow,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t limit,
    const std::atomic<bool>* stop
) {
    Reading reading;
    reading.stop = stop;
    reading.by_schedule = true;
    return plan_of(flow, mode, options, limit, std::move(reading));
}

Result<std::optional<std::int64_t>> Preview::day_of_sweep(
    const Flow& flow, const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, pool_.open(flow.source, stop));
    if (!is_swept(source->spec(), flow.definition.entity)) {
        return std::optional<std::int64_t>();
    }
    return std::optional<std::int64_t>(day_of(zone_of(*source), clock_.now()));
}

Result<FlowPlan> Preview::plan_of(
    const Flow& flow,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t limit,
    Reading reading
) {
    FlowPlan plan;
    plan.id = flow.id;
    plan.flow = flow.definition.name;
    plan.mode = mode;
    plan.source = flow.definition.source.connection;
    plan.target = flow.definition.target.connection;
    SYNCLINE_ASSIGN_OR_RETURN(
        reading.cursor, stores_.flows.cursor(flow.id, flow.definition.entity)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto records, read(flow, mode, options, limit, reading));
    plan.truncated = reading.truncated;
    plan.read = static_cast<std::int64_t>(records.size() + reading.unreadable.size());
    SYNCLINE_ASSIGN_OR_RETURN(const auto target, pool_.open(flow.target, reading.stop));
    SYNCLINE_ASSIGN_OR_RETURN(const Json facts, target->facts());
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(flow.source));
    SYNCLINE_ASSIGN_OR_RETURN(const auto echoes, own_echoes(stores_, flow, records));
    std::vector<Record> to_encode;
    Before before;
    for (const auto& record : records) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto known, stores_.id_mappings.written_before(flow, {record.key})
        );
        PlanEntry entry;
        entry.source_id = record.key;
        SYNCLINE_ASSIGN_OR_RETURN(const auto job, stores_.jobs.collected(flow.id, record.key));
        if (mode == SyncMode::kIncremental && job && rests(*job, record)) {
            entry.planned.reason = job->state == "dead"
                                       ? Reason{"WAITS_AS_FAILURE", "it failed; retry it"}
                                       : Reason{"UNCHANGED", "it is as it was when it was read"};
        } else if (mode == SyncMode::kIncremental && echoes.count(record.key) != 0) {
            entry.planned.reason = Reason{"OWN_WRITE", "it shows what was written there by us"};
        } else if (known.empty() && !job && !wanted(flow, options, record)) {
            entry.planned.reason = Reason{"FILTERED", "a filter leaves it out"};
        } else if (record.operation == RecordOperation::kDelete) {
            entry.planned = plan_deleted(
                flow.definition.delete_policy,
                known.empty() ? std::vector<WrittenBefore>() : known.begin()->second
            );
        } else {
            entry.encoded = true;
            to_encode.push_back(record);
            SYNCLINE_ASSIGN_OR_RETURN(before[record.key], written_before(flow, record, known));
        }
        plan.entries.push_back(std::move(entry));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const EncodeContext encoding, encoding_for(stores_, *target, flow, source, facts)
    );
    SYNCLINE_RETURN_IF_ERROR(encode(*target, flow, encoding, to_encode, before, plan));
    SYNCLINE_RETURN_IF_ERROR(look_up_needs(*target, flow, plan.entries));
    SYNCLINE_RETURN_IF_ERROR(show_conflicts(flow, plan.entries));
    SYNCLINE_RETURN_IF_ERROR(show_unreadable(flow, mode, reading, plan.entries));
    tally(plan);
    return plan;
}

Result<std::vector<WrittenBefore>> Preview::written_before(
    const Flow& flow, const Record& record, const Before& by_id
) const {
    if (!by_id.empty()) {
        return by_id.begin()->second;
    }
    const auto identity = identity_of_record(flow.definition.entity, record.key, record.json);
    // One that cannot be read fails when it is encoded.
    return identity ? written_by_identity(stores_, flow, record.key, *identity)
                    : std::vector<WrittenBefore>();
}

Result<void> Preview::show_unreadable(
    const Flow& flow, SyncMode mode, const Reading& reading, std::vector<PlanEntry>& entries
) {
    for (const auto& record : reading.unreadable) {
        PlanEntry entry;
        entry.source_id = record.id;
        SYNCLINE_ASSIGN_OR_RETURN(const auto job, stores_.jobs.collected(flow.id, record.id));
        if (mode == SyncMode::kIncremental && job && job->state == "dead" &&
            job->content_hash == to_unreadable_job(stores_, flow, record).content_hash) {
            entry.planned.reason = Reason{"WAITS_AS_FAILURE", "it failed; retry it"};
        } else {
            entry.error = unreadable_error(record);
        }
        entries.push_back(std::move(entry));
    }
    return {};
}

Result<void> Preview::show_conflicts(const Flow& flow, std::vector<PlanEntry>& entries) {
    std::vector<std::string> ids;
    for (const auto& entry : entries) {
        ids.push_back(entry.source_id);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto standing, stores_.conflicts.standing(flow.id, ids));
    for (auto& entry : entries) {
        const auto conflict = standing.find(entry.source_id);
        if (conflict != standing.end() && writes(entry)) {
            entry.planned.action = PlanAction::kConflict;
            entry.planned.reason = Reason{
                "CONFLICT_OPEN",
                "somebody changed " + conflict->second.target_entity + " " +
                    conflict->second.target_id + " in the target; resolve conflict " +
                    std::to_string(conflict->second.id.value)};
        }
    }
    return {};
}

bool Preview::sweep_rests(
    ConnectionSession& source, const Flow& flow, SyncMode mode, const Reading& reading
) const {
    storage::Run run;
    run.mode = mode;
    run.entity = flow.definition.entity;
    run.requested_by = "schedule:";
    return reading.by_schedule && rests_until_night(source, run, reading.cursor, clock_.now());
}

Result<std::vector<Record>> Preview::read(
    const Flow& flow,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t limit,
    Reading& reading
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, pool_.open(flow.source, reading.stop));
    const std::int64_t overlap =
        read_overlap(*source, config_, reading.cursor.cursor_ms, clock_.now());
    storage::Cursor begun = begin_scan(reading.cursor, mode, options, overlap);
    if (is_swept(source->spec(), flow.definition.entity)) {
        begun.scan_from_ms = 0;  // as the run does
    }
    reading.from_ms = begun.scan_from_ms;
    ReadRequest request;
    request.entity = flow.definition.entity;
    if (begun.scan_from_ms > 0) {
        request.window.from = Timestamp{begun.scan_from_ms};
    }
    request.window.to = options.to;
    request.limit = source->spec().limits.read_page_max;
    std::vector<Record> records;
    std::set<std::string> seen;
    const auto add = [&](std::vector<Record> some) {
        for (auto& record : some) {
            if (seen.insert(record.key).second) {
                records.push_back(std::move(record));
            }
        }
    };
    const auto seen_count = [&] { return static_cast<std::int64_t>(seen.size()); };
    bool full = false;
    for (bool more = mode != SyncMode::kIds && !sweep_rests(*source, flow, mode, reading);
         more && !full;) {
        SYNCLINE_ASSIGN_OR_RETURN(Page page, source->read(request));
        more = page.more;
        request.after_id = page.last_id;
        request.next = page.next;
        note_unreadable(page, seen, reading.unreadable);
        add(std::move(page.records));
        full = seen_count() > limit || (more && seen_count() == limit);
    }
    if (!full) {
        std::vector<std::string> ids = options.ids;
        SYNCLINE_ASSIGN_OR_RETURN(const auto parked, stores_.jobs.parked_ids(flow.id));
        std::copy_if(parked.begin(), parked.end(), std::back_inserter(ids), [&](const auto& id) {
            return seen.count(id) == 0;
        });
        if (seen_count() + static_cast<std::int64_t>(ids.size()) > limit) {
            ids.resize(static_cast<std::size_t>(limit - seen_count()));
            full = true;
        }
        SYNCLINE_ASSIGN_OR_RETURN(Page some, read_ids(*source, flow, ids));
        note_unreadable(some, seen, reading.unreadable);
        add(std::move(some.records));
    }
    reading.truncated = full || seen_count() > limit;
    records.resize(std::min(records.size(), static_cast<std::size_t>(limit)));
    reading.unreadable.resize(
        std::min(reading.unreadable.size(), static_cast<std::size_t>(limit) - records.size())
    );
    return records;
}

Result<Preview::Reread> Preview::reread(
    const Flow& flow, std::int64_t cursor_ms, std::int64_t limit
) {
    Reading reading;
    reading.cursor.cursor_ms = cursor_ms;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto records, read(flow, flow.definition.mode, {}, limit, reading)
    );
    std::vector<std::string> ids;
    for (const auto& record : records) {
        ids.push_back(record.key);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto known, stores_.jobs.known_ids(flow.id, ids));
    return Reread{
        reading.from_ms,
        static_cast<std::int64_t>(records.size()),
        static_cast<std::int64_t>(known.size()),
        reading.truncated};
}

Result<Page> Preview::read_ids(
    ConnectionSession& source, const Flow& flow, const std::vector<std::string>& ids
) {
    Page all;
    const auto page_max =
        static_cast<std::size_t>(std::max<std::int64_t>(1, source.spec().limits.read_page_max));
    for (std::size_t at = 0; at < ids.size(); at += page_max) {
        ReadRequest request;
        request.entity = flow.definition.entity;
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
        request.ids.assign(
            begin, begin + static_cast<std::ptrdiff_t>(std::min(page_max, ids.size() - at))
        );
        request.limit = static_cast<std::int64_t>(request.ids.size());
        SYNCLINE_ASSIGN_OR_RETURN(Page page, source.read(request));
        for (auto& record : page.unreadable) {
            record.raw = {};
            all.unreadable.push_back(std::move(record));
        }
        std::move(page.records.begin(), page.records.end(), std::back_inserter(all.records));
    }
    return all;
}

Result<void> Preview::encode(
    ConnectionSession& target,
    const Flow& flow,
    const EncodeContext& context,
    const std::vector<Record>& records,
    const Before& before,
    FlowPlan& plan
) {
    EncodeBatch batch;
    for (const auto& record : records) {
        batch.records.push_back(record.json);
        batch.known.push_back(known_documents(before.at(record.key)));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto mapped, encode_mapped(stores_, target, flow, context, batch)
    );
    plan.mapping = mapped.mapping;
    std::size_t next = 0;
    for (auto& entry : plan.entries) {
        if (!entry.encoded) {
            continue;
        }
        if (const auto& encoded = mapped.records[next++]) {
            entry.planned = plan_record(*encoded, before.at(entry.source_id));
        } else {
            entry.error = encoded.error();
        }
    }
    return {};
}

Result<void> Preview::look_up_needs(
    ConnectionSession& target, const Flow& flow, std::vector<PlanEntry>& entries
) {
    std::vector<WantedNeed> needs;
    for (const auto& entry : entries) {
        for (const auto& need : entry.planned.needs) {
            needs.push_back({need, {}});
        }
    }
    const WriteContext context{flow.tenant, flow.id, flow.source, 0};
    SYNCLINE_ASSIGN_OR_RETURN(const auto states, needs_.look_up(target, context, needs, false));
    for (auto& entry : entries) {
        for (const auto& need : entry.planned.needs) {
            const NeedState& state = states.at(need.key);
            if (state.kind == NeedState::Kind::kFailed) {
                entry.planned.action = PlanAction::kHold;
                entry.planned.reason = Reason{state.error.name, state.error.message};
            } else if (state.kind == NeedState::Kind::kMissing) {
                entry.to_make.push_back(need.key);
            }
        }
    }
    return {};
}

}  // namespace syncline::engine
