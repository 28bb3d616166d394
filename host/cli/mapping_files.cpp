#include "cli/mapping_files.hpp"

#include <fstream>
#include <iterator>

#include "core/json_problems.hpp"

namespace syncline::cli {

Result<Json> read_json_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return Error{ErrorCode::kConfig, file + ": cannot be read"};
    }
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto json = parse_json(text);
    if (!json) {
        return Error{ErrorCode::kConfig, file + ": is " + json.error().message};
    }
    return json;
}

Result<MappingFile> read_mapping_file(const std::string& file) {
    SYNCLINE_ASSIGN_OR_RETURN(Json json, read_json_file(file));
    const bool exported = json.is_object() && json.contains("definition");
    Json definition = exported ? json["definition"] : json;
    return MappingFile{file, std::move(definition)};
}

Result<Catalog> read_catalog_file(const std::string& file) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, read_json_file(file));
    auto catalog = from_json<Catalog>(json);
    if (!catalog) {
        return Error{ErrorCode::kConfig, file + ": " + catalog.error().message};
    }
    return catalog;
}

LintedMapping lint_mapping(const MappingFile& file, const std::optional<Catalog>& catalog) {
    LintedMapping linted;
    const auto definition = mapping::parse_definition(file.definition);
    if (!definition) {
        linted.problems = problem_lines(definition.error().message);
        return linted;
    }
    linted.name = definition->name;
    const auto schema =
        catalog ? mapping::target_schema(*catalog, definition->target_entity)
                : Result<mapping::TargetSchema>(mapping::open_target(definition->target_entity));
    if (!schema) {
        linted.problems = {"/target_entity: " + schema.error().message};
        return linted;
    }
    auto program = mapping::compile(*definition, *schema);
    if (!program) {
        linted.problems = problem_lines(program.error().message);
        return linted;
    }
    linted.program.emplace(std::move(*program));
    return linted;
}

}  // namespace syncline::cli
