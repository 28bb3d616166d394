// Tenants.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct Tenant {
    TenantId id;
    std::string name;
    bool active = true;        // else suspended: its credentials and its flows rest
    std::string state_reason;  // why it is suspended
    std::int64_t state_at_ms = 0;
    std::int64_t created_at_ms = 0;
};

class TenantStore {
public:
    explicit TenantStore(Database& database) : database_(database) {}

    // The tenant of that name, made if there is none. Errors: kInvalid for a name that is not 1 to
    // 63 characters of a-z, 0-9 and '-'.
    Result<TenantId> ensure(const std::string& name, std::int64_t now_ms);
    Result<std::optional<Tenant>> find(const std::string& name) const;
    Result<std::optional<Tenant>> by_id(TenantId id) const;
    Result<std::vector<Tenant>> list() const;
    Result<std::set<TenantId>> suspended() const;
    Result<void> set_active(
        TenantId id, bool active, const std::string& reason, std::int64_t now_ms
    );

private:
    Database& database_;
};

}  // namespace syncline::storage
