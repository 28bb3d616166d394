// What a mapping would make of one record: the documents before and after it, what would be done
// with them, and why a field is what it is. Asks source and target, writes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/mapping_control.hpp"
#include "engine/preview.hpp"

namespace syncline::engine {

struct MappingPreviewRequest {
    std::string mapping;                  // by name; empty with `definition`
    std::optional<std::int64_t> version;  // absent: the draft, or the shipped one
    std::optional<Json> definition;       // that is nowhere stored
    std::string flow;  // whose source and target; empty: of the only flow that names the mapping
    std::optional<Json> record;  // a sample: a canonical record; exactly one of it and `source_id`
    std::string source_id;       // a live one, fetched from the flow's source
    std::string explain;         // a field of the mapped document; empty: none
};

struct MappedDocument {
    std::string role;
    std::string entity;
    Json before;          // as encode made it
    Json after;           // as it would be sent, with {"$need": ...} in it
    bool mapped = false;  // the mapping is for such documents
    PlanAction action = PlanAction::kCreate;
};

struct MappingPreview {
    MappingText mapping;
    std::string flow;
    std::string source_id;
    std::vector<MappedDocument> documents;
    PlanAction action = PlanAction::kSkip;
    std::optional<Reason> reason;  // of a skip or hold
    std::vector<Reason> warnings;
    std::optional<mapping::Explanation> explanation;
};

class MappingPreviewer {
public:
    MappingPreviewer(Stores& stores, ConnectionPool& pool, const MappingControl& mappings)
        : stores_(stores), pool_(pool), mappings_(mappings) {}

    // Errors: kInvalid (not exactly one of record and source_id, mapping and definition; no flow
    // can be told); kNotFound, also "mapping.no_record" when the source has none of that id; kData
    // "mapping.invalid", and what encode refuses; of source and target.
    Result<MappingPreview> preview(TenantId tenant, const MappingPreviewRequest& request);

private:
    Result<MappingText> mapping_of(TenantId tenant, const MappingPreviewRequest& request) const;
    Result<Flow> flow_of(TenantId tenant, const MappingPreviewRequest& request) const;
    // The text of the record that is wanted.
    Result<std::string> record_of(const Flow& flow, const MappingPreviewRequest& request);

    Stores& stores_;
    ConnectionPool& pool_;
    const MappingControl& mappings_;
};

}  // namespace syncline::engine
