#include "storage/sealed_columns.hpp"

#include "storage/seal.hpp"

namespace syncline::storage {
namespace {

// Columns: row, tenant and connection and field of the place, what follows the field in base64,
// connection, name, value. The places are those of whoever seals.
constexpr auto kCredentials = R"sql(
    SELECT rowid, tenant_id, connection_id, field, x'', connection_id, field, sealed
      FROM credentials
     WHERE rowid > ? AND length(sealed) > 0 ORDER BY rowid LIMIT ?
)sql";
constexpr auto kMemory = R"sql(
    SELECT k.rowid, c.tenant_id, k.connection_id, 'kv:' || k.key, x'', k.connection_id, k.key,
           k.sealed
      FROM connector_kv k JOIN connections c ON c.id = k.connection_id
     WHERE k.rowid > ? AND length(k.sealed) > 0 ORDER BY k.rowid LIMIT ?
)sql";
constexpr auto kRecords = R"sql(
    SELECT id, tenant_id, 0, 'record:' || flow_id || ':' || source_id, x'', target_connection_id,
           '', record
      FROM sync_queue
     WHERE id > ? AND record IS NOT NULL ORDER BY id LIMIT ?
)sql";
constexpr auto kDetails = R"sql(
    SELECT id, tenant_id, 0, 'detail:' || id, x'', target_connection_id, '', detail
      FROM sync_queue
     WHERE id > ? AND detail IS NOT NULL ORDER BY id LIMIT ?
)sql";
constexpr auto kOwned = R"sql(
    SELECT id, tenant_id, target_connection_id, 'owned', x'', target_connection_id, '', owned
      FROM id_mappings
     WHERE id > ? AND owned IS NOT NULL ORDER BY id LIMIT ?
)sql";
constexpr auto kRequests = R"sql(
    SELECT id, tenant_id, connection_id, 'intent', x'', connection_id, '', request
      FROM intents
     WHERE id > ? AND length(request) > 0 ORDER BY id LIMIT ?
)sql";
constexpr auto kSides = R"sql(
    SELECT id, tenant_id, 0, 'conflict:' || flow_id || ':' || source_id, x'',
           target_connection_id, '', sides
      FROM conflicts
     WHERE id > ? AND length(sides) > 0 ORDER BY id LIMIT ?
)sql";
constexpr auto kDecisions = R"sql(
    SELECT id, tenant_id, 0, 'conflict:' || flow_id || ':' || source_id, x'',
           target_connection_id, '', decision
      FROM conflicts
     WHERE id > ? AND decision IS NOT NULL ORDER BY id LIMIT ?
)sql";
constexpr auto kDeliveries = R"sql(
    SELECT id, tenant_id, connection_id, 'webhook:', identity, connection_id, '', sealed
      FROM webhook_events
     WHERE id > ? AND length(sealed) > 0 ORDER BY id LIMIT ?
)sql";
constexpr auto kStrays = R"sql(
    SELECT slot, tenant_id, 0, 'webhook_stray:' || body_sha256, x'', 0, '', sealed
      FROM webhook_strays
     WHERE slot > ? AND length(sealed) > 0 ORDER BY slot LIMIT ?
)sql";

constexpr auto kAnswers = R"sql(
    SELECT id, tenant_id, 0, 'answer:' || attempt, x'', 0, '', answer
      FROM idempotency_keys
     WHERE id > ? AND answer IS NOT NULL ORDER BY id LIMIT ?
)sql";

constexpr auto kApps = R"sql(
    SELECT id, tenant_id, 0, 'app:' || platform || ':' || name, x'', 0, name, sealed
      FROM apps
     WHERE id > ? AND length(sealed) > 0 ORDER BY id LIMIT ?
)sql";
constexpr auto kStates = R"sql(
    SELECT rowid, tenant_id, 0, 'oauth_state:' || hash, x'', 0, connection, sealed
      FROM oauth_states
     WHERE rowid > ? AND length(sealed) > 0 ORDER BY rowid LIMIT ?
)sql";
constexpr auto kChannels = R"sql(
    SELECT id, tenant_id, 0, 'alert_channel:' || name, x'', 0, name, secrets
      FROM alert_channels
     WHERE id > ? AND length(secrets) > 0 ORDER BY id LIMIT ?
)sql";

constexpr auto kProposals = R"sql(
    SELECT id, tenant_id, 0, 'match:' || match_id, x'', 0, source_id, detail
      FROM match_proposals
     WHERE id > ? AND length(detail) > 0 ORDER BY id LIMIT ?
)sql";

}  // namespace

const std::vector<SealedColumn>& sealed_columns() {
    static const std::vector<SealedColumn> kColumns{
        {"credentials.sealed", kCredentials, "SELECT count(*) FROM credentials"},
        {"connector_kv.sealed", kMemory, "SELECT count(*) FROM connector_kv"},
        {"intents.request", kRequests, "SELECT count(*) FROM intents WHERE length(request) > 0"},
        {"sync_queue.record", kRecords, "SELECT count(*) FROM sync_queue WHERE record IS NOT NULL"},
        {"sync_queue.detail", kDetails, "SELECT count(*) FROM sync_queue WHERE detail IS NOT NULL"},
        {"conflicts.sides", kSides, "SELECT count(*) FROM conflicts WHERE length(sides) > 0"},
        {"conflicts.decision",
         kDecisions,
         "SELECT count(*) FROM conflicts WHERE decision IS NOT NULL"},
        {"id_mappings.owned", kOwned, "SELECT count(*) FROM id_mappings WHERE owned IS NOT NULL"},
        {"webhook_events.sealed", kDeliveries, "SELECT count(*) FROM webhook_events"},
        {"webhook_strays.sealed", kStrays, "SELECT count(*) FROM webhook_strays"},
        {"idempotency_keys.answer",
         kAnswers,
         "SELECT count(*) FROM idempotency_keys WHERE answer IS NOT NULL"},
        {"apps.sealed", kApps, "SELECT count(*) FROM apps WHERE length(sealed) > 0"},
        {"oauth_states.sealed",
         kStates,
         "SELECT count(*) FROM oauth_states WHERE length(sealed) > 0"},
        {"alert_channels.secrets",
         kChannels,
         "SELECT count(*) FROM alert_channels WHERE length(secrets) > 0"},
        {"match_proposals.detail", kProposals, "SELECT count(*) FROM match_proposals"},
    };
    return kColumns;
}

std::vector<SealedValue> sealed_page(
    Sql& sql, const SealedColumn& column, std::int64_t row, std::int64_t limit
) {
    std::vector<SealedValue> values;
    for (auto& [id, tenant, bound_to, field, rest, connection, name, sealed] :
         sql.rows<
             std::int64_t,
             std::int64_t,
             std::int64_t,
             std::string,
             Blob,
             std::int64_t,
             std::string,
             Blob>(column.page, row, limit)) {
        SealedValue value;
        value.row = id;
        value.place = {TenantId{tenant}, ConnectionId{bound_to}, std::move(field)};
        if (!rest.bytes.empty()) {
            value.place.field += to_base64(rest.bytes);
        }
        value.connection = ConnectionId{connection};
        value.name = std::move(name);
        value.sealed = std::move(sealed.bytes);
        values.push_back(std::move(value));
    }
    return values;
}

}  // namespace syncline::storage
