#include "storage/tenant_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

constexpr auto kInsert = R"sql(
    INSERT INTO tenants (name, state, created_at_ms) VALUES (?, 'active', ?)
    ON CONFLICT (name) DO NOTHING
)sql";
#define SYNCLINE_TENANT_COLUMNS \
    "SELECT id, name, state, state_reason, state_at_ms, created_at_ms FROM tenants "
constexpr auto kFind = SYNCLINE_TENANT_COLUMNS "WHERE name = ?";
constexpr auto kById = SYNCLINE_TENANT_COLUMNS "WHERE id = ?";
constexpr auto kList = SYNCLINE_TENANT_COLUMNS "ORDER BY id";
#undef SYNCLINE_TENANT_COLUMNS
constexpr auto kSuspended = "SELECT id FROM tenants WHERE state = 'suspended'";
constexpr auto kSetState =
    "UPDATE tenants SET state = ?, state_reason = ?, state_at_ms = ? WHERE id = ?";

constexpr auto kTenant = columns(
    &Tenant::id,
    &Tenant::name,
    into<Tenant, std::string>([](Tenant& tenant, const std::string& state) {
        tenant.active = state == "active";
    }),
    &Tenant::state_reason,
    &Tenant::state_at_ms,
    &Tenant::created_at_ms
);

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
        return kTenant.first(sql, kFind, name)->id;
    });
}

Result<std::optional<Tenant>> TenantStore::find(const std::string& name) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<Tenant>> {
        return kTenant.first(sql, kFind, name);
    });
}

Result<std::optional<Tenant>> TenantStore::by_id(TenantId id) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<Tenant>> {
        return kTenant.first(sql, kById, id.value);
    });
}

Result<std::vector<Tenant>> TenantStore::list() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Tenant>> {
        return kTenant.all(sql, kList);
    });
}

Result<std::set<TenantId>> TenantStore::suspended() const {
    return database_.read([&](Sql& sql) -> Result<std::set<TenantId>> {
        std::set<TenantId> tenants;
        for (const auto& [id] : sql.rows<std::int64_t>(kSuspended)) {
            tenants.insert(TenantId{id});
        }
        return tenants;
    });
}

Result<void> TenantStore::set_active(
    TenantId id, bool active, const std::string& reason, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kSetState, active ? "active" : "suspended", reason, now_ms, id.value);
        return {};
    });
}

}  // namespace syncline::storage
