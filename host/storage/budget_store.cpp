#include "storage/budget_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kAdd = R"sql(
    INSERT INTO read_budgets (platform, app, month, tenant_id, reads, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (platform, app, month, tenant_id) DO UPDATE
       SET reads = reads + excluded.reads, updated_at_ms = excluded.updated_at_ms
)sql";
constexpr auto kUsed = R"sql(
    SELECT coalesce(sum(reads), 0) FROM read_budgets WHERE platform = ? AND app = ? AND month = ?
)sql";
constexpr auto kUsedBy = R"sql(
    SELECT reads FROM read_budgets WHERE platform = ? AND app = ? AND month = ? AND tenant_id = ?
)sql";

}  // namespace

Result<ReadCount> BudgetStore::add(
    TenantId tenant,
    const App& app,
    const std::string& month,
    std::int64_t reads,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<ReadCount> {
        sql.run(kAdd, app.platform, app.id, month, tenant.value, reads, now_ms);
        const std::int64_t after =
            sql.value<std::int64_t>(kUsed, app.platform, app.id, month).value_or(0);
        return ReadCount{after - reads, after};
    });
}

Result<std::int64_t> BudgetStore::used(const App& app, const std::string& month) const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kUsed, app.platform, app.id, month).value_or(0);
    });
}

Result<std::int64_t> BudgetStore::used_by(TenantId tenant, const App& app, const std::string& month)
    const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kUsedBy, app.platform, app.id, month, tenant.value)
            .value_or(0);
    });
}

}  // namespace syncline::storage
