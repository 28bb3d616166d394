#include "engine/mapping_preview.hpp"

#include <algorithm>

#include "core/json_problems.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/encode.hpp"
#include "engine/flow_mapping.hpp"
#include "engine/transformer.hpp"

namespace syncline::engine {
namespace {

// A name in the request that leads nowhere is named with its place there.
template <class T>
Result<T> at_place(const char* place, Result<T> found) {
    if (found || found.error().code != ErrorCode::kNotFound) {
        return found;
    }
    Error error = found.error();
    error.message = std::string(place) + ": " + error.message;
    return error;
}

// Of a sample, which may lack it.
std::string id_of(const Json& record) {
    const auto id = record.find("id");
    return id != record.end() && id->is_string() ? id->get<std::string>() : std::string();
}

// The documents as they were made and as they are now, and what would be done with them.
void show_documents(
    const std::vector<Document>& made,
    const Encoded& mapped,
    const PlannedRecord& planned,
    const mapping::Definition& definition,
    MappingPreview& result
) {
    result.action = planned.action;
    result.reason = planned.reason;
    result.warnings = mapped.warnings;
    for (std::size_t i = 0; i < made.size(); ++i) {
        MappedDocument document;
        document.role = made[i].role;
        document.entity = made[i].entity;
        document.before = made[i].body;
        document.after = mapped.documents[i].body;
        document.mapped = mapping::is_for(definition, made[i]);
        document.action = planned.action;
        for (const auto& one : planned.documents) {
            document.action = one.document.role == made[i].role ? one.action : document.action;
        }
        result.documents.push_back(std::move(document));
    }
}

// Of the first document that the mapping is for.
Result<mapping::Explanation> explained(
    const mapping::Program& program,
    const Json& record,
    const std::vector<Document>& made,
    const std::string& field
) {
    for (const auto& document : made) {
        if (mapping::is_for(program.definition(), document)) {
            return mapping::explain(program, record, document.body, field);
        }
    }
    return Error{
        ErrorCode::kData,
        "/explain: the mapping is for none of the record's documents, so it sets no field '" +
            field.substr(0, 100) + "'",
        "mapping.nothing_mapped"};
}

}  // namespace

Result<MappingText> MappingPreviewer::mapping_of(
    TenantId tenant, const MappingPreviewRequest& request
) const {
    if (request.definition.has_value() == !request.mapping.empty()) {
        return invalid("/mapping: give either a mapping's name, or a /definition");
    }
    if (!request.definition) {
        return at_place("/mapping", mappings_.text(tenant, request.mapping, request.version));
    }
    MappingText text;
    auto definition = mapping::parse_definition(*request.definition);
    if (!definition) {
        return in_request(as_unfit(definition.error()));
    }
    text.name = definition->name;
    text.definition = std::move(*definition);
    return text;
}

Result<Flow> MappingPreviewer::flow_of(TenantId tenant, const MappingPreviewRequest& request)
    const {
    if (!request.flow.empty()) {
        return at_place("/flow", stores_.flows.find(tenant, request.flow));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto users, stores_.mappings.flows_with(tenant, request.mapping)
    );
    if (request.mapping.empty() || users.size() != 1) {
        return invalid(
            "/flow: say by a flow's name from where to where; " + std::to_string(users.size()) +
            " flows name the mapping"
        );
    }
    return stores_.flows.find(tenant, users.front());
}

Result<std::string> MappingPreviewer::record_of(
    const Flow& flow, const MappingPreviewRequest& request
) {
    if (request.record.has_value() == !request.source_id.empty()) {
        return invalid("/record: give either a sample, or the /source_id of a live record");
    }
    if (request.record) {
        return request.record->is_object() ? Result<std::string>(dump_json(*request.record))
                                           : invalid("/record: expected an object");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, pool_.open(flow.source));
    ReadRequest read;
    read.entity = flow.definition.entity;
    read.ids = {request.source_id};
    read.limit = 1;
    SYNCLINE_ASSIGN_OR_RETURN(const Page page, source->read(read));
    for (const auto& record : page.records) {
        if (record.key == request.source_id && record.operation == RecordOperation::kUpsert) {
            return record.json;
        }
    }
    return Error{
        ErrorCode::kNotFound,
        "/source_id: the connection '" + source->connection().name + "' has no " + read.entity +
            " '" + request.source_id.substr(0, 100) + "' that can be read",
        "mapping.no_record"};
}

Result<MappingPreview> MappingPreviewer::preview(
    TenantId tenant, const MappingPreviewRequest& request
) {
    MappingPreview result;
    SYNCLINE_ASSIGN_OR_RETURN(result.mapping, mapping_of(tenant, request));
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, flow_of(tenant, request));
    result.flow = flow.definition.name;
    const auto& definition = result.mapping.definition;
    if (definition.source_entity != flow.definition.entity) {
        return as_unfit(invalid(
            "/source_entity: the flow's records are of '" + flow.definition.entity + "', found '" +
            definition.source_entity.substr(0, 60) + "'"
        ));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, record_of(flow, request));
    SYNCLINE_ASSIGN_OR_RETURN(const Json record, parse_json(text));
    result.source_id = request.source_id.empty() ? id_of(record) : request.source_id;
    SYNCLINE_ASSIGN_OR_RETURN(const auto target, pool_.open(flow.target));
    SYNCLINE_ASSIGN_OR_RETURN(const Catalog catalog, target->catalog());
    auto program = compile_for(*target, catalog, definition);
    if (!program) {
        const Error unfit = as_unfit(program.error());
        return request.definition ? in_request(unfit) : unfit;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(flow.source));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto by_id, stores_.id_mappings.written_before(flow, {request.source_id})
    );
    const auto before = by_id.empty() ? std::vector<WrittenBefore>() : by_id.begin()->second;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto context, encoding_for(stores_, *target, flow, source, catalog.facts)
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto encoded, encode_isolating(*target, context, {{text}, {known_documents(before)}})
    );
    SYNCLINE_ASSIGN_OR_RETURN(Encoded mapped, encoded.front());
    const std::vector<Document> made = mapped.documents;
    mapping::apply(*program, record, mapped);
    show_documents(made, mapped, plan_record(mapped, before), definition, result);
    if (!request.explain.empty() && !made.empty()) {  // else it was held before there were any
        SYNCLINE_ASSIGN_OR_RETURN(
            result.explanation, explained(*program, record, made, request.explain)
        );
    }
    return result;
}

}  // namespace syncline::engine
