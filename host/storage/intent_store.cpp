#include "storage/intent_store.hpp"

#include "core/sha256.hpp"
#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

constexpr auto kInsert = R"sql(
    INSERT INTO intents (tenant_id, connection_id, flow_id, request, state, run_at_ms, created_at_ms)
    VALUES (?, ?, ?, ?, 'open', ?, ?)
)sql";
constexpr auto kInsertItem =
    "INSERT INTO intent_items (intent_id, item, job_id, state) VALUES (?, ?, ?, 'open')";
constexpr auto kCoverLane =
    "UPDATE lanes SET intent_id = ? "
    "WHERE connection_id = ? AND lane = ? AND token = ? AND (intent_id IS NULL OR intent_id = ?)";
constexpr auto kDue = R"sql(
    SELECT id, tenant_id, connection_id, flow_id, epoch, request, answered, attempts, created_at_ms
      FROM intents
     WHERE connection_id = ? AND state = 'open' AND busy = 0 AND run_at_ms <= ? ORDER BY id LIMIT ?
)sql";
constexpr auto kDueConnections = R"sql(
    SELECT DISTINCT connection_id FROM intents
     WHERE state = 'open' AND busy = 0 AND run_at_ms <= ?
       AND tenant_id IN (SELECT id FROM tenants WHERE state = 'active')
     ORDER BY connection_id
)sql";
constexpr auto kItems =
    "SELECT item, job_id, state FROM intent_items WHERE intent_id = ? ORDER BY item";
constexpr auto kCountOpen =
    "SELECT count(*) FROM intents WHERE connection_id = ? AND state = 'open' AND busy = 0";
constexpr auto kSettleItem =
    "UPDATE intent_items SET state = 'settled' WHERE intent_id = ? AND item = ?";
constexpr auto kAnyOpen =
    "SELECT 1 FROM intent_items WHERE intent_id = ? AND state = 'open' LIMIT 1";
constexpr auto kSettle = R"sql(
    UPDATE intents SET state = 'settled', busy = 0, settled_at_ms = ?, request = x'' WHERE id = ?
)sql";
// Where a delivery is at work on a covered job, the lane stays the delivery's.
constexpr auto kReleaseLanes = R"sql(
    DELETE FROM lanes
     WHERE intent_id = ?
       AND lane NOT IN (SELECT q.lane FROM intent_items i JOIN sync_queue q ON q.id = i.job_id
                         WHERE i.intent_id = ? AND q.state = 'leased')
)sql";
constexpr auto kUncover = "UPDATE lanes SET intent_id = NULL WHERE intent_id = ?";
constexpr auto kUncoverLane =
    "UPDATE lanes SET intent_id = NULL WHERE intent_id = ? AND connection_id = ? AND lane = ?";
constexpr auto kLeaveOpen = R"sql(
    UPDATE intents SET busy = 0, answered = ?, attempts = attempts + ?, run_at_ms = ?,
           error_message = ?
     WHERE id = ? AND state = 'open'
)sql";
constexpr auto kNextEpoch = "UPDATE intents SET epoch = epoch + 1, answered = 0 WHERE id = ?";
constexpr auto kReleaseAll =
    "UPDATE intents SET busy = 0, run_at_ms = ? WHERE state = 'open' AND busy = 1";

Place request_place(TenantId tenant, ConnectionId connection) {
    return {tenant, connection, "intent"};
}

constexpr auto kIntent = columns(
    &Intent::id,
    &Intent::tenant,
    &Intent::connection,
    &Intent::flow,
    &Intent::epoch,
    blob(&Intent::request),
    &Intent::answered,
    &Intent::attempts,
    &Intent::created_at_ms
);

}  // namespace

std::string intent_key(const std::string& installation, IntentId id, std::int64_t epoch) {
    return uuid_v5(
        installation + "/intent/" + std::to_string(id.value) + "/" + std::to_string(epoch)
    );
}

Result<IntentId> IntentStore::open(const NewIntent& intent, std::int64_t now_ms) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string sealed,
        vault_.seal(request_place(intent.tenant, intent.connection), intent.request)
    );
    return database_.write([&](Sql& sql) -> Result<IntentId> {
        sql.run(
            kInsert,
            intent.tenant.value,
            intent.connection.value,
            intent.flow.value,
            Blob{sealed},
            now_ms,
            now_ms
        );
        const IntentId id{sql.last_insert_id()};
        for (std::size_t i = 0; i < intent.jobs.size(); ++i) {
            sql.run(kInsertItem, id.value, i, intent.jobs[i].value);
        }
        for (const auto& lane : intent.lanes) {
            if (sql.run(
                    kCoverLane, id.value, intent.connection.value, lane, intent.token, id.value
                ) == 0) {
                return Error{
                    ErrorCode::kExists,
                    "the lane '" + lane + "' is not ours any more",
                    "job.lease_lost"};
            }
        }
        return id;
    });
}

Result<std::vector<ConnectionId>> IntentStore::due_connections(std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<ConnectionId>> {
        std::vector<ConnectionId> due;
        for (const auto& [id] : sql.rows<std::int64_t>(kDueConnections, now_ms)) {
            due.push_back(ConnectionId{id});
        }
        return due;
    });
}

Result<std::vector<Intent>> IntentStore::due(
    ConnectionId connection, std::int64_t now_ms, std::int64_t limit
) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        auto intents, database_.read([&](Sql& sql) -> Result<std::vector<Intent>> {
            auto found = kIntent.all(sql, kDue, connection.value, now_ms, limit);
            for (auto& intent : found) {
                for (const auto& [item, job, state] :
                     sql.rows<std::int64_t, std::int64_t, std::string>(kItems, intent.id.value)) {
                    intent.items.push_back({item, JobId{job}, state == "open"});
                }
            }
            return found;
        })
    );
    for (auto& intent : intents) {
        auto opened = vault_.open(request_place(intent.tenant, intent.connection), intent.request);
        intent.request = opened ? std::move(*opened) : std::string();
    }
    return intents;
}

Result<std::int64_t> IntentStore::count_open(ConnectionId connection) const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kCountOpen, connection.value).value_or(0);
    });
}

void IntentStore::settle_item(Sql& sql, IntentId id, std::int64_t item) {
    sql.run(kSettleItem, id.value, item);
}

bool IntentStore::settle_if_complete(Sql& sql, IntentId id, std::int64_t now_ms) {
    if (sql.value<std::int64_t>(kAnyOpen, id.value)) {
        return false;
    }
    sql.run(kSettle, now_ms, id.value);
    sql.run(kReleaseLanes, id.value, id.value);
    sql.run(kUncover, id.value);
    return true;
}

void IntentStore::leave_open(
    Sql& sql,
    IntentId id,
    bool answered,
    Attempt attempt,
    std::int64_t run_at_ms,
    const std::string& error
) {
    sql.run(kLeaveOpen, answered, attempt == Attempt::kUsedUp ? 1 : 0, run_at_ms, error, id.value);
}

void IntentStore::uncover(Sql& sql, IntentId id, ConnectionId connection, const std::string& lane) {
    sql.run(kUncoverLane, id.value, connection.value, lane);
}

Result<void> IntentStore::next_epoch(IntentId id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kNextEpoch, id.value);
        return {};
    });
}

Result<void> IntentStore::release_all(std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kReleaseAll, now_ms);
        return {};
    });
}

}  // namespace syncline::storage
