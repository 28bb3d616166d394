#include "engine/alerts.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "core/redact.hpp"
#include "engine/api_key_control.hpp"

namespace syncline::engine {
namespace {

constexpr std::chrono::milliseconds kEvery{15'000};
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// A value that moves within its level is written as often as this.
constexpr std::int64_t kRefreshMs = 5 * kMinuteMs;
constexpr std::int64_t kKeepMs = 90 * kDayMs;
constexpr std::int64_t kPurgeRows = 100;
constexpr std::size_t kTextMax = 300;

// Texts of platforms and plugins: without credentials, and short.
std::string quoted(const std::string& text) {
    std::string safe = redact(text);
    if (safe.size() > kTextMax) {
        std::size_t end = kTextMax;
        while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        safe = safe.substr(0, end) + "...";
    }
    return safe;
}

std::string with_note(std::string summary, const std::string& note) {
    return note.empty() ? summary : summary + ": " + quoted(note);
}

AlertCause cause(
    std::string_view rule, std::string subject, std::int64_t value, std::string summary
) {
    return {std::string(rule), std::move(subject), value, std::move(summary), 0};
}

bool has_paused(const std::string& webhooks) {
    const auto json = parse_json(webhooks);
    return json && json->is_array() && std::any_of(json->begin(), json->end(), [](const Json& one) {
               return one.is_object() && one.value("state", Json()) == "paused";
           });
}

std::string times(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

using Key = std::pair<std::string, std::string>;  // rule, subject

}  // namespace

Alerts::~Alerts() {
    stop();
}

void Alerts::start() {
    looking_
        .start(std::chrono::milliseconds(0), kEvery, [this]() -> Result<std::chrono::milliseconds> {
            SYNCLINE_RETURN_IF_ERROR(step());
            return kEvery;
        });
}

void Alerts::stop() {
    looking_.stop();
}

Result<void> Alerts::step() {
    const Timestamp now = clock_.now();
    settings_.clear();
    SYNCLINE_ASSIGN_OR_RETURN(auto found, causes(now));
    SYNCLINE_RETURN_IF_ERROR(compare(std::move(found), now));
    SYNCLINE_RETURN_IF_ERROR(tell(now));
    if (now.ms - purged_at_ms_ >= kHourMs || now.ms < purged_at_ms_) {
        SYNCLINE_RETURN_IF_ERROR(stores_.alerts.purge(now.ms - kKeepMs, kPurgeRows));
        purged_at_ms_ = now.ms;
    }
    return {};
}

Result<Alerts::Settings> Alerts::settings_of(const Stores& stores, TenantId tenant) {
    auto own = setting_of<AlertSettings>(stores, tenant);
    if (own) {
        return Settings{completed(*std::move(own)), ""};
    }
    if (own.error().name != "setting.malformed" && own.error().code != ErrorCode::kInvalid) {
        return own.error();
    }
    return Settings{completed({}), own.error().message};
}

const Alerts::Settings& Alerts::settings(TenantId tenant) {
    auto known = settings_.find(tenant);
    if (known == settings_.end()) {
        auto read = settings_of(stores_.stores, tenant);
        // A store that cannot be read now is said by step(), which reads more than this.
        known =
            settings_.emplace(tenant, read ? *std::move(read) : Settings{completed({}), ""}).first;
    }
    return known->second;
}

Result<Alerts::Causes> Alerts::causes(Timestamp now) const {
    Causes causes;
    SYNCLINE_RETURN_IF_ERROR(add_connections(causes));
    SYNCLINE_RETURN_IF_ERROR(add_tokens(causes, now));
    SYNCLINE_RETURN_IF_ERROR(add_webhooks(causes, now));
    SYNCLINE_RETURN_IF_ERROR(add_flows(causes, now));
    SYNCLINE_RETURN_IF_ERROR(add_drifts(causes));
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenants, stores_.stores.tenants.list());
    for (const auto& tenant : tenants) {
        if (!tenant.active) {
            continue;
        }
        SYNCLINE_RETURN_IF_ERROR(add_budgets(causes, tenant.id));
        SYNCLINE_ASSIGN_OR_RETURN(const auto own, settings_of(stores_.stores, tenant.id));
        if (!own.malformed.empty()) {
            causes[tenant.id].push_back(
                cause(alert_rule::kSettingMalformed, "setting alerts", 1, quoted(own.malformed))
            );
        }
    }
    return causes;
}

Result<void> Alerts::add_connections(Causes& causes) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.causes.connections());
    for (const auto& one : connections) {
        const std::string subject = "connection " + one.name;
        auto& found = causes[one.tenant];
        if (one.state == "needs_reauth") {
            found.push_back(cause(
                alert_rule::kNeedsReauth,
                subject,
                1,
                with_note(one.platform + " refuses its credentials", one.state_reason)
            ));
        } else if (source_.spec(one.platform) == nullptr) {
            found.push_back(cause(
                alert_rule::kConnectorStopped,
                subject,
                1,
                "no loaded plugin speaks to " + one.platform
            ));
        } else if (one.state == "paused") {
            found.push_back(cause(
                alert_rule::kConnectorStopped,
                subject,
                1,
                with_note("it is paused", one.state_reason)
            ));
        }
    }
    return {};
}

Result<void> Alerts::add_tokens(Causes& causes, Timestamp now) const {
    const std::int64_t longest = find_alert_rule(alert_rule::kTokenExpiring)->threshold_max;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto tokens, stores_.causes.tokens(now.ms + longest * kDayMs, now.ms)
    );
    for (const auto& token : tokens) {
        // Whole days that are left; 0 on the last one, and after it.
        const std::int64_t left = std::max<std::int64_t>(0, token.expires_at_ms - now.ms) / kDayMs;
        causes[token.tenant].push_back(cause(
            alert_rule::kTokenExpiring,
            "connection " + token.connection + " (" + token.kind + ")",
            left,
            "its " + token.kind + (token.expires_at_ms <= now.ms ? " ended " : " ends ") +
                Timestamp{token.expires_at_ms}.to_string()
        ));
    }
    return {};
}

Result<void> Alerts::add_webhooks(Causes& causes, Timestamp now) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto all, stores_.causes.webhooks(now.ms - kHourMs));
    std::set<std::pair<TenantId, std::string>> seen;
    for (const auto& one : all) {
        std::string summary;
        if (one.count > 0) {
            summary = "the platform disabled or lost " + times(one.count, "webhook") +
                      " within the hour; they were enabled again and missed changes are read";
        } else if (has_paused(one.webhooks)) {
            summary = "a webhook is paused there";
        } else if (!one.error.empty() && now.ms - one.checked_at_ms >= kHourMs) {
            summary = with_note("its webhooks cannot be looked at", one.error);
        }
        if (!summary.empty() && seen.insert({one.tenant, one.connection}).second) {
            causes[one.tenant].push_back(cause(
                alert_rule::kWebhookDisabled, "connection " + one.connection, 1, std::move(summary)
            ));
        }
    }
    return {};
}

Result<void> Alerts::add_flows(Causes& causes, Timestamp now) const {
    const auto add = [&](std::string_view rule,
                         const storage::CountedFlow& flow,
                         std::int64_t value,
                         std::string summary) {
        causes[flow.tenant].push_back(cause(rule, "flow " + flow.flow, value, std::move(summary)));
    };
    SYNCLINE_ASSIGN_OR_RETURN(const auto dead, stores_.causes.dead_letters(now.ms - kHourMs));
    for (const auto& flow : dead) {
        add(alert_rule::kDeadLetters,
            flow,
            flow.value,
            times(flow.value, "record") + " could not be delivered within the last hour");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto failed, stores_.causes.failed_flows());
    for (const auto& flow : failed) {
        add(alert_rule::kRunFailed,
            flow,
            flow.value,
            with_note("failed " + times(flow.value, "time") + " in a row", flow.note));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto late, stores_.causes.late_schedules(now.ms));
    for (const auto& flow : late) {
        add(alert_rule::kScheduleLate,
            flow,
            flow.value,
            with_note(
                "no run of it ended in " + times(flow.value, "slot") + " of its schedule", flow.note
            ));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto oldest, stores_.causes.oldest_jobs());
    for (const auto& flow : oldest) {
        const std::int64_t minutes = (now.ms - flow.value) / kMinuteMs;
        add(alert_rule::kQueueLag,
            flow,
            minutes,
            "its oldest job waits for " + times(minutes, "minute"));
    }
    return {};
}

Result<void> Alerts::add_drifts(Causes& causes) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto drifts, stores_.causes.drifts());
    for (const auto& drift : drifts) {
        std::int64_t count = 0;
        std::string kinds;
        for (const auto& [kind, of_kind] : drift.findings) {
            count += of_kind;
            kinds += (kinds.empty() ? "" : ", ") + std::to_string(of_kind) + " " + kind;
        }
        causes[drift.tenant].push_back(cause(
            alert_rule::kReconciliationDrift,
            "connection " + drift.connection,
            count,
            "its books do not agree from " + drift.window.from + " to " + drift.window.to + ": " +
                kinds + " (reconciliation " + std::to_string(drift.reconciliation) + ")"
        ));
    }
    return {};
}

Result<void> Alerts::add_budgets(Causes& causes, TenantId tenant) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto budgets, budgets_.list(tenant));
    for (const auto& budget : budgets) {
        causes[tenant].push_back(cause(
            alert_rule::kReadBudget,
            "app " + budget.app.platform + (budget.app.id.empty() ? "" : " " + budget.app.id),
            budget.used_percent(),
            std::to_string(budget.used_percent()) + " % of the reads of " + budget.month +
                " are used (" + std::to_string(budget.used) + " of " +
                std::to_string(budget.budget) + ")"
        ));
    }
    return {};
}

Result<void> Alerts::compare(Causes causes, Timestamp now) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto all_open, stores_.alerts.open_alerts());
    std::map<TenantId, std::map<Key, storage::Alert>> open;
    for (const auto& alert : all_open) {
        open[alert.tenant][{alert.rule, alert.subject}] = alert;
    }
    storage::AlertFindings findings;
    for (const auto& [tenant, found] : causes) {
        auto& before = open[tenant];
        for (const auto& one : found) {
            const AlertRule& rule = *find_alert_rule(one.rule);
            const auto& own = settings(tenant).settings;
            const std::int64_t level =
                is_enabled(own, rule) ? alert_level(rule, own, one.value) : 0;
            if (level == 0) {
                continue;
            }
            storage::Alert alert;
            alert.tenant = tenant;
            alert.rule = one.rule;
            alert.subject = one.subject;
            alert.level = level;
            alert.severity = rule.levels[static_cast<std::size_t>(level) - 1].severity;
            alert.value = one.value;
            alert.summary = one.summary;
            const auto known = before.find({one.rule, one.subject});
            if (known == before.end()) {
                findings.begun.push_back(std::move(alert));
                continue;
            }
            const storage::Alert& was = known->second;
            const bool moved = was.value != alert.value || was.summary != alert.summary;
            if (level > was.level || (moved && now.ms - was.updated_at_ms >= kRefreshMs)) {
                alert.id = was.id;
                findings.changed.push_back(std::move(alert));
            }
            before.erase(known);
        }
    }
    for (const auto& [tenant, rest] : open) {
        for (const auto& [key, alert] : rest) {
            findings.ended.push_back(alert.id);
        }
    }
    return findings.empty() ? Result<void>() : stores_.alerts.apply(findings, now.ms);
}

Result<void> Alerts::tell(Timestamp now) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto groups, stores_.alerts.groups_to_tell());
    for (const auto& group : groups) {
        const auto& own = settings(group.tenant).settings;
        // A time ahead of now is of a clock that was set back.
        const auto passed = [&](std::int64_t since_ms, std::int64_t seconds) {
            return since_ms > now.ms || now.ms - since_ms >= seconds * 1000;
        };
        if (!passed(group.since_ms, own.group_wait_s) ||
            !passed(group.told_ms, own.group_interval_s)) {
            continue;
        }
        // A zone that the system no longer knows keeps nobody from hearing.
        const auto quiet = is_quiet(own.quiet_hours, group.severity, now);
        if (quiet && *quiet) {
            continue;
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.alerts.announce(group, now));
    }
    return {};
}

}  // namespace syncline::engine
