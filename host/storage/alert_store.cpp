#include "storage/alert_store.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "storage/seal.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_ALERT_COLUMNS                                                                    \
    "SELECT id, tenant_id, rule, subject, state, severity, level, value, summary, opened_at_ms, " \
    "changed_at_ms, updated_at_ms, resolved_at_ms, acked_at_ms, acked_by, ack_note, told, "       \
    "told_level FROM alerts "
// A suspended tenant's stay as they are.
constexpr auto kOpen = SYNCLINE_ALERT_COLUMNS
    "WHERE state = 'open' AND tenant_id IN (SELECT id FROM tenants WHERE state = 'active')";
constexpr auto kFind = SYNCLINE_ALERT_COLUMNS "WHERE tenant_id = ? AND id = ?";
constexpr auto kList = SYNCLINE_ALERT_COLUMNS R"sql(
    WHERE tenant_id = ?1 AND id < ?2 AND (?3 = '' OR state = ?3) AND (?4 = '' OR rule = ?4)
    ORDER BY id DESC LIMIT ?5
)sql";
#undef SYNCLINE_ALERT_COLUMNS
// It ended, was told to have begun, and begins again before anybody was told that it ended.
constexpr auto kReopen = R"sql(
    UPDATE alerts
       SET state = 'open', resolved_at_ms = 0, severity = ?, level = ?, value = ?, summary = ?,
           changed_at_ms = ?, updated_at_ms = ?, told = told_level >= ?
     WHERE tenant_id = ? AND rule = ? AND told = 0 AND state = 'resolved' AND subject = ?
)sql";
constexpr auto kBegin = R"sql(
    INSERT INTO alerts (tenant_id, rule, subject, state, severity, level, value, summary,
                        opened_at_ms, changed_at_ms, updated_at_ms)
    VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, rule, subject) WHERE state = 'open' DO NOTHING
)sql";
// A level that fell is not told, and does not count until the alert has ended.
constexpr auto kChange = R"sql(
    UPDATE alerts
       SET value = ?1, summary = ?2, updated_at_ms = ?3,
           severity = CASE WHEN ?4 > level THEN ?5 ELSE severity END,
           told = CASE WHEN ?4 > level THEN 0 ELSE told END,
           changed_at_ms = CASE WHEN ?4 > level THEN ?3 ELSE changed_at_ms END,
           level = max(level, ?4)
     WHERE id = ?6 AND state = 'open'
)sql";
constexpr auto kEnd = R"sql(
    UPDATE alerts
       SET state = 'resolved', resolved_at_ms = ?1, changed_at_ms = ?1, updated_at_ms = ?1,
           told = told_level = 0
     WHERE id = ?2 AND state = 'open'
)sql";
// For those who watch.
#define SYNCLINE_NOTE_ALERT                                                             \
    "INSERT INTO sync_logs (tenant_id, at_ms, level, event, message, detail) "          \
    "SELECT tenant_id, changed_at_ms, "                                                 \
    "       CASE WHEN state = 'resolved' THEN 'info' WHEN severity = 'critical' "       \
    "            THEN 'error' WHEN severity = 'warning' THEN 'warning' ELSE 'info' "    \
    "            END, "                                                                 \
    "       CASE state WHEN 'resolved' THEN 'alert.resolved' ELSE 'alert.opened' END, " \
    "       summary, json_object('alert', id, 'rule', rule, 'subject', subject) "       \
    "  FROM alerts "
constexpr auto kNote = SYNCLINE_NOTE_ALERT "WHERE id = ?";
constexpr auto kNoteBegun =
    SYNCLINE_NOTE_ALERT "WHERE tenant_id = ? AND rule = ? AND subject = ? AND state = 'open'";
#undef SYNCLINE_NOTE_ALERT
constexpr auto kGroups = R"sql(
    SELECT a.tenant_id, t.name, a.rule, a.severity, a.state = 'resolved', count(*),
           min(a.changed_at_ms),
           coalesce((SELECT max(n.created_at_ms) FROM alert_announcements n
                      WHERE n.tenant_id = a.tenant_id AND n.rule = a.rule
                        AND n.severity = a.severity
                        AND n.kind = CASE a.state WHEN 'open' THEN 'alert.opened'
                                                  ELSE 'alert.resolved' END), 0)
      FROM alerts a JOIN tenants t ON t.id = a.tenant_id AND t.state = 'active'
     WHERE a.told = 0
     GROUP BY a.tenant_id, a.rule, a.severity, a.state
)sql";
constexpr auto kWantedBy = R"sql(
    SELECT id FROM alert_channels
     WHERE tenant_id = ? AND enabled = 1 AND (severity_min = 'warning' OR ? = 'critical')
     ORDER BY id
)sql";
// Whoever had the opening, by the announcement it had.
constexpr auto kToldTo = R"sql(
    SELECT o.announcement_id, coalesce(c.id, 0)
      FROM (SELECT DISTINCT announcement_id FROM alerts
             WHERE tenant_id = ? AND rule = ? AND severity = ? AND state = 'resolved' AND told = 0)
           o
      LEFT JOIN alert_deliveries d ON d.announcement_id = o.announcement_id AND d.state <> 'failed'
      LEFT JOIN alert_channels c ON c.id = d.channel_id AND c.enabled = 1
     ORDER BY 1, 2
)sql";
// ?5: of this opening only; 0: of any.
#define SYNCLINE_UNTOLD                                                                 \
    "WHERE tenant_id = ?1 AND rule = ?2 AND severity = ?3 AND state = ?4 AND told = 0 " \
    "AND (?5 = 0 OR announcement_id = ?5)"
constexpr auto kUntold = "SELECT id, subject, summary, opened_at_ms FROM alerts " SYNCLINE_UNTOLD
                         " ORDER BY id LIMIT ?6";
constexpr auto kCountUntold = "SELECT count(*) FROM alerts " SYNCLINE_UNTOLD;
constexpr auto kTold =
    "UPDATE alerts SET told = 1, told_level = level, announcement_id = "
    "CASE ?6 WHEN 0 THEN announcement_id ELSE ?6 END " SYNCLINE_UNTOLD;
#undef SYNCLINE_UNTOLD
constexpr auto kAnnounce = R"sql(
    INSERT INTO alert_announcements (tenant_id, rule, severity, kind, message_id, message,
                                     created_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kDeliver = R"sql(
    INSERT INTO alert_deliveries (announcement_id, channel_id, tenant_id, state, run_at_ms)
    VALUES (?, ?, ?, 'waiting', ?)
)sql";
constexpr auto kGiveUpOldest = R"sql(
    UPDATE alert_deliveries
       SET state = 'failed', answer = 'given up: too many messages wait', finished_at_ms = ?
     WHERE id IN (SELECT id FROM alert_deliveries WHERE channel_id = ? AND state = 'waiting'
                   ORDER BY id DESC LIMIT -1 OFFSET ?)
)sql";
constexpr auto kAcknowledge = R"sql(
    UPDATE alerts SET acked_at_ms = ?, acked_by = ?, ack_note = ? WHERE id = ?
)sql";
constexpr auto kPurgeAlerts = R"sql(
    DELETE FROM alerts
     WHERE id IN (SELECT id FROM alerts WHERE state = 'resolved' AND resolved_at_ms < ? AND told = 1
                   LIMIT ?)
)sql";
constexpr auto kPurgeAnnouncements = R"sql(
    DELETE FROM alert_announcements
     WHERE id IN (SELECT n.id FROM alert_announcements n
                   WHERE n.created_at_ms < ?
                     AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.announcement_id = n.id)
                     AND NOT EXISTS (SELECT 1 FROM alert_deliveries d
                                      WHERE d.announcement_id = n.id AND d.state = 'waiting')
                   LIMIT ?)
)sql";

// A unit of work is about so many rows.
constexpr std::size_t kSlice = 100;

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::string,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t>;

AlertSeverity severity_of(const std::string& text) {
    return enum_from_name<AlertSeverity>(text).value_or(AlertSeverity::kCritical);
}

Alert to_alert(const Row& row) {
    Alert alert;
    alert.id = AlertId{std::get<0>(row)};
    alert.tenant = TenantId{std::get<1>(row)};
    alert.rule = std::get<2>(row);
    alert.subject = std::get<3>(row);
    alert.state = std::get<4>(row);
    alert.severity = severity_of(std::get<5>(row));
    alert.level = std::get<6>(row);
    alert.value = std::get<7>(row);
    alert.summary = std::get<8>(row);
    alert.opened_at_ms = std::get<9>(row);
    alert.changed_at_ms = std::get<10>(row);
    alert.updated_at_ms = std::get<11>(row);
    alert.resolved_at_ms = std::get<12>(row);
    alert.acked_at_ms = std::get<13>(row);
    alert.acked_by = std::get<14>(row);
    alert.ack_note = std::get<15>(row);
    alert.told = std::get<16>(row) != 0;
    alert.told_level = std::get<17>(row);
    return alert;
}

std::vector<Alert> to_alerts(const std::vector<Row>& rows) {
    std::vector<Alert> alerts;
    alerts.reserve(rows.size());
    for (const auto& row : rows) {
        alerts.push_back(to_alert(row));
    }
    return alerts;
}

void begin(Sql& sql, const Alert& alert, std::int64_t now_ms) {
    const std::string severity(enum_name(alert.severity));
    const std::int64_t reopened = sql.run(
        kReopen,
        severity,
        alert.level,
        alert.value,
        alert.summary,
        now_ms,
        now_ms,
        alert.level,
        alert.tenant.value,
        alert.rule,
        alert.subject
    );
    if (reopened == 0) {
        sql.run(
            kBegin,
            alert.tenant.value,
            alert.rule,
            alert.subject,
            severity,
            alert.level,
            alert.value,
            alert.summary,
            now_ms,
            now_ms,
            now_ms
        );
    }
    sql.run(kNoteBegun, alert.tenant.value, alert.rule, alert.subject);
}

template <class T, class One>
Result<void> in_slices(Database& database, const std::vector<T>& all, One&& one) {
    for (std::size_t from = 0; from < all.size(); from += kSlice) {
        SYNCLINE_RETURN_IF_ERROR(database.write([&](Sql& sql) -> Result<void> {
            for (std::size_t i = from; i < std::min(all.size(), from + kSlice); ++i) {
                one(sql, all[i]);
            }
            return {};
        }));
    }
    return {};
}

// Openings whose end is told to the same channels.
using ToldTo = std::map<std::vector<std::int64_t>, std::vector<std::int64_t>>;

ToldTo told_to(Sql& sql, const AlertGroup& group) {
    std::map<std::int64_t, std::vector<std::int64_t>> channels_of;
    for (const auto& [opening, channel] : sql.rows<std::int64_t, std::int64_t>(
             kToldTo, group.tenant.value, group.rule, std::string(enum_name(group.severity))
         )) {
        auto& channels = channels_of[opening];
        if (channel != 0) {
            channels.push_back(channel);
        }
    }
    ToldTo grouped;
    for (const auto& [opening, channels] : channels_of) {
        grouped[channels].push_back(opening);
    }
    return grouped;
}

Result<std::string> new_message_id() {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, random_bytes(16));
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string id = "msg_";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        id.append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
    }
    return id;
}

// One message about a group, or about those of it that had the same openings.
class Announcing {
public:
    Announcing(Sql& sql, const AlertGroup& group, Timestamp now)
        : sql_(sql),
          group_(group),
          now_(now),
          severity_(enum_name(group.severity)),
          state_(group.resolved ? "resolved" : "open") {}

    // `openings`: {0} for all.
    Result<std::int64_t> tell(
        const std::vector<std::int64_t>& channels, const std::vector<std::int64_t>& openings
    ) {
        std::int64_t announcement = 0;
        if (!channels.empty()) {
            SYNCLINE_ASSIGN_OR_RETURN(const AlertMessage message, compose(openings));
            sql_.run(
                kAnnounce,
                group_.tenant.value,
                group_.rule,
                severity_,
                message.type,
                message.id,
                dump_json(to_json(message)),
                now_.ms
            );
            announcement = sql_.last_insert_id();
        }
        for (const std::int64_t opening : openings) {
            sql_.run(
                kTold,
                group_.tenant.value,
                group_.rule,
                severity_,
                state_,
                opening,
                group_.resolved ? 0 : announcement
            );
        }
        for (const std::int64_t channel : channels) {
            sql_.run(kDeliver, announcement, channel, group_.tenant.value, now_.ms);
            sql_.run(kGiveUpOldest, now_.ms, channel, kAlertsWaitingMax);
        }
        return static_cast<std::int64_t>(channels.size());
    }

private:
    Result<AlertMessage> compose(const std::vector<std::int64_t>& openings) {
        AlertMessage message;
        SYNCLINE_ASSIGN_OR_RETURN(message.id, new_message_id());
        message.type = group_.resolved ? kAlertResolved : kAlertOpened;
        message.at = now_;
        message.tenant = group_.tenant_name;
        message.rule = group_.rule;
        message.severity = group_.severity;
        for (const std::int64_t opening : openings) {
            const auto place = [&](const char* text, const auto&... more) {
                return sql_.rows<std::int64_t, std::string, std::string, std::int64_t>(
                    text, group_.tenant.value, group_.rule, severity_, state_, opening, more...
                );
            };
            const auto room = static_cast<std::int64_t>(kAlertItemsMax - message.alerts.size());
            for (const auto& [id, subject, summary, opened] : place(kUntold, room)) {
                message.alerts.push_back({id, subject, summary, Timestamp{opened}});
            }
            message.count +=
                sql_.value<std::int64_t>(
                        kCountUntold, group_.tenant.value, group_.rule, severity_, state_, opening
                )
                    .value_or(0);
        }
        return message;
    }

    Sql& sql_;
    const AlertGroup& group_;
    const Timestamp now_;
    const std::string severity_;
    const std::string state_;
};

}  // namespace

Result<std::vector<Alert>> AlertStore::open_alerts() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Alert>> {
        return to_alerts(sql.select<Row>(kOpen));
    });
}

Result<std::vector<Alert>> AlertStore::list(TenantId tenant, const AlertFilter& filter) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Alert>> {
        const std::int64_t before =
            filter.before_id > 0 ? filter.before_id : std::numeric_limits<std::int64_t>::max();
        return to_alerts(
            sql.select<Row>(kList, tenant.value, before, filter.state, filter.rule, filter.limit)
        );
    });
}

Result<Alert> AlertStore::find(TenantId tenant, AlertId id) const {
    return database_.read([&](Sql& sql) -> Result<Alert> {
        const auto rows = sql.select<Row>(kFind, tenant.value, id.value);
        if (rows.empty()) {
            return Error{
                ErrorCode::kNotFound,
                "there is no alert " + std::to_string(id.value),
                "alert.unknown"};
        }
        return to_alert(rows.front());
    });
}

Result<void> AlertStore::apply(const AlertFindings& findings, std::int64_t now_ms) {
    // What ended first: it may begin again under another severity.
    SYNCLINE_RETURN_IF_ERROR(in_slices(database_, findings.ended, [&](Sql& sql, AlertId id) {
        if (sql.run(kEnd, now_ms, id.value) > 0) {
            sql.run(kNote, id.value);
        }
    }));
    SYNCLINE_RETURN_IF_ERROR(in_slices(
        database_,
        findings.changed,
        [&](Sql& sql, const Alert& alert) {
            sql.run(
                kChange,
                alert.value,
                alert.summary,
                now_ms,
                alert.level,
                std::string(enum_name(alert.severity)),
                alert.id.value
            );
        }
    ));
    return in_slices(database_, findings.begun, [&](Sql& sql, const Alert& alert) {
        begin(sql, alert, now_ms);
    });
}

Result<std::vector<AlertGroup>> AlertStore::groups_to_tell() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<AlertGroup>> {
        using GroupRow = std::tuple<
            std::int64_t,
            std::string,
            std::string,
            std::string,
            std::int64_t,
            std::int64_t,
            std::int64_t,
            std::int64_t>;
        std::vector<AlertGroup> groups;
        for (const auto& [tenant, name, rule, severity, resolved, count, since, told] :
             sql.select<GroupRow>(kGroups)) {
            groups.push_back(
                {TenantId{tenant},
                 name,
                 rule,
                 severity_of(severity),
                 resolved != 0,
                 count,
                 since,
                 told}
            );
        }
        return groups;
    });
}

Result<std::int64_t> AlertStore::announce(const AlertGroup& group, Timestamp now) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        Announcing announcing(sql, group, now);
        std::int64_t deliveries = 0;
        if (group.resolved) {
            for (const auto& [channels, openings] : told_to(sql, group)) {
                SYNCLINE_ASSIGN_OR_RETURN(const auto told, announcing.tell(channels, openings));
                deliveries += told;
            }
            return deliveries;
        }
        std::vector<std::int64_t> channels;
        for (const auto& [id] : sql.rows<std::int64_t>(
                 kWantedBy, group.tenant.value, std::string(enum_name(group.severity))
             )) {
            channels.push_back(id);
        }
        return channels.empty() ? Result<std::int64_t>(0) : announcing.tell(channels, {0});
    });
}

void AlertStore::acknowledge(
    Sql& sql, AlertId id, const std::string& actor, const std::string& note, std::int64_t now_ms
) {
    sql.run(kAcknowledge, now_ms, actor, note, id.value);
}

Result<void> AlertStore::purge(std::int64_t before_ms, std::int64_t limit) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kPurgeAlerts, before_ms, limit);
        sql.run(kPurgeAnnouncements, before_ms, limit);
        return {};
    });
}

}  // namespace syncline::storage
