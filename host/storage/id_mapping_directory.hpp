// Id mappings as people see and change them: listed, made by hand, taken away. What delivery knows
// of the same rows is in id_mapping_store.hpp.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/id_mapping_store.hpp"

namespace syncline::storage {

struct IdMappingRow {
    std::int64_t id = 0;
    std::string source;  // names of connections
    std::string target;
    std::string entity;
    std::string source_id;  // "@ann@x.example": it has no record of its own
    std::string role;
    std::string identity;
    std::string target_entity;
    std::string target_id;
    std::string target_version;
    bool written = false;  // by us; else it is only linked
    bool unseen = false;   // linked by a person, and not compared since
    std::int64_t created_at_ms = 0;
    std::int64_t updated_at_ms = 0;
};

// Empty members take all.
struct IdMappingFilter {
    std::string source;  // names of connections
    std::string target;
    std::string entity;
    std::string source_id;
    std::string target_id;
    std::string state;           // "linked" or "written"
    std::int64_t before_id = 0;  // page cursor
    std::int64_t limit = 50;
};

// A document of the target that a person says stands for a record.
struct NewLink {
    MappedRecord record;
    std::string role;
    std::string target_entity;
    std::string target_id;
};

class IdMappingDirectory {
public:
    explicit IdMappingDirectory(Database& database) : database_(database) {}

    // By id, the newest first.
    Result<std::vector<IdMappingRow>> list(TenantId tenant, const IdMappingFilter& filter) const;
    Result<IdMappingRow> by_id(TenantId tenant, std::int64_t id) const;  // kNotFound

    // What is linked between two connections already: source ids with their roles, and documents
    // of the target ("item" + '\n' + id). Links without a source record are left out.
    struct Linked {
        std::map<std::string, std::set<std::string>> sources;
        std::set<std::string> targets;
    };
    Result<Linked> linked(
        TenantId tenant, ConnectionId source, ConnectionId target, const std::string& entity
    ) const;
    // The roles that documents of each entity of the target had so far.
    Result<std::map<std::string, std::string>> roles(
        TenantId tenant, ConnectionId target, const std::string& entity
    ) const;

    // Whether we ever wrote records of that kind from one to the other; what is only linked does
    // not count.
    Result<bool> any_written(ConnectionId source, ConnectionId target, const std::string& entity)
        const;

    // Parts of a caller's unit of work.
    // The target's version is not known, so that it is looked at before the first write. Answers
    // whether it is new. Errors: kExists "id_mapping.source_taken" or "id_mapping.target_taken",
    // naming who has it.
    Result<bool> link(Sql& sql, const NewLink& link, std::int64_t now_ms);
    // Errors: kNotFound.
    Result<IdMappingRow> remove(Sql& sql, TenantId tenant, std::int64_t id);

private:
    Database& database_;
};

}  // namespace syncline::storage
