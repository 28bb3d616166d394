#include "api/mapping_views.hpp"

#include "api/views.hpp"
#include "core/json_difference.hpp"

namespace syncline::api {
namespace {

Json number_or_null(std::int64_t number) {
    return number == 0 ? Json() : Json(number);
}

}  // namespace

Json mapping_summary_json(const engine::MappingView& mapping) {
    const Json& definition = mapping.definition;
    const auto text = [&](const char* member) { return definition.value(member, std::string()); };
    return {
        {"name", mapping.name},
        {"origin", mapping.shipped ? "shipped" : "tenant"},
        {"description", text("description")},
        {"source_entity", text("source_entity")},
        {"target", text("target")},
        {"target_entity", text("target_entity")},
        {"content_hash", mapping.hash},
        {"in_force", number_or_null(mapping.in_force)},
        {"newest", number_or_null(mapping.newest)},
        {"updated_by", mapping.shipped ? Json() : Json(mapping.updated_by)},
        {"created_at", time_or_null(mapping.created_at_ms)},
        {"updated_at", time_or_null(mapping.updated_at_ms)}};
}

Json mapping_json(const engine::MappingView& mapping) {
    Json json = mapping_summary_json(mapping);
    json["definition"] = mapping.definition;
    return json;
}

Json mapping_version_json(const storage::MappingVersion& version) {
    return {
        {"version", version.version},
        {"state", version.state},
        {"content_hash", version.content_hash},
        {"reason", version.reason},
        {"published_by", version.published_by},
        {"published_at", time_or_null(version.published_at_ms)},
        {"in_force_at", time_or_null(version.in_force_at_ms)}};
}

Json mapping_export_json(const engine::MappingText& mapping) {
    return {
        {"definition", mapping::definition_json(mapping.definition)},
        {"content_hash", mapping.hash},
        {"version", number_or_null(mapping.version)}};
}

Json mapping_tests_json(const engine::MappingTests& tests) {
    return {{"passed", tests.passed}, {"tests", to_json(tests.results)}};
}

Json mapping_preview_json(const engine::MappingPreview& preview) {
    Json documents = Json::array();
    for (const auto& document : preview.documents) {
        documents.push_back(
            {{"role", document.role},
             {"entity", document.entity},
             {"action", std::string(enum_name(document.action))},
             {"mapped", document.mapped},
             {"before", document.before},
             {"after", document.after},
             {"difference", json_difference(document.before, document.after)}}
        );
    }
    Json json{
        {"mapping", mapping_use_json(preview.mapping.name, preview.mapping.version)},
        {"flow", preview.flow},
        {"source_id", preview.source_id},
        {"action", std::string(enum_name(preview.action))},
        {"documents", std::move(documents)},
        {"warnings", to_json(preview.warnings)}};
    if (preview.reason) {
        json["reason"] = to_json(*preview.reason);
    }
    if (preview.explanation) {
        json["explanation"] = mapping::explanation_json(*preview.explanation);
    }
    return json;
}

}  // namespace syncline::api
