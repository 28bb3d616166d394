// Small mappings, made and run in one line.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/mapping/program.hpp"

namespace syncline::mapping::testing {

inline Json json_of_text(std::string_view text) {
    auto parsed = parse_json(text);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message) << "\n" << text;
    return parsed ? *std::move(parsed) : Json();
}

inline Json definition_with(Json rules, const std::string& entity = "order") {
    return {
        {"name", "m"},
        {"source_entity", entity},
        {"target", "t"},
        {"target_entity", "invoice"},
        {"rules", std::move(rules)}};
}

// An invoice whose total, lines and customer belong to the connector, and a few places with limits.
inline TargetSchema invoices() {
    Catalog catalog;
    CatalogEntity& entity = catalog.entities.emplace_back();
    entity.name = "invoice";
    entity.write = {"create"};
    entity.owned_paths = {"/Total", "/Line", "/Customer/Ref", "/Sums/0/Tax"};
    const auto add = [&](const char* path, const char* type) -> MappablePath& {
        MappablePath& one = entity.mappable.emplace_back();
        one.path = path;
        one.type = type;
        return one;
    };
    add("Memo.value", "text").length_max = 10;
    add("Ship", "date");
    add("Sent", "time");
    add("Weight", "number");
    add("Paid", "boolean");
    add("Any", "any");
    add("Tags[]", "text");
    add("Term.value", "text").allowed = {"3", "5"};
    add("Field[Id=].Value", "text").keys = {"1", "2"};
    auto schema = target_schema(catalog, "invoice");
    EXPECT_TRUE(schema);
    return *schema;
}

// The problems of a definition, one per line; empty: it compiles.
inline std::string problems_of(const Json& json, const TargetSchema& target) {
    const auto definition = parse_definition(json);
    if (!definition) {
        return definition.error().message;
    }
    const auto program = compile(*definition, target);
    return program ? "" : program.error().message;
}

inline Program program_of(const Json& json, const TargetSchema& target) {
    const auto definition = parse_definition(json);
    EXPECT_TRUE(definition) << (definition ? "" : definition.error().message);
    auto program = compile(definition ? *definition : Definition{}, target);
    EXPECT_TRUE(program) << (program ? "" : program.error().message);
    return *program;  // without one the test ends here, loudly
}

inline Encoded encoded_with(Json body) {
    Encoded encoded;
    Document& document = encoded.documents.emplace_back();
    document.role = "invoice";
    document.entity = "invoice";
    document.body = std::move(body);
    return encoded;
}

// What becomes of a document; "CODE: message" when the record is held.
inline Json applied(const Program& program, const Json& record, Json body = Json::object()) {
    Encoded encoded = encoded_with(std::move(body));
    apply(program, record, encoded);
    return encoded.hold ? Json(encoded.hold->code + ": " + encoded.hold->message)
                        : encoded.documents.front().body;
}

// One rule on an open target; see applied().
inline Json applied_rule(Json rule, const Json& record, Json body = Json::object()) {
    const Program program =
        program_of(definition_with(Json::array({std::move(rule)})), open_target("invoice"));
    return applied(program, record, std::move(body));
}

inline std::string text_of_file(const std::string& path) {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/" + path);
    EXPECT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace syncline::mapping::testing
