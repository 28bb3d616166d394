#include "main/declared.hpp"

namespace syncline::host {

engine::Declarations declarations_of(const HostConfig& config, const Environment& environment) {
    engine::Declarations declarations;
    for (const auto& tenant : config.tenants) {
        declarations.tenants.push_back(tenant.name);
    }
    for (const auto& one : config.connections) {
        declarations.connections.push_back({one.tenant, one.name, one.platform, one.settings});
    }
    for (const auto& flow : config.flows) {
        declarations.flows.push_back({flow.tenant, flow});
    }
    for (const auto& schedule : config.schedules) {
        declarations.schedules.push_back({schedule.tenant, schedule});
    }
    if (const auto secret = environment("WOOCOMMERCE_WEBHOOK_SECRET")) {
        declarations.secrets.push_back({"default", "woocommerce", "webhook_secret", *secret});
    }
    if (const auto secret = environment("QUICKBOOKS_WEBHOOK_SECRET")) {
        declarations.secrets.push_back({"default", "quickbooks", "webhook_verifier_token", *secret}
        );
    }
    return declarations;
}

engine::LimitOverrides limits_of(const HostConfig& config) {
    engine::LimitOverrides limits;
    for (const auto& connection : config.connections) {
        limits[{connection.tenant, connection.name}] = connection.limits;
    }
    return limits;
}

engine::BudgetOverrides budgets_of(const HostConfig& config) {
    engine::BudgetOverrides budgets;
    for (const auto& budget : config.budgets) {
        budgets[{budget.platform, budget.app}] = budget.reads_per_month;
    }
    return budgets;
}

Result<std::map<TenantId, std::int64_t>> weights_of(
    const HostConfig& config, const engine::Stores& stores
) {
    std::map<TenantId, std::int64_t> weights;
    for (const auto& settings : config.tenants) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, stores.tenants.find(settings.name));
        if (tenant) {
            weights[tenant->id] = settings.weight;
        }
    }
    return weights;
}

}  // namespace syncline::host
