// Alerts, and what was told of them. Of a rule and a subject at most one is open. An announcement
// is stored with its deliveries and with the mark on the alerts it is about, in one unit of work.
#pragma once

#include <string>
#include <vector>

#include "core/alert_message.hpp"
#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline {
using AlertId = Id<struct AlertTag>;
}

namespace syncline::storage {

struct Alert {
    AlertId id;
    TenantId tenant;
    std::string rule;
    std::string subject;
    std::string state;  // open, resolved
    AlertSeverity severity = AlertSeverity::kWarning;
    std::int64_t level = 1;
    std::int64_t value = 0;
    std::string summary;
    std::int64_t opened_at_ms = 0;
    std::int64_t changed_at_ms = 0;  // its state or level
    std::int64_t updated_at_ms = 0;
    std::int64_t resolved_at_ms = 0;  // 0: not yet
    std::int64_t acked_at_ms = 0;     // 0: not yet
    std::string acked_by;
    std::string ack_note;
    bool told = false;
    std::int64_t told_level = 0;
};

// Empty members take all.
struct AlertFilter {
    std::string state;
    std::string rule;
    std::int64_t before_id = 0;  // page cursor
    std::int64_t limit = 50;
};

// Alerts of one rule and severity that began, or ended, and are not told yet.
struct AlertGroup {
    TenantId tenant;
    std::string tenant_name;
    std::string rule;
    AlertSeverity severity = AlertSeverity::kWarning;
    bool resolved = false;
    std::int64_t count = 0;
    std::int64_t since_ms = 0;  // the first of them
    std::int64_t told_ms = 0;   // the last announcement of such a group; 0: never
};

// What one look at a tenant found.
struct AlertFindings {
    std::vector<Alert> begun;    // without id
    std::vector<Alert> changed;  // level, severity, value, summary
    std::vector<AlertId> ended;

    bool empty() const { return begun.empty() && changed.empty() && ended.empty(); }
};

class AlertStore {
public:
    explicit AlertStore(Database& database) : database_(database) {}

    Result<std::vector<Alert>> open_alerts() const;  // of all tenants
    Result<std::vector<Alert>> list(TenantId tenant, const AlertFilter& filter) const;
    Result<Alert> find(TenantId tenant, AlertId id) const;  // kNotFound

    // In several short units of work. An alert that ends untold is never told; one that begins
    // again before its end was told goes on as if it had not ended.
    Result<void> apply(const AlertFindings& findings, std::int64_t now_ms);

    Result<std::vector<AlertGroup>> groups_to_tell() const;
    // The group's messages, for every channel that is to have them: of what begins, those that are
    // enabled and want the severity (none: the group stays untold); of what ended, those that were
    // told that it began. Answers how many deliveries there are.
    Result<std::int64_t> announce(const AlertGroup& group, Timestamp now);

    // Part of a caller's unit of work.
    void acknowledge(
        Sql& sql, AlertId id, const std::string& actor, const std::string& note, std::int64_t now_ms
    );

    // At most `limit` rows each of what ended, and was told, before that.
    Result<void> purge(std::int64_t before_ms, std::int64_t limit);

private:
    Database& database_;
};

// Of a channel's waiting deliveries the newest so many are kept.
inline constexpr std::int64_t kAlertsWaitingMax = 500;

}  // namespace syncline::storage
