#include "storage/setting_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kFind =
    "SELECT value, updated_by, updated_at_ms FROM settings WHERE tenant_id = ? AND key = ?";
// The values it had, numbered; see setting_history.hpp.
constexpr auto kRemember = R"sql(
    INSERT INTO setting_versions (tenant_id, key, version, value, changed_by, changed_at_ms)
    SELECT ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4, ?5
      FROM setting_versions WHERE tenant_id = ?1 AND key = ?2
)sql";
constexpr auto kPut = R"sql(
    INSERT INTO settings (tenant_id, key, value, updated_by, updated_at_ms) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, key) DO UPDATE
       SET value = excluded.value, updated_by = excluded.updated_by,
           updated_at_ms = excluded.updated_at_ms
)sql";

}  // namespace

Result<std::optional<StoredSetting>> SettingStore::find(TenantId tenant, const std::string& key)
    const {
    return database_.read([&](Sql& sql) -> Result<std::optional<StoredSetting>> {
        auto row = sql.row<std::string, std::string, std::int64_t>(kFind, tenant.value, key);
        if (!row) {
            return std::optional<StoredSetting>();
        }
        return std::optional<StoredSetting>(
            {std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)}
        );
    });
}

Result<void> SettingStore::put(
    TenantId tenant, const std::string& key, const StoredSetting& setting
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kPut, tenant.value, key, setting.value, setting.updated_by, setting.updated_at_ms);
        sql.run(
            kRemember, tenant.value, key, setting.value, setting.updated_by, setting.updated_at_ms
        );
        return {};
    });
}

}  // namespace syncline::storage
