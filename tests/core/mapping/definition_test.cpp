#include "mapping.hpp"

namespace syncline::mapping::testing {
namespace {

TEST(MappingDefinition, IsReadStrictly) {
    Json json =
        definition_with(json_of_text(R"([{"source": "number", "target": "a", "sorce": 1}])"));
    json["rule"] = 1;
    json["schema_version"] = 2;
    const auto unknown = parse_definition(json);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().name, "mapping.invalid");
    EXPECT_NE(unknown.error().message.find("/rule: unknown"), std::string::npos);
    EXPECT_NE(unknown.error().message.find("/rules/0/sorce: unknown"), std::string::npos);

    const auto empty = parse_definition(json_of_text(R"({"schema_version": 2, "rules": [{}]})"));
    ASSERT_FALSE(empty);
    for (const char* line :
         {"/name: expected",
          "/source_entity: expected",
          "/target: expected",
          "/target_entity: expected",
          "/schema_version: expected 1, found 2",
          "/rules/0/target: expected"}) {
        EXPECT_NE(empty.error().message.find(line), std::string::npos) << empty.error().message;
    }
    EXPECT_FALSE(parse_definition(Json::array()));
    EXPECT_FALSE(parse_definition(json_of_text(R"({"tables": {"a": {"b": 1}}})")));
}

TEST(MappingDefinition, ExportsWhatItImports) {
    Json json = definition_with(json_of_text(R"([
        {"source": "number", "target": "a", "transform": ["trim", {"concat": ["x", null]}]},
        {"target": "b", "default": null},
        {"source": "total", "target": "c", "required": true, "when": {"exists": {"path": "id"}}},
        {"target": "d", "default": {"x": [1, "2.50", true, null]}}])"));
    json["schema_version"] = 1;
    json["description"] = "why";
    json["role"] = "invoice";
    json["tables"] = {{"t", {{"a", "b"}}}};
    json["tests"] = json_of_text(
        R"([{"name": "one", "input": {"id": "1"}, "expected": {}}, {"name": "two", "hold": "x"}])"
    );
    const auto definition = parse_definition(json);
    ASSERT_TRUE(definition) << definition.error().message;
    EXPECT_EQ(definition_json(*definition), json);
    EXPECT_TRUE(definition->rules[1].default_value);
    EXPECT_FALSE(definition->rules[0].default_value);
}

TEST(MappingDefinition, HasLimits) {
    const auto refused = [](Json json, const char* problem) {
        const auto definition = parse_definition(json);
        ASSERT_FALSE(definition) << problem;
        EXPECT_NE(definition.error().message.find(problem), std::string::npos)
            << definition.error().message;
    };
    const Json rule = json_of_text(R"({"source": "number", "target": "a"})");
    Json json = definition_with(Json(kRulesMax, rule));
    EXPECT_TRUE(parse_definition(json));
    json["rules"].push_back(rule);
    refused(json, "/rules: at most 200 are taken, found 201");

    json = definition_with(Json::array());
    json["tests"] = Json(kTestsMax + 1, Json{{"name", "x"}, {"hold", "y"}});
    refused(json, "/tests: at most 100");

    json = definition_with(Json::array());
    for (std::size_t i = 0; i <= kTableEntriesMax; ++i) {
        json["tables"]["big"][std::to_string(i)] = "x";
    }
    refused(json, "/tables/big: at most 2000");
    json["tables"] = Json::object();
    for (std::size_t i = 0; i <= kTablesMax; ++i) {
        json["tables"][std::to_string(i)] = Json::object();
    }
    refused(json, "/tables: at most 50");

    json = definition_with(Json::array());
    json["description"] = std::string(kDefinitionBytesMax, 'x');
    refused(json, "at most 262144 bytes");
}

TEST(MappingDefinition, LimitsHoldForWhatWasNotParsed) {
    Definition definition = *parse_definition(definition_with(Json::array()));
    definition.rules.resize(kRulesMax + 1);
    for (auto& rule : definition.rules) {
        rule.source = "number";
        rule.target = "a";
    }
    EXPECT_FALSE(compile(definition, open_target("invoice")));
    definition.rules.resize(kRulesMax);
    EXPECT_TRUE(compile(definition, open_target("invoice")));
}

}  // namespace
}  // namespace syncline::mapping::testing
