#include "storage/alert_causes.hpp"

#include <map>

namespace syncline::storage {
namespace {

constexpr auto kConnections = R"sql(
    SELECT c.tenant_id, c.name, c.platform, c.state, c.state_reason
      FROM connections c JOIN tenants t ON t.id = c.tenant_id AND t.state = 'active'
     WHERE c.state <> 'disabled'
)sql";
// An access token beside a refresh token is renewed by the host. Another kind of end joins with a
// UNION ALL.
constexpr auto kTokens = R"sql(
    SELECT c.tenant_id, c.name, 'access token', c.token_expires_at_ms
      FROM connections c JOIN tenants t ON t.id = c.tenant_id AND t.state = 'active'
     WHERE c.state = 'active' AND c.token_expires_at_ms > 0 AND c.token_expires_at_ms <= ?1
       AND NOT EXISTS (SELECT 1 FROM credentials r
                        WHERE r.connection_id = c.id AND r.field = 'refresh_token')
    UNION ALL
    SELECT c.tenant_id, c.name, 'authorization', g.hard_expires_at_ms
      FROM oauth_grants g JOIN connections c ON c.id = g.connection_id
      JOIN tenants t ON t.id = c.tenant_id AND t.state = 'active'
     WHERE c.state <> 'needs_reauth' AND g.hard_expires_at_ms > 0 AND g.hard_expires_at_ms <= ?1
    UNION ALL
    SELECT c.tenant_id, c.name, 'refresh token', g.refresh_expires_at_ms
      FROM oauth_grants g JOIN connections c ON c.id = g.connection_id
      JOIN tenants t ON t.id = c.tenant_id AND t.state = 'active'
     WHERE c.state <> 'needs_reauth' AND g.refresh_expires_at_ms > 0
       AND g.refresh_expires_at_ms <= ?1
       AND (g.refreshed_at_ms + g.refresh_expires_at_ms) / 2 <= ?2
)sql";
constexpr auto kWebhooks = R"sql(
    SELECT e.tenant_id, c.name, e.webhooks, e.error,
           CASE e.checked_at_ms WHEN 0 THEN c.created_at_ms ELSE e.checked_at_ms END
      FROM webhook_endpoints e
      JOIN connections c ON c.id = e.connection_id AND c.state = 'active'
      JOIN tenants t ON t.id = e.tenant_id AND t.state = 'active'
     WHERE e.error <> '' OR e.webhooks LIKE '%"paused"%'
)sql";
constexpr auto kDisabledWebhooks = R"sql(
    SELECT l.tenant_id, c.name, count(*)
      FROM sync_logs l JOIN connections c ON c.id = l.connection_id AND c.state = 'active'
      JOIN tenants t ON t.id = l.tenant_id AND t.state = 'active'
     WHERE l.event IN ('webhook.disabled', 'webhook.missing') AND l.at_ms >= ?
     GROUP BY l.tenant_id, c.name
)sql";
constexpr auto kTenants = "SELECT id FROM tenants WHERE state = 'active'";
constexpr auto kDeadLetters = R"sql(
    SELECT f.name, count(*)
      FROM (SELECT flow_id FROM sync_queue
             WHERE tenant_id = ? AND state = 'dead' AND updated_at_ms >= ?
             ORDER BY updated_at_ms DESC LIMIT ?) q
      JOIN flows f ON f.id = q.flow_id
     GROUP BY f.name
)sql";
constexpr auto kFailedFlows = R"sql(
    SELECT f.tenant_id, f.name, x.restarts + 1, x.error_message
      FROM flow_failures x JOIN flows f ON f.id = x.flow_id AND f.state = 'running'
      JOIN tenants t ON t.id = f.tenant_id AND t.state = 'active'
     WHERE x.recovered_at_ms = 0
)sql";
constexpr auto kLateSchedules = R"sql(
    SELECT tenant_id, name, slots, last_error
      FROM (SELECT s.tenant_id, f.name, s.last_error,
                   (SELECT count(*) FROM sync_schedule_slots x
                     WHERE x.schedule_id = s.id AND x.slot_ms <= ?
                       AND x.slot_ms > max(f.created_at_ms,
                                           coalesce((SELECT max(r.finished_at_ms) FROM sync_runs r
                                                      WHERE r.flow_id = f.id), 0),
                                           coalesce((SELECT max(h.at_ms) FROM flow_changes h
                                                      WHERE h.flow_id = f.id
                                                        AND h.change = 'state'), 0))) AS slots
              FROM sync_schedules s
              JOIN tenants t ON t.id = s.tenant_id AND t.state = 'active'
              JOIN flows f ON f.tenant_id = s.tenant_id AND f.state = 'running'
                          AND CASE coalesce(json_extract(s.definition, '$.flow'), '')
                                   WHEN '' THEN f.entity = json_extract(s.definition, '$.entity')
                                   ELSE f.name = json_extract(s.definition, '$.flow') END
              JOIN connections a ON a.id = f.source_connection_id AND a.state = 'active'
              JOIN connections b ON b.id = f.target_connection_id AND b.state = 'active'
             WHERE s.enabled = 1 AND s.paused = 0
               AND coalesce(json_extract(f.definition, '$.enabled'), 1))
     WHERE slots > 0
)sql";
// A job that failed waits since its first failure, any other since it could have been delivered.
constexpr auto kOldestJobs = R"sql(
    SELECT f.tenant_id, f.name,
           (SELECT min(run_at_ms) FROM sync_queue
             WHERE flow_id = f.id AND state = 'queued' AND priority = 0),
           (SELECT min(run_at_ms) FROM sync_queue
             WHERE flow_id = f.id AND state = 'queued' AND priority = 1),
           (SELECT min(run_at_ms) FROM sync_queue
             WHERE flow_id = f.id AND state = 'queued' AND priority = 2),
           (SELECT min(run_at_ms) FROM sync_queue
             WHERE flow_id = f.id AND state = 'queued' AND priority = 3),
           (SELECT min(first_failed_at_ms) FROM sync_queue
             WHERE flow_id = f.id AND state = 'queued' AND first_failed_at_ms > 0)
      FROM flows f JOIN tenants t ON t.id = f.tenant_id AND t.state = 'active'
      JOIN connections b ON b.id = f.target_connection_id AND b.state = 'active'
     WHERE f.state = 'running'
)sql";

// A later one that is not of the night counts when it compared at least as much.
constexpr auto kCompared = R"sql(
    SELECT r.id, r.tenant_id, r.from_day, r.to_day
      FROM (SELECT (SELECT n.id FROM reconciliations n
                     WHERE n.tenant_id = t.id AND n.nightly = 1 AND n.state = 'completed'
                     ORDER BY n.id DESC LIMIT 1) AS id
              FROM tenants t WHERE t.state = 'active') newest
      JOIN reconciliations a ON a.id = newest.id
      JOIN reconciliations r
        ON r.id = (SELECT l.id FROM reconciliations l
                    WHERE l.tenant_id = a.tenant_id AND l.id >= a.id AND l.state = 'completed'
                      AND l.from_day <= a.from_day AND l.to_day >= a.to_day
                      AND l.entities IN ('[]', a.entities)
                    ORDER BY l.id DESC LIMIT 1)
     WHERE r.drift_records > 0
)sql";
constexpr auto kFindings = R"sql(
    SELECT c.name, f.kind, count(*)
      FROM (SELECT target, kind FROM reconciliation_findings
             WHERE reconciliation_id = ? ORDER BY id LIMIT ?) f
      JOIN connections c ON c.tenant_id = ? AND c.name = f.target AND c.state <> 'disabled'
     GROUP BY c.name, f.kind
)sql";

using Counted = std::tuple<std::int64_t, std::string, std::int64_t, std::string>;

std::vector<CountedFlow> to_flows(const std::vector<Counted>& rows) {
    std::vector<CountedFlow> flows;
    for (const auto& [tenant, name, value, note] : rows) {
        flows.push_back({TenantId{tenant}, name, value, note});
    }
    return flows;
}

}  // namespace

Result<std::vector<ConnectionHealth>> AlertCauses::connections() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<ConnectionHealth>> {
        using Row = std::tuple<std::int64_t, std::string, std::string, std::string, std::string>;
        std::vector<ConnectionHealth> all;
        for (const auto& [tenant, name, platform, state, reason] : sql.select<Row>(kConnections)) {
            all.push_back({TenantId{tenant}, name, platform, state, reason});
        }
        return all;
    });
}

Result<std::vector<EndingToken>> AlertCauses::tokens(std::int64_t until_ms, std::int64_t now_ms)
    const {
    return database_.read([&](Sql& sql) -> Result<std::vector<EndingToken>> {
        using Row = std::tuple<std::int64_t, std::string, std::string, std::int64_t>;
        std::vector<EndingToken> all;
        for (const auto& [tenant, name, kind, expires] :
             sql.select<Row>(kTokens, until_ms, now_ms)) {
            all.push_back({TenantId{tenant}, name, kind, expires});
        }
        return all;
    });
}

Result<std::vector<WebhookTrouble>> AlertCauses::webhooks(std::int64_t since_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<WebhookTrouble>> {
        std::vector<WebhookTrouble> all;
        using Looked =
            std::tuple<std::int64_t, std::string, std::string, std::string, std::int64_t>;
        for (const auto& [tenant, name, webhooks, error, checked] : sql.select<Looked>(kWebhooks)) {
            all.push_back({TenantId{tenant}, name, webhooks, error, checked, 0});
        }
        using Logged = std::tuple<std::int64_t, std::string, std::int64_t>;
        for (const auto& [tenant, name, count] : sql.select<Logged>(kDisabledWebhooks, since_ms)) {
            all.push_back({TenantId{tenant}, name, "", "", 0, count});
        }
        return all;
    });
}

Result<std::vector<CountedFlow>> AlertCauses::dead_letters(std::int64_t since_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<CountedFlow>> {
        std::vector<CountedFlow> all;
        for (const auto& [tenant] : sql.rows<std::int64_t>(kTenants)) {
            for (const auto& [flow, count] : sql.rows<std::string, std::int64_t>(
                     kDeadLetters, tenant, since_ms, kDeadLettersMax
                 )) {
                all.push_back({TenantId{tenant}, flow, count, ""});
            }
        }
        return all;
    });
}

Result<std::vector<CountedFlow>> AlertCauses::failed_flows() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<CountedFlow>> {
        return to_flows(sql.select<Counted>(kFailedFlows));
    });
}

Result<std::vector<CountedFlow>> AlertCauses::late_schedules(std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<CountedFlow>> {
        // Two schedules of a flow: the one that is later counts.
        std::map<std::pair<std::int64_t, std::string>, CountedFlow> worst;
        for (auto& flow : to_flows(sql.select<Counted>(kLateSchedules, now_ms))) {
            auto& known = worst[{flow.tenant.value, flow.flow}];
            if (flow.value > known.value) {
                known = std::move(flow);
            }
        }
        std::vector<CountedFlow> all;
        for (auto& [key, flow] : worst) {
            all.push_back(std::move(flow));
        }
        return all;
    });
}

Result<std::vector<CountedFlow>> AlertCauses::oldest_jobs() const {
    using Time = std::optional<std::int64_t>;
    using Row = std::tuple<std::int64_t, std::string, Time, Time, Time, Time, Time>;
    return database_.read([&](Sql& sql) -> Result<std::vector<CountedFlow>> {
        std::vector<CountedFlow> all;
        for (const auto& row : sql.select<Row>(kOldestJobs)) {
            Time oldest;
            for (const Time& one :
                 {std::get<2>(row),
                  std::get<3>(row),
                  std::get<4>(row),
                  std::get<5>(row),
                  std::get<6>(row)}) {
                oldest = one && (!oldest || *one < *oldest) ? one : oldest;
            }
            if (oldest) {
                all.push_back({TenantId{std::get<0>(row)}, std::get<1>(row), *oldest, ""});
            }
        }
        return all;
    });
}

Result<std::vector<BooksDrift>> AlertCauses::drifts() const {
    using Compared = std::tuple<std::int64_t, std::int64_t, std::string, std::string>;
    return database_.read([&](Sql& sql) -> Result<std::vector<BooksDrift>> {
        std::vector<BooksDrift> all;
        for (const auto& [id, tenant, from, to] : sql.select<Compared>(kCompared)) {
            std::map<std::string, BooksDrift> by_connection;
            for (const auto& [name, kind, count] : sql.rows<std::string, std::string, std::int64_t>(
                     kFindings, id, kFindingsMax, tenant
                 )) {
                BooksDrift& drift = by_connection[name];
                drift = {TenantId{tenant}, name, id, {from, to}, std::move(drift.findings)};
                drift.findings[kind] = count;
            }
            for (auto& [name, drift] : by_connection) {
                all.push_back(std::move(drift));
            }
        }
        return all;
    });
}

}  // namespace syncline::storage
