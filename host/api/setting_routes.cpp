// What a tenant can set for itself. A value is set as a whole, and refused when anything of it is
// wrong; one that became malformed in the store is said to be so, not replaced by a default.
#include "api/audited.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "core/json_difference.hpp"
#include "core/tenant_settings.hpp"

namespace syncline::api {
namespace {

Result<Json> setting_json(Backend& backend, TenantId tenant, const std::string& key) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json defaults, complete_setting(key, Json::object()));
    SYNCLINE_ASSIGN_OR_RETURN(const auto stored, backend.stores.settings.find(tenant, key));
    Json json{
        {"key", key},
        {"value", defaults},
        {"is_default", !stored},
        {"updated_by", nullptr},
        {"updated_at", nullptr}};
    if (!stored) {
        return json;
    }
    const auto value = parse_json(stored->value);
    const auto whole = value ? complete_setting(key, *value) : Result<Json>(value.error());
    json["value"] = whole ? *whole : Json();
    json["updated_by"] = stored->updated_by;
    json["updated_at"] = Timestamp{stored->updated_at_ms}.to_string();
    if (!whole) {
        json["malformed"] = problem_lines(whole.error().message);
    }
    return json;
}

Response shown(const Json& setting) {
    Response response = json_response(setting);
    set_etag(response);
    return response;
}

// Sets it to what `wanted(setting before)` says, which is asked in the unit of work of the change.
template <class Wanted>
Result<Response> change_setting(Backend& backend, const Request& request, const Wanted& wanted) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& key = request.at("key");
    const TenantId tenant = request.actor.tenant;
    const auto setting = audited(
        backend,
        audit_entry(backend, request, "setting.changed", "setting " + key),
        [&](storage::AuditEntry& entry) -> Result<Json> {
            SYNCLINE_ASSIGN_OR_RETURN(const Json before, setting_json(backend, tenant, key));
            SYNCLINE_ASSIGN_OR_RETURN(const Json next, wanted(before));
            SYNCLINE_ASSIGN_OR_RETURN(const Json value, complete_setting(key, next));
            entry.detail["difference"] = json_difference(before["value"], value);
            SYNCLINE_RETURN_IF_ERROR(backend.stores.settings.put(
                tenant, key, {dump_json(value), request.actor.subject, entry.at_ms}
            ));
            return setting_json(backend, tenant, key);
        }
    );
    if (!setting) {
        return setting.error();
    }
    return shown(*setting);
}

}  // namespace

Result<Response> list_settings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    Json items = Json::array();
    for (const auto& kind : setting_kinds()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            Json item, setting_json(backend, request.actor.tenant, std::string(kind.key))
        );
        item["summary"] = kind.summary;
        items.push_back(std::move(item));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> show_setting(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json setting, setting_json(backend, request.actor.tenant, request.at("key"))
    );
    return shown(setting);
}

Result<Response> put_setting(Backend& backend, const Request& request) {
    if (request.body.empty()) {
        return invalid("the body is missing: expected the setting's value, as a JSON object");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, body_object(request));
    return change_setting(backend, request, [&](const Json&) { return Result<Json>(body); });
}

Result<Response> patch_setting(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json patch, body_object(request));
    return change_setting(backend, request, [&](const Json& before) -> Result<Json> {
        if (before.contains("malformed")) {
            return Error{
                ErrorCode::kExists,
                "the setting is malformed as it is, there is nothing to merge into: PUT it as a "
                "whole",
                "setting.malformed"};
        }
        return merged(before["value"], patch);
    });
}

}  // namespace syncline::api
