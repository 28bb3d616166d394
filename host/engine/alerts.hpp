// Looks on a timer of its own for what needs a person, opens and ends alerts, and announces them.
// Everything is read from the store and compared with the alerts that are open there, so that a
// restart changes nothing; the engine knows nothing of it.
//
// Life: start(), then stop() before anything it uses is destroyed.
#pragma once

#include <chrono>
#include <map>
#include <set>

#include "core/alert_rules.hpp"
#include "core/clock.hpp"
#include "core/repeating.hpp"
#include "engine/alert_stores.hpp"
#include "engine/connector_source.hpp"
#include "engine/read_budgets.hpp"

namespace syncline::engine {

class Alerts {
public:
    Alerts(
        AlertStores& stores,
        const ConnectorSource& source,
        const ReadBudgets& budgets,
        const Clock& clock
    )
        : stores_(stores), source_(source), budgets_(budgets), clock_(clock) {}
    ~Alerts();

    void start();
    // Returns when nothing will be written any more. Idempotent.
    void stop();

    // One look. What cannot be read leaves alerts as they are. For tests, instead of start().
    // [one thread at a time]
    Result<void> step();

    // The tenant's thresholds; its defaults, and why, when the setting is malformed.
    struct Settings {
        AlertSettings settings;
        std::string malformed;
    };
    static Result<Settings> settings_of(const Stores& stores, TenantId tenant);

private:
    using Causes = std::map<TenantId, std::vector<AlertCause>>;

    Result<Causes> causes(Timestamp now) const;
    Result<void> add_connections(Causes& causes) const;
    Result<void> add_tokens(Causes& causes, Timestamp now) const;
    Result<void> add_webhooks(Causes& causes, Timestamp now) const;
    Result<void> add_flows(Causes& causes, Timestamp now) const;
    Result<void> add_drifts(Causes& causes) const;
    Result<void> add_budgets(Causes& causes, TenantId tenant) const;
    Result<void> compare(Causes causes, Timestamp now);
    Result<void> tell(Timestamp now);
    const Settings& settings(TenantId tenant);

    AlertStores& stores_;
    const ConnectorSource& source_;
    const ReadBudgets& budgets_;
    const Clock& clock_;

    // Of the thread, or of whoever calls step().
    std::map<TenantId, Settings> settings_;  // of one look
    std::int64_t purged_at_ms_ = 0;

    Repeating looking_{"alerts were not looked at"};
};

}  // namespace syncline::engine
