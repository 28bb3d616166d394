#include "api/api_key_views.hpp"

#include <syncline/timestamp.hpp>

namespace syncline::api {
namespace {

Json time_or_none(std::int64_t ms) {
    return ms == 0 ? Json() : Json(Timestamp{ms}.to_string());
}

const char* state_of(const storage::ApiKey& key, std::int64_t now_ms) {
    if (key.revoked_at_ms != 0) {
        return "revoked";
    }
    if (key.expires_at_ms != 0 && key.expires_at_ms <= now_ms) {
        return "expired";
    }
    return key.replaced_by ? "rotated" : "active";
}

}  // namespace

Json api_key_json(const storage::ApiKey& key, std::int64_t now_ms) {
    return {
        {"id", key.id.value},
        {"name", key.name},
        {"prefix", key.prefix},
        {"role", key.role},
        {"scopes", key.scopes},
        {"state", state_of(key, now_ms)},
        {"created_by", key.created_by},
        {"created_at", time_or_none(key.created_at_ms)},
        {"expires_at", time_or_none(key.expires_at_ms)},
        {"last_used_at", time_or_none(key.last_used_at_ms)},
        {"revoked_at", time_or_none(key.revoked_at_ms)},
        {"replaced_by", key.replaced_by ? Json(key.replaced_by.value) : Json()}};
}

Json made_api_key_json(const engine::MadeApiKey& made, std::int64_t now_ms) {
    Json json = api_key_json(made.key, now_ms);
    json["key"] = made.secret;
    return json;
}

}  // namespace syncline::api
