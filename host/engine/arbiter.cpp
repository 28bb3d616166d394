#include "engine/arbiter.hpp"

#include <algorithm>

#include "core/unseen.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/failure_detail.hpp"

namespace syncline::engine {
namespace {

constexpr int kRefusalsMax = 3;

bool removes(const PlannedDocument& document) {
    return document.document.operation != DocumentOperation::kUpsert;
}

// The source's own time of change, as the canonical models tell it.
std::optional<Timestamp> changed_at(const std::string& record) {
    const auto json = parse_json(record);
    if (!json || !json->is_object()) {
        return std::nullopt;
    }
    const auto member = json->find("updated_at");
    const auto time = member != json->end() && member->is_string()
                          ? Timestamp::parse(member->get<std::string>())
                          : Result<Timestamp>(invalid("none"));
    return time && time->ms > 0 ? std::optional(*time) : std::nullopt;
}

std::string fields_text(const Merge& merged) {
    std::string text;
    for (const auto& field : merged.fields) {
        if (field.conflict) {
            text += (text.empty() ? "" : ", ") +
                    (field.path.empty() ? std::string("the document") : field.path);
        }
    }
    return text;
}

Json conflict_fields(const Merge& merged) {
    Json fields = Json::array();
    for (const auto& field : merged.fields) {
        if (field.conflict) {
            fields.push_back(
                {{"path", field.path},
                 {"base", field.base},
                 {"source", field.source},
                 {"target", field.target},
                 {"policy", std::string(enum_name(field.policy))}}
            );
        }
    }
    return fields;
}

Error changed_error(const WriteTask& task, const Merge& merged) {
    const std::string it = task.item.entity + " " + task.item.remote_id;
    return Error{
        ErrorCode::kConflict,
        it + " was changed in the target since we wrote it (" + fields_text(merged) +
            "); it was not " + (merged.removes ? "removed" : "overwritten"),
        "conflict.changed"};
}

Found as_last_written(const PlannedDocument& document, const WriteTask& task) {
    Found found;
    found.entity = task.item.entity;
    found.remote_id = document.remote_id;
    found.version = document.version;
    found.owned = document.merge_base;
    return found;
}

// Of a document that is kept although its record is gone: it is not removed, only noted.
WriteTask as_upsert(WriteTask task) {
    task.item.operation = DocumentOperation::kUpsert;
    return task;
}

// What is left of a wave: not what leaves it, nor what else there is of a record that failed.
Wave without(Wave wave, const std::vector<bool>& leaves) {
    Wave rest;
    for (std::size_t i = 0; i < wave.tasks.size(); ++i) {
        if (!leaves[i] && !wave.works[i]->outcome) {
            rest.tasks.push_back(std::move(wave.tasks[i]));
            rest.works.push_back(wave.works[i]);
            rest.documents.push_back(wave.documents[i]);
        }
    }
    return rest;
}

}  // namespace

storage::Place conflict_place(TenantId tenant, FlowId flow, const std::string& source_id) {
    return {tenant, {}, "conflict:" + std::to_string(flow.value) + ":" + source_id};
}

Result<void> Arbiter::mark(const Flow& flow, std::vector<Work>& works) {
    std::vector<std::string> ids;
    for (const auto& work : works) {
        ids.push_back(work.job.source_id);
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto standing, stores_.conflicts.standing(flow.id, ids));
    for (auto& work : works) {
        const auto conflict = standing.find(work.job.source_id);
        if (conflict == standing.end()) {
            continue;
        }
        for (auto& written : work.before) {
            if (written.role == conflict->second.role) {
                written.conflict = conflict->second.id.value;
            }
        }
        work.standing = std::move(conflict->second);
    }
    return {};
}

Decisions Arbiter::decisions(const Work& work, const PlannedDocument& document) {
    const bool decided = document.conflict != 0 && work.standing && work.standing->decision;
    if (!decided) {
        return {};
    }
    const auto place = conflict_place(work.job.tenant, work.job.flow, work.job.source_id);
    const auto text = stores_.vault.open(place, *work.standing->decision);
    const auto json = text ? parse_json(*text) : Result<Json>(text.error());
    // Without it the conflict opens again, which asks the person once more.
    Decisions all;
    if (json && json->is_object()) {
        for (const auto& entry : json->items()) {
            auto decision = from_json<FieldDecision>(entry.value());
            if (decision) {
                all.emplace(entry.key(), std::move(*decision));
            }
        }
    }
    return all;
}

Result<void> Arbiter::look_first(
    ConnectionSession& session, const Flow& flow, const WriteContext& context, Wave& wave
) {
    std::map<std::string, FindRequest> wanted;
    std::vector<bool> leaves(wave.tasks.size(), false);
    for (std::size_t i = 0; i < wave.tasks.size(); ++i) {
        PlannedDocument& document = *wave.documents[i];
        WriteTask& task = wave.tasks[i];
        if (document.action != PlanAction::kUpdate || document.merged) {
            continue;
        }
        const bool no_versions = document.version.empty() && !document.merge_base.is_null();
        bool look = document.conflict != 0 || no_versions || document.version == kUnseenVersion;
        if (!look && document.kept.is_object() && !document.kept.empty()) {
            SYNCLINE_ASSIGN_OR_RETURN(
                const Verdict verdict,
                keep_settled(session, flow, context, *wave.works[i], document, task)
            );
            look = verdict == Verdict::kFailed;
            leaves[i] = verdict == Verdict::kDone;
        }
        if (look) {
            FindRequest& request = wanted[task.item.entity];
            request.entity = task.item.entity;
            request.keys.push_back(
                {std::to_string(i),
                 {},
                 {},
                 task.item.remote_id,
                 joined_shape(document.merge_base, task.item.body)}
            );
        }
    }
    for (const auto& [entity, request] : wanted) {
        const auto found = session.find(request);
        for (const auto& key : request.keys) {
            const auto i = static_cast<std::size_t>(std::stoul(key.key));
            leaves[i] = true;
            if (!found) {
                fail(
                    *wave.works[i], found.error(), failure_detail(wave.tasks[i].item, found.error())
                );
                continue;
            }
            const auto it = std::find_if(found->begin(), found->end(), [&](const Found& one) {
                return one.key == key.key;
            });
            if (it == found->end()) {
                SYNCLINE_RETURN_IF_ERROR(
                    gone(session, context, *wave.works[i], *wave.documents[i], wave.tasks[i])
                );
                continue;
            }
            SYNCLINE_ASSIGN_OR_RETURN(
                const Verdict verdict,
                weigh(
                    session, flow, context, *wave.works[i], *wave.documents[i], wave.tasks[i], *it
                )
            );
            leaves[i] = verdict != Verdict::kWrite;
        }
    }
    wave = without(std::move(wave), leaves);
    return {};
}

Result<void> Arbiter::after_refusal(
    ConnectionSession& session,
    const Flow& flow,
    const WriteContext& context,
    Work& work,
    PlannedDocument& document,
    WriteTask& task
) {
    // The source's wish counts, not what an earlier look made of it.
    auto wish = substitute(document.document.body, work.ids);
    task.item.body = wish ? std::move(*wish) : std::move(task.item.body);
    FindRequest request;
    request.entity = task.item.entity;
    request.keys.push_back(
        {"it", {}, {}, task.item.remote_id, joined_shape(document.merge_base, task.item.body)}
    );
    const auto found = session.find(request);
    if (!found) {
        fail(work, found.error(), failure_detail(task.item, found.error()));
        return {};
    }
    if (found->empty()) {
        return gone(session, context, work, document, task);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Verdict verdict, weigh(session, flow, context, work, document, task, found->front())
    );
    if (verdict == Verdict::kWrite && ++work.refusals > kRefusalsMax) {
        const Error moving{
            ErrorCode::kConflict,
            task.item.entity + " " + task.item.remote_id +
                " gets new versions faster than it is written",
            "version.moving"};
        fail(work, moving, failure_detail(task.item, moving));
    }
    return {};
}

Result<void> Arbiter::gone(
    ConnectionSession& session,
    const WriteContext& context,
    Work& work,
    PlannedDocument& document,
    WriteTask& task
) {
    if (removes(document)) {  // somebody was faster
        task.item.operation = DocumentOperation::kDelete;
        SYNCLINE_RETURN_IF_ERROR(writer_.adopt(
            context,
            session.connection().id,
            task,
            as_last_written(document, task),
            Writer::Adopted::kAsItWas
        ));
        work.ids["document:" + document.document.role] = document.remote_id;
        document.action = PlanAction::kSkip;
        return {};
    }
    const Error error{
        ErrorCode::kConflict, "the document is gone from the target", "conflict.gone"};
    fail(work, error, failure_detail(task.item, error));
    return {};
}

Result<Arbiter::Verdict> Arbiter::weigh(
    ConnectionSession& session,
    const Flow& flow,
    const WriteContext& context,
    Work& work,
    PlannedDocument& document,
    WriteTask& task,
    const Found& current
) {
    MergeInput input;
    input.base = document.merge_base;
    input.source = removes(document) ? Json() : task.item.body;
    input.target = current.owned;
    input.kept = document.kept.is_object() ? document.kept : Json::object();
    input.source_changed_at = changed_at(work.record);
    input.target_changed_at = current.changed_at;
    const Merge merged = merge(input, flow.definition.conflict_rules(), decisions(work, document));
    if (!merged.conflict) {
        return apply(session, context, work, document, task, current, merged);
    }
    const Error error = changed_error(task, merged);
    fail(work, error, three_sides(document, current, input.source));
    NotedConflict noted;
    noted.role = document.document.role;
    noted.target_entity = task.item.entity;
    noted.target_id = task.item.remote_id;
    noted.sides = {
        {"base", input.base},
        {"source", input.source},
        {"target", input.target},
        {"fields", conflict_fields(merged)}};
    work.conflict = std::move(noted);
    return Verdict::kFailed;
}

Result<Arbiter::Verdict> Arbiter::keep_settled(
    ConnectionSession& session,
    const Flow& flow,
    const WriteContext& context,
    Work& work,
    PlannedDocument& document,
    WriteTask& task
) {
    MergeInput input;
    input.base = document.merge_base;
    input.source = removes(document) ? Json() : task.item.body;
    input.target = document.merge_base;  // should it have changed, the target refuses
    input.kept = document.kept;
    const Merge merged = merge(input, flow.definition.conflict_rules());
    if (merged.conflict) {
        return Verdict::kFailed;
    }
    return apply(session, context, work, document, task, as_last_written(document, task), merged);
}

Result<Arbiter::Verdict> Arbiter::apply(
    ConnectionSession& session,
    const WriteContext& context,
    Work& work,
    PlannedDocument& document,
    WriteTask& task,
    const Found& current,
    const Merge& merged
) {
    document.version = task.item.version = current.version;
    document.to_keep = task.target.kept = merged.kept;
    if (merged.writes) {
        if (!merged.removes) {
            document.merged = task.item.body = merged.document;
        }
        if (merged.keeps_amounts) {
            document.document.money.reset();  // its total is no longer the source's to say
            task.item.money.reset();
        }
        return Verdict::kWrite;
    }
    // Our own write whose answer we never saw, or everything that differs is to be kept.
    const bool settled_by_person = document.conflict != 0;
    SYNCLINE_RETURN_IF_ERROR(writer_.adopt(
        context,
        session.connection().id,
        as_upsert(task),
        current,
        settled_by_person || !merged.kept.empty() ? Writer::Adopted::kAsItWas
                                                  : Writer::Adopted::kByUs
    ));
    work.ids["document:" + document.document.role] = current.remote_id;
    document.action = PlanAction::kSkip;
    return Verdict::kDone;
}

Result<void> Arbiter::seal(std::vector<Work>& works) {
    for (auto& work : works) {
        if (work.conflict) {
            SYNCLINE_ASSIGN_OR_RETURN(
                work.conflict->sealed,
                stores_.vault.seal(
                    conflict_place(work.job.tenant, work.job.flow, work.job.source_id),
                    dump_json(work.conflict->sides)
                )
            );
        }
    }
    return {};
}

void Arbiter::store(
    storage::Sql& sql, const Flow& flow, const Work& work, const storage::JobOutcome& outcome
) {
    const std::int64_t now = clock_.now().ms;
    if (work.conflict) {
        const storage::FoundConflict found{
            flow.tenant,
            flow.id,
            work.job.entity,
            work.job.source_id,
            work.conflict->role,
            flow.target,
            work.conflict->target_entity,
            work.conflict->target_id,
            work.conflict->sealed};
        const ConflictId id = stores_.conflicts.open(sql, found, now);
        storage::LogEntry entry;
        entry.tenant = flow.tenant;
        entry.at_ms = now;
        entry.level = "warning";
        entry.event = work.standing ? "conflict.updated" : "conflict.opened";
        entry.flow = flow.id;
        entry.connection = flow.target;
        entry.entity = work.job.entity;
        entry.source_id = work.job.source_id;
        entry.message = "conflict " + std::to_string(id.value) + ": " +
                        work.conflict->target_entity + " " + work.conflict->target_id;
        stores_.log.append(sql, entry);
        return;
    }
    if (!work.standing) {
        return;
    }
    if (outcome.kind == storage::JobOutcome::Kind::kSettled) {
        stores_.conflicts.settle(sql, work.standing->id, now);
    } else if (work.record.empty() && outcome.result == "held") {
        stores_.conflicts.close_of_record(
            sql, flow.id, work.job.source_id, "", "the record was deleted at its source", now
        );
    }
}

}  // namespace syncline::engine
