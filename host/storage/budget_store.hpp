// How much was read, per app and calendar month.
#pragma once

#include <string>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// An operator's registration with a platform, told apart by its client id; "" for connections that
// have none.
struct App {
    std::string platform;
    std::string id;

    friend auto operator<=>(const App&, const App&) = default;
};

// Reads of an app in a month, by all tenants.
struct ReadCount {
    std::int64_t before = 0;
    std::int64_t after = 0;
};

class BudgetStore {
public:
    explicit BudgetStore(Database& database) : database_(database) {}

    // `month` is of UTC, as "2026-11".
    Result<ReadCount> add(
        TenantId tenant,
        const App& app,
        const std::string& month,
        std::int64_t reads,
        std::int64_t now_ms
    );
    Result<std::int64_t> used(const App& app, const std::string& month) const;
    Result<std::int64_t> used_by(TenantId tenant, const App& app, const std::string& month) const;

private:
    Database& database_;
};

}  // namespace syncline::storage
