// A mapping as people write it: rules that adjust the documents of one role from the record they
// were made of. JSON, strictly read: docs/mapping.md. Plain values, pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline::mapping {

// What a definition may be at most; compile() refuses more, naming the place.
inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr std::size_t kDefinitionBytesMax = 256 * 1024;  // of its compact text
inline constexpr std::size_t kRulesMax = 200;
inline constexpr std::size_t kTestsMax = 100;
inline constexpr std::size_t kTablesMax = 50;
inline constexpr std::size_t kTableEntriesMax = 2'000;
inline constexpr int kExpressionDepthMax = 12;
inline constexpr std::size_t kPathStepsMax = 12;

// See docs/mapping.md for what the members mean and which functions there are.
struct Rule {
    std::string source;           // "billing.email", "lines[].sku"; empty: starts with nothing
    std::string target;           // "CustomerMemo.value"
    std::vector<Json> transform;  // "trim", {"substring": [0, 10]}
    // Given when the value is nothing. A default of null is one: it writes null. nullopt: the
    // document stays as it is.
    std::optional<Json> default_value;
    Json when;              // condition: {"equals": [{"path": "currency"}, "EUR"]}; null: always
    bool required = false;  // nothing, and no default: the record is held

    static constexpr auto fields() {
        return std::make_tuple(
            field("source", &Rule::source),
            field("target", &Rule::target),
            field("transform", &Rule::transform),
            field("default", &Rule::default_value),
            field("when", &Rule::when),
            field("required", &Rule::required)
        );
    }
};

struct Test {
    std::string name;
    Json input = Json::object();     // canonical record; members left out have their default
    Json document = Json::object();  // body that encode made
    Json expected;                   // body afterwards; null: not compared
    std::string hold;                // the record must be held with these words in the reason

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &Test::name),
            field("input", &Test::input),
            field("document", &Test::document),
            field("expected", &Test::expected),
            field("hold", &Test::hold)
        );
    }
};

struct Definition {
    std::string name;  // "woo-to-qbo-invoice"
    std::string description;
    std::string source_entity;  // canonical: "order"
    std::string target;         // connector id: "com.syncline.quickbooks"
    std::string target_entity;  // of the target's catalog: "invoice"
    std::string role;           // of the documents; empty: role or entity is target_entity
    std::int64_t schema_version = kSchemaVersion;
    std::map<std::string, std::map<std::string, std::string>> tables;  // of lookup
    std::vector<Rule> rules;  // in this order; a later one sees what an earlier one wrote
    std::vector<Test> tests;

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &Definition::name),
            field("description", &Definition::description),
            field("source_entity", &Definition::source_entity),
            field("target", &Definition::target),
            field("target_entity", &Definition::target_entity),
            field("role", &Definition::role),
            field("schema_version", &Definition::schema_version),
            field("tables", &Definition::tables),
            field("rules", &Definition::rules),
            field("tests", &Definition::tests)
        );
    }
};

// Reads the form of a definition; what its rules mean is for compile(). Errors: kInvalid
// "mapping.invalid" with every problem, one per line, each with its JSON pointer
// (core/json_problems.hpp).
Result<Definition> parse_definition(const Json& json);

// parse_definition() takes it back; members that have their default are left out.
Json definition_json(const Definition& definition);

}  // namespace syncline::mapping
