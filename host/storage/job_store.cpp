#include "storage/job_store.hpp"

#include "core/failure_kind.hpp"
#include "storage/intent_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kExisting = R"sql(
    SELECT id, state, content_hash, run_id, resolution, redrives FROM sync_queue
     WHERE flow_id = ? AND source_id = ?
)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, source_id, lane, state,
                            wanted_version, content_hash, record, record_version, priority,
                            run_at_ms, run_id, approved, created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, 'queued', 1, ?, ?, CASE WHEN ? IS NULL THEN 0 ELSE 1 END, ?, ?, ?, ?, ?,
            ?)
)sql";
constexpr auto kJobOf = "SELECT id, state FROM sync_queue WHERE flow_id = ? AND source_id = ?";
constexpr auto kNoteEcho = R"sql(
    UPDATE sync_queue SET content_hash = ?, updated_at_ms = ? WHERE id = ? AND state = 'settled'
)sql";
// A leased job stays leased: its delivery finds the newer version when it finishes. A lane changes
// only while nobody works on the job and no open intent keeps the former one. A copy that was
// edited by hand stands for as long as the source has what it had. A dead letter of the same
// content is sent again, which counts as a redrive.
constexpr auto kRaise = R"sql(
    UPDATE sync_queue
       SET wanted_version = wanted_version + 1, content_hash = ?1,
           record = CASE WHEN edited = 1 AND content_hash = ?1 THEN record ELSE ?2 END,
           record_version = CASE WHEN ?2 IS NULL AND NOT (edited = 1 AND content_hash = ?1) THEN 0
                                 ELSE wanted_version + 1 END,
           edited = CASE content_hash WHEN ?1 THEN edited ELSE 0 END,
           redrives = CASE content_hash WHEN ?1 THEN redrives + (state = 'dead') ELSE 0 END,
           priority = CASE WHEN state IN ('queued', 'leased') THEN min(priority, ?3) ELSE ?3 END,
            run_id = coalesce(?4, run_id), attempts = 0, approved = ?8,
           first_failed_at_ms = CASE WHEN content_hash = ?1 AND state = 'dead'
                                     THEN first_failed_at_ms ELSE 0 END,
           redriven_at_ms = CASE WHEN content_hash = ?1 AND state = 'dead' THEN ?6 ELSE 0 END,
           waits_for = '', resolution = '',
           lane = CASE WHEN state = 'leased' OR (edited = 1 AND content_hash = ?1)
                         OR EXISTS (SELECT 1 FROM lanes l
                                     WHERE l.connection_id = sync_queue.target_connection_id
                                       AND l.lane = sync_queue.lane AND l.intent_id IS NOT NULL)
                       THEN lane ELSE ?5 END,
           run_at_ms = CASE state WHEN 'leased' THEN run_at_ms ELSE ?6 END,
           written = CASE state WHEN 'leased' THEN written ELSE '' END,
           state = CASE state WHEN 'leased' THEN 'leased' ELSE 'queued' END,
           updated_at_ms = ?6
     WHERE id = ?7
)sql";
// What was free to be written stays so.
constexpr auto kAdoptRun = R"sql(
    UPDATE sync_queue
       SET run_id = ?, run_at_ms = min(run_at_ms, ?),
           approved = CASE approved WHEN '' THEN '' ELSE ? END
     WHERE id = ?
)sql";

// Four looks into sync_queue_due per flow, however much is queued.
constexpr auto kDueFlows = R"sql(
    WITH now (ms) AS (SELECT ?),
    look (id, tenant_id, target_id, urgent, backfill) AS (
        SELECT f.id, f.tenant_id, f.target_connection_id,
               CASE WHEN EXISTS (SELECT 1 FROM sync_queue q WHERE q.flow_id = f.id AND q.state = 'queued'
                                  AND q.priority = 0 AND q.run_at_ms <= (SELECT ms FROM now)) THEN 0
                    WHEN EXISTS (SELECT 1 FROM sync_queue q WHERE q.flow_id = f.id AND q.state = 'queued'
                                  AND q.priority = 1 AND q.run_at_ms <= (SELECT ms FROM now)) THEN 1
                    WHEN EXISTS (SELECT 1 FROM sync_queue q WHERE q.flow_id = f.id AND q.state = 'queued'
                                  AND q.priority = 2 AND q.run_at_ms <= (SELECT ms FROM now)) THEN 2 END,
               EXISTS (SELECT 1 FROM sync_queue q WHERE q.flow_id = f.id AND q.state = 'queued'
                        AND q.priority = 3 AND q.run_at_ms <= (SELECT ms FROM now))
          FROM flows f JOIN tenants t ON t.id = f.tenant_id
         WHERE f.state = 'running' AND t.state = 'active')
    SELECT id, tenant_id, target_id, urgent, backfill FROM look
     WHERE urgent IS NOT NULL OR backfill ORDER BY id
)sql";
// ?1 state, ?2 version, ?3 due at, ?4 attempts used up, ?5 outcome, ?6 to ?8 error, ?9 its cause,
// ?10 detail, ?11 record, ?12 what it waits for, ?13 whether it failed, ?14 now, ?15 id, ?16 token,
// ?17 and ?18 the mapping of a dead letter
constexpr auto kFinish = R"sql(
    UPDATE sync_queue
       SET state = CASE WHEN ?1 <> 'queued' AND wanted_version > ?2 THEN 'queued' ELSE ?1 END,
           done_version = CASE ?1 WHEN 'settled' THEN ?2 ELSE done_version END,
           record = CASE WHEN wanted_version > ?2 THEN record
                         WHEN ?1 = 'settled' AND edited = 0 THEN NULL
                         ELSE coalesce(?11, record) END,
           record_version = CASE WHEN wanted_version > ?2 THEN record_version
                                 WHEN ?1 = 'settled' AND edited = 0 THEN 0
                                 WHEN ?11 IS NOT NULL THEN ?2 ELSE record_version END,
           written = CASE ?1 WHEN 'settled' THEN '' ELSE written END,
           run_at_ms = ?3, attempts = attempts + ?4, lease_token = 0, lease_until_ms = 0,
           outcome = ?5, error_class = ?6, error_code = ?7, error_message = ?8,
           fingerprint = CASE ?9 WHEN '' THEN '' ELSE flow_id || ':' || entity || ':' || ?9 END,
           detail = ?10, waits_for = ?12, mapping = ?17, mapping_version = ?18,
           redrives = CASE ?1 WHEN 'settled' THEN 0 ELSE redrives END,
           first_failed_at_ms = CASE WHEN ?1 = 'settled' THEN 0
                                     WHEN ?13 = 0 OR first_failed_at_ms > 0 THEN first_failed_at_ms
                                     ELSE ?14 END,
           updated_at_ms = ?14
     WHERE id = ?15 AND lease_token = ?16 AND state = 'leased'
    RETURNING target_connection_id, lane, run_id, wanted_version
)sql";
constexpr auto kApprovedOf = "SELECT approved FROM sync_queue WHERE id = ?";
constexpr auto kDropRun = "UPDATE sync_queue SET run_id = NULL WHERE id = ?";
// While an open intent keeps the former lane, the job waits for it there.
constexpr auto kMoveLane = R"sql(
    UPDATE sync_queue SET lane = ?1
     WHERE id = ?2 AND state = 'queued'
       AND NOT EXISTS (SELECT 1 FROM lanes l
                        WHERE l.connection_id = sync_queue.target_connection_id
                          AND l.lane = sync_queue.lane AND l.intent_id IS NOT NULL)
)sql";
constexpr auto kMarkWritten = R"sql(
    UPDATE sync_queue SET written = CASE WHEN written = 'created' THEN written ELSE ? END WHERE id = ?
)sql";
constexpr auto kRequeue = R"sql(
    UPDATE sync_queue SET run_at_ms = min(run_at_ms, ?) WHERE id = ? AND state = 'queued'
)sql";

constexpr auto kGiveUp = R"sql(
    UPDATE sync_queue SET state = 'dead', outcome = 'failed', error_class = ?, error_code = ?,
           error_message = ?, fingerprint = flow_id || ':' || entity || ':' || ?, updated_at_ms = ?,
           first_failed_at_ms = CASE first_failed_at_ms WHEN 0 THEN ? ELSE first_failed_at_ms END
     WHERE state = 'queued'
       AND id IN (SELECT i.job_id FROM intent_items i WHERE i.intent_id = ?
                  UNION
                  SELECT w.id FROM lanes l JOIN sync_queue w
                                   ON w.target_connection_id = l.connection_id AND w.lane = l.lane
                                  AND w.state = 'queued'
                   WHERE l.intent_id = ?)
    RETURNING id, run_id
)sql";
constexpr auto kSetDetail = "UPDATE sync_queue SET detail = ? WHERE id = ?";
constexpr auto kParkRun =
    "UPDATE sync_queue SET state = 'parked', run_id = NULL, updated_at_ms = ? "
    "WHERE run_id = ? AND state = 'queued'";
constexpr auto kUnpark =
    "UPDATE sync_queue SET state = 'queued', run_at_ms = ?, updated_at_ms = ? "
    "WHERE flow_id = ? AND state = 'parked' AND approved <> '!'";

// So many in one unit of work.
constexpr std::int64_t kWaitingSlice = 500;
constexpr auto kQueuedOfRuns = R"sql(
    SELECT id, run_id FROM sync_queue
     WHERE flow_id = ? AND run_id IS NOT NULL AND state = 'queued' LIMIT ?
)sql";

// Open intents that a job waits for: they are for it, or keep its lane.
constexpr auto kWakeIntents = R"sql(
    UPDATE intents SET run_at_ms = min(intents.run_at_ms, ?), attempts = 0
      FROM sync_queue q
     WHERE q.id = ? AND intents.connection_id = q.target_connection_id AND intents.state = 'open'
       AND intents.run_at_ms >= ?
       AND (EXISTS (SELECT 1 FROM intent_items i WHERE i.intent_id = intents.id AND i.job_id = q.id)
            OR EXISTS (SELECT 1 FROM lanes l
                        WHERE l.connection_id = q.target_connection_id
                          AND l.lane IN (q.lane, q.waits_for) AND l.intent_id = intents.id))
)sql";
// Each count by its own index, so that finished jobs cost nothing. ?1 tenant, ?2 now
constexpr auto kCounts = R"sql(
    SELECT (SELECT count(*) FROM flows f JOIN sync_queue q ON q.flow_id = f.id
             WHERE f.tenant_id = ?1 AND q.state = 'queued'),
           (SELECT count(*) FROM sync_queue WHERE tenant_id = ?1 AND state = 'leased'),
           (SELECT count(*) FROM flows f JOIN sync_queue q ON q.flow_id = f.id
             WHERE f.tenant_id = ?1 AND q.state = 'parked'),
           (SELECT count(*) FROM sync_queue WHERE tenant_id = ?1 AND state = 'dead'),
           coalesce((SELECT min(first.due)
                       FROM (SELECT (SELECT min(q.run_at_ms) FROM sync_queue q
                                      WHERE q.flow_id = f.id AND q.state = 'queued'
                                        AND q.priority = p.column1) AS due
                               FROM flows f, (VALUES (0), (1), (2), (3)) AS p
                              WHERE f.tenant_id = ?1) AS first
                      WHERE first.due <= ?2), 0)
)sql";
// A job that was purged has left its id mapping.
constexpr auto kKnown = R"sql(
    SELECT 1 FROM sync_queue WHERE flow_id = ? AND source_id = ?
    UNION ALL
    SELECT 1 FROM flows f JOIN id_mappings m
              ON m.target_connection_id = f.target_connection_id
             AND m.source_connection_id = f.source_connection_id AND m.entity = f.entity
     WHERE f.id = ? AND m.source_id = ?
     LIMIT 1
)sql";

std::optional<Blob> as_blob(const std::optional<std::string>& bytes) {
    return bytes ? std::optional<Blob>(Blob{*bytes}) : std::nullopt;
}

// The state an outcome leads to, and the run's counter it raises ("" = none).
std::pair<const char*, std::string> meaning(const JobOutcome& outcome) {
    switch (outcome.kind) {
        case JobOutcome::Kind::kSettled:
        case JobOutcome::Kind::kDead:
            return {outcome.kind == JobOutcome::Kind::kDead ? "dead" : "settled", outcome.result};
        case JobOutcome::Kind::kRetry:
        case JobOutcome::Kind::kWait:
            return {"queued", "waiting"};
        case JobOutcome::Kind::kPark:
            return {"parked", "waiting"};
        case JobOutcome::Kind::kRequeue:
            break;
    }
    return {"queued", ""};
}

}  // namespace

Raised JobStore::raise(
    Sql& sql,
    const Flow& flow,
    const RaisedJob& raised,
    const std::optional<RunId>& run,
    std::int64_t now_ms
) {
    const auto record = as_blob(raised.record);
    const auto existing = sql.row<
        std::int64_t,
        std::string,
        std::string,
        std::optional<std::string>,
        std::string,
        std::int64_t>(kExisting, flow.id.value, raised.source_id);
    if (!existing) {
        sql.run(
            kInsert,
            flow.tenant.value,
            flow.id.value,
            flow.target.value,
            flow.definition.entity,
            raised.source_id,
            raised.lane,
            raised.content_hash,
            record,
            record,
            raised.priority,
            now_ms,
            run,
            raised.approved,
            now_ms,
            now_ms
        );
        wake_intents(sql, JobId{sql.last_insert_id()}, kIntentGivenUp, now_ms);
        return Raised::kPending;
    }
    const auto& [id, state, content_hash, former_run, resolution, redrives] = *existing;
    const bool same = content_hash == raised.content_hash;
    const bool pending = state == "queued" || state == "leased";
    if (same && !pending && (!raised.always || !resolution.empty())) {
        return Raised::kUnchanged;
    }
    if (same && state == "dead" && redrives >= kRedrivesMax && !raised.asked_for) {
        return Raised::kUnchanged;  // in quarantine
    }
    const bool adopts = same && pending && !raised.always;
    if (adopts && (former_run == run || !run || raised.approved == kApprovedNothing)) {
        return Raised::kUnchanged;
    }
    if (former_run && run && *former_run != *run) {
        runs_.first_outcome(sql, *former_run, "skipped", now_ms);  // superseded
    }
    if (adopts) {
        sql.run(kAdoptRun, run, now_ms, raised.approved, id);
        return Raised::kPending;
    }
    wake_intents(sql, JobId{id}, kIntentGivenUp, now_ms);
    sql.run(
        kRaise,
        raised.content_hash,
        record,
        raised.priority,
        run,
        raised.lane,
        now_ms,
        id,
        raised.approved
    );
    return former_run && run && *former_run == *run ? Raised::kUnchanged : Raised::kPending;
}

bool JobStore::note_echo(
    Sql& sql,
    FlowId flow,
    const std::string& source_id,
    const std::string& content_hash,
    std::int64_t now_ms
) {
    const auto existing = sql.row<std::int64_t, std::string>(kJobOf, flow.value, source_id);
    return !existing || sql.run(kNoteEcho, content_hash, now_ms, std::get<0>(*existing)) > 0;
}

Result<std::vector<DueFlow>> JobStore::due_flows(std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<DueFlow>> {
        std::vector<DueFlow> due;
        for (const auto& [id, tenant, target, urgent, backfill] :
             sql.rows<
                 std::int64_t,
                 std::int64_t,
                 std::int64_t,
                 std::optional<std::int64_t>,
                 std::int64_t>(kDueFlows, now_ms)) {
            DueFlow flow{
                FlowId{id}, TenantId{tenant}, ConnectionId{target}, std::nullopt, backfill != 0};
            if (urgent) {
                flow.priority = static_cast<int>(*urgent);
            }
            due.push_back(flow);
        }
        return due;
    });
}

Result<void> JobStore::finish(
    Sql& sql, const JobOutcome& outcome, std::int64_t token, std::int64_t now_ms
) {
    const bool allowed_otherwise =
        outcome.kind == JobOutcome::Kind::kPark &&
        sql.value<std::string>(kApprovedOf, outcome.job.value).value_or("") != outcome.approved;
    const auto [state, counter] =
        allowed_otherwise ? std::pair<const char*, std::string>("queued", "") : meaning(outcome);
    const Error none{};
    const Error& error = outcome.error ? *outcome.error : none;
    const std::string failure_class(
        outcome.error ? enum_name(outcome.error_class.value_or(class_of(error.code))) : ""
    );
    const int attempt = outcome.kind == JobOutcome::Kind::kRetry ? 1 : 0;
    const bool dead = outcome.kind == JobOutcome::Kind::kDead;
    const auto row = sql.row<std::int64_t, std::string, std::optional<std::string>, std::int64_t>(
        kFinish,
        state,
        outcome.version,
        now_ms + outcome.delay_ms,
        attempt,
        dead ? outcome.result : "",
        failure_class,
        outcome.error ? error.name : "",
        outcome.error ? error.message : "",
        dead ? failure_cause(failure_class, error.name, error.message) : "",
        as_blob(outcome.detail),
        as_blob(outcome.record),
        dead ? outcome.waits_for : "",
        attempt + (dead ? 1 : 0),
        now_ms,
        outcome.job.value,
        token,
        dead ? outcome.mapping : "",
        dead ? outcome.mapping_version : 0
    );
    if (!row) {
        return Error{ErrorCode::kExists, "the job's lease is not ours any more", "job.lease_lost"};
    }
    const auto& [connection, lane, run, wanted] = *row;
    if (outcome.kind == JobOutcome::Kind::kPark && !allowed_otherwise) {
        ask_for_approval(sql, outcome.job);
    }
    release_lane(sql, ConnectionId{connection}, lane, token);
    if (!outcome.lane.empty()) {
        sql.run(kMoveLane, outcome.lane, outcome.job.value);
    }
    // A run that raised a newer version meanwhile waits for the outcome of that one.
    if (run && !counter.empty() && wanted == outcome.version) {
        sql.run(kDropRun, outcome.job.value);
        runs_.first_outcome(sql, *run, counter, now_ms);
    }
    return {};
}

void JobStore::mark_written(Sql& sql, JobId job, const std::string& result) {
    sql.run(kMarkWritten, result, job.value);
}

void JobStore::requeue_after_intent(Sql& sql, JobId job, std::int64_t now_ms) {
    sql.run(kRequeue, now_ms, job.value);
}

void JobStore::wake_intents(Sql& sql, JobId job, std::int64_t from_ms, std::int64_t now_ms) {
    sql.run(kWakeIntents, now_ms, job.value, from_ms);
}

void JobStore::give_up(
    Sql& sql,
    IntentId intent,
    const Error& error,
    const std::function<std::optional<std::string>(JobId)>& detail,
    std::int64_t now_ms
) {
    for (const auto& [job, run] : sql.rows<std::int64_t, std::optional<std::string>>(
             kGiveUp,
             error_class(error.code),
             error.name,
             error.message,
             failure_cause(error_class(error.code), error.name, error.message),
             now_ms,
             now_ms,
             intent.value,
             intent.value
         )) {
        sql.run(kSetDetail, as_blob(detail(JobId{job})), job);
        if (run) {
            sql.run(kDropRun, job);
            runs_.first_outcome(sql, *run, "failed", now_ms);
        }
    }
}

Result<void> JobStore::park_run(const RunId& run, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        const std::int64_t parked = sql.run(kParkRun, now_ms, run);
        runs_.count(sql, run, RunCounts{.skipped = parked}, -parked);
        runs_.finish_if_done(sql, run, now_ms);
        return {};
    });
}

Result<void> JobStore::unpark_flow(FlowId flow, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kUnpark, now_ms, now_ms, flow.value);
        return {};
    });
}

Result<void> JobStore::count_as_waiting(FlowId flow, std::int64_t now_ms) {
    for (;;) {
        // Mostly there is nothing to do, and a look costs the writer nothing.
        SYNCLINE_ASSIGN_OR_RETURN(const bool any, database_.read([&](Sql& sql) -> Result<bool> {
            return !sql.rows<std::int64_t, std::string>(kQueuedOfRuns, flow.value, 1).empty();
        }));
        if (!any) {
            return {};
        }
        SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
            std::map<std::string, std::int64_t> jobs_of;
            for (const auto& [job, run] :
                 sql.rows<std::int64_t, std::string>(kQueuedOfRuns, flow.value, kWaitingSlice)) {
                sql.run(kDropRun, job);
                ++jobs_of[run];
            }
            for (const auto& [run, jobs] : jobs_of) {
                runs_.count(sql, run, RunCounts{.waiting = jobs}, -jobs);
                runs_.finish_if_done(sql, run, now_ms);
            }
            return {};
        }));
    }
}

Result<QueueCounts> JobStore::counts(TenantId tenant, std::int64_t now_ms) const {
    return database_.read([&](Sql& sql) -> Result<QueueCounts> {
        const auto row =
            *sql.row<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
                kCounts, tenant.value, now_ms
            );
        return QueueCounts{
            std::get<0>(row),
            std::get<1>(row),
            std::get<2>(row),
            std::get<3>(row),
            std::get<4>(row)};
    });
}

Result<std::vector<std::string>> JobStore::known_ids(
    FlowId flow, const std::vector<std::string>& ids
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<std::string>> {
        std::vector<std::string> known;
        for (const auto& id : ids) {
            if (sql.value<std::int64_t>(kKnown, flow.value, id, flow.value, id)) {
                known.push_back(id);
            }
        }
        return known;
    });
}

}  // namespace syncline::storage
