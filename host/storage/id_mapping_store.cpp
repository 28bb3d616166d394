#include "storage/id_mapping_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kBySourceId = R"sql(
    SELECT role, target_entity, target_id,
           CASE unseen WHEN 1 THEN '(unseen)' ELSE target_version END, written_hash, owned
      FROM id_mappings
     WHERE target_connection_id = ? AND source_connection_id = ? AND entity = ? AND source_id = ?
       AND tenant_id = ?
     ORDER BY id
)sql";
constexpr auto kByIdentity = R"sql(
    SELECT role, target_entity, target_id,
           CASE unseen WHEN 1 THEN '(unseen)' ELSE target_version END, written_hash, owned
      FROM id_mappings
     WHERE target_connection_id = ? AND entity = ? AND identity_key = ? AND tenant_id = ?
       AND (source_connection_id = ? OR identity_key NOT GLOB '#*')
     ORDER BY id
)sql";
constexpr auto kPut = R"sql(
    INSERT INTO id_mappings (tenant_id, source_connection_id, entity, source_id, role, identity_key,
                             target_connection_id, target_entity, target_id, target_version,
                             written_hash, owned, created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (target_connection_id, source_connection_id, entity, source_id, role) DO UPDATE
       SET identity_key = excluded.identity_key, target_entity = excluded.target_entity,
           target_id = excluded.target_id, target_version = excluded.target_version,
           written_hash = excluded.written_hash, owned = coalesce(excluded.owned, owned),
           unseen = 0, updated_at_ms = excluded.updated_at_ms
)sql";
constexpr auto kAnyWritten =
    "SELECT 1 FROM id_mappings WHERE target_connection_id = ? AND written_hash <> '' LIMIT 1";
// The same document may be known under several source ids; all of them see its new version.
constexpr auto kSpreadVersion = R"sql(
    UPDATE id_mappings SET target_version = ?
     WHERE target_connection_id = ? AND target_entity = ? AND target_id = ?
)sql";

constexpr auto kRemove = R"sql(
    DELETE FROM id_mappings
     WHERE target_connection_id = ? AND source_connection_id = ? AND entity = ? AND source_id = ?
       AND role = ?
)sql";

// Members of what is sealed when something was kept; without that it is the merge base alone.
constexpr auto kOwnedMember = "$owned";
constexpr auto kKeptMember = "$kept";

std::string stored_source_id(const MappedRecord& record) {
    return record.source_id.empty() ? "@" + record.identity : record.source_id;
}

using Row = std::
    tuple<std::string, std::string, std::string, std::string, std::string, std::optional<Blob>>;

Place owned_place(TenantId tenant, ConnectionId target) {
    return {tenant, target, "owned"};
}

}  // namespace

Result<IdMappingStore::Base> IdMappingStore::open_owned(
    TenantId tenant, ConnectionId target, const std::string& sealed
) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto text, vault_.open(owned_place(tenant, target), sealed));
    SYNCLINE_ASSIGN_OR_RETURN(Json json, parse_json(text));
    if (json.is_object() && json.contains(kKeptMember)) {
        return Base{json.value(kOwnedMember, Json()), json.at(kKeptMember)};
    }
    return Base{std::move(json), nullptr};
}

Result<bool> IdMappingStore::any_written(ConnectionId target) const {
    return database_.read([&](Sql& sql) -> Result<bool> {
        return sql.value<std::int64_t>(kAnyWritten, target.value).has_value();
    });
}

Result<std::optional<std::string>> IdMappingStore::seal_owned(
    const MappedRecord& record, const Json& owned, const Json& kept
) const {
    const bool keeps = kept.is_object() && !kept.empty();
    if (owned.is_null() && !keeps) {
        return std::optional<std::string>();
    }
    const Json whole = keeps ? Json{{kOwnedMember, owned}, {kKeptMember, kept}} : owned;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto sealed, vault_.seal(owned_place(record.tenant, record.target), dump_json(whole))
    );
    return std::optional<std::string>(std::move(sealed));
}

namespace {

template <class Open>
std::vector<WrittenBefore> to_written(const std::vector<Row>& rows, Open&& open) {
    std::vector<WrittenBefore> result;
    for (const auto& [role, entity, id, version, hash, owned] : rows) {
        WrittenBefore written{role, entity, id, version, hash, Json()};
        if (owned) {
            // A merge base that cannot be read any more only makes the next conflict undecided.
            auto base = open(owned->bytes);
            written.owned = base ? std::move(base->owned) : Json();
            written.kept = base ? std::move(base->kept) : Json();
        }
        result.push_back(std::move(written));
    }
    return result;
}

}  // namespace

Result<std::map<std::string, std::vector<WrittenBefore>>> IdMappingStore::written_before(
    const Flow& flow, const std::vector<std::string>& source_ids
) const {
    using Rows = std::map<std::string, std::vector<Row>>;
    SYNCLINE_ASSIGN_OR_RETURN(const Rows found, database_.read([&](Sql& sql) -> Result<Rows> {
        Rows rows;
        for (const auto& id : source_ids) {
            auto of_id = sql.select<Row>(
                kBySourceId,
                flow.target.value,
                flow.source.value,
                flow.definition.entity,
                id,
                flow.tenant.value
            );
            if (!of_id.empty()) {
                rows[id] = std::move(of_id);
            }
        }
        return rows;
    }));
    std::map<std::string, std::vector<WrittenBefore>> result;
    for (const auto& [id, rows] : found) {
        result[id] = to_written(rows, [&](const std::string& sealed) {
            return open_owned(flow.tenant, flow.target, sealed);
        });
    }
    return result;
}

Result<std::vector<WrittenBefore>> IdMappingStore::by_identity(const MappedRecord& record) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows, database_.read([&](Sql& sql) -> Result<std::vector<Row>> {
            return sql.select<Row>(
                kByIdentity,
                record.target.value,
                record.entity,
                record.identity,
                record.tenant.value,
                record.source.value
            );
        })
    );
    return to_written(rows, [&](const std::string& sealed) {
        return open_owned(record.tenant, record.target, sealed);
    });
}

void IdMappingStore::put(
    Sql& sql,
    const MappedRecord& record,
    const WrittenBefore& written,
    const std::optional<std::string>& sealed_owned,
    std::int64_t now_ms
) {
    const std::optional<Blob> owned =
        sealed_owned ? std::optional<Blob>(Blob{*sealed_owned}) : std::nullopt;
    sql.run(
        kPut,
        record.tenant.value,
        record.source.value,
        record.entity,
        stored_source_id(record),
        written.role,
        record.identity,
        record.target.value,
        written.entity,
        written.remote_id,
        written.version,
        written.hash,
        owned,
        now_ms,
        now_ms
    );
    sql.run(
        kSpreadVersion, written.version, record.target.value, written.entity, written.remote_id
    );
}

void IdMappingStore::remove(Sql& sql, const MappedRecord& record, const std::string& role) {
    sql.run(
        kRemove,
        record.target.value,
        record.source.value,
        record.entity,
        stored_source_id(record),
        role
    );
}

}  // namespace syncline::storage
