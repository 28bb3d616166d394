// The values that settings of tenants had, numbered from 1; SettingStore::put() adds them. They are
// never changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct SettingVersion {
    std::int64_t version = 0;
    std::string value;  // JSON
    std::string changed_by;
    std::int64_t changed_at_ms = 0;
};

class SettingHistory {
public:
    explicit SettingHistory(Database& database) : database_(database) {}

    // The newest first, at most `limit`, older than version `before` (0: from the newest).
    Result<std::vector<SettingVersion>> list(
        TenantId tenant, const std::string& key, std::int64_t before, std::int64_t limit
    ) const;

    Result<std::optional<SettingVersion>> find(
        TenantId tenant, const std::string& key, std::int64_t version
    ) const;

private:
    Database& database_;
};

}  // namespace syncline::storage
