#include <algorithm>

#include <syncline/spec_checks.hpp>

#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

Result<engine::ConnectorDescription> find(Backend& backend, const std::string& id) {
    for (auto& connector : backend.connectors.list()) {
        if (connector.id == id || connector.platform == id) {
            return std::move(connector);
        }
    }
    return Error{
        ErrorCode::kNotFound,
        "there is no connector '" + id.substr(0, 60) +
            "'; the configuration's \"connectors\" lists the plugins to load",
        "connector.unknown"};
}

// The problems of one setting; `messages` begin with its pointer.
Json errors_of(const std::vector<Error>& errors, const std::string& name) {
    Json list = Json::array();
    for (const auto& error : errors) {
        const ProblemText problem = split_problem(error.message);
        if (problem.pointer == "/" + name) {
            list.push_back(problem.text);
        }
    }
    return list;
}

Json checked_setting(const Setting& setting, const Json& given, const std::vector<Error>& errors) {
    const bool show = setting.type != SettingType::kSecret && given.contains(setting.name);
    return {
        {"definition",
         {{"name", setting.name},
          {"type", std::string(enum_name(setting.type))},
          {"required", setting.required},
          {"default_value", setting.default_value},
          {"documentation", setting.help}}},
        {"value",
         {{"name", setting.name},
          {"value", show ? given[setting.name] : Json()},
          {"recommended_values", setting.choices},
          {"errors", errors_of(errors, setting.name)},
          {"visible", true}}}};
}

Json unknown_setting(const std::string& name, const std::vector<Error>& errors) {
    return {
        {"definition", nullptr},
        {"value",
         {{"name", name},
          {"value", nullptr},
          {"recommended_values", Json::array()},
          {"errors", errors_of(errors, name)},
          {"visible", true}}}};
}

}  // namespace

Result<Response> list_connectors(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    Json items = Json::array();
    for (const auto& connector : backend.connectors.list()) {
        items.push_back(connector_json(connector));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> show_connector(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto connector, find(backend, request.at("id")));
    return json_response(full_connector_json(connector));
}

// The answer has the members that tools for Kafka Connect read.
Result<Response> validate_settings(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto connector, find(backend, request.at("id")));
    SYNCLINE_ASSIGN_OR_RETURN(const Json given, body_object(request));
    const auto& settings = connector.spec.settings;
    const auto errors = check_settings(connector.spec, given);
    Json configs = Json::array();
    for (const auto& setting : settings) {
        configs.push_back(checked_setting(setting, given, errors));
    }
    for (const auto& entry : given.items()) {
        const bool known = std::any_of(settings.begin(), settings.end(), [&](const Setting& one) {
            return one.name == entry.key();
        });
        if (!known) {
            configs.push_back(unknown_setting(entry.key(), errors));
        }
    }
    return json_response(
        {{"name", connector.id},
         {"error_count", errors.size()},
         {"groups", Json::array()},
         {"configs", std::move(configs)}}
    );
}

}  // namespace syncline::api
