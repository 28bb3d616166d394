#include "storage/own_record_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_MAPPING_COLUMNS                                                            \
    "SELECT m.updated_at_ms, m.id, s.platform || ':' || s.name, m.entity, m.source_id, "    \
    "t.platform || ':' || t.name, m.role, m.target_entity, m.target_id, m.target_version, " \
    "m.created_at_ms "
constexpr auto kMappings = SYNCLINE_MAPPING_COLUMNS R"sql(
      FROM id_mappings m JOIN connections s ON s.id = m.source_connection_id
      JOIN connections t ON t.id = m.target_connection_id
     WHERE m.tenant_id = ? AND (m.updated_at_ms, m.id) > (?, ?) AND s.platform <> 'syncline'
     ORDER BY m.updated_at_ms, m.id LIMIT ?
)sql";
// A tenant has few connections and many mappings: in this order, whatever SQLite would choose.
constexpr auto kMapping = SYNCLINE_MAPPING_COLUMNS R"sql(
      FROM connections s CROSS JOIN connections t CROSS JOIN id_mappings m
     WHERE s.tenant_id = ? AND t.tenant_id = s.tenant_id AND m.tenant_id = s.tenant_id
       AND s.platform || ':' || s.name = ? AND m.source_connection_id = s.id
       AND m.entity = ? AND m.source_id = ?
       AND t.platform || ':' || t.name = ? AND m.target_connection_id = t.id
       AND m.role = ? AND s.platform <> 'syncline'
)sql";
#undef SYNCLINE_MAPPING_COLUMNS

constexpr auto kRemoved = R"sql(
    SELECT r.removed_at_ms, r.id, s.platform || ':' || s.name, r.entity, r.source_id,
           t.platform || ':' || t.name, r.role, '', '', '', 0
      FROM removed_id_mappings r
      JOIN connections s ON s.id = r.source_connection_id
      JOIN connections t ON t.id = r.target_connection_id
     WHERE r.tenant_id = ? AND (r.removed_at_ms, r.id) > (?, ?) AND s.platform <> 'syncline'
       AND NOT EXISTS (SELECT 1 FROM id_mappings m
                        WHERE m.target_connection_id = r.target_connection_id
                          AND m.source_connection_id = r.source_connection_id
                          AND m.entity = r.entity AND m.source_id = r.source_id
                          AND m.role = r.role)
     ORDER BY r.removed_at_ms, r.id LIMIT ?
)sql";

#define SYNCLINE_CHANGED "max(r.created_at_ms, r.started_at_ms, r.finished_at_ms)"
#define SYNCLINE_RUN_COLUMNS                                                                  \
    "SELECT " SYNCLINE_CHANGED                                                                \
    ", r.id, f.name, s.platform || ':' || s.name, "                                           \
    "t.platform || ':' || t.name, f.entity, r.mode, r.status, r.read, r.created, r.updated, " \
    "r.skipped, r.held, r.conflict, r.waiting, r.failed, r.error_code, r.error_message, "     \
    "r.created_at_ms, r.started_at_ms, r.finished_at_ms "                                     \
    "FROM sync_runs r JOIN flows f ON f.id = r.flow_id "                                      \
    "JOIN connections s ON s.id = f.source_connection_id "                                    \
    "JOIN connections t ON t.id = f.target_connection_id "
constexpr auto kRuns = SYNCLINE_RUN_COLUMNS
    "WHERE r.tenant_id = ? AND (" SYNCLINE_CHANGED
    ", r.id) > (?, ?) AND s.platform <> 'syncline' ORDER BY " SYNCLINE_CHANGED ", r.id LIMIT ?";
constexpr auto kRun =
    SYNCLINE_RUN_COLUMNS "WHERE r.tenant_id = ? AND r.id = ? AND s.platform <> 'syncline'";
#undef SYNCLINE_RUN_COLUMNS
#undef SYNCLINE_CHANGED

template <class Row, class Value>
constexpr auto model_text(std::string Value::*member) {
    return into<Row, std::string>([member](Row& row, std::string text) {
        row.model.*member = std::move(text);
    });
}
template <class Row, class Value>
constexpr auto model_time(Timestamp Value::*member) {
    return into<Row, std::int64_t>([member](Row& row, std::int64_t ms) {
        row.model.*member = Timestamp{ms};
    });
}
constexpr auto counted(std::int64_t SyncLogRecord::*member) {
    return into<OwnRun, std::int64_t>([member](OwnRun& row, std::int64_t count) {
        row.model.*member = count;
    });
}
constexpr auto perhaps(std::optional<Timestamp> SyncLogRecord::*member) {
    return into<OwnRun, std::int64_t>([member](OwnRun& row, std::int64_t ms) {
        row.model.*member = ms == 0 ? std::nullopt : std::optional(Timestamp{ms});
    });
}

constexpr auto kIdMapping = columns(
    into<OwnIdMapping, std::int64_t>([](OwnIdMapping& row, std::int64_t ms) {
        row.place.changed_ms = ms;
        row.model.updated_at = Timestamp{ms};
    }),
    into<OwnIdMapping, std::int64_t>([](OwnIdMapping& row, std::int64_t id) {
        row.place.id = std::to_string(id);
    }),
    model_text<OwnIdMapping>(&IdMappingRecord::source),
    model_text<OwnIdMapping>(&IdMappingRecord::entity),
    model_text<OwnIdMapping>(&IdMappingRecord::record_id),
    model_text<OwnIdMapping>(&IdMappingRecord::target),
    model_text<OwnIdMapping>(&IdMappingRecord::role),
    model_text<OwnIdMapping>(&IdMappingRecord::target_entity),
    model_text<OwnIdMapping>(&IdMappingRecord::target_id),
    model_text<OwnIdMapping>(&IdMappingRecord::target_version),
    model_time<OwnIdMapping>(&IdMappingRecord::created_at)
);

constexpr auto kOwnRun = columns(
    into<OwnRun, std::int64_t>([](OwnRun& row, std::int64_t ms) { row.place.changed_ms = ms; }),
    into<OwnRun, std::string>([](OwnRun& row, const std::string& id) {
        row.place.id = row.model.id = id;
    }),
    model_text<OwnRun>(&SyncLogRecord::flow),
    model_text<OwnRun>(&SyncLogRecord::source),
    model_text<OwnRun>(&SyncLogRecord::target),
    model_text<OwnRun>(&SyncLogRecord::entity),
    model_text<OwnRun>(&SyncLogRecord::mode),
    model_text<OwnRun>(&SyncLogRecord::status),
    counted(&SyncLogRecord::read),
    counted(&SyncLogRecord::created),
    counted(&SyncLogRecord::updated),
    counted(&SyncLogRecord::skipped),
    counted(&SyncLogRecord::held),
    counted(&SyncLogRecord::conflict),
    counted(&SyncLogRecord::waiting),
    counted(&SyncLogRecord::failed),
    model_text<OwnRun>(&SyncLogRecord::error_code),
    model_text<OwnRun>(&SyncLogRecord::message),
    model_time<OwnRun>(&SyncLogRecord::created_at),
    perhaps(&SyncLogRecord::started_at),
    perhaps(&SyncLogRecord::finished_at)
);

std::int64_t number_of(const std::string& id) {
    return id.empty() || id.size() > 18 ? 0 : std::stoll(id);
}

}  // namespace

Result<std::vector<OwnIdMapping>> OwnRecordStore::id_mappings(
    TenantId tenant, const OwnPlace& after, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<OwnIdMapping>> {
        return kIdMapping.all(
            sql, kMappings, tenant.value, after.changed_ms, number_of(after.id), limit
        );
    });
}

Result<std::vector<OwnIdMapping>> OwnRecordStore::removed_id_mappings(
    TenantId tenant, const OwnPlace& after, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<OwnIdMapping>> {
        return kIdMapping.all(
            sql, kRemoved, tenant.value, after.changed_ms, number_of(after.id), limit
        );
    });
}

Result<std::vector<OwnRun>> OwnRecordStore::runs(
    TenantId tenant, const OwnPlace& after, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<OwnRun>> {
        return kOwnRun.all(
            sql, kRuns, tenant.value, after.changed_ms, after.id, limit
        );
    });
}

Result<std::optional<OwnIdMapping>> OwnRecordStore::id_mapping(
    TenantId tenant, const IdMappingRecord& wanted
) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<OwnIdMapping>> {
        return kIdMapping.first(
            sql,
            kMapping,
            tenant.value,
            wanted.source,
            wanted.entity,
            wanted.record_id,
            wanted.target,
            wanted.role
        );
    });
}

Result<std::optional<OwnRun>> OwnRecordStore::run(TenantId tenant, const std::string& id) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<OwnRun>> {
        return kOwnRun.first(sql, kRun, tenant.value, id);
    });
}

}  // namespace syncline::storage
