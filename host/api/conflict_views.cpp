#include "api/conflict_views.hpp"

#include "api/views.hpp"

namespace syncline::api {

Json conflict_json(const storage::Conflict& conflict) {
    return {
        {"id", conflict.id.value},
        {"state", conflict.state},
        {"flow", conflict.flow_name},
        {"entity", conflict.entity},
        {"source_id", conflict.source_id},
        {"target",
         {{"connection", conflict.target_name},
          {"entity", conflict.target_entity},
          {"id", conflict.target_id}}},
        {"role", conflict.role},
        {"revision", conflict.revision},
        {"keep", conflict.keep.empty() ? Json() : Json(conflict.keep)},
        {"actor", conflict.actor.empty() ? Json() : Json(conflict.actor)},
        {"reason", conflict.reason.empty() ? Json() : Json(conflict.reason)},
        {"opened_at", time_or_null(conflict.opened_at_ms)},
        {"updated_at", time_or_null(conflict.updated_at_ms)},
        {"decided_at", time_or_null(conflict.decided_at_ms)},
        {"closed_at", time_or_null(conflict.closed_at_ms)}};
}

Json opened_conflict_json(const engine::OpenedConflict& conflict) {
    Json json = conflict_json(conflict.conflict);
    const auto side = [&](const char* name) {
        return conflict.sides.is_object() ? conflict.sides.value(name, Json()) : Json();
    };
    json["fields"] = side("fields");
    json["sides"] = {
        {"base", side("base")}, {"source", side("source")}, {"target", side("target")}};
    if (conflict.decision.is_object()) {
        for (auto& field : json["fields"]) {
            const std::string path = field.at("path");
            if (conflict.decision.contains(path)) {
                const Json& decision = conflict.decision.at(path);
                field["keep"] = decision.value("keep", Json());
                if (decision.value("keep", "") == "value") {
                    field["value"] = decision.value("value", Json());
                }
            }
        }
    }
    return json;
}

}  // namespace syncline::api
