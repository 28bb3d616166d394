#include "core/mapping/definition.hpp"

#include "core/json_problems.hpp"

namespace syncline::mapping {
namespace {

constexpr auto kInvalidName = "mapping.invalid";

std::string at(std::size_t rule) {
    return "/rules/" + std::to_string(rule);
}

// What json_problems() cannot know: members that must be there, and how many there may be.
void check_form(const Definition& definition, std::vector<std::string>& problems) {
    const auto need = [&](const std::string& value, const char* pointer) {
        if (value.empty() || value.size() > 200) {
            problems.push_back(std::string(pointer) + ": expected a text of 1 to 200 bytes");
        }
    };
    need(definition.name, "/name");
    need(definition.source_entity, "/source_entity");
    need(definition.target, "/target");
    need(definition.target_entity, "/target_entity");
    if (definition.schema_version != kSchemaVersion) {
        problems.push_back(
            "/schema_version: expected " + std::to_string(kSchemaVersion) + ", found " +
            std::to_string(definition.schema_version)
        );
    }
    const auto most = [&](std::size_t size, std::size_t limit, const std::string& pointer) {
        if (size > limit) {
            problems.push_back(
                pointer + ": at most " + std::to_string(limit) + " are taken, found " +
                std::to_string(size)
            );
        }
    };
    most(definition.rules.size(), kRulesMax, "/rules");
    most(definition.tests.size(), kTestsMax, "/tests");
    most(definition.tables.size(), kTablesMax, "/tables");
    for (const auto& [name, table] : definition.tables) {
        most(table.size(), kTableEntriesMax, "/tables/" + syncline::detail::pointer_token(name));
    }
}

}  // namespace

Result<Definition> parse_definition(const Json& json) {
    if (dump_json(json).size() > kDefinitionBytesMax) {
        return Error{
            ErrorCode::kInvalid,
            "a mapping has at most " + std::to_string(kDefinitionBytesMax) + " bytes",
            kInvalidName};
    }
    auto problems = json_problems<Definition>(json);
    if (!problems.empty()) {
        return joined(problems, kInvalidName);
    }
    SYNCLINE_ASSIGN_OR_RETURN(Definition definition, from_json<Definition>(json));
    for (std::size_t i = 0; i < definition.rules.size(); ++i) {
        // A null default is one; reading takes it for an absent member.
        if (json["rules"][i].contains("default")) {
            definition.rules[i].default_value = json["rules"][i]["default"];
        }
        if (definition.rules[i].target.empty()) {
            problems.push_back(at(i) + "/target: expected the path of a member of the document");
        }
    }
    check_form(definition, problems);
    if (!problems.empty()) {
        return joined(problems, kInvalidName);
    }
    return definition;
}

namespace {

// `value` without the members that are as in `plain`.
Json without_defaults(Json value, const Json& plain) {
    Json kept = Json::object();
    for (const auto& entry : value.items()) {
        const auto same = plain.find(entry.key());
        if (same == plain.end() || *same != entry.value()) {
            kept[entry.key()] = std::move(entry.value());
        }
    }
    return kept;
}

template <class T>
Json list_of(const std::vector<T>& all) {
    const Json plain = to_json(T{});
    Json list = Json::array();
    for (const auto& one : all) {
        list.push_back(without_defaults(to_json(one), plain));
    }
    return list;
}

}  // namespace

Json definition_json(const Definition& definition) {
    Json json = without_defaults(to_json(definition), to_json(Definition{}));
    json["schema_version"] = definition.schema_version;
    json["rules"] = list_of(definition.rules);
    if (!definition.tests.empty()) {
        json["tests"] = list_of(definition.tests);
    }
    return json;
}

}  // namespace syncline::mapping
