#include "engine/flow_mapping.hpp"

#include "core/json_problems.hpp"
#include "engine/shipped_mappings.hpp"

namespace syncline::engine {
namespace {

constexpr const char* kUnusable = "mapping.unusable";

// As it stands in the store, or among the shipped ones.
struct InForce {
    std::int64_t version = 0;
    std::string hash;
    std::string text;                         // of a tenant's own
    const ShippedMapping* shipped = nullptr;  // else
};

Result<std::optional<InForce>> in_force(
    const Stores& stores, TenantId tenant, const std::string& name
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto own, stores.mappings.in_force(tenant, name));
    if (own) {
        return std::optional<InForce>(
            {own->version, std::move(own->content_hash), std::move(own->definition), nullptr}
        );
    }
    const ShippedMapping* shipped = find_shipped_mapping(name);
    return shipped == nullptr ? std::optional<InForce>()
                              : std::optional<InForce>({0, shipped->content_hash, "", shipped});
}

Result<mapping::Definition> definition_of(const InForce& mapping) {
    if (mapping.shipped != nullptr) {
        return mapping.shipped->definition;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(mapping.text));
    return mapping::parse_definition(json);
}

std::string not_there(const std::string& name) {
    return "there is no mapping '" + name + "' that is shipped or has a version in force";
}

// The first of its problems, for a reason that is one sentence.
std::string first_problem(const Error& error) {
    const auto lines = problem_lines(error.message);
    return lines.size() == 1
               ? lines.front()
               : lines.front() + " (and " + std::to_string(lines.size() - 1) + " more)";
}

Error unusable(const Flow& flow, const std::string& why) {
    return Error{
        ErrorCode::kConfig,
        "the mapping '" + flow.definition.mapping + "' of the flow '" + flow.definition.name +
            "' cannot be used: " + why,
        kUnusable};
}

Result<void> check_entity(const Flow& flow, const mapping::Definition& definition) {
    const std::string& entity = definition.source_entity;
    return entity == flow.definition.entity
               ? Result<void>()
               : unusable(flow, "it is for records of '" + entity + "'");
}

Result<mapping::Program> compile_in_force(
    ConnectionSession& target, const Flow& flow, const InForce& mapping
) {
    const auto definition = definition_of(mapping);
    if (!definition) {
        return unusable(flow, first_problem(definition.error()));
    }
    SYNCLINE_RETURN_IF_ERROR(check_entity(flow, *definition));
    SYNCLINE_ASSIGN_OR_RETURN(const Catalog catalog, target.catalog());
    auto program = compile_for(target, catalog, *definition);
    return program ? program : unusable(flow, first_problem(program.error()));
}

}  // namespace

Result<mapping::Program> compile_for(
    const ConnectionSession& target, const Catalog& catalog, const mapping::Definition& definition
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string connector, target.connector_id());
    if (definition.target != connector) {
        return joined(
            {"/target: the connection '" + target.connection().name + "' is one of " + connector +
             ", found '" + definition.target.substr(0, 100) + "'"},
            "mapping.invalid"
        );
    }
    const auto schema = mapping::target_schema(catalog, definition.target_entity);
    if (!schema && schema.error().code != ErrorCode::kInvalid) {
        return schema.error();
    }
    if (!schema) {
        return joined({"/target_entity: " + schema.error().message}, "mapping.invalid");
    }
    return mapping::compile(definition, *schema);
}

Result<std::optional<FlowMapping>> flow_mapping(
    const Stores& stores, ConnectionSession& target, const Flow& flow
) {
    const std::string& name = flow.definition.mapping;
    if (name.empty()) {
        return std::optional<FlowMapping>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, in_force(stores, flow.tenant, name));
    if (!found) {
        return unusable(flow, not_there(name));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json* entities, target.entities());
    CompiledMappings& compiled = target.compiled_mappings();
    auto program = compiled.find(found->hash, flow.target, *entities);
    if (!program) {
        SYNCLINE_ASSIGN_OR_RETURN(program, compile_in_force(target, flow, *found));
        compiled.keep(found->hash, flow.target, target.connection().entities, *program);
    }
    SYNCLINE_RETURN_IF_ERROR(check_entity(flow, program->definition()));
    return std::optional<FlowMapping>({{name, found->version}, std::move(*program)});
}

void apply_mapping(const FlowMapping& mapping, const std::string& record, Encoded& encoded) {
    const auto json = parse_json(record);
    // What is no JSON was not encoded either.
    mapping::apply(mapping.program, json ? *json : Json::object(), encoded);
}

Result<void> check_flow_mapping(
    const Stores& stores, TenantId tenant, const FlowDefinition& definition
) {
    if (definition.mapping.empty()) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, in_force(stores, tenant, definition.mapping));
    if (!found) {
        return Error{ErrorCode::kInvalid, "/mapping: " + not_there(definition.mapping), kUnusable};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto named, definition_of(*found));
    const std::string& entity = named.source_entity;
    if (entity != definition.entity) {
        return Error{
            ErrorCode::kInvalid,
            "/mapping: '" + definition.mapping + "' is for a record of '" + entity +
                "', the flow's are of '" + definition.entity + "'",
            kUnusable};
    }
    return {};
}

}  // namespace syncline::engine
