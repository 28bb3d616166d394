#include "storage/webhook_event_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

// ?1 connection, ?2 identity, ?3 whether only one that waits counts
constexpr auto kSame = R"sql(
    SELECT id FROM webhook_events
     WHERE connection_id = ?1 AND identity = ?2 AND (?3 = 0 OR state = 'stored')
     ORDER BY id DESC LIMIT 1
)sql";
constexpr auto kRepeat = R"sql(
    UPDATE webhook_events SET repeats = repeats + 1, repeated_at_ms = ? WHERE id = ?
)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO webhook_events (tenant_id, connection_id, received_at_ms, topic, webhook_id,
                                delivery_id, body_sha256, body_bytes, identity, sealed, state,
                                run_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'stored', ?)
)sql";

#define SYNCLINE_WEBHOOK_COLUMNS(sealed)                                                      \
    "SELECT e.id, e.tenant_id, e.connection_id, c.name, c.platform, e.received_at_ms, "       \
    "e.topic, e.webhook_id, e.delivery_id, e.body_sha256, e.body_bytes, e.state, e.changes, " \
    "e.reason_code, e.reason, e.attempts, e.run_at_ms, e.repeats, e.repeated_at_ms, "         \
    "e.replays, e.handled_at_ms, e.identity, " sealed                                         \
    " FROM webhook_events e JOIN connections c ON c.id = e.connection_id "
constexpr auto kDue = SYNCLINE_WEBHOOK_COLUMNS("e.sealed") R"sql(
     WHERE e.connection_id = ? AND e.state = 'stored' AND e.run_at_ms <= ?
     ORDER BY e.run_at_ms, e.id LIMIT ?
)sql";
constexpr auto kList = SYNCLINE_WEBHOOK_COLUMNS("x''") R"sql(
     WHERE e.tenant_id = ?1 AND (?2 = '' OR c.name = ?2) AND (?3 = '' OR e.state = ?3)
       AND (?4 = '' OR e.topic = ?4) AND (?5 = 0 OR e.id < ?5)
     ORDER BY e.id DESC LIMIT ?6
)sql";
constexpr auto kById = SYNCLINE_WEBHOOK_COLUMNS("e.sealed") "WHERE e.tenant_id = ? AND e.id = ?";
#undef SYNCLINE_WEBHOOK_COLUMNS
constexpr auto kDueConnections = R"sql(
    SELECT c.tenant_id, c.id FROM connections c
     WHERE EXISTS (SELECT 1 FROM webhook_events e
                    WHERE e.connection_id = c.id AND e.state = 'stored' AND e.run_at_ms <= ?)
)sql";
// ?9 how often it had come: more often by now is a change that was perhaps not read
constexpr auto kFinish = R"sql(
    UPDATE webhook_events
       SET state = CASE WHEN repeats + replays > ?9 THEN 'stored' ELSE ?1 END, changes = ?2,
           topic = CASE ?3 WHEN '' THEN topic ELSE ?3 END,
           reason_code = ?4, reason = ?5, attempts = attempts + (?1 = 'stored'), run_at_ms = ?6,
           handled_at_ms = CASE WHEN ?1 = 'stored' OR repeats + replays > ?9 THEN 0 ELSE ?7 END
     WHERE id = ?8 AND state = 'stored'
)sql";
constexpr auto kHasten = R"sql(
    UPDATE webhook_events SET run_at_ms = ?1
     WHERE connection_id = ?2 AND state = 'stored' AND run_at_ms > ?1
)sql";
constexpr auto kReplay = R"sql(
    UPDATE webhook_events
       SET state = 'stored', run_at_ms = ?1, attempts = 0, replays = replays + 1,
           reason_code = '', reason = '', handled_at_ms = 0
     WHERE tenant_id = ?2 AND id = ?3
)sql";

constexpr auto kStrayCount = "SELECT coalesce(max(number), 0) FROM webhook_strays";
constexpr auto kKeepStray = R"sql(
    INSERT OR REPLACE INTO webhook_strays (slot, number, tenant_id, received_at_ms, platform,
                                           connection, reason, body_sha256, body_bytes, sealed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kStrays = R"sql(
    SELECT number, tenant_id, received_at_ms, platform, connection, reason, body_sha256,
           body_bytes, sealed
      FROM webhook_strays WHERE tenant_id = ? ORDER BY number DESC LIMIT ?
)sql";
constexpr auto kRefused = R"sql(
    SELECT count(*) FROM webhook_strays
     WHERE tenant_id = ? AND platform = ? AND connection = ? AND received_at_ms >= ?
       AND reason IN ('no_secret', 'unproven')
)sql";

constexpr auto kEvent = columns(
    &ReceivedWebhook::id,
    &ReceivedWebhook::tenant,
    &ReceivedWebhook::connection,
    &ReceivedWebhook::connection_name,
    &ReceivedWebhook::platform,
    &ReceivedWebhook::received_at_ms,
    &ReceivedWebhook::topic,
    &ReceivedWebhook::webhook_id,
    &ReceivedWebhook::delivery_id,
    &ReceivedWebhook::body_sha256,
    &ReceivedWebhook::body_bytes,
    &ReceivedWebhook::state,
    &ReceivedWebhook::changes,
    &ReceivedWebhook::reason_code,
    &ReceivedWebhook::reason,
    &ReceivedWebhook::attempts,
    &ReceivedWebhook::run_at_ms,
    &ReceivedWebhook::repeats,
    &ReceivedWebhook::repeated_at_ms,
    &ReceivedWebhook::replays,
    &ReceivedWebhook::handled_at_ms,
    blob(&ReceivedWebhook::identity),
    blob(&ReceivedWebhook::sealed)
);

constexpr auto kStray = columns(
    &WebhookStray::number,
    &WebhookStray::tenant,
    &WebhookStray::received_at_ms,
    &WebhookStray::platform,
    &WebhookStray::connection,
    &WebhookStray::reason,
    &WebhookStray::body_sha256,
    &WebhookStray::body_bytes,
    blob(&WebhookStray::sealed)
);

Error no_such_event(WebhookEventId id) {
    return Error{
        ErrorCode::kNotFound,
        "there is no webhook event " + std::to_string(id.value),
        "webhook_event.unknown"};
}

StoredWebhookEvent store_one(Sql& sql, const NewWebhookEvent& event) {
    const Blob identity{event.identity};
    if (const auto same = sql.value<std::int64_t>(
            kSame, event.connection.value, identity, event.repeats_are_news ? 1 : 0
        )) {
        sql.run(kRepeat, event.received_at_ms, *same);
        return {WebhookEventId{*same}, true};
    }
    sql.run(
        kInsert,
        event.tenant.value,
        event.connection.value,
        event.received_at_ms,
        event.topic,
        event.webhook_id,
        event.delivery_id,
        event.body_sha256,
        event.body_bytes,
        identity,
        Blob{event.sealed},
        event.received_at_ms
    );
    return {WebhookEventId{sql.last_insert_id()}, false};
}

}  // namespace

Result<std::vector<StoredWebhookEvent>> WebhookEventStore::store(
    const std::vector<NewWebhookEvent>& events
) {
    return database_.write([&](Sql& sql) -> Result<std::vector<StoredWebhookEvent>> {
        std::vector<StoredWebhookEvent> stored;
        stored.reserve(events.size());
        for (const auto& event : events) {
            stored.push_back(store_one(sql, event));
        }
        return stored;
    });
}

Result<std::vector<DueConnection>> WebhookEventStore::due_connections(std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<DueConnection>> {
        std::vector<DueConnection> due;
        for (const auto& [tenant, id] :
             sql.rows<std::int64_t, std::int64_t>(kDueConnections, now_ms)) {
            due.push_back({TenantId{tenant}, ConnectionId{id}});
        }
        return due;
    });
}

Result<std::vector<ReceivedWebhook>> WebhookEventStore::due(
    ConnectionId connection, std::int64_t now_ms, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<ReceivedWebhook>> {
        return kEvent.all(sql, kDue, connection.value, now_ms, limit);
    });
}

void WebhookEventStore::finish(Sql& sql, const WebhookOutcome& outcome, std::int64_t now_ms) {
    sql.run(
        kFinish,
        outcome.state,
        outcome.changes,
        outcome.topic,
        outcome.reason_code,
        outcome.reason,
        now_ms + outcome.delay_ms,
        now_ms,
        outcome.id.value,
        outcome.came
    );
}

Result<std::int64_t> WebhookEventStore::hasten(ConnectionId connection, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        return sql.run(kHasten, now_ms, connection.value);
    });
}

Result<std::vector<ReceivedWebhook>> WebhookEventStore::list(
    TenantId tenant, const WebhookEventFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<ReceivedWebhook>> {
        return kEvent.all(
            sql,
            kList,
            tenant.value,
            filter.connection,
            filter.state,
            filter.topic,
            filter.before_id,
            filter.limit
        );
    });
}

Result<ReceivedWebhook> WebhookEventStore::by_id(TenantId tenant, WebhookEventId id) const {
    return database_.read([&](Sql& sql) -> Result<ReceivedWebhook> {
        auto found = kEvent.first(sql, kById, tenant.value, id.value);
        return found ? Result<ReceivedWebhook>(std::move(*found)) : no_such_event(id);
    });
}

Result<void> WebhookEventStore::replay(TenantId tenant, WebhookEventId id, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        return sql.run(kReplay, now_ms, tenant.value, id.value) > 0
                   ? Result<void>()
                   : Result<void>(no_such_event(id));
    });
}

Result<void> WebhookEventStore::keep_stray(const WebhookStray& stray, std::int64_t more) {
    return database_.write([&](Sql& sql) -> Result<void> {
        const std::int64_t number = sql.value<std::int64_t>(kStrayCount).value_or(0) + more + 1;
        sql.run(
            kKeepStray,
            number % kRing,
            number,
            stray.tenant.value,
            stray.received_at_ms,
            stray.platform,
            stray.connection,
            stray.reason,
            stray.body_sha256,
            stray.body_bytes,
            Blob{stray.sealed}
        );
        return {};
    });
}

Result<std::vector<WebhookStray>> WebhookEventStore::strays(TenantId tenant, std::int64_t limit)
    const {
    return database_.read([&](Sql& sql) -> Result<std::vector<WebhookStray>> {
        return kStray.all(sql, kStrays, tenant.value, limit);
    });
}

Result<std::int64_t> WebhookEventStore::refused_since(
    TenantId tenant,
    const std::string& platform,
    const std::string& connection,
    std::int64_t since_ms
) const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kRefused, tenant.value, platform, connection, since_ms)
            .value_or(0);
    });
}

Result<std::int64_t> WebhookEventStore::stray_count() const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kStrayCount).value_or(0);
    });
}

}  // namespace syncline::storage
