// What the store shows that may need a person, of all tenants that are not suspended. Read by an
// index, apart from connections and flows, of which there are few; nothing is written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/reconcile.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// Members are named as the columns they come from.
struct ConnectionHealth {
    TenantId tenant;
    std::string name;
    std::string platform;
    std::string state;  // active, paused, needs_reauth
    std::string state_reason;
};

// A token that ends, and that nothing but a person renews.
struct EndingToken {
    TenantId tenant;
    std::string connection;
    // "access token"; "authorization", which the platform ends whatever is refreshed; "refresh
    // token", when half its life went by without a new one.
    std::string kind;
    std::int64_t expires_at_ms = 0;
};

struct WebhookTrouble {
    TenantId tenant;
    std::string connection;
    std::string webhooks;  // JSON, as last looked at; empty: what follows is from the log
    std::string error;
    std::int64_t checked_at_ms = 0;  // the last good look, or since when there has been none
    std::int64_t count = 0;          // of webhooks that were disabled or gone, lately
};

struct CountedFlow {
    TenantId tenant;
    std::string flow;
    std::int64_t value = 0;
    std::string note;
};

// Books that do not agree with the shop.
struct BooksDrift {
    TenantId tenant;
    std::string connection;
    std::int64_t reconciliation = 0;
    DayWindow window;
    std::map<std::string, std::int64_t> findings;  // by kind
};

class AlertCauses {
public:
    explicit AlertCauses(Database& database) : database_(database) {}

    // Those that are not disabled.
    Result<std::vector<ConnectionHealth>> connections() const;
    Result<std::vector<EndingToken>> tokens(std::int64_t until_ms, std::int64_t now_ms) const;
    // Of working connections; disabled or gone since `since_ms`.
    Result<std::vector<WebhookTrouble>> webhooks(std::int64_t since_ms) const;
    // Records that became dead letters since `since_ms`, of at most kDeadLettersMax a tenant.
    static constexpr std::int64_t kDeadLettersMax = 10'000;
    Result<std::vector<CountedFlow>> dead_letters(std::int64_t since_ms) const;
    // Failures in a row of running flows that failed; note: the error.
    Result<std::vector<CountedFlow>> failed_flows() const;
    // Slots that schedules used since a run of the flow ended, of running flows whose connections
    // work; note: why the last slot made no run.
    Result<std::vector<CountedFlow>> late_schedules(std::int64_t now_ms) const;
    // When the oldest open job of a running flow could have been delivered first, as a time.
    Result<std::vector<CountedFlow>> oldest_jobs() const;
    // What the newest nightly reconciliation of each tenant found, of at most kFindingsMax
    // findings; or what a later one of all its days and entities did.
    static constexpr std::int64_t kFindingsMax = 10'000;
    Result<std::vector<BooksDrift>> drifts() const;

private:
    Database& database_;
};

}  // namespace syncline::storage
