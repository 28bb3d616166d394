#include "storage/invariants.hpp"

#include <array>

#include "storage/audit_log.hpp"

namespace syncline::storage {
namespace {

struct Invariant {
    const char* broken;  // what is wrong, before the rows
    const char* rows;    // a text for each row that breaks it
};

constexpr std::size_t kShown = 5;

constexpr std::array kInvariants{
    Invariant{
        "the database has no id of its own, which every idempotency key starts with",
        "SELECT 'installation' WHERE (SELECT count(*) FROM installation) <> 1"},
    Invariant{
        "jobs belong to another tenant or target than their flow",
        R"sql(SELECT 'job ' || q.id FROM sync_queue q LEFT JOIN flows f ON f.id = q.flow_id
               WHERE f.id IS NULL OR f.tenant_id <> q.tenant_id
                  OR f.target_connection_id <> q.target_connection_id)sql"},
    Invariant{
        "jobs are done, or hold a copy, of a version that nobody asked for",
        R"sql(SELECT 'job ' || id FROM sync_queue
               WHERE done_version > wanted_version OR record_version > wanted_version)sql"},
    Invariant{
        "jobs count as settled although their newest version is not",
        R"sql(SELECT 'job ' || id FROM sync_queue
               WHERE state = 'settled' AND done_version <> wanted_version AND resolution = '')sql"},
    Invariant{
        "records are in the queue of their flow twice",
        R"sql(SELECT 'flow ' || flow_id || ' record ' || source_id FROM sync_queue
               GROUP BY flow_id, source_id HAVING count(*) > 1)sql"},
    Invariant{
        "a lane has two deliveries at once",
        R"sql(SELECT lane FROM sync_queue WHERE state = 'leased'
               GROUP BY target_connection_id, lane HAVING count(*) > 1)sql"},
    Invariant{
        "jobs are being delivered without holding their lane",
        R"sql(SELECT 'job ' || q.id FROM sync_queue q
               WHERE q.state = 'leased'
                 AND NOT EXISTS (SELECT 1 FROM lanes l
                                  WHERE l.connection_id = q.target_connection_id
                                    AND l.lane = q.lane AND l.token = q.lease_token))sql"},
    Invariant{
        "dead letters do not say why",
        "SELECT 'job ' || id FROM sync_queue WHERE state = 'dead' AND outcome = ''"},
    Invariant{
        "jobs wait for a run that has ended or is not there",
        R"sql(SELECT 'job ' || q.id FROM sync_queue q LEFT JOIN sync_runs r ON r.id = q.run_id
               WHERE q.run_id IS NOT NULL
                 AND (r.id IS NULL OR r.status NOT IN ('queued', 'running')))sql"},
    Invariant{
        "runs wait for another number of jobs than there are",
        R"sql(SELECT 'run ' || r.id FROM sync_runs r
               WHERE r.status IN ('queued', 'running')
                 AND r.jobs_open <> (SELECT count(*) FROM sync_queue q WHERE q.run_id = r.id))sql"},
    Invariant{
        "counters of ended runs do not add up",
        R"sql(SELECT 'run ' || id FROM sync_runs
               WHERE status NOT IN ('queued', 'running')
                 AND (jobs_open <> 0 OR read <> created + updated + skipped + held + conflict
                                                + waiting + failed))sql"},
    Invariant{
        "lanes are kept by requests that are not open",
        R"sql(SELECT l.lane FROM lanes l LEFT JOIN intents i ON i.id = l.intent_id
               WHERE l.intent_id IS NOT NULL AND (i.id IS NULL OR i.state <> 'open'))sql"},
    Invariant{
        "requests that may have been sent cover nothing any more, or settled ones still do",
        R"sql(SELECT 'intent ' || n.id FROM intents n
               WHERE (n.state = 'open') <> EXISTS (SELECT 1 FROM intent_items i
                                                    WHERE i.intent_id = n.id AND i.state = 'open'))sql"},
    Invariant{
        "requests that may have been sent are for jobs that are not there",
        R"sql(SELECT 'intent ' || n.id || ' job ' || i.job_id
                FROM intents n JOIN intent_items i ON i.intent_id = n.id
               WHERE n.state = 'open' AND i.state = 'open'
                 AND NOT EXISTS (SELECT 1 FROM sync_queue q WHERE q.id = i.job_id))sql"},
    Invariant{
        "a record has two documents of one role in a target",
        R"sql(SELECT entity || ' ' || source_id || ' ' || role FROM id_mappings
               GROUP BY target_connection_id, source_connection_id, entity, source_id, role
              HAVING count(*) > 1)sql"},
    Invariant{
        "id mappings lead nowhere",
        "SELECT 'id mapping ' || id FROM id_mappings WHERE target_id = '' OR source_id = ''"},
    Invariant{
        "id mappings or requests belong to another tenant than their connection",
        R"sql(SELECT 'id mapping ' || m.id FROM id_mappings m
                JOIN connections c ON c.id IN (m.source_connection_id, m.target_connection_id)
               WHERE c.tenant_id <> m.tenant_id
              UNION ALL
              SELECT 'intent ' || i.id FROM intents i JOIN connections c ON c.id = i.connection_id
               WHERE c.tenant_id <> i.tenant_id)sql"},
    Invariant{
        "versions of mappings belong to another tenant than their mapping",
        R"sql(SELECT 'mapping ' || m.name || ' version ' || v.version FROM mapping_versions v
                JOIN field_mappings m ON m.id = v.mapping_id
               WHERE v.tenant_id <> m.tenant_id)sql"},
    Invariant{
        "cursors of a scan do not fit together",
        R"sql(SELECT 'flow ' || flow_id FROM sync_state
               WHERE cursor_ms < 0 OR (scanning = 1 AND scan_to_ms < scan_from_ms))sql"},
    Invariant{
        "cursors are past records of which nothing is stored",
        R"sql(SELECT 'flow ' || f.name FROM flows f
               WHERE json_extract(f.definition, '$.delete_policy') IS NOT 'void'
                 AND EXISTS (SELECT 1 FROM sync_state s
                              WHERE s.flow_id = f.id AND (s.cursor_ms > 0 OR s.scan_last_id <> ''))
                 AND EXISTS (SELECT 1 FROM sync_runs r
                              WHERE r.flow_id = f.id AND r.created + r.updated > 0)
                 AND NOT EXISTS (SELECT 1 FROM id_mappings m
                                  WHERE m.source_connection_id = f.source_connection_id
                                    AND m.target_connection_id = f.target_connection_id))sql"},
    Invariant{
        "what was decided about a conflict is not about to be done",
        R"sql(SELECT 'conflict ' || c.id FROM conflicts c
               WHERE c.state = 'resolving'
                 AND NOT EXISTS (SELECT 1 FROM sync_queue q
                                  WHERE q.flow_id = c.flow_id AND q.source_id = c.source_id
                                    AND q.state <> 'settled'))sql"},
    Invariant{
        "API keys were rotated into keys that are not there, or of another tenant",
        R"sql(SELECT 'API key ' || a.prefix FROM api_keys a LEFT JOIN api_keys b ON b.id = a.replaced_by
               WHERE a.replaced_by <> 0 AND (b.id IS NULL OR b.tenant_id <> a.tenant_id))sql"},
    Invariant{
        "credentials are sealed with a key that is not there",
        R"sql(SELECT 'connection ' || c.connection_id FROM credentials c
               WHERE NOT EXISTS (SELECT 1 FROM data_keys k WHERE k.tenant_id = c.tenant_id)
               GROUP BY c.connection_id)sql"},
};

}  // namespace

std::vector<std::string> broken_invariants(Sql& sql) {
    std::vector<std::string> sentences;
    for (const auto& invariant : kInvariants) {
        const std::string few = std::string(invariant.rows) + " LIMIT " + std::to_string(kShown);
        const auto found = sql.rows<std::string>(few.c_str());
        if (found.empty()) {
            continue;
        }
        std::string sentence = invariant.broken;
        const char* before = ": ";
        for (const auto& [row] : found) {
            sentence += before + row;
            before = ", ";
        }
        sentences.push_back(sentence + (found.size() == kShown ? " ..." : ""));
    }
    if (const auto verdict = verify_audit(sql); !verdict.problem.empty()) {
        sentences.push_back("the audit log is not what was written: " + verdict.problem);
    }
    return sentences;
}

}  // namespace syncline::storage
