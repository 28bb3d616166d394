// The part of the job store that looks at dead letters.
#include "storage/columns.hpp"
#include "storage/dead_letter_filter.hpp"
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_DEAD_COLUMNS                                                                     \
    "q.id, f.name, q.entity, q.source_id, q.outcome, q.error_class, q.error_code, "               \
    "q.error_message, q.attempts, q.redrives, q.first_failed_at_ms, q.updated_at_ms, q.flow_id, " \
    "q.fingerprint, q.waits_for, q.edited, q.wanted_version, q.mapping, q.mapping_version, "
constexpr auto kDeadLetters =
    "SELECT " SYNCLINE_DEAD_COLUMNS "NULL, NULL" SYNCLINE_DEAD_FILTER R"sql(
       AND (?12 = 0 OR q.updated_at_ms < ?12 OR (q.updated_at_ms = ?12 AND q.id > ?13))
     ORDER BY q.updated_at_ms DESC, q.id LIMIT ?14
)sql";
constexpr auto kDeadLetter = "SELECT " SYNCLINE_DEAD_COLUMNS R"sql(q.record, q.detail
      FROM sync_queue q JOIN flows f ON f.id = q.flow_id
     WHERE q.tenant_id = ? AND q.id = ? AND q.state = 'dead'
)sql";
#undef SYNCLINE_DEAD_COLUMNS
// Class and code are the same in all of a group; which message stands for them does not matter.
constexpr auto kGroups = R"sql(
    SELECT q.fingerprint, f.name, q.entity, min(q.outcome), min(q.error_class), min(q.error_code),
           min(q.error_message), count(*), sum(q.redrives >= ?10), min(q.first_failed_at_ms),
           max(q.updated_at_ms)
)sql" SYNCLINE_DEAD_FILTER R"sql(
     GROUP BY q.fingerprint, f.name, q.entity ORDER BY count(*) DESC, q.fingerprint LIMIT ?12
)sql";

constexpr auto kLetter = columns(
    &DeadLetter::id,
    &DeadLetter::flow_name,
    &DeadLetter::entity,
    &DeadLetter::source_id,
    &DeadLetter::outcome,
    &DeadLetter::error_class,
    &DeadLetter::error_code,
    &DeadLetter::error_message,
    &DeadLetter::attempts,
    &DeadLetter::redrives,
    &DeadLetter::first_failed_at_ms,
    &DeadLetter::updated_at_ms,
    &DeadLetter::flow,
    &DeadLetter::fingerprint,
    &DeadLetter::waits_for,
    &DeadLetter::edited,
    &DeadLetter::version,
    &DeadLetter::mapping,
    &DeadLetter::mapping_version,
    blob(&DeadLetter::record),
    blob(&DeadLetter::detail)
);

constexpr auto kGroup = columns(
    &FailureGroup::fingerprint,
    &FailureGroup::flow_name,
    &FailureGroup::entity,
    &FailureGroup::outcome,
    &FailureGroup::error_class,
    &FailureGroup::error_code,
    &FailureGroup::example,
    &FailureGroup::count,
    &FailureGroup::quarantined,
    &FailureGroup::first_failed_at_ms,
    &FailureGroup::last_failed_at_ms
);

using LetterRow = decltype(kLetter)::RowType;
using GroupRow = decltype(kGroup)::RowType;

}  // namespace

Result<std::vector<DeadLetter>> JobStore::dead_letters(
    TenantId tenant, const DeadLetterFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<DeadLetter>> {
        return kLetter.objects(select_dead<LetterRow>(
            sql, kDeadLetters, tenant, filter, filter.before_ms, filter.before_id, filter.limit
        ));
    });
}

Result<std::vector<FailureGroup>> JobStore::failure_groups(
    TenantId tenant, const DeadLetterFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<FailureGroup>> {
        return kGroup.objects(select_dead<GroupRow>(sql, kGroups, tenant, filter, filter.limit));
    });
}

Result<DeadLetter> JobStore::dead_letter(TenantId tenant, JobId id) const {
    return database_.read([&](Sql& sql) -> Result<DeadLetter> {
        auto found = kLetter.first(sql, kDeadLetter, tenant.value, id.value);
        return found ? Result<DeadLetter>(std::move(*found)) : no_such_failure(id);
    });
}

}  // namespace syncline::storage
