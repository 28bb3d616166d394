// Paths of mappings, and whole definitions: what compiles ends, does the same again, and leaves
// what the connector owns.
#include "core/mapping/path.hpp"
#include "core/mapping/program.hpp"
#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

Json member(const Json& all, const char* name, Json absent) {
    const auto found = all.find(name);
    return found == all.end() ? std::move(absent) : *found;
}

void look_at_path(std::string_view text) {
    const auto path = mapping::parse_path(text);
    if (!path) {
        return;
    }
    const auto again = mapping::parse_path(mapping::path_text(*path));
    require(
        again && mapping::path_text(*again) == mapping::path_text(*path),
        "a path's text is that path"
    );
    bool each = false;
    for (const auto& step : *path) {
        each = each || step.type == mapping::PathStep::Type::kEach;
    }
    Json document = Json::object();
    if (!each && mapping::write_at(document, *path, "set")) {
        const Json* found = mapping::read_at(document, *path);
        // [k=v].k is written over by the value itself.
        require(found == nullptr || *found == "set", "what is written is read");
    }
}

mapping::TargetSchema target_of(const Json& all) {
    mapping::TargetSchema target = mapping::open_target("invoice");
    target.owned_paths = {"/Total", "/Line"};
    const auto mappable = from_json<std::vector<MappablePath>>(member(all, "mappable", nullptr));
    if (mappable && !mappable->empty()) {
        Catalog catalog;
        CatalogEntity& entity = catalog.entities.emplace_back();
        entity.name = "invoice";
        entity.write = {"create"};
        entity.owned_paths = target.owned_paths;
        entity.mappable = *mappable;
        if (const auto known = mapping::target_schema(catalog, "invoice")) {
            return *known;
        }
    }
    return target;
}

Encoded encoded_of(const Json& document) {
    Encoded encoded;
    Document& made = encoded.documents.emplace_back();
    made.role = made.entity = "invoice";
    made.body = document;
    return encoded;
}

void look_at_program(const mapping::Program& program, const Json& record, const Json& document) {
    Encoded once = encoded_of(document);
    Encoded twice = encoded_of(document);
    mapping::apply(program, record, once);
    mapping::apply(program, record, twice);
    require(dump_json(to_json(once)) == dump_json(to_json(twice)), "the same, the same again");
    const Json& body = once.documents[0].body;
    require(!once.hold || body == document, "a held record's documents stay as they were");
    require(!once.hold || once.hold->code != "MAPPING_OWNED", "compiling keeps rules off");
    if (document.is_object() && body.is_object()) {
        for (const char* owned : {"Total", "Line"}) {
            require(
                member(body, owned, nullptr) == member(document, owned, nullptr),
                "what the connector owns stays"
            );
        }
    }
    for (const auto& rule : program.definition().rules) {
        const auto explained = mapping::explain(program, record, document, rule.target);
        require(!explained || !explained->text.empty(), "an explanation says something");
    }
    (void)mapping::run_tests(program);
}

}  // namespace

void mapping(std::string_view input) {
    look_at_path(input);
    const auto parsed = parse_json(input);
    if (!parsed || !parsed->is_object()) {
        return;
    }
    const Json& all = *parsed;
    const auto definition = mapping::parse_definition(member(all, "definition", all));
    if (!definition) {
        return;
    }
    const Json exported = mapping::definition_json(*definition);
    const auto again = mapping::parse_definition(exported);
    require(again.has_value(), "an export is a definition");
    require(mapping::definition_json(*again) == exported, "export then import is identity");
    const auto program = mapping::compile(*definition, target_of(all));
    if (!program) {
        require(!program.error().message.empty(), "a refusal has a reason");
        return;
    }
    const Json record = member(all, "record", Json::object());
    const Json document = member(all, "document", Json::object());
    look_at_program(*program, record, document);
    if (const auto whole = mapping::complete_record(definition->source_entity, record)) {
        look_at_program(*program, *whole, document);
    }
}

}  // namespace syncline::fuzz
