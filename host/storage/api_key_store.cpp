#include "storage/api_key_store.hpp"

#include <syncline/json_fields.hpp>

namespace syncline::storage {
namespace {

#define SYNCLINE_KEY_COLUMNS                                                              \
    "SELECT id, tenant_id, name, prefix, hash, role, scopes, created_by, created_at_ms, " \
    "expires_at_ms, last_used_at_ms, revoked_at_ms, replaced_by FROM api_keys "
constexpr auto kByPrefix = SYNCLINE_KEY_COLUMNS "WHERE prefix = ?";
constexpr auto kFind = SYNCLINE_KEY_COLUMNS "WHERE tenant_id = ? AND id = ?";
constexpr auto kList = SYNCLINE_KEY_COLUMNS "WHERE tenant_id = ? ORDER BY id";
#undef SYNCLINE_KEY_COLUMNS
constexpr auto kCountUsable = R"sql(
    SELECT count(*) FROM api_keys
     WHERE tenant_id = ? AND revoked_at_ms = 0 AND (expires_at_ms = 0 OR expires_at_ms > ?)
)sql";
constexpr auto kNoteUse =
    "UPDATE api_keys SET last_used_at_ms = ? WHERE id = ? AND last_used_at_ms < ?";
constexpr auto kInsert = R"sql(
    INSERT INTO api_keys (tenant_id, name, prefix, hash, role, scopes, created_by, created_at_ms,
                          expires_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kRevoke = "UPDATE api_keys SET revoked_at_ms = ? WHERE id = ?";
constexpr auto kReplace = "UPDATE api_keys SET replaced_by = ?, expires_at_ms = ? WHERE id = ?";

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t>;

Result<ApiKey> to_key(const Row& row) {
    ApiKey key;
    key.id = ApiKeyId{std::get<0>(row)};
    key.tenant = TenantId{std::get<1>(row)};
    key.name = std::get<2>(row);
    key.prefix = std::get<3>(row);
    key.hash = std::get<4>(row);
    key.role = std::get<5>(row);
    SYNCLINE_ASSIGN_OR_RETURN(const Json scopes, parse_json(std::get<6>(row)));
    SYNCLINE_ASSIGN_OR_RETURN(key.scopes, from_json<std::vector<std::string>>(scopes));
    key.created_by = std::get<7>(row);
    key.created_at_ms = std::get<8>(row);
    key.expires_at_ms = std::get<9>(row);
    key.last_used_at_ms = std::get<10>(row);
    key.revoked_at_ms = std::get<11>(row);
    key.replaced_by = ApiKeyId{std::get<12>(row)};
    return key;
}

}  // namespace

Result<std::optional<ApiKey>> ApiKeyStore::by_prefix(const std::string& prefix) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<ApiKey>> {
        const auto rows = sql.select<Row>(kByPrefix, prefix);
        if (rows.empty()) {
            return std::optional<ApiKey>();
        }
        SYNCLINE_ASSIGN_OR_RETURN(ApiKey key, to_key(rows.front()));
        return std::optional<ApiKey>(std::move(key));
    });
}

Result<ApiKey> ApiKeyStore::find(TenantId tenant, ApiKeyId id) const {
    return database_.read([&](Sql& sql) -> Result<ApiKey> {
        const auto rows = sql.select<Row>(kFind, tenant.value, id.value);
        if (rows.empty()) {
            return Error{
                ErrorCode::kNotFound,
                "there is no API key " + std::to_string(id.value),
                "api_key.unknown"};
        }
        return to_key(rows.front());
    });
}

Result<std::vector<ApiKey>> ApiKeyStore::list(TenantId tenant) const {
    return database_.read([&](Sql& sql) {
        return convert_all(sql.select<Row>(kList, tenant.value), to_key);
    });
}

Result<std::int64_t> ApiKeyStore::count_usable(TenantId tenant, std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kCountUsable, tenant.value, now_ms).value_or(0);
    });
}

Result<void> ApiKeyStore::note_use(ApiKeyId id, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kNoteUse, now_ms, id.value, now_ms);
        return {};
    });
}

ApiKeyId ApiKeyStore::insert(Sql& sql, const ApiKey& key) {
    sql.run(
        kInsert,
        key.tenant.value,
        key.name,
        key.prefix,
        key.hash,
        key.role,
        dump_json(to_json(key.scopes)),
        key.created_by,
        key.created_at_ms,
        key.expires_at_ms
    );
    return ApiKeyId{sql.last_insert_id()};
}

void ApiKeyStore::revoke(Sql& sql, ApiKeyId id, std::int64_t now_ms) {
    sql.run(kRevoke, now_ms, id.value);
}

void ApiKeyStore::replace(Sql& sql, ApiKeyId id, ApiKeyId by, std::int64_t expires_at_ms) {
    sql.run(kReplace, by.value, expires_at_ms, id.value);
}

}  // namespace syncline::storage
