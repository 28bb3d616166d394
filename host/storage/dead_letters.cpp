// The part of the job store that looks at dead letters.
#include "storage/dead_letter_filter.hpp"
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_DEAD_COLUMNS                                                                     \
    "q.id, f.name, q.entity, q.source_id, q.outcome, q.error_class, q.error_code, "               \
    "q.error_message, q.attempts, q.redrives, q.first_failed_at_ms, q.updated_at_ms, q.flow_id, " \
    "q.fingerprint, q.waits_for, q.edited, q.wanted_version, "
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

using DeadRow = std::tuple<
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::optional<Blob>,
    std::optional<Blob>>;

using GroupRow = std::tuple<
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t>;

std::optional<std::string> bytes_of(const std::optional<Blob>& blob) {
    return blob ? std::optional<std::string>(blob->bytes) : std::nullopt;
}

DeadLetter to_dead_letter(const DeadRow& row) {
    DeadLetter letter;
    letter.id = JobId{std::get<0>(row)};
    letter.flow_name = std::get<1>(row);
    letter.entity = std::get<2>(row);
    letter.source_id = std::get<3>(row);
    letter.outcome = std::get<4>(row);
    letter.error_class = std::get<5>(row);
    letter.error_code = std::get<6>(row);
    letter.error_message = std::get<7>(row);
    letter.attempts = std::get<8>(row);
    letter.redrives = std::get<9>(row);
    letter.first_failed_at_ms = std::get<10>(row);
    letter.updated_at_ms = std::get<11>(row);
    letter.flow = FlowId{std::get<12>(row)};
    letter.fingerprint = std::get<13>(row);
    letter.waits_for = std::get<14>(row);
    letter.edited = std::get<15>(row) != 0;
    letter.version = std::get<16>(row);
    letter.record = bytes_of(std::get<17>(row));
    letter.detail = bytes_of(std::get<18>(row));
    return letter;
}

FailureGroup to_group(const GroupRow& row) {
    FailureGroup group;
    group.fingerprint = std::get<0>(row);
    group.flow_name = std::get<1>(row);
    group.entity = std::get<2>(row);
    group.outcome = std::get<3>(row);
    group.error_class = std::get<4>(row);
    group.error_code = std::get<5>(row);
    group.example = std::get<6>(row);
    group.count = std::get<7>(row);
    group.quarantined = std::get<8>(row);
    group.first_failed_at_ms = std::get<9>(row);
    group.last_failed_at_ms = std::get<10>(row);
    return group;
}

}  // namespace

Result<std::vector<DeadLetter>> JobStore::dead_letters(
    TenantId tenant, const DeadLetterFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<DeadLetter>> {
        std::vector<DeadLetter> letters;
        for (const auto& row : select_dead<DeadRow>(
                 sql, kDeadLetters, tenant, filter, filter.before_ms, filter.before_id, filter.limit
             )) {
            letters.push_back(to_dead_letter(row));
        }
        return letters;
    });
}

Result<std::vector<FailureGroup>> JobStore::failure_groups(
    TenantId tenant, const DeadLetterFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<FailureGroup>> {
        std::vector<FailureGroup> groups;
        for (const auto& row : select_dead<GroupRow>(sql, kGroups, tenant, filter, filter.limit)) {
            groups.push_back(to_group(row));
        }
        return groups;
    });
}

Result<DeadLetter> JobStore::dead_letter(TenantId tenant, JobId id) const {
    return database_.read([&](Sql& sql) -> Result<DeadLetter> {
        const auto rows = sql.select<DeadRow>(kDeadLetter, tenant.value, id.value);
        if (rows.empty()) {
            return no_such_failure(id);
        }
        return to_dead_letter(rows.front());
    });
}

}  // namespace syncline::storage
