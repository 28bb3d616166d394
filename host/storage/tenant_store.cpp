#include "storage/tenant_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kInsert = R"sql(
    INSERT INTO tenants (name, state, created_at_ms) VALUES (?, 'active', ?)
    ON CONFLICT (name) DO NOTHING
)sql";
constexpr auto kFind = "SELECT id, name, state FROM tenants WHERE name = ?";
constexpr auto kList = "SELECT id, name, state FROM tenants ORDER BY id";

using Row = std::tuple<std::int64_t, std::string, std::string>;

Tenant to_tenant(const Row& row) {
    return {TenantId{std::get<0>(row)}, std::get<1>(row), std::get<2>(row) == "active"};
}

bool is_tenant_name(const std::string& name) {
    return !name.empty() && name.size() <= 63 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

}  // namespace

Result<TenantId> TenantStore::ensure(const std::string& name, std::int64_t now_ms) {
    if (!is_tenant_name(name)) {
        return invalid(
            "'" + name.substr(0, 70) +
            "' is no tenant name (1 to 63 characters of a-z, 0-9 and '-')"
        );
    }
    return database_.write([&](Sql& sql) -> Result<TenantId> {
        sql.run(kInsert, name, now_ms);
        return to_tenant(*sql.row<std::int64_t, std::string, std::string>(kFind, name)).id;
    });
}

Result<std::optional<Tenant>> TenantStore::find(const std::string& name) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<Tenant>> {
        const auto row = sql.row<std::int64_t, std::string, std::string>(kFind, name);
        return row ? std::optional<Tenant>(to_tenant(*row)) : std::nullopt;
    });
}

Result<std::vector<Tenant>> TenantStore::list() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Tenant>> {
        std::vector<Tenant> tenants;
        for (const auto& row : sql.rows<std::int64_t, std::string, std::string>(kList)) {
            tenants.push_back(to_tenant(row));
        }
        return tenants;
    });
}

}  // namespace syncline::storage
