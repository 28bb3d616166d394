// The part of the configuration that lands in the database.
#pragma once

#include <map>

#include "engine/connection_limits.hpp"
#include "engine/declarations.hpp"
#include "engine/read_budgets.hpp"
#include "main/config.hpp"

namespace syncline::host {

// With the webhook secrets of the environment, which are the default tenant's.
engine::Declarations declarations_of(const HostConfig& config, const Environment& environment);

// The limits of declared connections that the file sets.
engine::LimitOverrides limits_of(const HostConfig& config);

// The budgets that the file sets.
engine::BudgetOverrides budgets_of(const HostConfig& config);

// The declared tenants' shares of the deliveries. The tenants must be in the database.
Result<std::map<TenantId, std::int64_t>> weights_of(
    const HostConfig& config, const engine::Stores& stores
);

}  // namespace syncline::host
