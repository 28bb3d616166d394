// Which record of a source is which document of a target: an id mapping of the host's own, offered
// as a record (the platform "syncline").
#pragma once

#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {

struct IdMappingRecord {
    std::string source;     // "woocommerce:shop"
    std::string entity;     // canonical, of the record: "order"
    std::string record_id;  // its id at the source; '@' and its identity where it has none
    std::string target;     // "quickbooks:books"
    std::string role;       // tells the documents of one record apart: "invoice", "payment"
    std::string target_entity;
    std::string target_id;
    std::string target_version;
    Timestamp created_at;
    Timestamp updated_at;

    static constexpr auto fields() {
        return field_list(
            field("source", &IdMappingRecord::source),
            field("entity", &IdMappingRecord::entity),
            field("record_id", &IdMappingRecord::record_id),
            field("target", &IdMappingRecord::target),
            field("role", &IdMappingRecord::role),
            field("target_entity", &IdMappingRecord::target_entity),
            field("target_id", &IdMappingRecord::target_id),
            field("target_version", &IdMappingRecord::target_version),
            field("created_at", &IdMappingRecord::created_at),
            field("updated_at", &IdMappingRecord::updated_at)
        );
    }
};

}  // namespace syncline
