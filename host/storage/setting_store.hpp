// Settings of tenants, as JSON texts; what they mean is core/tenant_settings.hpp.
#pragma once

#include <optional>
#include <string>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct StoredSetting {
    std::string value;  // JSON
    std::string updated_by;
    std::int64_t updated_at_ms = 0;
};

class SettingStore {
public:
    explicit SettingStore(Database& database) : database_(database) {}

    Result<std::optional<StoredSetting>> find(TenantId tenant, const std::string& key) const;
    Result<void> put(TenantId tenant, const std::string& key, const StoredSetting& setting);

private:
    Database& database_;
};

}  // namespace syncline::storage
