#include "storage/reconciliation_store.hpp"

#include <syncline/json.hpp>

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_RECONCILIATION_COLUMNS                                                     \
    "SELECT r.id, r.tenant_id, r.state, r.requested_by, r.nightly, r.from_day, r.to_day, "  \
    "r.entities, r.stop_requested, r.estimated_reads, r.reads, r.drift_records, r.report, " \
    "r.error_code, r.error_message, r.created_at_ms, r.started_at_ms, r.finished_at_ms "    \
    "FROM reconciliations r "
constexpr auto kById = SYNCLINE_RECONCILIATION_COLUMNS "WHERE r.tenant_id = ? AND r.id = ?";
constexpr auto kList = SYNCLINE_RECONCILIATION_COLUMNS R"sql(
     WHERE r.tenant_id = ?1 AND (?2 = 0 OR r.id < ?2) ORDER BY r.id DESC LIMIT ?3
)sql";
constexpr auto kNewestNightly = SYNCLINE_RECONCILIATION_COLUMNS
    "WHERE r.tenant_id = ? AND r.nightly = 1 ORDER BY r.id DESC LIMIT 1";
constexpr auto kWaiting =
    SYNCLINE_RECONCILIATION_COLUMNS "WHERE r.state = 'queued' ORDER BY r.id LIMIT 1";
#undef SYNCLINE_RECONCILIATION_COLUMNS
constexpr auto kOpen = R"sql(
    SELECT id FROM reconciliations WHERE tenant_id = ? AND state IN ('queued', 'running')
)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO reconciliations (tenant_id, state, requested_by, nightly, from_day, to_day, entities,
                                 estimated_reads, created_at_ms)
    VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kStart =
    "UPDATE reconciliations SET state = 'running', started_at_ms = ? WHERE id = ?";
constexpr auto kStopRequested = "SELECT stop_requested FROM reconciliations WHERE id = ?";
// One that has not begun is over at once.
constexpr auto kRequestStop = R"sql(
    UPDATE reconciliations
       SET stop_requested = 1,
           finished_at_ms = CASE state WHEN 'queued' THEN ?1 ELSE 0 END,
           state = CASE state WHEN 'queued' THEN 'stopped' ELSE state END
     WHERE id = ?2 AND state IN ('queued', 'running')
)sql";
constexpr auto kFailInterrupted = R"sql(
    UPDATE reconciliations
       SET state = 'failed', error_code = ?,
           error_message = 'the host ended while it ran; start it again', finished_at_ms = ?
     WHERE state = 'running'
)sql";
constexpr auto kFinish = R"sql(
    UPDATE reconciliations
       SET state = ?, reads = ?, drift_records = ?, report = ?, error_code = ?, error_message = ?,
           finished_at_ms = ?
     WHERE id = ? AND state = 'running'
)sql";
constexpr auto kAddFinding = R"sql(
    INSERT INTO reconciliation_findings (reconciliation_id, kind, flow, entity, source_id, target,
                                         target_entity, target_id, day, currency, expected, found,
                                         difference_minor, message, healable)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kFindings = R"sql(
    SELECT id, target, healed_by, kind, flow, entity, source_id, target_entity, target_id, day,
           currency, expected, found, difference_minor, message, healable
      FROM reconciliation_findings
     WHERE reconciliation_id = ?1 AND id > ?2 AND (?3 = '' OR kind = ?3)
       AND (?4 = 0 OR (healable = 1 AND healed_by = ''))
     ORDER BY id LIMIT ?5
)sql";
constexpr auto kCounts = R"sql(
    SELECT kind, count(*) FROM reconciliation_findings WHERE reconciliation_id = ? GROUP BY kind
)sql";
constexpr auto kNoteHealed = "UPDATE reconciliation_findings SET healed_by = ? WHERE id = ?";
constexpr auto kMappedSince = R"sql(
    SELECT target_entity, count(*) FROM id_mappings
     WHERE target_connection_id = ? AND source_connection_id = ? AND updated_at_ms >= ?
     GROUP BY target_entity
)sql";
constexpr auto kMappedRecord = R"sql(
    SELECT entity, source_id FROM id_mappings
     WHERE target_connection_id = ? AND target_entity = ? AND target_id = ?
       AND source_connection_id = ? AND source_id NOT GLOB '@*'
     ORDER BY id LIMIT 1
)sql";
void set_entities(Reconciliation& row, const std::string& text) {
    const auto json = parse_json(text);
    for (const auto& entity : json && json->is_array() ? *json : Json(Json::array())) {
        row.entities.push_back(entity.is_string() ? entity.get<std::string>() : std::string());
    }
}

constexpr auto kReconciliation = columns(
    &Reconciliation::id,
    &Reconciliation::tenant,
    &Reconciliation::state,
    &Reconciliation::requested_by,
    &Reconciliation::nightly,
    into<Reconciliation, std::string>([](Reconciliation& row, std::string day) {
        row.window.from = std::move(day);
    }),
    into<Reconciliation, std::string>([](Reconciliation& row, std::string day) {
        row.window.to = std::move(day);
    }),
    into<Reconciliation, std::string>([](Reconciliation& row, const std::string& text) {
        set_entities(row, text);
    }),
    &Reconciliation::stop_requested,
    &Reconciliation::estimated_reads,
    &Reconciliation::reads,
    &Reconciliation::drift_records,
    &Reconciliation::report,
    &Reconciliation::error_code,
    &Reconciliation::error_message,
    &Reconciliation::created_at_ms,
    &Reconciliation::started_at_ms,
    &Reconciliation::finished_at_ms
);

using FindingRow = std::tuple<
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::string,
    std::int64_t>;

StoredFinding to_finding(FindingRow row) {
    StoredFinding stored;
    std::string kind;
    std::int64_t minor = 0;
    std::int64_t healable = 0;
    Finding& finding = stored.finding;
    std::tie(
        stored.id,
        stored.target,
        stored.healed_by,
        kind,
        finding.flow,
        finding.entity,
        finding.record_id,
        finding.target_entity,
        finding.target_id,
        finding.day,
        finding.currency,
        finding.expected,
        finding.found,
        minor,
        finding.message,
        healable
    ) = std::move(row);
    finding.kind = enum_from_name<DriftKind>(kind).value_or(DriftKind::kEditedTarget);
    const auto currency = Currency::parse(finding.currency);
    finding.difference = Money{minor, currency ? *currency : Currency()};
    finding.healable = healable != 0;
    return stored;
}

Error no_such_reconciliation(ReconciliationId id) {
    return Error{
        ErrorCode::kNotFound,
        "there is no reconciliation " + std::to_string(id.value),
        "reconciliation.unknown"};
}

}  // namespace

Result<Reconciliation> ReconciliationStore::add(const Reconciliation& wanted, std::int64_t now_ms) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto id, database_.write([&](Sql& sql) -> Result<std::int64_t> {
        if (const auto open = sql.value<std::int64_t>(kOpen, wanted.tenant.value)) {
            return Error{
                ErrorCode::kExists,
                "reconciliation " + std::to_string(*open) +
                    " is under way; wait for its end or stop it",
                "reconciliation.busy"};
        }
        sql.run(
            kInsert,
            wanted.tenant.value,
            wanted.requested_by,
            wanted.nightly,
            wanted.window.from,
            wanted.window.to,
            dump_json(Json(wanted.entities)),
            wanted.estimated_reads,
            now_ms
        );
        return sql.last_insert_id();
    }));
    return by_id(wanted.tenant, ReconciliationId{id});
}

Result<Reconciliation> ReconciliationStore::by_id(TenantId tenant, ReconciliationId id) const {
    return database_.read([&](Sql& sql) -> Result<Reconciliation> {
        auto found = kReconciliation.first(sql, kById, tenant.value, id.value);
        return found ? Result<Reconciliation>(std::move(*found)) : no_such_reconciliation(id);
    });
}

Result<std::vector<Reconciliation>> ReconciliationStore::list(
    TenantId tenant, std::int64_t before_id, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Reconciliation>> {
        return kReconciliation.all(sql, kList, tenant.value, before_id, limit);
    });
}

Result<std::optional<Reconciliation>> ReconciliationStore::newest_nightly(TenantId tenant) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<Reconciliation>> {
        return kReconciliation.first(sql, kNewestNightly, tenant.value);
    });
}

Result<std::optional<Reconciliation>> ReconciliationStore::start_next(std::int64_t now_ms) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool waits, database_.read([](Sql& sql) -> Result<bool> {
        return kReconciliation.first(sql, kWaiting).has_value();
    }));
    if (!waits) {
        return std::optional<Reconciliation>();
    }
    return database_.write([&](Sql& sql) -> Result<std::optional<Reconciliation>> {
        auto next = kReconciliation.first(sql, kWaiting);
        if (next) {
            sql.run(kStart, now_ms, next->id.value);
            next->state = "running";
            next->started_at_ms = now_ms;
        }
        return next;
    });
}

Result<bool> ReconciliationStore::stop_requested(ReconciliationId id) const {
    return database_.read([&](Sql& sql) -> Result<bool> {
        return sql.value<std::int64_t>(kStopRequested, id.value).value_or(0) != 0;
    });
}

Result<void> ReconciliationStore::request_stop(
    TenantId tenant, ReconciliationId id, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (!kReconciliation.first(sql, kById, tenant.value, id.value)) {
            return no_such_reconciliation(id);
        }
        if (sql.run(kRequestStop, now_ms, id.value) == 0) {
            return Error{
                ErrorCode::kExists,
                "reconciliation " + std::to_string(id.value) + " has ended",
                "reconciliation.ended"};
        }
        return {};
    });
}

Result<std::int64_t> ReconciliationStore::fail_interrupted(std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        return sql.run(kFailInterrupted, "reconciliation.interrupted", now_ms);
    });
}

Result<void> ReconciliationStore::add_findings(
    ReconciliationId id, const std::vector<StoredFinding>& findings
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        for (const auto& stored : findings) {
            const Finding& finding = stored.finding;
            sql.run(
                kAddFinding,
                id.value,
                enum_name(finding.kind),
                finding.flow,
                finding.entity,
                finding.record_id,
                stored.target,
                finding.target_entity,
                finding.target_id,
                finding.day,
                finding.currency,
                finding.expected,
                finding.found,
                finding.difference.minor(),
                finding.message,
                finding.healable
            );
        }
        return {};
    });
}

Result<void> ReconciliationStore::finish(const Reconciliation& ended, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kFinish,
            ended.state,
            ended.reads,
            ended.drift_records,
            ended.report,
            ended.error_code,
            ended.error_message,
            now_ms,
            ended.id.value
        );
        return {};
    });
}

Result<std::vector<StoredFinding>> ReconciliationStore::findings(
    ReconciliationId id, const FindingFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<StoredFinding>> {
        std::vector<StoredFinding> all;
        for (auto& row : sql.select<FindingRow>(
                 kFindings,
                 id.value,
                 filter.after_id,
                 filter.kind,
                 filter.healable_only,
                 filter.limit
             )) {
            all.push_back(to_finding(std::move(row)));
        }
        return all;
    });
}

Result<std::map<std::string, std::int64_t>> ReconciliationStore::counts(ReconciliationId id) const {
    return database_.read([&](Sql& sql) -> Result<std::map<std::string, std::int64_t>> {
        std::map<std::string, std::int64_t> all;
        for (const auto& [kind, count] : sql.rows<std::string, std::int64_t>(kCounts, id.value)) {
            all[kind] = count;
        }
        return all;
    });
}

Result<void> ReconciliationStore::note_healed(
    const std::vector<std::int64_t>& findings, const std::string& sync_id
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        for (const std::int64_t id : findings) {
            sql.run(kNoteHealed, sync_id, id);
        }
        return {};
    });
}

Result<std::map<std::string, std::int64_t>> ReconciliationStore::mapped_since(
    ConnectionId source, ConnectionId target, std::int64_t since_ms
) const {
    return database_.read([&](Sql& sql) -> Result<std::map<std::string, std::int64_t>> {
        std::map<std::string, std::int64_t> all;
        for (const auto& [entity, count] : sql.rows<std::string, std::int64_t>(
                 kMappedSince, target.value, source.value, since_ms
             )) {
            all[entity] = count;
        }
        return all;
    });
}

Result<std::map<std::string, ReconciliationStore::Mapped>> ReconciliationStore::mapped_records(
    ConnectionId source,
    ConnectionId target,
    const std::string& target_entity,
    const std::vector<std::string>& ids
) const {
    return database_.read([&](Sql& sql) -> Result<std::map<std::string, Mapped>> {
        std::map<std::string, Mapped> all;
        for (const auto& id : ids) {
            auto row = sql.row<std::string, std::string>(
                kMappedRecord, target.value, target_entity, id, source.value
            );
            if (row) {
                all[id] = {std::move(std::get<0>(*row)), std::move(std::get<1>(*row))};
            }
        }
        return all;
    });
}

}  // namespace syncline::storage
