// The part of the job store that is about dead letters.
#include "storage/job_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_DEAD_COLUMNS                                                       \
    "q.id, f.name, q.entity, q.source_id, q.outcome, q.error_class, q.error_code, " \
    "q.error_message, q.attempts, q.redrives, q.first_failed_at_ms, q.updated_at_ms, q.flow_id, "
#define SYNCLINE_DEAD_FILTER                                                                       \
    " FROM sync_queue q JOIN flows f ON f.id = q.flow_id "                                         \
    " WHERE q.tenant_id = ? AND q.state = 'dead' AND (? = '' OR f.name = ?) "                      \
    "   AND (? = '' OR q.entity = ?) AND (? = '' OR q.outcome = ?) AND (? = '' OR q.error_code = " \
    "?) "
constexpr auto kDeadLetters =
    "SELECT " SYNCLINE_DEAD_COLUMNS "NULL, NULL" SYNCLINE_DEAD_FILTER R"sql(
       AND (? = 0 OR q.updated_at_ms < ? OR (q.updated_at_ms = ? AND q.id > ?))
     ORDER BY q.updated_at_ms DESC, q.id LIMIT ?
)sql";
constexpr auto kDeadLetter = "SELECT " SYNCLINE_DEAD_COLUMNS R"sql(q.record, q.detail
      FROM sync_queue q JOIN flows f ON f.id = q.flow_id
     WHERE q.tenant_id = ? AND q.id = ? AND q.state = 'dead'
)sql";
constexpr auto kRedriveAll = R"sql(
    UPDATE sync_queue SET state = 'queued', run_at_ms = ?, attempts = 0, redrives = redrives + 1,
           priority = 0, updated_at_ms = ?
     WHERE id IN (SELECT q.id )sql" SYNCLINE_DEAD_FILTER ") RETURNING id";
#undef SYNCLINE_DEAD_COLUMNS
#undef SYNCLINE_DEAD_FILTER
constexpr auto kRedrive = R"sql(
    UPDATE sync_queue SET state = 'queued', run_at_ms = ?, attempts = 0, redrives = redrives + 1,
           priority = 0, updated_at_ms = ?
     WHERE tenant_id = ? AND id = ? AND state = 'dead'
)sql";
// Not only intents that were given up.
constexpr std::int64_t kAnyOpen = 0;

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
    std::optional<Blob>,
    std::optional<Blob>>;

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
    if (std::get<13>(row)) {
        letter.record = std::get<13>(row)->bytes;
    }
    if (std::get<14>(row)) {
        letter.detail = std::get<14>(row)->bytes;
    }
    return letter;
}

}  // namespace

Result<std::vector<DeadLetter>> JobStore::dead_letters(
    TenantId tenant, const DeadLetterFilter& filter
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<DeadLetter>> {
        std::vector<DeadLetter> letters;
        for (const auto& row : sql.select<DeadRow>(
                 kDeadLetters,
                 tenant.value,
                 filter.flow,
                 filter.flow,
                 filter.entity,
                 filter.entity,
                 filter.outcome,
                 filter.outcome,
                 filter.code,
                 filter.code,
                 filter.before_ms,
                 filter.before_ms,
                 filter.before_ms,
                 filter.before_id,
                 filter.limit
             )) {
            letters.push_back(to_dead_letter(row));
        }
        return letters;
    });
}

Result<DeadLetter> JobStore::dead_letter(TenantId tenant, JobId id) const {
    return database_.read([&](Sql& sql) -> Result<DeadLetter> {
        const auto rows = sql.select<DeadRow>(kDeadLetter, tenant.value, id.value);
        if (rows.empty()) {
            return Error{
                ErrorCode::kNotFound,
                "there is no failure '" + std::to_string(id.value) + "'",
                "failure.unknown"};
        }
        return to_dead_letter(rows.front());
    });
}

Result<void> JobStore::redrive(TenantId tenant, JobId id, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        if (sql.run(kRedrive, now_ms, now_ms, tenant.value, id.value) == 0) {
            return Error{
                ErrorCode::kNotFound,
                "there is no failure '" + std::to_string(id.value) + "'",
                "failure.unknown"};
        }
        wake_intents(sql, id, kAnyOpen, now_ms);
        return {};
    });
}

Result<std::int64_t> JobStore::redrive_all(
    TenantId tenant, const DeadLetterFilter& filter, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<std::int64_t> {
        const auto redriven = sql.rows<std::int64_t>(
            kRedriveAll,
            now_ms,
            now_ms,
            tenant.value,
            filter.flow,
            filter.flow,
            filter.entity,
            filter.entity,
            filter.outcome,
            filter.outcome,
            filter.code,
            filter.code
        );
        for (const auto& [id] : redriven) {
            wake_intents(sql, JobId{id}, kAnyOpen, now_ms);
        }
        return static_cast<std::int64_t>(redriven.size());
    });
}

}  // namespace syncline::storage
