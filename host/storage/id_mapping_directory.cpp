#include "storage/id_mapping_directory.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_ID_MAPPING_COLUMNS                                                    \
    "SELECT m.id, s.name, t.name, m.entity, m.source_id, m.role, m.identity_key, "     \
    "m.target_entity, m.target_id, m.target_version, m.written_hash <> '', m.unseen, " \
    "m.created_at_ms, m.updated_at_ms FROM id_mappings m "                             \
    "JOIN connections s ON s.id = m.source_connection_id "                             \
    "JOIN connections t ON t.id = m.target_connection_id "
constexpr auto kList = SYNCLINE_ID_MAPPING_COLUMNS R"sql(
     WHERE m.tenant_id = ?1 AND (?2 = '' OR s.name = ?2) AND (?3 = '' OR t.name = ?3)
       AND (?4 = '' OR m.entity = ?4) AND (?5 = '' OR m.source_id = ?5)
       AND (?6 = '' OR m.target_id = ?6) AND (?7 = '' OR (m.written_hash = '') = (?7 = 'linked'))
       AND (?8 = 0 OR m.id < ?8)
     ORDER BY m.id DESC LIMIT ?9
)sql";
constexpr auto kById = SYNCLINE_ID_MAPPING_COLUMNS "WHERE m.tenant_id = ? AND m.id = ?";
#undef SYNCLINE_ID_MAPPING_COLUMNS

constexpr auto kLinked = R"sql(
    SELECT source_id, role, target_entity, target_id FROM id_mappings
     WHERE target_connection_id = ? AND source_connection_id = ? AND entity = ? AND tenant_id = ?
       AND source_id NOT GLOB '@*'
)sql";
constexpr auto kRoles = R"sql(
    SELECT target_entity, max(role) FROM id_mappings
     WHERE target_connection_id = ? AND entity = ? AND tenant_id = ? AND role NOT GLOB '*:*'
       AND written_hash <> ''
     GROUP BY target_entity
)sql";
constexpr auto kAnyWritten = R"sql(
    SELECT 1 FROM id_mappings
     WHERE target_connection_id = ? AND source_connection_id = ? AND entity = ?
       AND written_hash <> '' LIMIT 1
)sql";
constexpr auto kOfSource = R"sql(
    SELECT target_entity, target_id FROM id_mappings
     WHERE target_connection_id = ? AND source_connection_id = ? AND entity = ? AND source_id = ?
       AND role = ?
)sql";
// The same source, in another place; guests of its orders may be the record under its e-mail.
constexpr auto kOfTarget = R"sql(
    SELECT source_id, role FROM id_mappings
     WHERE target_connection_id = ? AND target_entity = ? AND target_id = ?
       AND source_connection_id = ? AND entity = ? AND source_id NOT GLOB '@*'
     LIMIT 1
)sql";
constexpr auto kLink = R"sql(
    INSERT INTO id_mappings (tenant_id, source_connection_id, entity, source_id, role, identity_key,
                             target_connection_id, target_entity, target_id, target_version,
                             written_hash, unseen, created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 1, ?, ?)
)sql";
constexpr auto kDelete = "DELETE FROM id_mappings WHERE tenant_id = ? AND id = ?";

constexpr auto kRow = columns(
    &IdMappingRow::id,
    &IdMappingRow::source,
    &IdMappingRow::target,
    &IdMappingRow::entity,
    &IdMappingRow::source_id,
    &IdMappingRow::role,
    &IdMappingRow::identity,
    &IdMappingRow::target_entity,
    &IdMappingRow::target_id,
    &IdMappingRow::target_version,
    &IdMappingRow::written,
    &IdMappingRow::unseen,
    &IdMappingRow::created_at_ms,
    &IdMappingRow::updated_at_ms
);

Error unknown(std::int64_t id) {
    return Error{
        ErrorCode::kNotFound, "there is no id mapping " + std::to_string(id), "id_mapping.unknown"};
}

}  // namespace

Result<std::vector<IdMappingRow>> IdMappingDirectory::list(
    TenantId tenant, const IdMappingFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<IdMappingRow>> {
        return kRow.all(
            sql,
            kList,
            tenant.value,
            filter.source,
            filter.target,
            filter.entity,
            filter.source_id,
            filter.target_id,
            filter.state,
            filter.before_id,
            filter.limit
        );
    });
}

Result<IdMappingRow> IdMappingDirectory::by_id(TenantId tenant, std::int64_t id) const {
    return database_.read([&](Sql& sql) -> Result<IdMappingRow> {
        auto found = kRow.first(sql, kById, tenant.value, id);
        return found ? Result<IdMappingRow>(std::move(*found)) : unknown(id);
    });
}

Result<IdMappingDirectory::Linked> IdMappingDirectory::linked(
    TenantId tenant, ConnectionId source, ConnectionId target, const std::string& entity
) const {
    return database_.read([&](Sql& sql) -> Result<Linked> {
        Linked linked;
        for (auto& [source_id, role, target_entity, target_id] :
             sql.rows<std::string, std::string, std::string, std::string>(
                 kLinked, target.value, source.value, entity, tenant.value
             )) {
            linked.sources[source_id].insert(role);
            linked.targets.insert(target_entity + '\n' + target_id);
        }
        return linked;
    });
}

Result<std::map<std::string, std::string>> IdMappingDirectory::roles(
    TenantId tenant, ConnectionId target, const std::string& entity
) const {
    return database_.read([&](Sql& sql) -> Result<std::map<std::string, std::string>> {
        std::map<std::string, std::string> roles;
        for (auto& [target_entity, role] :
             sql.rows<std::string, std::string>(kRoles, target.value, entity, tenant.value)) {
            roles[target_entity] = role;
        }
        return roles;
    });
}

Result<bool> IdMappingDirectory::any_written(
    ConnectionId source, ConnectionId target, const std::string& entity
) const {
    return database_.read([&](Sql& sql) -> Result<bool> {
        return sql.value<std::int64_t>(kAnyWritten, target.value, source.value, entity).has_value();
    });
}

Result<bool> IdMappingDirectory::link(Sql& sql, const NewLink& link, std::int64_t now_ms) {
    const MappedRecord& record = link.record;
    const std::string what = record.entity + " " + record.source_id.substr(0, 100);
    const std::string document = link.target_entity + " " + link.target_id.substr(0, 100);
    const auto has = sql.row<std::string, std::string>(
        kOfSource,
        record.target.value,
        record.source.value,
        record.entity,
        record.source_id,
        link.role
    );
    if (has && std::get<0>(*has) == link.target_entity && std::get<1>(*has) == link.target_id) {
        return false;
    }
    if (has) {
        return Error{
            ErrorCode::kExists,
            what + " is linked to " + std::get<0>(*has) + " " + std::get<1>(*has) +
                " already (role " + link.role + "); remove that id mapping first",
            "id_mapping.source_taken"};
    }
    const auto holder = sql.row<std::string, std::string>(
        kOfTarget,
        record.target.value,
        link.target_entity,
        link.target_id,
        record.source.value,
        record.entity
    );
    if (holder) {
        return Error{
            ErrorCode::kExists,
            document + " is linked to " + record.entity + " " + std::get<0>(*holder) +
                " already (role " + std::get<1>(*holder) + "); remove that id mapping first",
            "id_mapping.target_taken"};
    }
    sql.run(
        kLink,
        record.tenant.value,
        record.source.value,
        record.entity,
        record.source_id,
        link.role,
        record.identity,
        record.target.value,
        link.target_entity,
        link.target_id,
        now_ms,
        now_ms
    );
    return true;
}

Result<IdMappingRow> IdMappingDirectory::remove(Sql& sql, TenantId tenant, std::int64_t id) {
    auto found = kRow.first(sql, kById, tenant.value, id);
    if (!found) {
        return unknown(id);
    }
    sql.run(kDelete, tenant.value, id);
    return std::move(*found);
}

}  // namespace syncline::storage
