#include "storage/confirmation_store.hpp"

#include <algorithm>

namespace syncline::storage {
namespace {

constexpr std::int64_t kKeptMs = 86'400'000;

// Records per unit of work, so that a large plan holds up no other writer.
constexpr std::size_t kSlice = 500;
// No SHA-256: no token leads to it.
constexpr auto kUnfinished = "unfinished:";
constexpr auto kOfRun = "run:";

// What an open run, or one that failed and will be restarted, is held to stays.
constexpr auto kForget = R"sql(
    DELETE FROM confirmation_tokens
     WHERE expires_at_ms < ?
       AND id NOT IN (SELECT coalesce(json_extract(r.options, '$.confirmation'), 0) FROM sync_runs r
                       WHERE r.status IN ('queued', 'running')
                       UNION ALL
                      SELECT coalesce(json_extract(r.options, '$.confirmation'), 0)
                        FROM flow_failures x JOIN sync_runs r ON r.id = x.run_id
                       WHERE x.restart_at_ms > 0)
)sql";
constexpr auto kPut = R"sql(
    INSERT INTO confirmation_tokens (tenant_id, token_hash, subject, request, plan_hash,
                                     created_at_ms, expires_at_ms, used_at_ms, sync_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kPutWrite = R"sql(
    INSERT INTO confirmed_records (confirmation_id, flow_id, source_id, approved)
    VALUES (?, ?, ?, ?)
)sql";
constexpr auto kFind = R"sql(
    SELECT id, subject, request, plan_hash, created_at_ms, expires_at_ms, used_at_ms, sync_id
      FROM confirmation_tokens WHERE tenant_id = ? AND token_hash = ?
)sql";
constexpr auto kWrites = R"sql(
    SELECT flow_id, source_id, approved FROM confirmed_records WHERE confirmation_id = ?
     ORDER BY flow_id, source_id
)sql";
constexpr auto kApproved = R"sql(
    SELECT source_id, approved FROM confirmed_records WHERE confirmation_id = ? AND flow_id = ?
)sql";
constexpr auto kFinish = "UPDATE confirmation_tokens SET token_hash = ? WHERE id = ?";
constexpr auto kIsUsed = "SELECT 1 FROM confirmation_tokens WHERE id = ? AND used_at_ms > 0";
constexpr auto kUse =
    "UPDATE confirmation_tokens SET used_at_ms = ?, sync_id = ? WHERE id = ? AND used_at_ms = 0";

std::int64_t insert(Sql& sql, const Confirmation& confirmation, const std::string& token_hash) {
    sql.run(kForget, confirmation.created_at_ms - kKeptMs);
    sql.run(
        kPut,
        confirmation.tenant.value,
        token_hash,
        confirmation.subject,
        confirmation.request,
        confirmation.plan_hash,
        confirmation.created_at_ms,
        confirmation.expires_at_ms,
        confirmation.used_at_ms,
        confirmation.sync_id
    );
    return sql.last_insert_id();
}

void insert_write(Sql& sql, std::int64_t id, const PlannedWrite& write) {
    sql.run(kPutWrite, id, write.flow.value, write.source_id, write.approved);
}

}  // namespace

Result<void> ConfirmationStore::put(
    const Confirmation& confirmation,
    const std::string& token_hash,
    const std::vector<PlannedWrite>& writes
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t id, database_.write([&](Sql& sql) -> Result<std::int64_t> {
            return insert(sql, confirmation, kUnfinished + token_hash);
        })
    );
    for (std::size_t at = 0; at < writes.size(); at += kSlice) {
        SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
            for (std::size_t i = at; i < std::min(writes.size(), at + kSlice); ++i) {
                insert_write(sql, id, writes[i]);
            }
            return {};
        }));
    }
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kFinish, token_hash, id);
        return {};
    });
}

std::int64_t ConfirmationStore::put_used(
    Sql& sql, const Confirmation& confirmation, const std::vector<PlannedWrite>& writes
) {
    const std::int64_t id = insert(sql, confirmation, kOfRun + confirmation.sync_id);
    for (const auto& write : writes) {
        insert_write(sql, id, write);
    }
    return id;
}

Result<Confirmation> ConfirmationStore::find(TenantId tenant, const std::string& token_hash) const {
    return database_.read([&](Sql& sql) -> Result<Confirmation> {
        const auto row = sql.row<
            std::int64_t,
            std::string,
            std::string,
            std::string,
            std::int64_t,
            std::int64_t,
            std::int64_t,
            std::string>(kFind, tenant.value, token_hash);
        if (!row) {
            return Error{
                ErrorCode::kNotFound,
                "there is no such confirmation; ask for one with POST "
                "/api/sync/bulk/request-confirmation",
                "confirmation.unknown"};
        }
        return Confirmation{
            std::get<0>(*row),
            tenant,
            std::get<1>(*row),
            std::get<2>(*row),
            std::get<3>(*row),
            std::get<4>(*row),
            std::get<5>(*row),
            std::get<6>(*row),
            std::get<7>(*row)};
    });
}

Result<std::vector<PlannedWrite>> ConfirmationStore::writes(std::int64_t id) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<PlannedWrite>> {
        std::vector<PlannedWrite> all;
        for (auto& [flow, source_id, approved] :
             sql.rows<std::int64_t, std::string, std::string>(kWrites, id)) {
            all.push_back({FlowId{flow}, source_id, approved});
        }
        return all;
    });
}

Result<std::map<std::string, std::string>> ConfirmationStore::approved(std::int64_t id, FlowId flow)
    const {
    return database_.read([&](Sql& sql) -> Result<std::map<std::string, std::string>> {
        if (!sql.value<std::int64_t>(kIsUsed, id)) {
            return Error{
                ErrorCode::kNotFound,
                "the plan that the run is held to is gone, and it writes nothing without it; start "
                "a new run",
                "confirmation.gone"};
        }
        std::map<std::string, std::string> all;
        for (auto& [source_id, approved] :
             sql.rows<std::string, std::string>(kApproved, id, flow.value)) {
            all.emplace(source_id, approved);
        }
        return all;
    });
}

Result<void> ConfirmationStore::use(
    Sql& sql, std::int64_t id, const std::string& sync_id, std::int64_t now_ms
) {
    if (sql.run(kUse, now_ms, sync_id, id) == 0) {
        return Error{
            ErrorCode::kExists,
            "the confirmation was used already; a new run needs a new one",
            "confirmation.used"};
    }
    return {};
}

}  // namespace syncline::storage
