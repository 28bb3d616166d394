// Which document of a target stands for which record of a source.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "core/plan.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

// One side of a mapping: a record of a source, seen from one target.
struct MappedRecord {
    TenantId tenant;
    ConnectionId source;
    ConnectionId target;
    std::string entity;     // canonical
    std::string source_id;  // empty: known by its identity only
    std::string identity;
};

class IdMappingStore {
public:
    IdMappingStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    // What was written before, by source id, for those of `source_ids` that have anything.
    Result<std::map<std::string, std::vector<WrittenBefore>>> written_before(
        const Flow& flow, const std::vector<std::string>& source_ids
    ) const;

    // The documents that stand for the record's identity in its target, whichever flow or need
    // wrote them. An identity that is only the source's own number means nothing to other sources.
    Result<std::vector<WrittenBefore>> by_identity(const MappedRecord& record) const;

    // Whether we ever wrote to the target; what is only linked does not count.
    Result<bool> any_written(ConnectionId target) const;

    // Part of a caller's unit of work. `owned` is sealed by seal_owned() before the unit starts.
    void put(
        Sql& sql,
        const MappedRecord& record,
        const WrittenBefore& written,
        const std::optional<std::string>& sealed_owned,
        std::int64_t now_ms
    );
    // The merge base, with what was kept in the target against the source (WrittenBefore::kept).
    Result<std::optional<std::string>> seal_owned(
        const MappedRecord& record, const Json& owned, const Json& kept = nullptr
    ) const;
    // The document is gone from the target. Part of a caller's unit of work.
    void remove(Sql& sql, const MappedRecord& record, const std::string& role);

private:
    struct Base {
        Json owned;
        Json kept;
    };
    Result<Base> open_owned(TenantId tenant, ConnectionId target, const std::string& sealed) const;

    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
