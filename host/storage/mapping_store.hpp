// Mappings of tenants: drafts, and what was published of them (migrations/sqlite/0023). Definitions
// are JSON texts here; what they mean is core/mapping.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline {
using MappingId = Id<struct MappingTag>;
}

namespace syncline::storage {

struct StoredMapping {
    MappingId id;
    TenantId tenant;
    std::string name;
    std::string draft;       // JSON
    std::string draft_hash;  // SHA-256 of it
    std::string updated_by;
    std::int64_t created_at_ms = 0;
    std::int64_t updated_at_ms = 0;
    std::int64_t in_force = 0;  // version; 0: none was published yet
    std::int64_t newest = 0;    // version
};

struct MappingVersion {
    std::int64_t version = 0;
    std::string state;         // in_force, retired
    std::string definition;    // JSON
    std::string content_hash;  // SHA-256 of it
    std::string reason;
    std::string published_by;
    std::int64_t published_at_ms = 0;
    std::int64_t in_force_at_ms = 0;
};

// Who changes a mapping, and why.
struct MappingChange {
    std::string author;
    std::string reason = {};
};

class MappingStore {
public:
    explicit MappingStore(Database& database) : database_(database) {}

    // Errors: kExists "mapping.exists".
    Result<StoredMapping> create(
        TenantId tenant,
        const std::string& name,
        const std::string& draft,
        const MappingChange& change,
        std::int64_t now_ms
    );
    // Errors: kNotFound.
    Result<StoredMapping> set_draft(
        TenantId tenant,
        const std::string& name,
        const std::string& draft,
        const MappingChange& change,
        std::int64_t now_ms
    );
    Result<StoredMapping> find(TenantId tenant, const std::string& name) const;  // kNotFound
    Result<std::vector<StoredMapping>> list(TenantId tenant) const;              // by name
    // With its versions. Errors: kNotFound; kExists "mapping.in_use" naming flows.
    Result<void> remove(TenantId tenant, const std::string& name);

    // Makes the draft the next version and puts it in force. Errors: kNotFound; kExists
    // "mapping.changed" when the draft is not the one with `draft_hash` any more,
    // "mapping.nothing_new" when it is what is in force already.
    Result<MappingVersion> publish(
        TenantId tenant,
        const std::string& name,
        const std::string& draft_hash,
        const MappingChange& change,
        std::int64_t now_ms
    );
    // Puts an earlier version in force again; the draft stays. Errors: kNotFound, also
    // "mapping.version_unknown"; kExists "mapping.nothing_new" when it is in force.
    Result<MappingVersion> bring_back(
        TenantId tenant,
        const std::string& name,
        std::int64_t version,
        const MappingChange& change,
        std::int64_t now_ms
    );

    // Newest first. Errors: kNotFound.
    Result<std::vector<MappingVersion>> versions(TenantId tenant, const std::string& name) const;
    // Errors: kNotFound, also "mapping.version_unknown".
    Result<MappingVersion> version(TenantId tenant, const std::string& name, std::int64_t version)
        const;
    // What deliveries use; nothing when there is no such mapping, or none of it was published.
    Result<std::optional<MappingVersion>> in_force(TenantId tenant, const std::string& name) const;
    // Names of the tenant's flows that name the mapping.
    Result<std::vector<std::string>> flows_with(TenantId tenant, const std::string& name) const;

private:
    Database& database_;
};

// kNotFound "mapping.unknown".
Error unknown_mapping(const std::string& name);

}  // namespace syncline::storage
