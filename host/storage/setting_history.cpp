#include "storage/setting_history.hpp"

#include <limits>

namespace syncline::storage {
namespace {

constexpr auto kList = R"sql(
    SELECT version, value, changed_by, changed_at_ms FROM setting_versions
     WHERE tenant_id = ? AND key = ? AND version < ?
     ORDER BY version DESC LIMIT ?
)sql";
constexpr auto kFind = R"sql(
    SELECT version, value, changed_by, changed_at_ms FROM setting_versions
     WHERE tenant_id = ? AND key = ? AND version = ?
)sql";

using Row = std::tuple<std::int64_t, std::string, std::string, std::int64_t>;

SettingVersion to_version(const Row& row) {
    return {std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row)};
}

}  // namespace

Result<std::vector<SettingVersion>> SettingHistory::list(
    TenantId tenant, const std::string& key, std::int64_t before, std::int64_t limit
) const {
    const std::int64_t below = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    return database_.read([&](Sql& sql) -> Result<std::vector<SettingVersion>> {
        std::vector<SettingVersion> all;
        for (const auto& row : sql.select<Row>(kList, tenant.value, key, below, limit)) {
            all.push_back(to_version(row));
        }
        return all;
    });
}

Result<std::optional<SettingVersion>> SettingHistory::find(
    TenantId tenant, const std::string& key, std::int64_t version
) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<SettingVersion>> {
        const auto rows = sql.select<Row>(kFind, tenant.value, key, version);
        return rows.empty() ? std::optional<SettingVersion>()
                            : std::optional<SettingVersion>(to_version(rows.front()));
    });
}

}  // namespace syncline::storage
