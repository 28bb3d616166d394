#include "engine/preview.hpp"

#include <algorithm>

#include "core/sha256.hpp"
#include "engine/collect.hpp"
#include "engine/deliver_stages.hpp"

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
    std::string everything;
    for (const auto& entry : plan.entries) {
        const PlanAction action = entry.error ? PlanAction::kError : entry.planned.action;
        ++plan.actions[std::string(enum_name(action))];
        everything += entry.source_id + " " + std::string(enum_name(action)) + "\n";
        for (const auto& document : entry.planned.documents) {
            if (document.action == PlanAction::kSkip) {
                continue;
            }
            everything += document.hash + "\n";
            // A payment repeats the money of its invoice.
            if (document.document.money && document.siblings.empty()) {
                add_money(plan.money, document.document.money->total);
            }
        }
    }
    plan.hash = sha256_hex(everything);
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

Result<FlowPlan> Preview::plan(
    const Flow& flow, SyncMode mode, const storage::RunOptions& options, std::int64_t limit
) {
    FlowPlan plan;
    plan.flow = flow.definition.name;
    plan.source = flow.definition.source.connection;
    plan.target = flow.definition.target.connection;
    SYNCLINE_ASSIGN_OR_RETURN(const auto records, read(flow, mode, options, limit, plan.truncated));
    plan.read = static_cast<std::int64_t>(records.size());
    SYNCLINE_ASSIGN_OR_RETURN(const auto target, pool_.open(flow.target));
    SYNCLINE_ASSIGN_OR_RETURN(const Json facts, target->facts());
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(flow.source));
    std::vector<Record> to_encode;
    for (const auto& record : records) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto known, stores_.id_mappings.written_before(flow, {record.key})
        );
        PlanEntry entry;
        entry.source_id = record.key;
        if (known.empty() && !wanted(flow, options, record)) {
            entry.planned.reason = Reason{"FILTERED", "a filter leaves it out"};
        } else if (record.operation == RecordOperation::kDelete) {
            entry.planned =
                plan_deleted(known.empty() ? std::vector<WrittenBefore>() : known.begin()->second);
        } else {
            entry.encoded = true;
            to_encode.push_back(record);
        }
        plan.entries.push_back(std::move(entry));
    }
    SYNCLINE_RETURN_IF_ERROR(
        encode(*target, encode_context(flow, source, facts), to_encode, flow, plan.entries)
    );
    SYNCLINE_RETURN_IF_ERROR(look_up_needs(*target, flow, plan.entries));
    tally(plan);
    return plan;
}

Result<std::vector<Record>> Preview::read(
    const Flow& flow,
    SyncMode mode,
    const storage::RunOptions& options,
    std::int64_t limit,
    bool& truncated
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, pool_.open(flow.source));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto cursor, stores_.flows.cursor(flow.id, flow.definition.entity)
    );
    const storage::Cursor begun = begin_scan(cursor, mode, options, 0);
    ReadRequest request;
    request.entity = flow.definition.entity;
    request.ids = options.ids;
    if (begun.scan_from_ms > 0) {
        request.window.from = Timestamp{begun.scan_from_ms};
    }
    request.window.to = options.to;
    request.limit = source->spec().limits.read_page_max;
    std::vector<Record> records;
    for (bool more = true; more;) {
        SYNCLINE_ASSIGN_OR_RETURN(Page page, source->read(request));
        more = page.more && options.ids.empty();
        request.after_id = page.last_id;
        request.next = page.next;
        std::move(page.records.begin(), page.records.end(), std::back_inserter(records));
        if (static_cast<std::int64_t>(records.size()) >= limit) {
            truncated = more || static_cast<std::int64_t>(records.size()) > limit;
            records.resize(static_cast<std::size_t>(limit));
            break;
        }
    }
    return records;
}

Result<void> Preview::encode(
    ConnectionSession& target,
    const EncodeContext& context,
    const std::vector<Record>& records,
    const Flow& flow,
    std::vector<PlanEntry>& entries
) {
    if (records.empty()) {
        return {};
    }
    std::vector<std::string> ids;
    std::vector<std::string> texts;
    for (const auto& record : records) {
        ids.push_back(record.key);
        texts.push_back(record.json);
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto before, stores_.id_mappings.written_before(flow, ids));
    std::vector<std::vector<KnownDocument>> known;
    for (const auto& id : ids) {
        known.push_back(known_documents(before[id]));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto encoded, encode_isolating(target, context, texts, known));
    std::size_t next = 0;
    for (auto& entry : entries) {
        if (!entry.encoded) {
            continue;
        }
        const auto& one = encoded[next++];
        if (one) {
            entry.planned = plan_record(*one, before[entry.source_id]);
        } else {
            entry.error = one.error();
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
