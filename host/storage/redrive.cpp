// The part of the job store that brings dead letters back to the queue, or takes them off the list.
#include "storage/dead_letter_filter.hpp"
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

// Dead letters per unit of work, so that none holds up the writer.
constexpr std::int64_t kSlice = 200;
// One that a person asks for by its id; several at once give way to what changed just now.
constexpr int kPriorityOfOne = 0;
constexpr int kPriorityOfMany = 2;
// Not only intents that were given up.
constexpr std::int64_t kAnyOpen = 0;

// Of UnreadableRecord: without an id of its own there is nothing to fetch anew.
#define SYNCLINE_HAS_OWN_ID " AND q.source_id NOT GLOB 'unreadable:*'"
constexpr auto kIsDead =
    "SELECT redrives, source_id FROM sync_queue WHERE tenant_id = ? AND id = ? AND state = 'dead'";
constexpr auto kRedrive = R"sql(
    UPDATE sync_queue SET state = 'queued', run_at_ms = ?, attempts = 0, redrives = redrives + 1,
           redriven_at_ms = ?, waits_for = '', priority = ?, updated_at_ms = ?
     WHERE id = ? AND state = 'dead'
)sql";
// Who sends a failure again wants it written.
constexpr auto kApprove = "UPDATE sync_queue SET approved = '' WHERE id = ?";
constexpr auto kCandidates = "SELECT q.id" SYNCLINE_DEAD_FILTER
                             " AND q.id > ?12 AND (?13 = 0 OR q.redrives < ?10)" SYNCLINE_HAS_OWN_ID
                             " ORDER BY q.id LIMIT ?14";
constexpr auto kCount =
    "SELECT count(*), coalesce(sum(q.redrives >= ?10), 0)" SYNCLINE_DEAD_FILTER SYNCLINE_HAS_OWN_ID;

// The lane stays while an open intent keeps it. Who edits a record approves of what becomes of it.
constexpr auto kEdit = R"sql(
    UPDATE sync_queue
       SET state = 'queued', record = ?, wanted_version = wanted_version + 1,
           record_version = wanted_version + 1, edited = 1, approved = '',
           lane = CASE WHEN EXISTS (SELECT 1 FROM lanes l
                                     WHERE l.connection_id = sync_queue.target_connection_id
                                       AND l.lane = sync_queue.lane AND l.intent_id IS NOT NULL)
                       THEN lane ELSE ? END,
           run_at_ms = ?, attempts = 0, redrives = 1, redriven_at_ms = ?, waits_for = '',
           priority = ?, updated_at_ms = ?
     WHERE tenant_id = ? AND id = ? AND state = 'dead' AND wanted_version = ?
)sql";
// The copy goes; a later version brings its own.
constexpr auto kResolve = R"sql(
    UPDATE sync_queue
       SET state = 'settled', resolution = ?, record = NULL, record_version = 0, edited = 0,
           detail = NULL, waits_for = '', redrives = 0, updated_at_ms = ?
     WHERE tenant_id = ? AND id = ? AND state = 'dead'
)sql";

// One that is being delivered is delivered once more after that.
constexpr auto kDeliverAgain = R"sql(
    UPDATE sync_queue
       SET record_version = record_version + (state = 'leased' AND record_version = wanted_version),
           wanted_version = wanted_version + (state = 'leased'),
           run_at_ms = CASE state WHEN 'leased' THEN run_at_ms WHEN 'queued' THEN min(run_at_ms, ?1)
                                  ELSE ?1 END,
           state = CASE state WHEN 'leased' THEN 'leased' ELSE 'queued' END,
           attempts = 0, redrives = 0, priority = 0, approved = '', resolution = '', waits_for = '',
           updated_at_ms = ?1
     WHERE flow_id = ?2 AND source_id = ?3
    RETURNING id
)sql";

// One of which nothing may be written would wait out of sight: it stays until a person sends it.
constexpr auto kWaiting = R"sql(
    SELECT id FROM sync_queue
     WHERE target_connection_id = ? AND waits_for = ? AND waits_for <> '' AND state = 'dead'
       AND redrives < ? AND approved <> '!'
       AND (? = 0 OR flow_id IN (SELECT id FROM flows WHERE source_connection_id = ?))
     LIMIT ?
)sql";
// waits_for is a lane_name(). The whole of sync_queue_waits, which holds nothing else.
constexpr auto kArrived = R"sql(
    SELECT q.id FROM sync_queue q JOIN flows f ON f.id = q.flow_id
     WHERE q.waits_for <> '' AND q.state = 'dead' AND q.redrives < ? AND q.approved <> '!'
       AND EXISTS (SELECT 1 FROM id_mappings m
                    WHERE m.target_connection_id = q.target_connection_id
                      AND m.entity = substr(q.waits_for, 1, instr(q.waits_for, ':') - 1)
                      AND m.identity_key = substr(q.waits_for, instr(q.waits_for, ':') + 1)
                      AND (m.source_connection_id = f.source_connection_id
                           OR m.identity_key NOT GLOB '#*'))
     LIMIT ?
)sql";
// What a mapping itself held, and what the target refused of documents that it adjusted. In the
// order of the tables, so that only dead letters of mappings are looked at.
constexpr auto kRemapped = R"sql(
    SELECT q.id FROM mapping_versions v CROSS JOIN field_mappings m CROSS JOIN sync_queue q
     WHERE v.state = 'in_force' AND m.id = v.mapping_id
       AND q.tenant_id = m.tenant_id AND q.mapping = m.name AND q.mapping <> ''
       AND q.mapping_version <> v.version
       AND q.state = 'dead' AND q.redrives < ? AND q.approved <> '!'
       AND (q.error_code GLOB 'MAPPING_*'
            OR (q.outcome = 'failed' AND q.error_class = 'business'))
     LIMIT ?
)sql";
constexpr auto kInDoubt = R"sql(
    SELECT 1 FROM sync_queue q JOIN intents n
                  ON n.connection_id = q.target_connection_id AND n.state = 'open'
     WHERE q.tenant_id = ? AND q.id = ?
       AND (EXISTS (SELECT 1 FROM intent_items i
                     WHERE i.intent_id = n.id AND i.job_id = q.id AND i.state = 'open')
            OR EXISTS (SELECT 1 FROM lanes l
                        WHERE l.connection_id = q.target_connection_id AND l.lane = q.lane
                          AND l.intent_id = n.id))
     LIMIT 1
)sql";
constexpr auto kRenewed = R"sql(
    SELECT q.id, q.state FROM sync_queue q
     WHERE q.tenant_id = ? AND q.error_class = 'auth' AND q.state IN ('queued', 'dead')
       AND (q.state = 'queued' OR (q.redrives < ? AND q.approved <> '!'))
       AND q.flow_id IN (SELECT id FROM flows
                          WHERE source_connection_id = ? OR target_connection_id = ?)
)sql";
constexpr auto kDueNow = "UPDATE sync_queue SET run_at_ms = min(run_at_ms, ?) WHERE id = ?";

std::int64_t due_at(const RedriveOptions& options, std::int64_t index, std::int64_t now_ms) {
    return options.rate_per_minute <= 0 ? now_ms
                                        : now_ms + index * 60'000 / options.rate_per_minute;
}

}  // namespace

void JobStore::send_again(Sql& sql, JobId id, int priority, std::int64_t at, std::int64_t now_ms) {
    wake_intents(sql, id, kAnyOpen, now_ms);  // also of the record it waits for, which it forgets
    sql.run(kRedrive, at, at, priority, now_ms, id.value);
}

Result<void> JobStore::redrive(
    Sql& sql, TenantId tenant, JobId id, LoopGuard guard, std::int64_t now_ms
) {
    const auto dead = sql.row<std::int64_t, std::string>(kIsDead, tenant.value, id.value);
    if (!dead) {
        return no_such_failure(id);
    }
    const auto& [redrives, source_id] = *dead;
    if (source_id.rfind(kUnreadableId, 0) == 0) {
        return no_own_id();
    }
    if (guard == LoopGuard::kOn && redrives >= kRedrivesMax) {
        return Error{
            ErrorCode::kExists,
            "it failed again after " + std::to_string(redrives) +
                " redrives and is in quarantine; mend its cause, then retry it with \"force\": "
                "true",
            "failure.quarantined"};
    }
    sql.run(kApprove, id.value);
    send_again(sql, id, kPriorityOfOne, now_ms, now_ms);
    return {};
}

Result<Redriven> JobStore::redrivable(
    TenantId tenant,
    const DeadLetterFilter& filter,
    const RedriveOptions& options,
    std::int64_t now_ms
) const {
    return database_.read([&](Sql& sql) -> Result<Redriven> {
        const auto [all, quarantined] =
            select_dead<std::tuple<std::int64_t, std::int64_t>>(sql, kCount, tenant, filter).at(0);
        Redriven expected;
        expected.quarantined = options.guard == LoopGuard::kOn ? quarantined : 0;
        expected.count = all - expected.quarantined;
        expected.last_at_ms = expected.count > 0 ? due_at(options, expected.count - 1, now_ms) : 0;
        return expected;
    });
}

Result<Redriven> JobStore::redrive_all(
    TenantId tenant,
    const DeadLetterFilter& filter,
    const RedriveOptions& options,
    std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(Redriven done, redrivable(tenant, filter, options, now_ms));
    done.count = 0;
    const std::int64_t guarded = options.guard == LoopGuard::kOn ? 1 : 0;
    std::int64_t last = 0;
    for (bool more = true; more;) {
        // By id, so that one that dies again meanwhile is not sent twice.
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto slice,
            database_.write([&](Sql& sql) -> Result<std::vector<std::tuple<std::int64_t>>> {
                auto ids = select_dead<std::tuple<std::int64_t>>(
                    sql, kCandidates, tenant, filter, last, guarded, kSlice
                );
                std::int64_t index = done.count;
                for (const auto& [id] : ids) {
                    const std::int64_t at = due_at(options, index++, now_ms);
                    sql.run(kApprove, id);
                    send_again(sql, JobId{id}, kPriorityOfMany, at, now_ms);
                }
                return ids;
            })
        );
        done.count += static_cast<std::int64_t>(slice.size());
        more = !slice.empty();
        last = more ? std::get<0>(slice.back()) : last;
    }
    done.last_at_ms = done.count > 0 ? due_at(options, done.count - 1, now_ms) : 0;
    return done;
}

Result<void> JobStore::redrive_edited(
    Sql& sql, TenantId tenant, JobId id, const EditedRecord& edited, std::int64_t now_ms
) {
    const std::int64_t changed = sql.run(
        kEdit,
        Blob{edited.sealed},
        edited.lane,
        now_ms,
        now_ms,
        kPriorityOfOne,
        now_ms,
        tenant.value,
        id.value,
        edited.version
    );
    if (changed == 0) {
        return Error{
            ErrorCode::kExists,
            "the record changed at its source, or was sent again, since you looked at it; look at "
            "the failure again",
            "failure.changed"};
    }
    wake_intents(sql, id, kAnyOpen, now_ms);
    return {};
}

Result<void> JobStore::resolve(
    Sql& sql, TenantId tenant, JobId id, const std::string& reason, std::int64_t now_ms
) {
    if (sql.value<std::int64_t>(kInDoubt, tenant.value, id.value)) {
        return Error{
            ErrorCode::kExists,
            "it is not known yet whether the target has it; retry looks again, then resolve what "
            "is "
            "left",
            "failure.in_doubt"};
    }
    return sql.run(kResolve, reason, now_ms, tenant.value, id.value) > 0
               ? Result<void>()
               : Result<void>(no_such_failure(id));
}

bool JobStore::deliver_again(
    Sql& sql, FlowId flow, const std::string& source_id, std::int64_t now_ms
) {
    const auto id = sql.value<std::int64_t>(kDeliverAgain, now_ms, flow.value, source_id);
    if (id) {
        wake_intents(sql, JobId{*id}, kAnyOpen, now_ms);
    }
    return id.has_value();
}

std::int64_t JobStore::dependency_arrived(
    Sql& sql, const MappedRecord& arrived, std::int64_t now_ms
) {
    // A number of one source means nothing to another.
    const bool own_number = arrived.identity.rfind('#', 0) == 0;
    const auto waiting = sql.rows<std::int64_t>(
        kWaiting,
        arrived.target.value,
        lane_name(arrived.entity, arrived.identity),
        kRedrivesMax,
        own_number,
        arrived.source.value,
        kSlice
    );
    for (const auto& [id] : waiting) {
        send_again(sql, JobId{id}, kPriorityOfMany, now_ms, now_ms);
    }
    return static_cast<std::int64_t>(waiting.size());
}

Result<std::int64_t> JobStore::send_arrived(std::int64_t now_ms) {
    return send_chosen(kArrived, now_ms);
}

Result<std::int64_t> JobStore::send_remapped(std::int64_t now_ms) {
    return send_chosen(kRemapped, now_ms);
}

Result<std::int64_t> JobStore::send_chosen(const char* choice, std::int64_t now_ms) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto chosen,
        database_.read([&](Sql& sql) -> Result<std::vector<std::tuple<std::int64_t>>> {
            return sql.rows<std::int64_t>(choice, kRedrivesMax, kSlice);
        })
    );
    if (chosen.empty()) {
        return std::int64_t{0};
    }
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        for (const auto& [id] : chosen) {
            send_again(sql, JobId{id}, kPriorityOfMany, now_ms, now_ms);
        }
        return static_cast<std::int64_t>(chosen.size());
    });
}

Result<std::int64_t> JobStore::credentials_renewed(
    TenantId tenant, ConnectionId connection, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        const auto refused = sql.rows<std::int64_t, std::string>(
            kRenewed, tenant.value, kRedrivesMax, connection.value, connection.value
        );
        for (const auto& [id, state] : refused) {
            if (state == "dead") {
                send_again(sql, JobId{id}, kPriorityOfMany, now_ms, now_ms);
            } else {
                sql.run(kDueNow, now_ms, id);
            }
        }
        return static_cast<std::int64_t>(refused.size());
    });
}

}  // namespace syncline::storage
