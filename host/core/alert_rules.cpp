#include "core/alert_rules.hpp"

#include <algorithm>
#include <optional>

#include "core/time_zone.hpp"

namespace syncline {
namespace {

constexpr auto kWarning = AlertSeverity::kWarning;
constexpr auto kCritical = AlertSeverity::kCritical;

constexpr std::int64_t kGroupWaitMaxS = 3'600;
constexpr std::int64_t kGroupIntervalMaxS = 86'400;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMinutesPerDay = 1'440;

// Minutes since midnight of "22:30".
std::optional<std::int64_t> minute_of_day(const std::string& text) {
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
        return std::nullopt;
    }
    const std::int64_t hour = (text[0] - '0') * 10 + (text[1] - '0');
    const std::int64_t minute = (text[3] - '0') * 10 + (text[4] - '0');
    return hour < 24 && minute < 60 ? std::optional(hour * 60 + minute) : std::nullopt;
}

void check_seconds(
    const char* place, std::int64_t value, std::int64_t max, std::vector<std::string>& problems
) {
    if (value < 0 || value > max) {
        problems.push_back(
            std::string(place) + ": expected 0 to " + std::to_string(max) + ", found " +
            std::to_string(value)
        );
    }
}

void check_thresholds(
    const AlertRule& rule,
    const std::vector<std::int64_t>& thresholds,
    std::vector<std::string>& problems
) {
    const std::string place = "/rules/" + std::string(rule.name) + "/thresholds";
    if (thresholds.empty()) {
        return;
    }
    if (!rule.has_thresholds()) {
        problems.push_back(place + ": the rule has none");
        return;
    }
    if (thresholds.size() != rule.levels.size()) {
        problems.push_back(
            place + ": expected " + std::to_string(rule.levels.size()) + " (" +
            std::string(rule.unit) + "), found " + std::to_string(thresholds.size())
        );
        return;
    }
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
        const std::int64_t value = thresholds[i];
        if (value < 1 || value > rule.threshold_max) {
            problems.push_back(
                place + "/" + std::to_string(i) + ": expected 1 to " +
                std::to_string(rule.threshold_max) + ", found " + std::to_string(value)
            );
        } else if (i > 0 && (rule.falling ? value >= thresholds[i - 1] : value <= thresholds[i - 1])) {
            problems.push_back(
                place + "/" + std::to_string(i) + ": expected " + (rule.falling ? "less" : "more") +
                " than the one before it"
            );
        }
    }
}

void check_quiet_hours(const QuietHours& hours, std::vector<std::string>& problems) {
    if (hours.from.empty() != hours.to.empty()) {
        problems.emplace_back("/quiet_hours: set both from and to, or none");
    }
    for (const auto& [place, text] :
         {std::pair<const char*, const std::string&>("/quiet_hours/from", hours.from),
          std::pair<const char*, const std::string&>("/quiet_hours/to", hours.to)}) {
        if (!text.empty() && !minute_of_day(text)) {
            problems.push_back(
                std::string(place) + ": expected a time as 22:00, found '" + text.substr(0, 20) +
                "'"
            );
        }
    }
    if (!hours.from.empty() && hours.from == hours.to) {
        problems.emplace_back("/quiet_hours/to: expected another time than from");
    }
    if (const auto zone = TimeZone::find(hours.zone); !zone) {
        problems.push_back("/quiet_hours/zone: " + zone.error().message);
    }
}

}  // namespace

const std::vector<AlertRule>& alert_rules() {
    static const std::vector<AlertRule> kRules{
        {alert_rule::kNeedsReauth,
         "connection",
         "",
         {{1, kCritical}},
         false,
         0,
         "The platform refuses a connection's credentials; its work waits for new ones"},
        {alert_rule::kConnectorStopped,
         "connection",
         "",
         {{1, kCritical}},
         false,
         0,
         "A connection is paused, or no loaded plugin speaks to its platform"},
        {alert_rule::kWebhookDisabled,
         "connection",
         "",
         {{1, kWarning}},
         false,
         0,
         "A platform disabled, lost or paused a webhook, or does not let them be looked at"},
        {alert_rule::kDeadLetters,
         "flow",
         "records within an hour",
         {{10, kWarning}, {100, kCritical}},
         false,
         10'000,
         "Records that cannot be delivered without help become more"},
        {alert_rule::kRunFailed,
         "flow",
         "failures in a row",
         {{1, kWarning}, {4, kCritical}},
         false,
         1'000,
         "A flow failed and has not read to its end since"},
        {alert_rule::kTokenExpiring,
         "connection",
         "days left",
         {{30, kWarning}, {7, kWarning}, {1, kCritical}},
         true,
         3'650,
         "A token ends that nothing but a person renews"},
        {alert_rule::kReadBudget,
         "app",
         "percent of the month's reads",
         {{70, kWarning}, {85, kWarning}, {95, kCritical}},
         false,
         100,
         "The reads that a platform counts by the month are nearly used up"},
        {alert_rule::kScheduleLate,
         "flow",
         "slots of its schedule since a run ended",
         {{6, kWarning}, {24, kCritical}},
         false,
         1'000,
         "A scheduled flow ends no run"},
        {alert_rule::kQueueLag,
         "flow",
         "minutes",
         {{60, kWarning}, {360, kCritical}},
         false,
         100'000,
         "The oldest open job of a flow waits longer than it should"},
        {alert_rule::kReconciliationDrift,
         "connection",
         "findings",
         {{1, kWarning}, {100, kCritical}},
         false,
         10'000,
         "The nightly reconciliation found that the books do not agree with the shop"},
        {alert_rule::kSettingMalformed,
         "setting",
         "",
         {{1, kCritical}},
         false,
         0,
         "The setting 'alerts' cannot be read; the defaults hold meanwhile"},
    };
    return kRules;
}

const AlertRule* find_alert_rule(std::string_view name) {
    for (const auto& rule : alert_rules()) {
        if (rule.name == name) {
            return &rule;
        }
    }
    return nullptr;
}

std::vector<std::string> setting_problems(const AlertSettings& settings) {
    std::vector<std::string> problems;
    for (const auto& [name, setting] : settings.rules) {
        const AlertRule* rule = find_alert_rule(name);
        if (rule == nullptr) {
            std::string known;
            for (const auto& one : alert_rules()) {
                known += (known.empty() ? "" : ", ") + std::string(one.name);
            }
            problems.push_back(
                "/rules/" + name.substr(0, 60) + ": there is no such rule (there are: " + known +
                ")"
            );
            continue;
        }
        check_thresholds(*rule, setting.thresholds, problems);
    }
    check_quiet_hours(settings.quiet_hours, problems);
    check_seconds("/group_wait_s", settings.group_wait_s, kGroupWaitMaxS, problems);
    check_seconds("/group_interval_s", settings.group_interval_s, kGroupIntervalMaxS, problems);
    return problems;
}

AlertSettings completed(AlertSettings settings) {
    for (const auto& rule : alert_rules()) {
        auto& thresholds = settings.rules[std::string(rule.name)].thresholds;
        if (thresholds.empty() && rule.has_thresholds()) {
            for (const auto& level : rule.levels) {
                thresholds.push_back(level.threshold);
            }
        }
    }
    return settings;
}

bool is_enabled(const AlertSettings& settings, const AlertRule& rule) {
    const auto set = settings.rules.find(std::string(rule.name));
    return settings.enabled && (set == settings.rules.end() || set->second.enabled);
}

std::int64_t alert_level(const AlertRule& rule, const AlertSettings& settings, std::int64_t value) {
    const auto set = settings.rules.find(std::string(rule.name));
    const bool own = set != settings.rules.end() && !set->second.thresholds.empty();
    std::int64_t reached = 0;
    for (std::size_t i = 0; i < rule.levels.size(); ++i) {
        const std::int64_t threshold = own ? set->second.thresholds[i] : rule.levels[i].threshold;
        if (rule.falling ? value <= threshold : value >= threshold) {
            reached = static_cast<std::int64_t>(i) + 1;
        }
    }
    return reached;
}

Result<bool> is_quiet(const QuietHours& hours, AlertSeverity severity, Timestamp now) {
    const auto from = minute_of_day(hours.from);
    const auto to = minute_of_day(hours.to);
    if (!from || !to || (severity == kCritical && hours.critical_passes)) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const TimeZone zone, TimeZone::find(hours.zone));
    const std::int64_t minutes = zone.local(now).ms / kMinuteMs;
    const std::int64_t minute = (minutes % kMinutesPerDay + kMinutesPerDay) % kMinutesPerDay;
    return *from < *to ? *from <= minute && minute < *to : *from <= minute || minute < *to;
}

}  // namespace syncline
