#include "engine/tenant_control.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kReasonMax = 1000;

storage::AuditEntry entry_of(
    const std::string& tenant,
    const char* event,
    const storage::AuditActor& actor,
    std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "tenant " + tenant;
    entry.actor = actor;
    return entry;
}

}  // namespace

Result<storage::Tenant> TenantControl::find(const std::string& name) const {
    SYNCLINE_ASSIGN_OR_RETURN(auto tenant, stores_.tenants.find(name));
    if (!tenant) {
        return Error{
            ErrorCode::kNotFound,
            "there is no tenant '" + name.substr(0, 70) + "'",
            "tenant.unknown"};
    }
    return std::move(*tenant);
}

Result<storage::Tenant> TenantControl::create(
    const std::string& name, const storage::AuditActor& actor
) {
    const std::int64_t now = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<storage::Tenant> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto before, stores_.tenants.find(name));
        if (before) {
            return Error{
                ErrorCode::kExists,
                "/name: there is a tenant '" + name + "' already",
                "tenant.exists"};
        }
        const auto made = stores_.tenants.ensure(name, now);
        if (!made) {
            Error error = made.error();
            error.message.insert(0, error.code == ErrorCode::kInvalid ? "/name: " : "");
            return error;
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.vault.prepare_tenant(*made, now));
        storage::append_audit(sql, entry_of(name, "tenant.created", actor, now));
        return find(name);
    });
}

Result<storage::Tenant> TenantControl::set_active(
    const storage::Tenant& tenant,
    bool active,
    const std::string& reason,
    const storage::AuditActor& actor
) {
    if (tenant.active == active) {
        return tenant;
    }
    const std::int64_t now = clock_.now().ms;
    auto changed = stores_.database.write([&](storage::Sql& sql) -> Result<storage::Tenant> {
        SYNCLINE_RETURN_IF_ERROR(
            stores_.tenants.set_active(tenant.id, active, active ? "" : reason, now)
        );
        auto entry =
            entry_of(tenant.name, active ? "tenant.resumed" : "tenant.suspended", actor, now);
        entry.reason = reason;
        storage::append_audit(sql, entry);
        return find(tenant.name);
    });
    wake_();
    return changed;
}

Result<storage::Tenant> TenantControl::suspend(
    const std::string& name,
    TenantId own,
    const std::string& reason,
    const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, find(name));
    if (tenant.id == own) {
        return Error{
            ErrorCode::kExists,
            "the tenant '" + name + "' is your own: nobody could take it back by the API",
            "tenant.own"};
    }
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos || reason.size() > kReasonMax) {
        return invalid(
            "/reason: say in 1 to " + std::to_string(kReasonMax) +
            " bytes why; the tenant's people are told so"
        );
    }
    return set_active(tenant, false, reason, actor);
}

Result<storage::Tenant> TenantControl::resume(
    const std::string& name, const std::string& reason, const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, find(name));
    return set_active(tenant, true, reason, actor);
}

}  // namespace syncline::engine
