// Monthly read budgets of apps. Reads are counted as they go out; at 70 and 85 % of the budget the
// log says so, at 95 % polling stops, so that the rest is there for webhooks and for what people
// ask for. Months are of UTC.
//
// Counts reach the database in small lots; a crash loses the last one. [any thread]
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "engine/connector_source.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// Reads per month by platform and app; an app "" stands for every app of the platform. 0: no limit.
using BudgetOverrides = std::map<std::pair<std::string, std::string>, std::int64_t>;

// An app that a tenant's connections use.
struct ReadBudget {
    storage::App app;
    std::string month;  // "2026-11"
    Timestamp ends;
    std::int64_t budget = 0;
    std::int64_t used = 0;            // by all tenants of the app
    std::int64_t used_by_tenant = 0;  // of it

    std::int64_t used_percent() const { return budget > 0 ? used * 100 / budget : 0; }
    // "ok", "warned" (70 %), "high" (85 %) or "polling_stopped" (95 %).
    std::string state() const;
};

class ReadBudgets {
public:
    ReadBudgets(Stores& stores, const ConnectorSource& source, const Clock& clock)
        : stores_(stores), source_(source), clock_(clock) {}

    void set_budgets(BudgetOverrides overrides);

    // The connection read that many times. Counts nothing where there is no budget.
    void count(const storage::Connection& connection, std::int64_t reads);
    // What was counted for the connection's app is stored now.
    void flush(const storage::Connection& connection);

    // Errors: kConfig "budget.polling_stopped" with the way out.
    Result<void> allow_polling(const storage::Connection& connection) const;

    // Of every app with a budget that the tenant's connections use.
    Result<std::vector<ReadBudget>> list(TenantId tenant) const;

private:
    struct Key {
        TenantId tenant;
        storage::App app;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct State {
        BudgetOverrides overrides;
        std::map<Key, std::int64_t> pending;
    };
    std::int64_t budget_of(const storage::App& app) const;
    void store(const Key& key, std::int64_t reads);
    void warn(const Key& key, std::int64_t budget, const storage::ReadCount& count);

    Stores& stores_;
    const ConnectorSource& source_;
    const Clock& clock_;
    Guarded<State> state_;
};

// The app of a connection: its platform and the client id among its settings.
storage::App app_of(const storage::Connection& connection);

// Whether a run is one that the host does by itself, again and again.
bool is_polling(const storage::Run& run);

}  // namespace syncline::engine
