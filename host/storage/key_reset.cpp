#include "storage/key_reset.hpp"

#include <set>

#include "core/wipe.hpp"
#include "storage/intent_store.hpp"
#include "storage/job_store.hpp"
#include "storage/run_store.hpp"
#include "storage/sealed_columns.hpp"
#include "storage/tenant_store.hpp"

namespace syncline::storage {
namespace {

constexpr std::int64_t kValuesPerStep = 200;
constexpr auto kReason = "its credentials were sealed with a key that is lost; store them anew";

constexpr auto kDataKeys = "SELECT id, tenant_id, kek_id, wrapped FROM data_keys";
constexpr auto kDropDataKey = "DELETE FROM data_keys WHERE id = ?";
constexpr auto kClearQuarantine = "DELETE FROM unreadable_values";
constexpr auto kEndRotations =
    "UPDATE key_rotations SET state = 'completed', finished_at_ms = ? WHERE state <> 'completed'";
constexpr auto kConnectionNames = R"sql(
    SELECT c.id, t.name || '/' || c.name FROM connections c JOIN tenants t ON t.id = c.tenant_id
)sql";

constexpr auto kDropCredential = "DELETE FROM credentials WHERE rowid = ?";
constexpr auto kNeedsReauth = R"sql(
    UPDATE connections
       SET state = CASE WHEN state = 'disabled' THEN state ELSE 'needs_reauth' END,
           state_reason = CASE WHEN state = 'disabled' THEN state_reason ELSE ? END,
           generation = generation + 1, token_expires_at_ms = 0, updated_at_ms = ?
     WHERE id = ?
)sql";
constexpr auto kDropMemory = "DELETE FROM connector_kv WHERE rowid = ?";
constexpr auto kDropRecord = R"sql(
    UPDATE sync_queue SET record = NULL, record_version = 0, edited = 0 WHERE id = ?
)sql";
constexpr auto kDropDetail = "UPDATE sync_queue SET detail = NULL WHERE id = ?";
constexpr auto kDropOwned = "UPDATE id_mappings SET owned = NULL WHERE id = ?";
constexpr auto kOpenItems =
    "SELECT item, job_id FROM intent_items WHERE intent_id = ? AND state = 'open'";
constexpr auto kDropRequest = "UPDATE intents SET request = x'' WHERE id = ?";
constexpr auto kDropConflict = "DELETE FROM conflicts WHERE id = ?";
constexpr auto kDropDecision = R"sql(
    UPDATE conflicts SET decision = NULL, keep = '',
                         state = CASE WHEN state = 'resolving' THEN 'open' ELSE state END
     WHERE id = ?
)sql";
constexpr auto kDropDelivery = "DELETE FROM webhook_events WHERE id = ?";
constexpr auto kAskForChanges =
    "UPDATE webhook_endpoints SET caught_up_at_ms = 0 WHERE connection_id = ?";
constexpr auto kDropStray = "DELETE FROM webhook_strays WHERE slot = ?";
// That the request was answered is still known.
constexpr auto kDropAnswer = "UPDATE idempotency_keys SET answer = NULL WHERE id = ?";
constexpr auto kDropAppSecret = "UPDATE apps SET sealed = x'' WHERE id = ?";
constexpr auto kDropState = "DELETE FROM oauth_states WHERE rowid = ?";
// Another match proposes it anew.
constexpr auto kDropProposal = "DELETE FROM match_proposals WHERE id = ?";
// Nothing is sent without the secret that it was to be sent with.
constexpr auto kDropChannelSecrets = R"sql(
    UPDATE alert_channels SET secrets = NULL, enabled = 0, last_answer = ? WHERE id = ?
)sql";
constexpr auto kChannelReason = "its secrets were sealed with a key that is lost; PUT them anew";

class Reset {
public:
    Reset(Database& database, Vault& vault, std::int64_t now_ms)
        : database_(database),
          vault_(vault),
          now_ms_(now_ms),
          runs_(database),
          jobs_(database, runs_),
          intents_(database, vault) {}

    // With `drop` what is found is removed.
    Result<KeyReset> walk(bool drop) {
        SYNCLINE_RETURN_IF_ERROR(look_at_data_keys());
        for (const auto& column : sealed_columns()) {
            SYNCLINE_RETURN_IF_ERROR(look_at(column, drop));
        }
        for (const std::int64_t id : connections_) {
            found_.connections.push_back(names_[id]);
        }
        return found_;
    }
    Result<void> drop_data_keys() {
        return database_.write([&](Sql& sql) -> Result<void> {
            for (const std::int64_t id : lost_) {
                sql.run(kDropDataKey, id);
            }
            sql.run(kClearQuarantine);
            sql.run(kEndRotations, now_ms_);
            return {};
        });
    }

private:
    Result<void> look_at_data_keys() {
        using Rows = std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, Blob>>;
        SYNCLINE_ASSIGN_OR_RETURN(const Rows rows, database_.read([&](Sql& sql) -> Result<Rows> {
            for (auto& [id, name] : sql.rows<std::int64_t, std::string>(kConnectionNames)) {
                names_[id] = std::move(name);
            }
            return sql.rows<std::int64_t, std::int64_t, std::int64_t, Blob>(kDataKeys);
        }));
        for (const auto& [id, tenant, kek_id, bytes] : rows) {
            auto plain = vault_.keys().unwrap(
                {static_cast<std::uint32_t>(kek_id), bytes.bytes}, wrap_place(TenantId{tenant})
            );
            if (plain) {
                wipe(*plain);
            } else {
                lost_.insert(id);
            }
        }
        found_.data_keys = static_cast<std::int64_t>(lost_.size());
        return {};
    }

    Result<void> look_at(const SealedColumn& column, bool drop) {
        std::int64_t reached = 0;
        while (true) {
            using Values = std::vector<SealedValue>;
            SYNCLINE_ASSIGN_OR_RETURN(
                const Values values, database_.read([&](Sql& sql) -> Result<Values> {
                    return sealed_page(sql, column, reached, kValuesPerStep);
                })
            );
            if (values.empty()) {
                return {};
            }
            reached = values.back().row;
            Values lost;
            for (const auto& value : values) {
                auto plain = vault_.open(value.place, value.sealed);
                if (plain) {
                    wipe(*plain);
                } else {
                    lost.push_back(value);
                }
            }
            note(column, lost);
            if (drop && !lost.empty()) {
                SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
                    for (const auto& value : lost) {
                        remove(sql, column.name, value);
                    }
                    return {};
                }));
            }
        }
    }

    void note(const SealedColumn& column, const std::vector<SealedValue>& lost) {
        if (lost.empty()) {
            return;
        }
        const std::string_view kept_in = column.name;
        found_.values[column.name] += static_cast<std::int64_t>(lost.size());
        if (kept_in == "intents.request") {
            found_.requests += static_cast<std::int64_t>(lost.size());
        }
        for (const auto& value : lost) {
            if (kept_in == "credentials.sealed") {
                connections_.insert(value.connection.value);
            }
        }
    }

    void remove(Sql& sql, std::string_view kept_in, const SealedValue& value) {
        if (kept_in == "credentials.sealed") {
            sql.run(kDropCredential, value.row);
            sql.run(kNeedsReauth, kReason, now_ms_, value.connection.value);
        } else if (kept_in == "connector_kv.sealed") {
            sql.run(kDropMemory, value.row);
        } else if (kept_in == "intents.request") {
            begin_anew(sql, value.row);
        } else if (kept_in == "sync_queue.record") {
            sql.run(kDropRecord, value.row);
        } else if (kept_in == "sync_queue.detail") {
            sql.run(kDropDetail, value.row);
        } else if (kept_in == "conflicts.sides") {
            sql.run(kDropConflict, value.row);
        } else if (kept_in == "conflicts.decision") {
            sql.run(kDropDecision, value.row);
        } else if (kept_in == "match_proposals.detail") {
            sql.run(kDropProposal, value.row);
        } else if (kept_in == "id_mappings.owned") {
            sql.run(kDropOwned, value.row);
        } else if (kept_in == "webhook_events.sealed") {
            sql.run(kDropDelivery, value.row);
            sql.run(kAskForChanges, value.connection.value);
        } else if (kept_in == "webhook_strays.sealed") {
            sql.run(kDropStray, value.row);
        } else if (kept_in == "idempotency_keys.answer") {
            sql.run(kDropAnswer, value.row);
        } else if (kept_in == "apps.sealed") {
            sql.run(kDropAppSecret, value.row);
        } else if (kept_in == "oauth_states.sealed") {
            sql.run(kDropState, value.row);
        } else if (kept_in == "alert_channels.secrets") {
            sql.run(kDropChannelSecrets, kChannelReason, value.row);
        }
    }

    // What was to be sent cannot be known any more. Whether it was done shows in the target, which
    // is looked into before anything of a job is sent that has no id mapping.
    void begin_anew(Sql& sql, std::int64_t intent) {
        for (const auto& [item, job] : sql.rows<std::int64_t, std::int64_t>(kOpenItems, intent)) {
            intents_.settle_item(sql, IntentId{intent}, item);
            jobs_.requeue_after_intent(sql, JobId{job}, now_ms_);
        }
        intents_.settle_if_complete(sql, IntentId{intent}, now_ms_);
        sql.run(kDropRequest, intent);
    }

    Database& database_;
    Vault& vault_;
    const std::int64_t now_ms_;
    RunStore runs_;
    JobStore jobs_;
    IntentStore intents_;
    KeyReset found_;
    std::set<std::int64_t> lost_;  // data keys
    std::set<std::int64_t> connections_;
    std::map<std::int64_t, std::string> names_;
};

}  // namespace

Result<KeyReset> unreadable_by(Database& database, Vault& vault) {
    return Reset(database, vault, 0).walk(false);
}

Result<KeyReset> reset_keys(Database& database, Vault& vault, std::int64_t now_ms) {
    Reset reset(database, vault, now_ms);
    SYNCLINE_ASSIGN_OR_RETURN(auto found, reset.walk(true));
    SYNCLINE_RETURN_IF_ERROR(reset.drop_data_keys());
    vault.forget_opened();
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenants, TenantStore(database).list());
    for (const auto& tenant : tenants) {
        SYNCLINE_RETURN_IF_ERROR(vault.prepare_tenant(tenant.id, now_ms));
    }
    return found;
}

}  // namespace syncline::storage
