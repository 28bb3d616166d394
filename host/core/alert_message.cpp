#include "core/alert_message.hpp"

#include <algorithm>

namespace syncline {
namespace {

// A line break in a subject or summary would begin a header, or a line that nobody wrote.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(),
        text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        ' '
    );
    return text;
}

std::string counted(const AlertMessage& message) {
    return std::to_string(message.count) + (message.count == 1 ? " alert" : " alerts");
}

std::string escaped_for_slack(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

}  // namespace

std::string alert_title(const AlertMessage& message) {
    if (message.type == kAlertTest) {
        return one_line("[test] Syncline can reach this channel (" + message.tenant + ")");
    }
    const bool ended = message.type == kAlertResolved;
    const std::string what = message.count == 1 && !message.alerts.empty()
                                 ? message.rule + ": " + message.alerts.front().subject
                                 : counted(message) + ": " + message.rule;
    return one_line(
        (ended ? "[resolved] " : "[" + std::string(enum_name(message.severity)) + "] ") + what +
        " (" + message.tenant + ")"
    );
}

std::string alert_text(const AlertMessage& message) {
    std::string text = alert_title(message) + "\n";
    if (message.type == kAlertTest) {
        return text + "\nSomebody asked for this message to see whether it arrives.\n";
    }
    if (const AlertRule* rule = find_alert_rule(message.rule); rule != nullptr) {
        text += std::string(rule->summary) + ".\n";
    }
    text += "\n";
    for (const auto& alert : message.alerts) {
        text += "- #" + std::to_string(alert.id) + " " + one_line(alert.subject) + ": " +
                one_line(alert.summary) + " (since " + alert.opened_at.to_string() + ")\n";
    }
    const auto shown = static_cast<std::int64_t>(message.alerts.size());
    if (message.count > shown) {
        text += "- and " + std::to_string(message.count - shown) + " more\n";
    }
    return text + "\nAll of them: syncline alerts list, or GET /api/alerts.\n";
}

Json alert_webhook_body(const AlertMessage& message) {
    return {
        {"type", message.type},
        {"timestamp", message.at.to_string()},
        {"data",
         {{"tenant", message.tenant},
          {"rule", message.rule},
          {"severity", std::string(enum_name(message.severity))},
          {"count", message.count},
          {"text", alert_text(message)},
          {"alerts", to_json(message.alerts)}}}};
}

Json alert_slack_body(const AlertMessage& message) {
    return {{"text", escaped_for_slack(alert_text(message))}};
}

AlertMessage test_alert_message(std::string id, std::string tenant, Timestamp now) {
    AlertMessage message;
    message.id = std::move(id);
    message.type = kAlertTest;
    message.at = now;
    message.tenant = std::move(tenant);
    return message;
}

}  // namespace syncline
