#include "storage/run_store.hpp"

#include "core/trace_context.hpp"
#include "storage/columns.hpp"
#include "storage/flow_change_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_RUN_COLUMNS                                                                    \
    "r.id, r.sync_id, r.tenant_id, r.flow_id, f.name, f.entity, r.mode, r.options, r.status, "  \
    "r.stop_requested, r.collect_ended, r.jobs_open, r.read, r.created, r.updated, r.skipped, " \
    "r.held, r.conflict, r.waiting, r.failed, r.error_code, r.error_message, r.requested_by, "  \
    "r.created_at_ms, r.started_at_ms, r.finished_at_ms "                                       \
    "FROM sync_runs r JOIN flows f ON f.id = r.flow_id "
constexpr auto kById = "SELECT " SYNCLINE_RUN_COLUMNS "WHERE r.id = ?";
constexpr auto kBySyncId = "SELECT " SYNCLINE_RUN_COLUMNS
                           "WHERE r.tenant_id = ? AND (r.sync_id = ? OR r.id = ?) ORDER BY r.id";
constexpr auto kOpen =
    "SELECT " SYNCLINE_RUN_COLUMNS "WHERE r.status IN ('queued', 'running') ORDER BY r.id";
constexpr auto kHistory = "SELECT " SYNCLINE_RUN_COLUMNS R"sql(
     WHERE r.tenant_id = ? AND (? = '' OR f.name = ?) AND (? = '' OR f.entity = ?)
       AND (? = '' OR r.status = ?)
       AND (? = 0 OR r.created_at_ms < ? OR (r.created_at_ms = ? AND r.id > ?))
     ORDER BY r.created_at_ms DESC, r.id LIMIT ?
)sql";
#undef SYNCLINE_RUN_COLUMNS

constexpr auto kReadsOfFlow = R"sql(
    SELECT id FROM sync_runs
     WHERE flow_id = ? AND status IN ('queued', 'running') AND collect_ended = 0 LIMIT 1
)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO sync_runs (id, sync_id, tenant_id, flow_id, mode, options, status, requested_by,
                           created_at_ms, trace)
    VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)
)sql";
constexpr auto kTotals = R"sql(
    SELECT coalesce(sum(read), 0), coalesce(sum(created), 0), coalesce(sum(updated), 0),
           coalesce(sum(skipped), 0), coalesce(sum(held), 0), coalesce(sum(conflict), 0),
           coalesce(sum(waiting), 0), coalesce(sum(failed), 0)
      FROM sync_runs WHERE tenant_id = ? AND created_at_ms >= ?
)sql";
constexpr auto kStart = R"sql(
    UPDATE sync_runs SET status = 'running',
           started_at_ms = CASE started_at_ms WHEN 0 THEN ? ELSE started_at_ms END
     WHERE id = ? AND status = 'queued'
)sql";
constexpr auto kRequestStop = "UPDATE sync_runs SET stop_requested = 1 WHERE id = ?";
constexpr auto kStopRequested = "SELECT stop_requested FROM sync_runs WHERE id = ?";
constexpr auto kEndCollect = R"sql(
    UPDATE sync_runs SET collect_ended = 1, error_code = ?, error_message = ? WHERE id = ?
)sql";
constexpr auto kCount = R"sql(
    UPDATE sync_runs
       SET read = read + ?, created = created + ?, updated = updated + ?, skipped = skipped + ?,
           held = held + ?, conflict = conflict + ?, waiting = waiting + ?, failed = failed + ?,
           jobs_open = jobs_open + ?
     WHERE id = ?
)sql";
// A run whose collect failed is failed; one with jobs that wait or died is partial.
constexpr auto kFinish = R"sql(
    UPDATE sync_runs
       SET finished_at_ms = ?,
           status = CASE WHEN stop_requested = 1 THEN 'stopped'
                         WHEN error_code <> '' THEN 'failed'
                         WHEN waiting + failed > 0 THEN 'partial'
                         ELSE 'completed' END
     WHERE id = ? AND status = 'running' AND collect_ended = 1 AND jobs_open <= 0
)sql";
// Its state, as the log and those who watch it get it.
constexpr auto kNote = R"sql(
    INSERT INTO sync_logs (tenant_id, at_ms, level, event, run_id, flow_id, entity, message, detail)
    SELECT r.tenant_id, ?1,
           CASE r.status WHEN 'failed' THEN 'error' WHEN 'partial' THEN 'warning' ELSE 'info' END,
           CASE r.status WHEN 'running' THEN 'run.started' ELSE 'run.' || r.status END,
           r.id, r.flow_id, f.entity, r.error_message,
           CASE r.status WHEN 'running' THEN json_object('mode', r.mode)
                ELSE json_object('read', r.read, 'created', r.created, 'updated', r.updated,
                                 'skipped', r.skipped, 'held', r.held, 'conflict', r.conflict,
                                 'waiting', r.waiting, 'failed', r.failed) END
      FROM sync_runs r JOIN flows f ON f.id = r.flow_id
     WHERE r.id = ?2
)sql";

RunOptions to_options(const std::string& text) {
    const auto parsed = parse_json(text);
    auto options = parsed ? from_json<RunOptions>(*parsed) : Result<RunOptions>(parsed.error());
    return options ? std::move(*options) : RunOptions{};
}

constexpr auto count_into(std::int64_t RunCounts::*member) {
    return into<Run, std::int64_t>([member](Run& run, std::int64_t count) {
        run.counts.*member = count;
    });
}

constexpr auto kRun = columns(
    &Run::id,
    &Run::sync_id,
    &Run::tenant,
    &Run::flow,
    &Run::flow_name,
    &Run::entity,
    into<Run, std::string>([](Run& run, const std::string& mode) {
        run.mode = enum_from_name<SyncMode>(mode).value_or(SyncMode::kIncremental);
    }),
    into<Run, std::string>([](Run& run, const std::string& options) {
        run.options = to_options(options);
    }),
    into<Run, std::string>([](Run& run, const std::string& status) {
        run.status = enum_from_name<RunStatus>(status).value_or(RunStatus::kFailed);
    }),
    &Run::stop_requested,
    &Run::collect_ended,
    &Run::jobs_open,
    count_into(&RunCounts::read),
    count_into(&RunCounts::created),
    count_into(&RunCounts::updated),
    count_into(&RunCounts::skipped),
    count_into(&RunCounts::held),
    count_into(&RunCounts::conflict),
    count_into(&RunCounts::waiting),
    count_into(&RunCounts::failed),
    &Run::error_code,
    &Run::error_message,
    &Run::requested_by,
    &Run::created_at_ms,
    &Run::started_at_ms,
    &Run::finished_at_ms
);

constexpr auto kCounts = columns(
    &RunCounts::read,
    &RunCounts::created,
    &RunCounts::updated,
    &RunCounts::skipped,
    &RunCounts::held,
    &RunCounts::conflict,
    &RunCounts::waiting,
    &RunCounts::failed
);

Result<void> idle(Sql& sql, FlowId flow, const std::string& flow_name) {
    if (const auto open = sql.value<std::string>(kReadsOfFlow, flow.value)) {
        return Error{
            ErrorCode::kExists,
            "the flow '" + flow_name + "' is reading already (syncId " + *open +
                "); wait for it or stop it",
            "flow.busy"};
    }
    return {};
}

}  // namespace

RunCounts& RunCounts::operator+=(const RunCounts& other) {
    read += other.read;
    created += other.created;
    updated += other.updated;
    skipped += other.skipped;
    held += other.held;
    conflict += other.conflict;
    waiting += other.waiting;
    failed += other.failed;
    return *this;
}

Result<void> RunStore::create(
    const std::vector<Run>& runs, const std::function<Result<void>(Sql&)>& also
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (also) {
            SYNCLINE_RETURN_IF_ERROR(also(sql));
        }
        const TraceContext* trace = current_trace();
        for (const auto& run : runs) {
            SYNCLINE_RETURN_IF_ERROR(idle(sql, run.flow, run.flow_name));
            sql.run(
                kInsert,
                run.id,
                run.sync_id,
                run.tenant.value,
                run.flow.value,
                enum_name(run.mode),
                dump_json(to_json(run.options)),
                run.requested_by,
                run.created_at_ms,
                trace == nullptr ? std::string() : trace->header()
            );
        }
        return {};
    });
}

Result<void> RunStore::check_idle(FlowId flow, const std::string& flow_name) const {
    return database_.read([&](Sql& sql) { return idle(sql, flow, flow_name); });
}

Result<Run> RunStore::by_id(const RunId& id) const {
    return database_.read([&](Sql& sql) -> Result<Run> {
        auto found = kRun.first(sql, kById, id);
        if (!found) {
            return Error{ErrorCode::kNotFound, "there is no run '" + id + "'", "run.unknown"};
        }
        return std::move(*found);
    });
}

Result<std::vector<Run>> RunStore::by_sync_id(TenantId tenant, const std::string& sync_id) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Run>> {
        auto runs = kRun.all(sql, kBySyncId, tenant.value, sync_id, sync_id);
        if (runs.empty()) {
            return Error{
                ErrorCode::kNotFound,
                "there is no sync '" + sync_id.substr(0, 60) + "'",
                "run.unknown"};
        }
        return runs;
    });
}

Result<std::vector<Run>> RunStore::history(TenantId tenant, const RunFilter& filter) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Run>> {
        return kRun.all(
            sql,
            kHistory,
            tenant.value,
            filter.flow,
            filter.flow,
            filter.entity,
            filter.entity,
            filter.status,
            filter.status,
            filter.before_ms,
            filter.before_ms,
            filter.before_ms,
            filter.before_id,
            filter.limit
        );
    });
}

Result<std::vector<Run>> RunStore::open_runs() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Run>> {
        return kRun.all(sql, kOpen);
    });
}

Result<RunCounts> RunStore::totals(TenantId tenant, std::int64_t since_ms) const {
    return database_.read([&](Sql& sql) -> Result<RunCounts> {
        return kCounts.first(sql, kTotals, tenant.value, since_ms).value_or(RunCounts{});
    });
}

Result<void> RunStore::start(const RunId& id, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (sql.run(kStart, now_ms, id) > 0) {
            sql.run(kNote, now_ms, id);
        }
        return {};
    });
}

Result<void> RunStore::request_stop(const RunId& id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRequestStop, id);
        return {};
    });
}

Result<bool> RunStore::stop_requested(const RunId& id) const {
    return database_.read([&](Sql& sql) -> Result<bool> {
        return sql.value<std::int64_t>(kStopRequested, id).value_or(0) != 0;
    });
}

Result<void> RunStore::end_collect(
    const RunId& id, const std::optional<Error>& error, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        std::string code;
        if (error) {
            code = error->name.empty() ? "error" : error->name;
        }
        sql.run(kEndCollect, code, error ? error->message : std::string(), id);
        note_end_of_reading(sql, id, error, now_ms);
        finish_if_done(sql, id, now_ms);
        return {};
    });
}

void RunStore::count(Sql& sql, const RunId& id, const RunCounts& counts, std::int64_t jobs_opened) {
    sql.run(
        kCount,
        counts.read,
        counts.created,
        counts.updated,
        counts.skipped,
        counts.held,
        counts.conflict,
        counts.waiting,
        counts.failed,
        jobs_opened,
        id
    );
}

void RunStore::first_outcome(
    Sql& sql, const RunId& id, const std::string& column, std::int64_t now_ms
) {
    RunCounts counts;
    std::apply(
        [&](const auto&... entry) {
            ((entry.name == column ? void(counts.*(entry.member) = 1) : void()), ...);
        },
        RunCounts::fields()
    );
    count(sql, id, counts, -1);
    finish_if_done(sql, id, now_ms);
}

void RunStore::finish_if_done(Sql& sql, const RunId& id, std::int64_t now_ms) {
    if (sql.run(kFinish, now_ms, id) > 0) {
        sql.run(kNote, now_ms, id);
    }
}

}  // namespace syncline::storage
