// A DeadLetterFilter as the end of a statement, for the sources that look at dead letters and send
// them again.
#pragma once

#include <vector>

#include <syncline/operations.hpp>

#include "storage/dead_letter.hpp"
#include "storage/sql.hpp"

// Parameters ?1 to ?11, which select_dead() binds; a statement's own begin with ?12.
#define SYNCLINE_DEAD_FILTER                                                    \
    " FROM sync_queue q JOIN flows f ON f.id = q.flow_id "                      \
    "WHERE q.tenant_id = ?1 AND q.state = 'dead' AND (?2 = '' OR f.name = ?2) " \
    "AND (?3 = '' OR q.entity = ?3) AND (?4 = '' OR q.outcome = ?4) "           \
    "AND (?5 = '' OR q.error_class = ?5) AND (?6 = '' OR q.error_code = ?6) "   \
    "AND (?7 = '' OR q.fingerprint = ?7) AND (?8 = '' OR q.source_id = ?8) "    \
    "AND (?9 = '' OR EXISTS (SELECT 1 FROM connections c WHERE c.name = ?9 "    \
    "AND c.id IN (f.source_connection_id, f.target_connection_id))) "           \
    "AND (?11 < 0 OR (q.redrives >= ?10) = ?11) "

namespace syncline::storage {

template <class Row, class... Args>
std::vector<Row> select_dead(
    Sql& sql, const char* text, TenantId tenant, const DeadLetterFilter& filter, const Args&... args
) {
    const std::int64_t quarantined = filter.quarantined ? (*filter.quarantined ? 1 : 0) : -1;
    return sql.select<Row>(
        text,
        tenant.value,
        filter.flow,
        filter.entity,
        filter.outcome,
        filter.error_class,
        filter.code,
        filter.fingerprint,
        filter.source_id,
        filter.connection,
        kRedrivesMax,
        quarantined,
        args...
    );
}

inline Error no_own_id() {
    return Error{
        ErrorCode::kExists,
        "the record did not say which one it is, so it cannot be fetched anew: correct it at its "
        "source, where the next run reads it, then resolve this failure",
        "failure.no_id"};
}

inline Error no_such_failure(JobId id) {
    return Error{
        ErrorCode::kNotFound,
        "there is no failure '" + std::to_string(id.value) + "'",
        "failure.unknown"};
}

}  // namespace syncline::storage
