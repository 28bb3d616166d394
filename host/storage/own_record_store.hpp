// What the host offers of its own tables as records: id mappings and runs, in the order in which
// they changed. What belongs to flows that read the platform "syncline" itself is left out: each
// reading would make news for the next one.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <syncline/model/id_mapping.hpp>
#include <syncline/model/sync_log.hpp>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// The platform whose connections read this host's own records.
inline constexpr const char* kOwnPlatform = "syncline";

// Where a page begins: after the row that changed then, of that id.
struct OwnPlace {
    std::int64_t changed_ms = 0;
    std::string id;  // empty: at the start of that millisecond
};

template <class Model>
struct OwnRow {
    OwnPlace place;
    Model model;
};
using OwnIdMapping = OwnRow<IdMappingRecord>;
using OwnRun = OwnRow<SyncLogRecord>;

class OwnRecordStore {
public:
    explicit OwnRecordStore(Database& database) : database_(database) {}

    // A tenant's, at most `limit` after the place, the one that changed first coming first. [any]
    Result<std::vector<OwnIdMapping>> id_mappings(
        TenantId tenant, const OwnPlace& after, std::int64_t limit
    ) const;
    Result<std::vector<OwnRun>> runs(TenantId tenant, const OwnPlace& after, std::int64_t limit)
        const;
    // Mappings that were removed and are not there again: only their keys. The trigger that notes
    // them forgets them after 35 days.
    Result<std::vector<OwnIdMapping>> removed_id_mappings(
        TenantId tenant, const OwnPlace& after, std::int64_t limit
    ) const;

    // The mapping with the key of `wanted` (source, entity, record_id, target, role); nothing if
    // there is none.
    Result<std::optional<OwnIdMapping>> id_mapping(TenantId tenant, const IdMappingRecord& wanted)
        const;
    Result<std::optional<OwnRun>> run(TenantId tenant, const std::string& id) const;

private:
    Database& database_;
};

}  // namespace syncline::storage
