#include "storage/mapping_store.hpp"

#include "core/sha256.hpp"
#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_MAPPING_COLUMNS                                                               \
    "SELECT m.id, m.tenant_id, m.name, m.draft, m.draft_hash, m.updated_by, m.created_at_ms, " \
    "m.updated_at_ms, coalesce((SELECT v.version FROM mapping_versions v "                     \
    "WHERE v.mapping_id = m.id AND v.state = 'in_force'), 0), "                                \
    "coalesce((SELECT max(v.version) FROM mapping_versions v WHERE v.mapping_id = m.id), 0) "  \
    "FROM field_mappings m WHERE m.tenant_id = ? "
constexpr auto kFind = SYNCLINE_MAPPING_COLUMNS "AND m.name = ?";
constexpr auto kList = SYNCLINE_MAPPING_COLUMNS "ORDER BY m.name";
#undef SYNCLINE_MAPPING_COLUMNS
constexpr auto kInsert = R"sql(
    INSERT INTO field_mappings
        (tenant_id, name, draft, draft_hash, updated_by, created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, name) DO NOTHING
)sql";
constexpr auto kSetDraft = R"sql(
    UPDATE field_mappings SET draft = ?, draft_hash = ?, updated_by = ?, updated_at_ms = ?
     WHERE tenant_id = ? AND name = ?
)sql";
constexpr auto kRemove = "DELETE FROM field_mappings WHERE id = ?";
constexpr auto kFlowsWith = R"sql(
    SELECT name FROM flows
     WHERE tenant_id = ? AND json_extract(definition, '$.mapping') = ? ORDER BY name
)sql";

#define SYNCLINE_VERSION_COLUMNS                                                          \
    "SELECT v.version, v.state, v.definition, v.content_hash, v.reason, v.published_by, " \
    "v.published_at_ms, v.in_force_at_ms FROM mapping_versions v "                        \
    "JOIN field_mappings m ON m.id = v.mapping_id WHERE m.tenant_id = ? AND m.name = ? "
constexpr auto kVersions = SYNCLINE_VERSION_COLUMNS "ORDER BY v.version DESC";
constexpr auto kVersion = SYNCLINE_VERSION_COLUMNS "AND v.version = ?";
constexpr auto kInForce = SYNCLINE_VERSION_COLUMNS "AND v.state = 'in_force'";
#undef SYNCLINE_VERSION_COLUMNS
constexpr auto kRetire =
    "UPDATE mapping_versions SET state = 'retired' WHERE mapping_id = ? AND state = 'in_force'";
constexpr auto kPublish = R"sql(
    INSERT INTO mapping_versions (tenant_id, mapping_id, version, state, definition, content_hash,
                                  reason, published_by, published_at_ms, in_force_at_ms)
    VALUES (?, ?, ?, 'in_force', ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kBringBack = R"sql(
    UPDATE mapping_versions SET state = 'in_force', reason = ?, in_force_at_ms = ?
     WHERE mapping_id = ? AND version = ?
)sql";

constexpr auto kMapping = columns(
    &StoredMapping::id,
    &StoredMapping::tenant,
    &StoredMapping::name,
    &StoredMapping::draft,
    &StoredMapping::draft_hash,
    &StoredMapping::updated_by,
    &StoredMapping::created_at_ms,
    &StoredMapping::updated_at_ms,
    &StoredMapping::in_force,
    &StoredMapping::newest
);

constexpr auto kVersionRow = columns(
    &MappingVersion::version,
    &MappingVersion::state,
    &MappingVersion::definition,
    &MappingVersion::content_hash,
    &MappingVersion::reason,
    &MappingVersion::published_by,
    &MappingVersion::published_at_ms,
    &MappingVersion::in_force_at_ms
);

Result<StoredMapping> find_in(Sql& sql, TenantId tenant, const std::string& name) {
    auto found = kMapping.first(sql, kFind, tenant.value, name);
    return found ? Result<StoredMapping>(std::move(*found)) : unknown_mapping(name);
}

Result<MappingVersion> version_in(
    Sql& sql, TenantId tenant, const std::string& name, std::int64_t version
) {
    SYNCLINE_RETURN_IF_ERROR(find_in(sql, tenant, name));
    auto found = kVersionRow.first(sql, kVersion, tenant.value, name, version);
    if (!found) {
        return Error{
            ErrorCode::kNotFound,
            "the mapping '" + name + "' has no version " + std::to_string(version),
            "mapping.version_unknown"};
    }
    return std::move(*found);
}

std::vector<std::string> flows_in(Sql& sql, TenantId tenant, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& [flow] : sql.rows<std::string>(kFlowsWith, tenant.value, name)) {
        names.push_back(flow);
    }
    return names;
}

Error nothing_new(const std::string& name, std::int64_t version) {
    return Error{
        ErrorCode::kExists,
        "version " + std::to_string(version) + " of the mapping '" + name +
            "' is in force already, and is the same",
        "mapping.nothing_new"};
}

}  // namespace

Error unknown_mapping(const std::string& name) {
    return Error{
        ErrorCode::kNotFound,
        "there is no mapping '" + name.substr(0, 100) + "'",
        "mapping.unknown"};
}

Result<StoredMapping> MappingStore::create(
    TenantId tenant,
    const std::string& name,
    const std::string& draft,
    const MappingChange& change,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<StoredMapping> {
        const auto made = sql.run(
            kInsert, tenant.value, name, draft, sha256_hex(draft), change.author, now_ms, now_ms
        );
        if (made == 0) {
            return Error{
                ErrorCode::kExists,
                "/name: there is a mapping '" + name + "' already; PUT /api/mappings/" + name +
                    " changes its draft",
                "mapping.exists"};
        }
        return find_in(sql, tenant, name);
    });
}

Result<StoredMapping> MappingStore::set_draft(
    TenantId tenant,
    const std::string& name,
    const std::string& draft,
    const MappingChange& change,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<StoredMapping> {
        sql.run(kSetDraft, draft, sha256_hex(draft), change.author, now_ms, tenant.value, name);
        return find_in(sql, tenant, name);
    });
}

Result<StoredMapping> MappingStore::find(TenantId tenant, const std::string& name) const {
    return database_.read([&](Sql& sql) { return find_in(sql, tenant, name); });
}

Result<std::vector<StoredMapping>> MappingStore::list(TenantId tenant) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<StoredMapping>> {
        return kMapping.all(sql, kList, tenant.value);
    });
}

Result<void> MappingStore::remove(TenantId tenant, const std::string& name) {
    return database_.write([&](Sql& sql) -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto mapping, find_in(sql, tenant, name));
        const auto flows = flows_in(sql, tenant, name);
        if (!flows.empty()) {
            return Error{
                ErrorCode::kExists,
                "the mapping '" + name + "' is used by " + std::to_string(flows.size()) +
                    " flows, among them '" + flows.front() + "'; take it out of them first",
                "mapping.in_use"};
        }
        sql.run(kRemove, mapping.id.value);
        return {};
    });
}

Result<MappingVersion> MappingStore::publish(
    TenantId tenant,
    const std::string& name,
    const std::string& draft_hash,
    const MappingChange& change,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<MappingVersion> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto mapping, find_in(sql, tenant, name));
        if (mapping.draft_hash != draft_hash) {
            return Error{
                ErrorCode::kExists,
                "the draft of the mapping '" + name +
                    "' was changed while it was looked at; look at it again, then publish it",
                "mapping.changed"};
        }
        const auto now = kVersionRow.first(sql, kInForce, tenant.value, name);
        if (now && now->content_hash == draft_hash) {
            return nothing_new(name, now->version);
        }
        sql.run(kRetire, mapping.id.value);
        sql.run(
            kPublish,
            tenant.value,
            mapping.id.value,
            mapping.newest + 1,
            mapping.draft,
            mapping.draft_hash,
            change.reason,
            change.author,
            now_ms,
            now_ms
        );
        return version_in(sql, tenant, name, mapping.newest + 1);
    });
}

Result<MappingVersion> MappingStore::bring_back(
    TenantId tenant,
    const std::string& name,
    std::int64_t version,
    const MappingChange& change,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<MappingVersion> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto mapping, find_in(sql, tenant, name));
        SYNCLINE_ASSIGN_OR_RETURN(const auto wanted, version_in(sql, tenant, name, version));
        if (wanted.version == mapping.in_force) {
            return nothing_new(name, version);
        }
        sql.run(kRetire, mapping.id.value);
        sql.run(kBringBack, change.reason, now_ms, mapping.id.value, version);
        return version_in(sql, tenant, name, version);
    });
}

Result<std::vector<MappingVersion>> MappingStore::versions(TenantId tenant, const std::string& name)
    const {
    return database_.read([&](Sql& sql) -> Result<std::vector<MappingVersion>> {
        SYNCLINE_RETURN_IF_ERROR(find_in(sql, tenant, name));
        return kVersionRow.all(sql, kVersions, tenant.value, name);
    });
}

Result<MappingVersion> MappingStore::version(
    TenantId tenant, const std::string& name, std::int64_t version
) const {
    return database_.read([&](Sql& sql) { return version_in(sql, tenant, name, version); });
}

Result<std::optional<MappingVersion>> MappingStore::in_force(
    TenantId tenant, const std::string& name
) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<MappingVersion>> {
        return kVersionRow.first(sql, kInForce, tenant.value, name);
    });
}

Result<std::vector<std::string>> MappingStore::flows_with(TenantId tenant, const std::string& name)
    const {
    return database_.read([&](Sql& sql) -> Result<std::vector<std::string>> {
        return flows_in(sql, tenant, name);
    });
}

}  // namespace syncline::storage
