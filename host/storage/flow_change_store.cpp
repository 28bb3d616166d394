#include "storage/flow_change_store.hpp"

#include "core/restart.hpp"
#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

constexpr auto kState = "SELECT state FROM flows WHERE id = ?";
constexpr auto kSetState = "UPDATE flows SET state = ?, updated_at_ms = ? WHERE id = ?";
constexpr auto kReads = R"sql(
    SELECT id FROM sync_runs
     WHERE flow_id = ? AND status IN ('queued', 'running') AND collect_ended = 0 LIMIT 1
)sql";
constexpr auto kCursor = "SELECT cursor_ms FROM sync_state WHERE flow_id = ? AND entity = ?";
constexpr auto kAdd = R"sql(
    INSERT INTO flow_changes (flow_id, at_ms, change, before, after, actor, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?)
)sql";
// The newest thousand are kept.
constexpr auto kTrim = R"sql(
    DELETE FROM flow_changes
     WHERE flow_id = ?
       AND id <= (SELECT id FROM flow_changes WHERE flow_id = ? ORDER BY id DESC LIMIT 1 OFFSET 1000)
)sql";
constexpr auto kChanges = R"sql(
    SELECT at_ms, change, before, after, actor, reason FROM flow_changes
     WHERE flow_id = ? ORDER BY id DESC LIMIT ?
)sql";
constexpr auto kForgetFailure = "DELETE FROM flow_failures WHERE flow_id = ?";

#define SYNCLINE_FAILURE_COLUMNS                                                \
    "SELECT x.flow_id, x.run_id, x.restarts, x.failed_at_ms, x.restart_at_ms, " \
    "x.recovered_at_ms, x.error_code, x.error_message FROM flow_failures x "
constexpr auto kFailure = SYNCLINE_FAILURE_COLUMNS "WHERE x.flow_id = ?";
constexpr auto kDue = SYNCLINE_FAILURE_COLUMNS
    "JOIN flows f ON f.id = x.flow_id JOIN tenants t ON t.id = f.tenant_id "
    "WHERE f.state = 'running' AND t.state = 'active' AND x.restart_at_ms > 0 AND x.restart_at_ms "
    "<= ? "
    "ORDER BY x.restart_at_ms";
#undef SYNCLINE_FAILURE_COLUMNS
constexpr auto kPostpone =
    "UPDATE flow_failures SET restart_at_ms = ? WHERE flow_id = ? AND restart_at_ms > 0";
constexpr auto kRestarted = R"sql(
    UPDATE flow_failures SET restarts = restarts + 1, restart_at_ms = 0
     WHERE flow_id = ? AND run_id = ? AND restart_at_ms > 0
)sql";

constexpr auto kFlowOfRun = "SELECT flow_id, stop_requested, mode FROM sync_runs WHERE id = ?";
// Whether two runs read the same: what one was held to at its start does not matter.
constexpr auto kReadTheSame = R"sql(
    SELECT a.mode = b.mode AND json_remove(a.options, '$.confirmation')
                             = json_remove(b.options, '$.confirmation')
      FROM sync_runs a, sync_runs b WHERE a.id = ? AND b.id = ?
)sql";
constexpr auto kFailed = R"sql(
    INSERT INTO flow_failures (flow_id, run_id, restarts, failed_at_ms, restart_at_ms, error_code,
                               error_message)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (flow_id) DO UPDATE
       SET run_id = excluded.run_id, restarts = excluded.restarts,
           failed_at_ms = excluded.failed_at_ms, restart_at_ms = excluded.restart_at_ms,
           recovered_at_ms = 0, error_code = excluded.error_code,
           error_message = excluded.error_message
)sql";
constexpr auto kRecovered = R"sql(
    UPDATE flow_failures SET restart_at_ms = 0, recovered_at_ms = ?
     WHERE flow_id = ? AND recovered_at_ms = 0
)sql";

constexpr auto kFailureColumns = columns(
    &FlowFailure::flow,
    &FlowFailure::run,
    &FlowFailure::restarts,
    &FlowFailure::failed_at_ms,
    &FlowFailure::restart_at_ms,
    &FlowFailure::recovered_at_ms,
    &FlowFailure::error_code,
    &FlowFailure::error_message
);

std::optional<FlowFailure> failure_in(Sql& sql, FlowId flow) {
    return kFailureColumns.first(sql, kFailure, flow.value);
}

void add(Sql& sql, FlowId flow, const FlowChange& change) {
    sql.run(
        kAdd,
        flow.value,
        change.at_ms,
        change.change,
        change.before,
        change.after,
        change.cause.actor,
        change.cause.reason
    );
    sql.run(kTrim, flow.value, flow.value);
}

std::string cursor_text(std::int64_t ms) {
    return ms == 0 ? "" : Timestamp{ms}.to_string();
}

}  // namespace

Result<bool> FlowChangeStore::set_state(
    FlowId flow, FlowState state, const Cause& cause, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<bool> {
        const std::string before = sql.value<std::string>(kState, flow.value).value_or("");
        if (before == enum_name(state)) {
            return false;
        }
        sql.run(kSetState, enum_name(state), now_ms, flow.value);
        sql.run(kForgetFailure, flow.value);
        add(sql, flow, {now_ms, "state", before, std::string(enum_name(state)), cause});
        return true;
    });
}

Result<void> FlowChangeStore::set_cursor(
    FlowId flow,
    const std::string& entity,
    std::int64_t cursor_ms,
    const Cause& cause,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (sql.value<std::string>(kState, flow.value).value_or("") == "running") {
            return Error{
                ErrorCode::kExists,
                "the cursor changes only while the flow is stopped or paused: stop it first, and "
                "resume it afterwards",
                "flow.running"};
        }
        if (const auto reads = sql.value<std::string>(kReads, flow.value)) {
            return Error{
                ErrorCode::kExists,
                "a run of the flow still reads (syncId " + *reads + "); stop it first",
                "flow.busy"};
        }
        const std::int64_t before =
            sql.value<std::int64_t>(kCursor, flow.value, entity).value_or(0);
        Cursor cursor;
        cursor.cursor_ms = cursor_ms;
        flows_.save_cursor(sql, flow, entity, cursor, now_ms);
        add(sql, flow, {now_ms, "cursor", cursor_text(before), cursor_text(cursor_ms), cause});
        return {};
    });
}

Result<std::vector<FlowChange>> FlowChangeStore::changes(FlowId flow, std::int64_t limit) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<FlowChange>> {
        std::vector<FlowChange> all;
        for (const auto& [at_ms, change, before, after, actor, reason] :
             sql.rows<
                 std::int64_t,
                 std::string,
                 std::string,
                 std::string,
                 std::string,
                 std::string>(kChanges, flow.value, limit)) {
            all.push_back({at_ms, change, before, after, {actor, reason}});
        }
        return all;
    });
}

Result<std::optional<FlowFailure>> FlowChangeStore::failure(FlowId flow) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<FlowFailure>> {
        return failure_in(sql, flow);
    });
}

Result<std::vector<FlowFailure>> FlowChangeStore::due_restarts(std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<FlowFailure>> {
        return kFailureColumns.all(sql, kDue, now_ms);
    });
}

Result<void> FlowChangeStore::forget_failure(FlowId flow) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForgetFailure, flow.value);
        return {};
    });
}

Result<void> FlowChangeStore::postpone(FlowId flow, std::int64_t restart_at_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kPostpone, restart_at_ms, flow.value);
        return {};
    });
}

void FlowChangeStore::note_restart(
    Sql& sql, const FlowFailure& failure, const Cause& cause, std::int64_t now_ms
) {
    sql.run(kRestarted, failure.flow.value, failure.run);
    add(sql, failure.flow, {now_ms, "restart", "failed", "running", cause});
}

void note_end_of_reading(
    Sql& sql, const RunId& run, const std::optional<Error>& error, std::int64_t now_ms
) {
    const auto row = sql.row<std::int64_t, std::int64_t, std::string>(kFlowOfRun, run);
    if (!row || std::get<1>(*row) != 0) {
        return;
    }
    const FlowId flow{std::get<0>(*row)};
    const auto before = failure_in(sql, flow);
    const bool reads_the_same =
        before && sql.value<std::int64_t>(kReadTheSame, before->run, run).value_or(1) != 0;
    if (!error) {
        if (reads_the_same) {
            sql.run(kRecovered, now_ms, flow.value);
        }
        return;
    }
    // What an incremental run did not read the next one does; nobody but a restart repeats others.
    const bool incremental = std::get<2>(*row) == enum_name(SyncMode::kIncremental);
    if (before && before->open() && incremental && !reads_the_same) {
        return;
    }
    const std::int64_t restarts =
        before ? restarts_that_count(before->restarts, before->recovered_at_ms, now_ms) : 0;
    sql.run(
        kFailed,
        flow.value,
        run,
        restarts,
        now_ms,
        now_ms + restart_delay(restarts).count(),
        error->name.empty() ? "error" : error->name,
        error->message
    );
    if (!before || !before->open()) {
        add(sql, flow, {now_ms, "failure", "running", "failed", {"host", error->message}});
    }
}

}  // namespace syncline::storage
