#include "engine/conflict_control.hpp"

#include "engine/arbiter.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kReasonMax = 1000;

Json unsealed(storage::Vault& vault, const storage::Place& place, const std::string& sealed) {
    const auto text = vault.open(place, sealed);
    auto json = text ? parse_json(*text) : Result<Json>(Json());
    return json ? std::move(*json) : Json();
}

Result<void> check_reason(const std::string& reason) {
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos || reason.size() > kReasonMax) {
        return invalid(
            "/reason: say in 1 to " + std::to_string(kReasonMax) +
            " characters why it is decided so; it is kept with the conflict"
        );
    }
    return {};
}

std::string place_of(const std::string& path) {
    return "/fields/" + detail::pointer_token(path);
}

// Every field of the conflict, and no other, must have its decision.
Result<Json> decide_fields(const Json& fields, const Resolution& resolution) {
    Json decisions = Json::object();
    for (const auto& field : fields) {
        const std::string path = field.at("path");
        FieldDecision decision;
        decision.source = field.at("source");
        decision.target = field.at("target");
        if (resolution.keep) {
            decision.keep = *resolution.keep;
        } else {
            const auto chosen = resolution.fields.find(path);
            if (chosen == resolution.fields.end()) {
                return invalid(place_of(path) + ": say what to keep in this field too");
            }
            decision.keep = chosen->second.keep;
            decision.value = chosen->second.value;
        }
        if (decision.keep == MergeSide::kValue && path == kWholeDocument) {
            return invalid(
                place_of(path) +
                ": the record was deleted at its source; keep \"source\" to "
                "remove its document, or \"target\" to leave it"
            );
        }
        decisions[path] = to_json(decision);
    }
    for (const auto& [path, chosen] : resolution.fields) {
        if (!decisions.contains(path)) {
            return invalid(place_of(path) + ": there is no conflict about this field");
        }
    }
    return decisions;
}

std::string keep_word(const Resolution& resolution) {
    return resolution.keep ? std::string(enum_name(*resolution.keep)) : "fields";
}

}  // namespace

Result<OpenedConflict> ConflictControl::open(TenantId tenant, ConflictId id) {
    OpenedConflict opened;
    SYNCLINE_ASSIGN_OR_RETURN(opened.conflict, stores_.conflicts.by_id(tenant, id));
    const auto place = conflict_place(tenant, opened.conflict.flow, opened.conflict.source_id);
    opened.sides = unsealed(stores_.vault, place, opened.conflict.sides);
    if (opened.conflict.decision) {
        opened.decision = unsealed(stores_.vault, place, *opened.conflict.decision);
    }
    return opened;
}

Result<OpenedConflict> ConflictControl::resolve(
    TenantId tenant, ConflictId id, const Resolution& resolution, const std::string& actor
) {
    SYNCLINE_RETURN_IF_ERROR(check_reason(resolution.reason));
    SYNCLINE_ASSIGN_OR_RETURN(const OpenedConflict opened, open(tenant, id));
    const storage::Conflict& conflict = opened.conflict;
    if (resolution.keep.has_value() != resolution.fields.empty()) {
        return invalid("/keep: say \"source\" or \"target\" for all fields, or /fields for each");
    }
    if (!opened.sides.is_object()) {
        return Error{
            ErrorCode::kStorage,
            "its sides cannot be read any more; sync the record again",
            "conflict.unreadable"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json decisions, decide_fields(opened.sides.value("fields", Json::array()), resolution)
    );
    storage::ConflictDecision decision;
    SYNCLINE_ASSIGN_OR_RETURN(
        decision.sealed,
        stores_.vault.seal(
            conflict_place(tenant, conflict.flow, conflict.source_id), dump_json(decisions)
        )
    );
    decision.keep = keep_word(resolution);
    decision.actor = actor;
    decision.reason = resolution.reason;
    decision.revision = resolution.revision.value_or(conflict.revision);
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(stores_.conflicts.decide(sql, tenant, id, decision, now));
        if (!stores_.jobs.deliver_again(sql, conflict.flow, conflict.source_id, now)) {
            return Error{
                ErrorCode::kNotFound,
                "the record is not in the queue any more; sync it again",
                "conflict.no_job"};
        }
        storage::LogEntry entry;
        entry.tenant = tenant;
        entry.at_ms = now;
        entry.event = "conflict.resolved";
        entry.flow = conflict.flow;
        entry.connection = conflict.target;
        entry.entity = conflict.entity;
        entry.source_id = conflict.source_id;
        entry.message = resolution.reason;
        entry.detail =
            dump_json({{"actor", actor}, {"conflict", id.value}, {"keep", decision.keep}});
        stores_.log.append(sql, entry);
        return {};
    }));
    wake_();
    return open(tenant, id);
}

}  // namespace syncline::engine
