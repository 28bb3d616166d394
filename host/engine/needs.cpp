#include "engine/needs.hpp"

#include <algorithm>
#include <set>

#include "core/failpoint.hpp"
#include "core/flow.hpp"
#include "core/plan.hpp"
#include "engine/encode.hpp"

namespace syncline::engine {
namespace {

std::string identity_of(const Need& need) {
    return need.natural_key.empty() ? "#" + need.source_id : need.natural_key;
}

storage::MappedRecord record_of(
    const WriteContext& context, ConnectionId target, const Need& need
) {
    return {context.tenant, context.source, target, need.entity, need.source_id, identity_of(need)};
}

NeedState failed(Error error) {
    NeedState state;
    state.kind = NeedState::Kind::kFailed;
    state.error = std::move(error);
    return state;
}

NeedState known(std::string remote_id, bool made) {
    NeedState state;
    state.kind = NeedState::Kind::kKnown;
    state.remote_id = std::move(remote_id);
    state.made = made;
    return state;
}

bool missing(const NeedStates& states, const Need& need) {
    return states.at(need.key).kind == NeedState::Kind::kMissing;
}

// So many records are tried for one need.
constexpr std::size_t kRecordsTried = 5;

// The record was refused; another one of the same need may be taken.
bool refused(const NeedState& state) {
    const ErrorClass as = class_of(state.error.code);
    return state.kind == NeedState::Kind::kFailed &&
           (as == ErrorClass::kBusiness || as == ErrorClass::kBug);
}

// The one document a needed record becomes, or why not.
Result<PlannedDocument> only_document(const Need& need, const Encoded& encoded) {
    const PlannedRecord planned = plan_record(encoded, {});
    if (planned.action != PlanAction::kCreate) {
        const Reason reason =
            planned.reason.value_or(Reason{"NOT_MADE", "its connector made no document of it"});
        return Error{
            ErrorCode::kHold,
            need.entity + " " + identity_of(need) + ": " + reason.message,
            reason.code};
    }
    if (planned.documents.size() != 1 || !planned.needs.empty()) {
        return Error{
            ErrorCode::kBug,
            "a needed " + need.entity + " must become one document that needs nothing itself",
            "need.not_single"};
    }
    return planned.documents.front();
}

}  // namespace

std::string need_lane(const Need& need) {
    return lane_name(need.entity, identity_of(need));
}

Result<NeedState> NeedResolver::mapped(
    const WriteContext& context, ConnectionId target, const Need& need
) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto before, stores_.id_mappings.by_identity(record_of(context, target, need))
    );
    return before.empty() ? NeedState{} : known(before.front().remote_id, false);
}

Result<void> NeedResolver::remember_found(
    const WriteContext& context, ConnectionId target, const Need& need, const Found& found
) {
    const storage::MappedRecord record = record_of(context, target, need);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, stores_.id_mappings.seal_owned(record, found.owned)
    );
    // No hash: it was linked, not written, so its own flow will still bring it up to date.
    const WrittenBefore linked{need.entity, found.entity, found.remote_id, found.version, "", {}};
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        stores_.id_mappings.put(sql, record, linked, sealed, writer_.now_ms());
        writer_.announce(sql, record);
        return {};
    });
}

Result<void> NeedResolver::find_missing(
    ConnectionSession& session,
    const WriteContext& context,
    const std::vector<WantedNeed>& needs,
    bool remember,
    NeedStates& states
) {
    std::map<std::string, FindRequest> by_entity;
    std::map<std::string, const Need*> by_key;
    for (const auto& wanted : needs) {
        if (missing(states, wanted.need) && by_key.emplace(wanted.need.key, &wanted.need).second) {
            FindRequest& request = by_entity[wanted.need.entity];
            request.entity = wanted.need.entity;
            request.keys.push_back(
                {wanted.need.key, wanted.need.natural_key, {}, {}, wanted.need.record}
            );
        }
    }
    for (const auto& [entity, request] : by_entity) {
        auto found = session.find(request);
        if (!found && found.error().code == ErrorCode::kUnsupported) {
            continue;
        }
        if (!found) {
            return found.error();
        }
        for (const auto& one : *found) {
            const Need& need = *by_key.at(one.key);
            if (one.hold) {
                states[one.key] = failed(
                    {ErrorCode::kHold,
                     need.entity + " " + identity_of(need) + ": " + one.hold->message,
                     one.hold->code}
                );
                continue;
            }
            if (remember) {
                SYNCLINE_RETURN_IF_ERROR(remember_found(context, session.connection().id, need, one)
                );
            }
            states[one.key] = known(one.remote_id, false);
        }
    }
    return {};
}

Result<NeedStates> NeedResolver::look_up(
    ConnectionSession& session,
    const WriteContext& context,
    const std::vector<WantedNeed>& needs,
    bool remember
) {
    NeedStates states;
    for (const auto& wanted : needs) {
        if (states.count(wanted.need.key) == 0) {
            SYNCLINE_ASSIGN_OR_RETURN(
                states[wanted.need.key], mapped(context, session.connection().id, wanted.need)
            );
        }
    }
    SYNCLINE_RETURN_IF_ERROR(find_missing(session, context, needs, remember, states));
    return states;
}

Result<void> NeedResolver::make_missing(
    ConnectionSession& session,
    const EncodeContext& encode_context,
    const WriteContext& context,
    const std::vector<WantedNeed>& needs,
    NeedStates& states
) {
    // One entry per lane: two keys may be the same record.
    std::map<std::string, Lanes> by_entity;
    for (const auto& wanted : needs) {
        if (!missing(states, wanted.need)) {
            continue;
        }
        if (wanted.need.record.is_null()) {
            states[wanted.need.key] = failed(
                {ErrorCode::kHold,
                 "the " + wanted.need.entity + " " + identity_of(wanted.need) +
                     " is not in the target, and there is nothing to make it from",
                 "NEED_MISSING"}
            );
            continue;
        }
        auto& records = by_entity[wanted.need.entity][need_lane(wanted.need)];
        const bool is_new =
            std::none_of(records.begin(), records.end(), [&](const WantedNeed& other) {
                return other.need.record == wanted.need.record;
            });
        if (is_new && records.size() < kRecordsTried) {
            records.push_back(wanted);
        }
    }
    for (const auto& [entity, of_entity] : by_entity) {
        std::vector<std::string> lanes;
        for (const auto& [lane, wanted] : of_entity) {
            lanes.push_back(lane);
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto taken,
            stores_.jobs.acquire_lanes(session.connection().id, lanes, context.token)
        );
        SYNCLINE_FAILPOINT("needs.after_lanes");
        const std::set<std::string> ours(taken.begin(), taken.end());
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto doubted, stores_.jobs.lanes_in_doubt(session.connection().id, lanes)
        );
        const std::set<std::string> in_doubt(doubted.begin(), doubted.end());
        Lanes to_make;
        for (const auto& [lane, records] : of_entity) {
            const WantedNeed& wanted = records.front();
            if (in_doubt.count(lane) != 0) {
                states[wanted.need.key] = failed(
                    {ErrorCode::kTransient,
                     "it is not known yet whether the target has it",
                     "intent.open"}
                );
                continue;
            }
            if (ours.count(lane) == 0) {
                states[wanted.need.key].kind = NeedState::Kind::kBusy;
                continue;
            }
            // Somebody may have made it between our look and our taking of the lane.
            SYNCLINE_ASSIGN_OR_RETURN(
                states[wanted.need.key], mapped(context, session.connection().id, wanted.need)
            );
            if (missing(states, wanted.need)) {
                to_make.emplace(lane, records);
            }
        }
        const Result<void> made = make_in_lanes(session, encode_context, context, to_make, states);
        SYNCLINE_RETURN_IF_ERROR(
            stores_.jobs.release_lanes(session.connection().id, taken, context.token)
        );
        SYNCLINE_RETURN_IF_ERROR(made);
    }
    // Keys that share a lane share its state.
    for (const auto& wanted : needs) {
        const auto& of_entity = by_entity[wanted.need.entity];
        const auto maker = of_entity.find(need_lane(wanted.need));
        if (missing(states, wanted.need) && maker != of_entity.end()) {
            states[wanted.need.key] = states[maker->second.front().need.key];
        }
    }
    return {};
}

Result<void> NeedResolver::make_in_lanes(
    ConnectionSession& session,
    const EncodeContext& encode_context,
    const WriteContext& context,
    const Lanes& lanes,
    NeedStates& states
) {
    for (std::size_t round = 0; round < kRecordsTried; ++round) {
        std::vector<WantedNeed> of_round;
        for (const auto& [lane, records] : lanes) {
            const bool wanted = round == 0 || refused(states[records.front().need.key]);
            // A lane that the round before left in doubt is not touched again.
            SYNCLINE_ASSIGN_OR_RETURN(
                const auto doubted,
                round > 0 && wanted ? stores_.jobs.lanes_in_doubt(session.connection().id, {lane})
                                    : Result<std::vector<std::string>>(std::vector<std::string>())
            );
            if (round < records.size() && wanted && doubted.empty()) {
                of_round.push_back(records[round]);
            }
        }
        if (of_round.empty()) {
            return {};
        }
        SYNCLINE_RETURN_IF_ERROR(make_entity(session, encode_context, context, of_round, states));
        for (const auto& made : of_round) {
            const auto& first = lanes.at(need_lane(made.need)).front();
            states[first.need.key] = states[made.need.key];
        }
    }
    return {};
}

Result<void> NeedResolver::make_entity(
    ConnectionSession& session,
    EncodeContext encode_context,
    const WriteContext& context,
    const std::vector<WantedNeed>& needs,
    NeedStates& states
) {
    if (needs.empty()) {
        return {};
    }
    encode_context.entity = needs.front().need.entity;
    encode_context.target_entity.clear();
    std::vector<std::string> records;
    for (const auto& wanted : needs) {
        records.push_back(dump_json(wanted.need.record));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto encoded, encode_isolating(session, encode_context, {records, {}})
    );
    std::vector<WriteTask> tasks;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        const Need& need = needs[i].need;
        auto document = encoded[i] ? only_document(need, *encoded[i])
                                   : Result<PlannedDocument>(encoded[i].error());
        if (!document) {
            states[need.key] = failed(document.error());
            continue;
        }
        WriteTask task;
        task.item.role = document->document.role;
        task.item.entity = document->document.entity;
        task.item.operation = document->document.operation;
        task.item.natural_key = document->document.natural_key;
        task.item.marker = document->document.marker;
        task.item.body = document->document.body;
        task.item.money = document->document.money;
        task.target = {
            needs[i].job.value,
            need.entity,
            need.source_id,
            identity_of(need),
            document->document.role,
            document->hash,
            true};
        task.lane = need_lane(need);
        tasks.push_back(std::move(task));
        keys.push_back(need.key);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto results,
        writer_.write(
            session, context, tasks, [](auto&, const auto&, const auto&) { return Result<void>(); }
        )
    );
    for (std::size_t i = 0; i < results.size(); ++i) {
        states[keys[i]] =
            results[i] ? known(results[i]->remote_id, true) : failed(results[i].error());
    }
    return {};
}

}  // namespace syncline::engine
