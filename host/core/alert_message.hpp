// What a channel is told: one message for all alerts of a rule and severity that began, or ended,
// since the one before it. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/alert_rules.hpp"

namespace syncline {

inline constexpr const char* kAlertOpened = "alert.opened";
inline constexpr const char* kAlertResolved = "alert.resolved";
inline constexpr const char* kAlertTest = "alert.test";

struct AlertItem {
    std::int64_t id = 0;
    std::string subject;
    std::string summary;
    Timestamp opened_at;

    static constexpr auto fields() {
        return std::make_tuple(
            field("id", &AlertItem::id),
            field("subject", &AlertItem::subject),
            field("summary", &AlertItem::summary),
            field("opened_at", &AlertItem::opened_at)
        );
    }
};

// So many are named in a message; the rest is counted.
inline constexpr std::size_t kAlertItemsMax = 20;

struct AlertMessage {
    std::string id;    // the same at every try
    std::string type;  // kAlertOpened, kAlertResolved, kAlertTest
    Timestamp at;
    std::string tenant;
    std::string rule;
    AlertSeverity severity = AlertSeverity::kWarning;
    std::int64_t count = 0;  // of alerts
    std::vector<AlertItem> alerts;

    static constexpr auto fields() {
        return std::make_tuple(
            field("id", &AlertMessage::id),
            field("type", &AlertMessage::type),
            field("at", &AlertMessage::at),
            field("tenant", &AlertMessage::tenant),
            field("rule", &AlertMessage::rule),
            field("severity", &AlertMessage::severity),
            field("count", &AlertMessage::count),
            field("alerts", &AlertMessage::alerts)
        );
    }
};

// One line: "[critical] 1000 alerts: connection_needs_reauth (default)". Without control
// characters, whatever the subjects hold.
std::string alert_title(const AlertMessage& message);
// Lines for people.
std::string alert_text(const AlertMessage& message);
// {"type", "timestamp", "data": {...}}, the body of a signed webhook.
Json alert_webhook_body(const AlertMessage& message);
// {"text": ...}, as incoming webhooks of Slack take it; what names hold is no markup there.
Json alert_slack_body(const AlertMessage& message);

AlertMessage test_alert_message(std::string id, std::string tenant, Timestamp now);

}  // namespace syncline
