#include "storage/conflict_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_CONFLICT_COLUMNS                                                            \
    "SELECT c.id, c.tenant_id, c.flow_id, f.name, c.entity, c.source_id, c.role, "           \
    "c.target_connection_id, n.name, c.target_entity, c.target_id, c.state, c.revision, "    \
    "c.keep, c.actor, c.reason, c.opened_at_ms, c.updated_at_ms, c.decided_at_ms, "          \
    "c.closed_at_ms, c.sides, c.decision FROM conflicts c JOIN flows f ON f.id = c.flow_id " \
    "JOIN connections n ON n.id = c.target_connection_id "
constexpr auto kList = SYNCLINE_CONFLICT_COLUMNS R"sql(
     WHERE c.tenant_id = ?1 AND (?2 = '' OR c.state = ?2) AND (?3 = '' OR f.name = ?3)
       AND (?4 = '' OR c.entity = ?4) AND (?5 = '' OR c.source_id = ?5) AND (?6 = 0 OR c.id < ?6)
     ORDER BY c.id DESC LIMIT ?7
)sql";
constexpr auto kById = SYNCLINE_CONFLICT_COLUMNS "WHERE c.tenant_id = ? AND c.id = ?";
constexpr auto kStanding = SYNCLINE_CONFLICT_COLUMNS
    "WHERE c.flow_id = ? AND c.source_id = ? AND c.state IN ('open', 'resolving')";
#undef SYNCLINE_CONFLICT_COLUMNS
constexpr auto kCountOpen = R"sql(
    SELECT count(*) FROM conflicts WHERE tenant_id = ? AND state IN ('open', 'resolving')
)sql";

constexpr auto kUpdate = R"sql(
    UPDATE conflicts
       SET role = ?, target_entity = ?, target_id = ?, sides = ?, revision = revision + 1,
           state = 'open', decision = NULL, keep = '', actor = '', reason = '', decided_at_ms = 0,
           updated_at_ms = ?
     WHERE flow_id = ? AND source_id = ? AND state IN ('open', 'resolving')
    RETURNING id
)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO conflicts (tenant_id, flow_id, entity, source_id, role, target_connection_id,
                           target_entity, target_id, state, sides, opened_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)
)sql";
constexpr auto kDecide = R"sql(
    UPDATE conflicts
       SET state = 'resolving', decision = ?, keep = ?, actor = ?, reason = ?, decided_at_ms = ?,
           updated_at_ms = ?
     WHERE tenant_id = ? AND id = ? AND state = 'open' AND revision = ?
)sql";
constexpr auto kState = "SELECT state FROM conflicts WHERE tenant_id = ? AND id = ?";
constexpr auto kSettle = R"sql(
    UPDATE conflicts
       SET state = CASE state WHEN 'resolving' THEN 'resolved' ELSE 'closed' END,
           closed_at_ms = ?, updated_at_ms = ?
     WHERE id = ? AND state IN ('open', 'resolving')
)sql";
constexpr auto kClose = R"sql(
    UPDATE conflicts
       SET state = 'closed', actor = ?, reason = ?, closed_at_ms = ?, updated_at_ms = ?
     WHERE flow_id = ? AND source_id = ? AND state IN ('open', 'resolving')
)sql";

constexpr auto kConflict = columns(
    &Conflict::id,
    &Conflict::tenant,
    &Conflict::flow,
    &Conflict::flow_name,
    &Conflict::entity,
    &Conflict::source_id,
    &Conflict::role,
    &Conflict::target,
    &Conflict::target_name,
    &Conflict::target_entity,
    &Conflict::target_id,
    &Conflict::state,
    &Conflict::revision,
    &Conflict::keep,
    &Conflict::actor,
    &Conflict::reason,
    &Conflict::opened_at_ms,
    &Conflict::updated_at_ms,
    &Conflict::decided_at_ms,
    &Conflict::closed_at_ms,
    blob(&Conflict::sides),
    blob(&Conflict::decision)
);

Error no_such_conflict(ConflictId id) {
    return Error{
        ErrorCode::kNotFound,
        "there is no conflict " + std::to_string(id.value),
        "conflict.unknown"};
}

}  // namespace

Result<std::vector<Conflict>> ConflictStore::list(TenantId tenant, const ConflictFilter& filter)
    const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Conflict>> {
        return kConflict.all(
            sql,
            kList,
            tenant.value,
            filter.state,
            filter.flow,
            filter.entity,
            filter.source_id,
            filter.before_id,
            filter.limit
        );
    });
}

Result<Conflict> ConflictStore::by_id(TenantId tenant, ConflictId id) const {
    return database_.read([&](Sql& sql) -> Result<Conflict> {
        auto found = kConflict.first(sql, kById, tenant.value, id.value);
        return found ? Result<Conflict>(std::move(*found)) : no_such_conflict(id);
    });
}

Result<std::int64_t> ConflictStore::count_open(TenantId tenant) const {
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kCountOpen, tenant.value).value_or(0);
    });
}

Result<std::map<std::string, Conflict>> ConflictStore::standing(
    FlowId flow, const std::vector<std::string>& source_ids
) const {
    return database_.read([&](Sql& sql) -> Result<std::map<std::string, Conflict>> {
        std::map<std::string, Conflict> all;
        for (const auto& id : source_ids) {
            if (auto found = kConflict.first(sql, kStanding, flow.value, id)) {
                all[id] = std::move(*found);
            }
        }
        return all;
    });
}

ConflictId ConflictStore::open(Sql& sql, const FoundConflict& found, std::int64_t now_ms) {
    const auto standing = sql.value<std::int64_t>(
        kUpdate,
        found.role,
        found.target_entity,
        found.target_id,
        Blob{found.sides},
        now_ms,
        found.flow.value,
        found.source_id
    );
    if (standing) {
        return ConflictId{*standing};
    }
    sql.run(
        kInsert,
        found.tenant.value,
        found.flow.value,
        found.entity,
        found.source_id,
        found.role,
        found.target.value,
        found.target_entity,
        found.target_id,
        Blob{found.sides},
        now_ms,
        now_ms
    );
    return ConflictId{sql.last_insert_id()};
}

Result<void> ConflictStore::decide(
    Sql& sql, TenantId tenant, ConflictId id, const ConflictDecision& decision, std::int64_t now_ms
) {
    const std::int64_t changed = sql.run(
        kDecide,
        Blob{decision.sealed},
        decision.keep,
        decision.actor,
        decision.reason,
        now_ms,
        now_ms,
        tenant.value,
        id.value,
        decision.revision
    );
    if (changed > 0) {
        return {};
    }
    const auto state = sql.value<std::string>(kState, tenant.value, id.value);
    if (!state) {
        return no_such_conflict(id);
    }
    if (*state == "open") {
        return Error{
            ErrorCode::kExists,
            "/revision: a side of the conflict changed since you looked at it; look at it again",
            "conflict.changed"};
    }
    return Error{
        ErrorCode::kExists,
        *state == "resolving" ? "it is decided already, and about to be done"
                              : "it is over already",
        *state == "resolving" ? "conflict.decided" : "conflict.closed"};
}

void ConflictStore::settle(Sql& sql, ConflictId id, std::int64_t now_ms) {
    sql.run(kSettle, now_ms, now_ms, id.value);
}

void ConflictStore::close_of_record(
    Sql& sql,
    FlowId flow,
    const std::string& source_id,
    const std::string& actor,
    const std::string& reason,
    std::int64_t now_ms
) {
    sql.run(kClose, actor, reason, now_ms, now_ms, flow.value, source_id);
}

}  // namespace syncline::storage
