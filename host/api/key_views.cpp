#include "api/key_views.hpp"

#include <syncline/timestamp.hpp>

namespace syncline::api {
namespace {

Json time_json(std::int64_t at_ms) {
    return at_ms == 0 ? Json() : Json(Timestamp{at_ms}.to_string());
}

Json key_json(const engine::KeyUse& key) {
    return {
        {"id", storage::key_name(key.id)},
        {"state", key.current ? "current" : "former"},
        {"origin", key.origin.empty() ? Json() : Json(key.origin)},
        {"data_keys", key.data_keys},
        {"tenants", key.tenants},
        {"needed", key.needed}};
}

Json unreadable_json(const storage::UnreadableValue& value) {
    return {
        {"table", value.kept_in.substr(0, value.kept_in.find('.'))},
        {"column", value.kept_in.substr(value.kept_in.find('.') + 1)},
        {"id", value.row},
        {"tenant", value.tenant_name},
        {"connection", value.connection_name.empty() ? Json() : Json(value.connection_name)},
        {"name", value.name.empty() ? Json() : Json(value.name)},
        {"reason", value.reason},
        {"found_at", time_json(value.found_at_ms)}};
}

// What an operator may do with the keys that are not current.
std::string advice(const engine::KeyOverview& overview) {
    std::string needed;
    std::string free;
    for (const auto& key : overview.keys) {
        if (!key.current) {
            (key.needed ? needed : free) += " " + storage::key_name(key.id);
        }
    }
    if (!needed.empty()) {
        return "still needed, do not remove:" + needed;
    }
    return free.empty()
               ? "there is no former key"
               : "no row needs any more:" + free + "; keep it with the backups made before";
}

}  // namespace

Json key_rotation_json(const storage::KeyRotationRow& rotation) {
    return {
        {"id", rotation.id},
        {"state", rotation.state},
        {"key", storage::key_name(rotation.kek_id)},
        {"former_key",
         rotation.former_kek_id == 0 ? Json() : Json(storage::key_name(rotation.former_kek_id))},
        {"data_keys", {{"all", rotation.data_keys}, {"wrapped", rotation.wrapped}}},
        {"values_checked", rotation.checked},
        {"unreadable", rotation.unreadable},
        {"error", rotation.error.empty() ? Json() : Json(rotation.error)},
        {"requested_by", rotation.requested_by},
        {"started_at", time_json(rotation.started_at_ms)},
        {"finished_at", time_json(rotation.finished_at_ms)}};
}

Json key_overview_json(const engine::KeyOverview& overview) {
    Json json{
        {"keys", Json::array()},
        {"advice", advice(overview)},
        {"rotation", overview.rotation ? key_rotation_json(*overview.rotation) : Json()},
        {"sealed_values", overview.sealed_values},
        {"unreadable_values", overview.unreadable_values},
        {"unreadable", Json::array()}};
    for (const auto& key : overview.keys) {
        json["keys"].push_back(key_json(key));
    }
    for (const auto& value : overview.unreadable) {
        json["unreadable"].push_back(unreadable_json(value));
    }
    return json;
}

Json key_reset_json(const storage::KeyReset& reset, bool done) {
    return {
        {"done", done},
        {"data_keys", reset.data_keys},
        {"values", reset.values.empty() ? Json::object() : Json(reset.values)},
        {"connections", reset.connections},
        {"requests_in_doubt", reset.requests}};
}

}  // namespace syncline::api
