// What needs a person, as data: the rules, their thresholds, and what a tenant can set about them.
// What is measured comes from the store (storage/alert_causes.hpp); the rest is here. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/result.hpp>

namespace syncline {

enum class AlertSeverity { kWarning, kCritical };
template <>
struct EnumNames<AlertSeverity> {
    static constexpr std::array<std::pair<AlertSeverity, std::string_view>, 2> kNames{{
        {AlertSeverity::kWarning, "warning"},
        {AlertSeverity::kCritical, "critical"},
    }};
};

struct AlertLevel {
    std::int64_t threshold = 0;
    AlertSeverity severity = AlertSeverity::kWarning;
};

// One kind of trouble. Alerts of it are told apart by their subject ("flow orders").
struct AlertRule {
    std::string_view name;
    std::string_view about;  // what its subjects are: "flow"
    std::string_view unit;   // of the thresholds; empty: it has none, a cause is enough
    std::vector<AlertLevel> levels;
    bool falling = false;  // a level is reached from above ("days left")
    std::int64_t threshold_max = 0;
    std::string_view summary;

    bool has_thresholds() const { return !unit.empty(); }
};

namespace alert_rule {
inline constexpr std::string_view kNeedsReauth = "connection_needs_reauth";
inline constexpr std::string_view kConnectorStopped = "connector_stopped";
inline constexpr std::string_view kWebhookDisabled = "webhook_disabled";
inline constexpr std::string_view kDeadLetters = "dead_letters_growing";
inline constexpr std::string_view kRunFailed = "run_failed";
inline constexpr std::string_view kTokenExpiring = "token_expiring";
inline constexpr std::string_view kReadBudget = "read_budget";
inline constexpr std::string_view kScheduleLate = "schedule_late";
inline constexpr std::string_view kQueueLag = "queue_lag";
inline constexpr std::string_view kReconciliationDrift = "reconciliation_drift";
inline constexpr std::string_view kSettingMalformed = "setting_malformed";
}  // namespace alert_rule

const std::vector<AlertRule>& alert_rules();
// nullptr: there is none of that name.
const AlertRule* find_alert_rule(std::string_view name);

struct AlertRuleSetting {
    bool enabled = true;
    std::vector<std::int64_t> thresholds;  // one per level of the rule; empty: the rule's own

    static constexpr auto fields() {
        return std::make_tuple(
            field("enabled", &AlertRuleSetting::enabled),
            field("thresholds", &AlertRuleSetting::thresholds)
        );
    }
};

// Local times between which messages wait, as "22:00"; both empty: never.
struct QuietHours {
    std::string from;
    std::string to;  // exclusive; before `from`: of the next day
    std::string zone = "UTC";
    bool critical_passes = true;

    static constexpr auto fields() {
        return std::make_tuple(
            field("from", &QuietHours::from),
            field("to", &QuietHours::to),
            field("zone", &QuietHours::zone),
            field("critical_passes", &QuietHours::critical_passes)
        );
    }
};

// The tenant's setting "alerts".
struct AlertSettings {
    static constexpr std::string_view kKey = "alerts";
    static constexpr std::string_view kSummary = "Which alerts there are, and when they are told";

    bool enabled = true;
    std::map<std::string, AlertRuleSetting> rules;  // by name; absent: the rule's defaults
    QuietHours quiet_hours;
    std::int64_t group_wait_s = 30;       // from an alert until it is told, with others like it
    std::int64_t group_interval_s = 300;  // between two messages of a rule

    static constexpr auto fields() {
        return std::make_tuple(
            field("enabled", &AlertSettings::enabled),
            field("rules", &AlertSettings::rules),
            field("quiet_hours", &AlertSettings::quiet_hours),
            field("group_wait_s", &AlertSettings::group_wait_s),
            field("group_interval_s", &AlertSettings::group_interval_s)
        );
    }
};

std::vector<std::string> setting_problems(const AlertSettings& settings);
// With every rule and its thresholds written out. `settings` has no problems.
AlertSettings completed(AlertSettings settings);

bool is_enabled(const AlertSettings& settings, const AlertRule& rule);

// Which level `value` reaches, from 1; 0: none.
std::int64_t alert_level(const AlertRule& rule, const AlertSettings& settings, std::int64_t value);

// Whether messages of that severity wait at `now`. Errors: kInvalid for a zone that is not known
// (any more).
Result<bool> is_quiet(const QuietHours& hours, AlertSeverity severity, Timestamp now);

// Something that is so now.
struct AlertCause {
    std::string rule;
    std::string subject;     // "flow orders"
    std::int64_t value = 1;  // in the rule's unit
    std::string summary;     // a sentence; no secret, no personal data
    std::int64_t level = 0;  // set by whoever knows the tenant's settings
};

}  // namespace syncline
