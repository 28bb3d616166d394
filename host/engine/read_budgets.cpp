#include "engine/read_budgets.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/log.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kLot = 20;
constexpr std::array<std::int64_t, 2> kWarnPercent{70, 85};
constexpr std::int64_t kStopPercent = 95;

std::string month_of(Timestamp at) {
    return at.to_string().substr(0, 7);
}

Timestamp end_of(const std::string& month) {
    int year = std::stoi(month.substr(0, 4));
    int next = std::stoi(month.substr(5)) + 1;
    year += next > 12 ? 1 : 0;
    next = next > 12 ? 1 : next;
    const std::string number = (next < 10 ? "0" : "") + std::to_string(next);
    const auto end = Timestamp::parse(std::to_string(year) + "-" + number + "-01T00:00:00Z");
    return end ? *end : Timestamp{};
}

bool reaches(std::int64_t used, std::int64_t budget, std::int64_t percent) {
    return used * 100 >= budget * percent;
}

std::string name_of(const storage::App& app) {
    return app.id.empty() ? "the connections of " + app.platform
                          : "the " + app.platform + " app '" + app.id + "'";
}

}  // namespace

storage::App app_of(const storage::Connection& connection) {
    const auto id = connection.settings.find("client_id");
    const bool has_id = id != connection.settings.end() && id->is_string();
    return {connection.platform, has_id ? id->get<std::string>() : std::string()};
}

bool is_polling(const storage::Run& run) {
    return run.mode == SyncMode::kIncremental || run.requested_by.rfind("schedule:", 0) == 0;
}

std::string ReadBudget::state() const {
    if (reaches(used, budget, kStopPercent)) {
        return "polling_stopped";
    }
    return reaches(used, budget, kWarnPercent[1])   ? "high"
           : reaches(used, budget, kWarnPercent[0]) ? "warned"
                                                    : "ok";
}

void ReadBudgets::set_budgets(BudgetOverrides overrides) {
    state_.with([&](State& state) { state.overrides = std::move(overrides); });
}

std::int64_t ReadBudgets::budget_of(const storage::App& app) const {
    const Spec* spec = source_.spec(app.platform);
    const std::int64_t declared = spec == nullptr ? 0 : spec->limits.reads_per_month;
    return state_.with([&](const State& state) {
        for (const std::string& id : {app.id, std::string()}) {
            const auto found = state.overrides.find({app.platform, id});
            if (found != state.overrides.end()) {
                return found->second;
            }
        }
        return declared;
    });
}

void ReadBudgets::count(const storage::Connection& connection, std::int64_t reads) {
    const Key key{connection.tenant, app_of(connection)};
    if (reads <= 0 || budget_of(key.app) == 0) {
        return;
    }
    const std::int64_t lot = state_.with([&](State& state) -> std::int64_t {
        std::int64_t& pending = state.pending[key];
        pending += reads;
        return pending < kLot ? 0 : std::exchange(pending, 0);
    });
    if (lot > 0) {
        store(key, lot);
    }
}

void ReadBudgets::flush(const storage::Connection& connection) {
    const Key key{connection.tenant, app_of(connection)};
    const std::int64_t lot = state_.with([&](State& state) -> std::int64_t {
        const auto pending = state.pending.find(key);
        return pending == state.pending.end() ? 0 : std::exchange(pending->second, 0);
    });
    if (lot > 0) {
        store(key, lot);
    }
}

void ReadBudgets::store(const Key& key, std::int64_t reads) {
    const Timestamp now = clock_.now();
    const auto counted = stores_.budgets.add(key.tenant, key.app, month_of(now), reads, now.ms);
    if (!counted) {
        // They count in the next lot.
        state_.with([&](State& state) { state.pending[key] += reads; });
        return;
    }
    if (const std::int64_t budget = budget_of(key.app); budget > 0) {
        warn(key, budget, *counted);
    }
}

void ReadBudgets::warn(const Key& key, std::int64_t budget, const storage::ReadCount& count) {
    const auto crosses = [&](std::int64_t percent) {
        return !reaches(count.before, budget, percent) && reaches(count.after, budget, percent);
    };
    const auto say = [&](std::int64_t percent, const std::string& what) {
        const log::Fields fields{
            {"platform", key.app.platform},
            {"app", key.app.id},
            {"used", count.after},
            {"budget", budget},
            {"percent", percent}};
        storage::LogEntry entry;
        entry.tenant = key.tenant;
        entry.at_ms = clock_.now().ms;
        entry.level = percent >= kStopPercent ? "error" : "warning";
        entry.event = percent >= kStopPercent ? "budget.polling_stopped" : "budget.warning";
        entry.message = std::to_string(percent) + " % of this month's reads of " +
                        name_of(key.app) + " are used (" + std::to_string(count.after) + " of " +
                        std::to_string(budget) + ")" + what;
        static_cast<void>(stores_.log.append(entry));
        if (percent >= kStopPercent) {
            log::error("read budget nearly used up; polling stops", fields);
        } else {
            log::warn("read budget", fields);
        }
    };
    for (const std::int64_t percent : kWarnPercent) {
        if (crosses(percent)) {
            say(percent, "");
        }
    }
    if (crosses(kStopPercent)) {
        say(kStopPercent, "; polling stops until the month ends");
    }
}

Result<void> ReadBudgets::allow_polling(const storage::Connection& connection) const {
    const storage::App app = app_of(connection);
    const std::int64_t budget = budget_of(app);
    if (budget == 0) {
        return {};
    }
    const std::string month = month_of(clock_.now());
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t stored, stores_.budgets.used(app, month));
    const std::int64_t used = stored + state_.with([&](const State& state) {
        std::int64_t pending = 0;
        for (const auto& [key, reads] : state.pending) {
            pending += key.app == app ? reads : 0;
        }
        return pending;
    });
    if (!reaches(used, budget, kStopPercent)) {
        return {};
    }
    return Error{
        ErrorCode::kConfig,
        std::to_string(used) + " of the " + std::to_string(budget) + " reads that " + name_of(app) +
            " may make in " + month + " are used: polling stops until " +
            end_of(month).to_string() +
            ", webhooks and syncs of mode full, backfill and ids go on; a larger budget is set in "
            "the configuration file (/budgets)",
        "budget.polling_stopped"};
}

Result<std::vector<ReadBudget>> ReadBudgets::list(TenantId tenant) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.connections.list(tenant));
    std::set<storage::App> apps;
    for (const auto& connection : connections) {
        apps.insert(app_of(connection));
    }
    std::vector<ReadBudget> budgets;
    for (const auto& app : apps) {
        ReadBudget one;
        one.app = app;
        one.budget = budget_of(app);
        if (one.budget == 0) {
            continue;
        }
        one.month = month_of(clock_.now());
        one.ends = end_of(one.month);
        SYNCLINE_ASSIGN_OR_RETURN(one.used, stores_.budgets.used(app, one.month));
        SYNCLINE_ASSIGN_OR_RETURN(
            one.used_by_tenant, stores_.budgets.used_by(tenant, app, one.month)
        );
        budgets.push_back(std::move(one));
    }
    return budgets;
}

}  // namespace syncline::engine
