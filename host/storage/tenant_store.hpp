// Tenants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct Tenant {
    TenantId id;
    std::string name;
    bool active = true;
};

class TenantStore {
public:
    explicit TenantStore(Database& database) : database_(database) {}

    // The tenant of that name, made if there is none. Errors: kInvalid for a name that is not 1 to
    // 63 characters of a-z, 0-9 and '-'.
    Result<TenantId> ensure(const std::string& name, std::int64_t now_ms);
    Result<std::optional<Tenant>> find(const std::string& name) const;
    Result<std::vector<Tenant>> list() const;

private:
    Database& database_;
};

}  // namespace syncline::storage
