// What the API can do with tenants, for the admins of the whole installation: make, suspend, take
// back. Noted in the audit log, among the rows of the installation. [any thread]
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class TenantControl {
public:
    TenantControl(Stores& stores, const Clock& clock, std::function<void()> wake)
        : stores_(stores), clock_(clock), wake_(std::move(wake)) {}

    Result<std::vector<storage::Tenant>> list() const { return stores_.tenants.list(); }
    // Errors: kNotFound "tenant.unknown".
    Result<storage::Tenant> find(const std::string& name) const;

    // With its data key. Errors: kInvalid "/name: ..."; kExists "tenant.exists".
    Result<storage::Tenant> create(const std::string& name, const storage::AuditActor& actor);

    // Its credentials are answered 403 with the reason; its flows neither read nor deliver; what
    // waits is kept. Errors: kNotFound; kInvalid "/reason: ..."; kExists "tenant.own" for `own`,
    // the tenant of whoever asks.
    Result<storage::Tenant> suspend(
        const std::string& name,
        TenantId own,
        const std::string& reason,
        const storage::AuditActor& actor
    );
    // Everything goes on where it was. Errors: kNotFound.
    Result<storage::Tenant> resume(
        const std::string& name, const std::string& reason, const storage::AuditActor& actor
    );

private:
    Result<storage::Tenant> set_active(
        const storage::Tenant& tenant,
        bool active,
        const std::string& reason,
        const storage::AuditActor& actor
    );

    Stores& stores_;
    const Clock& clock_;
    const std::function<void()> wake_;
};

}  // namespace syncline::engine
