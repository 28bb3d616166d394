// What a tenant can set for itself. A value is set as a whole, and refused when anything of it is
// wrong; one that became malformed in the store is said to be so, not replaced by a default.
#include "api/audited.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/setting_history_routes.hpp"
#include "core/json_difference.hpp"
#include "core/tenant_settings.hpp"
#include "core/transformer_config.hpp"
#include "engine/transformer.hpp"
#include "storage/setting_history.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kVersionMax = 1'000'000'000'000;

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

// A value as it would be stored. What only connectors can tell is asked of them here, before the
// unit of work. Errors: kInvalid for its form, kData "setting.refused" for what it names.
Result<Json> checked_value(
    Backend& backend, TenantId tenant, const std::string& key, const Json& given
) {
    SYNCLINE_ASSIGN_OR_RETURN(Json value, complete_setting(key, given));
    if (key != TransformerConfig::kKey) {
        return value;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto problems,
        engine::transformer_problems(backend.stores, backend.connectors, tenant, value)
    );
    if (problems.empty()) {
        return value;
    }
    Error refused = joined(problems, "setting.refused");
    refused.code = ErrorCode::kData;
    return refused;
}

// What storing `value` would change, for a request that only asks.
Result<Response> would_change(
    Backend& backend, TenantId tenant, const std::string& key, const Json& value
) {
    SYNCLINE_ASSIGN_OR_RETURN(Json setting, setting_json(backend, tenant, key));
    setting["difference"] = json_difference(setting["value"], value);
    setting["value"] = value;
    setting["dry_run"] = true;
    return json_response(setting);
}

// Sets it to what `wanted(setting before)` says. The parameter dry_run=true only checks it.
template <class Wanted>
Result<Response> change_setting(Backend& backend, const Request& request, const Wanted& wanted) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"dry_run"}));
    const std::string asked = parameter(request, "dry_run");
    if (!asked.empty() && asked != "true" && asked != "false") {
        return invalid("?dry_run: expected true or false, found '" + asked.substr(0, 20) + "'");
    }
    const std::string& key = request.at("key");
    const TenantId tenant = request.actor.tenant;
    SYNCLINE_ASSIGN_OR_RETURN(const Json seen, setting_json(backend, tenant, key));
    SYNCLINE_ASSIGN_OR_RETURN(const Json next, wanted(seen));
    SYNCLINE_ASSIGN_OR_RETURN(const Json value, checked_value(backend, tenant, key, next));
    if (asked == "true") {
        return would_change(backend, tenant, key, value);
    }
    const auto setting = audited(
        backend,
        audit_entry(backend, request, "setting.changed", "setting " + key),
        [&](storage::AuditEntry& entry) -> Result<Json> {
            SYNCLINE_ASSIGN_OR_RETURN(const Json before, setting_json(backend, tenant, key));
            SYNCLINE_ASSIGN_OR_RETURN(const Json meant, wanted(before));
            if (meant != next) {
                return Error{
                    ErrorCode::kExists,
                    "the setting was changed by somebody else meanwhile; read it and try again"};
            }
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

Json version_json(const storage::SettingVersion& version) {
    const auto value = parse_json(version.value);
    return {
        {"version", version.version},
        {"value", value ? *value : Json()},
        {"changed_by", version.changed_by},
        {"changed_at", Timestamp{version.changed_at_ms}.to_string()}};
}

struct Rollback {
    std::int64_t version = 0;

    static constexpr auto fields() { return std::make_tuple(field("version", &Rollback::version)); }
};

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

Result<Response> list_setting_versions(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"before", "limit"}));
    const std::string& key = request.at("key");
    SYNCLINE_ASSIGN_OR_RETURN(const Json known, complete_setting(key, Json::object()));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t before, integer_parameter(request, "before", 0, 0, kVersionMax)
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t limit, integer_parameter(request, "limit", 50, 1, 200)
    );
    const storage::SettingHistory history(backend.stores.database);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto versions, history.list(request.actor.tenant, key, before, limit)
    );
    Json items = Json::array();
    for (const auto& version : versions) {
        items.push_back(version_json(version));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> roll_back_setting(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const Rollback body, body_as<Rollback>(request));
    const std::string& key = request.at("key");
    SYNCLINE_ASSIGN_OR_RETURN(const Json known, complete_setting(key, Json::object()));
    const storage::SettingHistory history(backend.stores.database);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto version, history.find(request.actor.tenant, key, body.version)
    );
    if (!version) {
        return invalid(
            "/version: the setting has no version " + std::to_string(body.version) +
            "; GET /api/settings/" + key + "/versions lists them"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json value, parse_json(version->value));
    return change_setting(backend, request, [&](const Json&) { return Result<Json>(value); });
}

}  // namespace syncline::api
