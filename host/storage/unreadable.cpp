// The part of the job store that keeps records which cannot be taken as they came.
#include "core/failure_kind.hpp"
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kExisting = R"sql(
    SELECT id, state, content_hash, run_id, edited, resolution FROM sync_queue
     WHERE flow_id = ? AND source_id = ?
)sql";
constexpr auto kInsert = R"sql(
    INSERT INTO sync_queue (tenant_id, flow_id, target_connection_id, entity, source_id, lane, state,
                            wanted_version, content_hash, outcome, run_at_ms, created_at_ms,
                            updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, 'dead', 0, '', 'failed', ?, ?, ?)
)sql";
// The copy of a former version goes: nobody wants it any more. A lane stays while an open intent
// keeps it.
constexpr auto kDie = R"sql(
    UPDATE sync_queue
       SET state = 'dead', wanted_version = wanted_version + 1, content_hash = ?1, record = NULL,
           record_version = 0, edited = 0, written = '', attempts = 0, redrives = 0,
           redriven_at_ms = 0, run_id = NULL, approved = ?2, priority = ?3, run_at_ms = ?4,
           outcome = 'failed', error_class = ?5, error_code = ?6, error_message = ?7,
           fingerprint = flow_id || ':' || entity || ':' || ?8, detail = ?9, waits_for = '',
           resolution = '', first_failed_at_ms = ?4, updated_at_ms = ?4,
           lane = CASE WHEN EXISTS (SELECT 1 FROM lanes l
                                     WHERE l.connection_id = sync_queue.target_connection_id
                                       AND l.lane = sync_queue.lane AND l.intent_id IS NOT NULL)
                       THEN lane ELSE ?10 END
     WHERE id = ?11
)sql";

}  // namespace

Raised JobStore::raise_unreadable(
    Sql& sql,
    const Flow& flow,
    const UnreadableJob& unreadable,
    const std::optional<RunId>& run,
    std::int64_t now_ms
) {
    const auto existing = sql.row<
        std::int64_t,
        std::string,
        std::string,
        std::optional<std::string>,
        std::int64_t,
        std::string>(kExisting, flow.id.value, unreadable.source_id);
    std::int64_t id = 0;
    bool asked_by_run = false;
    if (!existing) {
        sql.run(
            kInsert,
            flow.tenant.value,
            flow.id.value,
            flow.target.value,
            flow.definition.entity,
            unreadable.source_id,
            unreadable.lane,
            now_ms,
            now_ms,
            now_ms
        );
        id = sql.last_insert_id();
    } else {
        const auto& [known, state, content_hash, former_run, edited, resolution] = *existing;
        // An edited copy was delivered in its place, or somebody decided to leave it.
        const bool dealt_with = state != "settled" || edited != 0 || !resolution.empty();
        if (content_hash == unreadable.content_hash && dealt_with) {
            return Raised::kUnchanged;
        }
        if (state == "leased") {
            // The delivery under way finds the newer version when it finishes, and what is wrong
            // with it when it fetches it.
            RaisedJob anew;
            anew.source_id = unreadable.source_id;
            anew.lane = unreadable.lane;
            anew.content_hash = unreadable.content_hash;
            anew.priority = unreadable.priority;
            anew.approved = unreadable.approved;
            return raise(sql, flow, anew, run, now_ms);
        }
        if (former_run) {
            asked_by_run = run && *former_run == *run;
            runs_.first_outcome(sql, *former_run, asked_by_run ? "failed" : "skipped", now_ms);
        }
        id = known;
    }
    const std::string failure_class = error_class(unreadable.error.code);
    const auto detail = unreadable.seal_detail(JobId{id});
    sql.run(
        kDie,
        unreadable.content_hash,
        unreadable.approved,
        unreadable.priority,
        now_ms,
        failure_class,
        unreadable.error.name,
        unreadable.error.message,
        failure_cause(failure_class, unreadable.error.name, unreadable.error.message),
        detail ? std::optional<Blob>(Blob{*detail}) : std::nullopt,
        unreadable.lane,
        id
    );
    return asked_by_run ? Raised::kUnchanged : Raised::kDead;
}

}  // namespace syncline::storage
