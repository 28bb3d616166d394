#include "storage/log_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kInsert = R"sql(
    INSERT INTO sync_logs (tenant_id, at_ms, level, event, run_id, flow_id, connection_id, entity,
                           source_id, message, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
#define SYNCLINE_LOG_COLUMNS                                                                 \
    "SELECT at_ms, level, event, run_id, coalesce(flow_id, 0), coalesce(connection_id, 0), " \
    "entity, source_id, message, detail FROM sync_logs "
constexpr auto kOfRecord = SYNCLINE_LOG_COLUMNS
    "WHERE tenant_id = ? AND entity = ? AND source_id = ? ORDER BY id DESC LIMIT ?";
constexpr auto kOfRun =
    SYNCLINE_LOG_COLUMNS "WHERE tenant_id = ? AND run_id = ? ORDER BY id LIMIT ?";
#undef SYNCLINE_LOG_COLUMNS

template <class... Args>
std::vector<LogEntry> select(Sql& sql, const char* text, TenantId tenant, const Args&... args) {
    std::vector<LogEntry> entries;
    for (const auto& row : sql.rows<
                           std::int64_t,
                           std::string,
                           std::string,
                           std::optional<std::string>,
                           std::int64_t,
                           std::int64_t,
                           std::string,
                           std::string,
                           std::string,
                           std::string>(text, tenant.value, args...)) {
        entries.push_back(
            {tenant,
             std::get<0>(row),
             std::get<1>(row),
             std::get<2>(row),
             std::get<3>(row),
             FlowId{std::get<4>(row)},
             ConnectionId{std::get<5>(row)},
             std::get<6>(row),
             std::get<7>(row),
             std::get<8>(row),
             std::get<9>(row)}
        );
    }
    return entries;
}

std::optional<std::int64_t> null_if_zero(std::int64_t value) {
    return value == 0 ? std::nullopt : std::optional<std::int64_t>(value);
}

}  // namespace

void LogStore::append(Sql& sql, const LogEntry& entry) {
    sql.run(
        kInsert,
        entry.tenant.value,
        entry.at_ms,
        entry.level,
        entry.event,
        entry.run,
        null_if_zero(entry.flow.value),
        null_if_zero(entry.connection.value),
        entry.entity,
        entry.source_id,
        entry.message,
        entry.detail
    );
}

Result<void> LogStore::append(const LogEntry& entry) {
    return database_.write([&](Sql& sql) -> Result<void> {
        append(sql, entry);
        return {};
    });
}

Result<std::vector<LogEntry>> LogStore::of_record(
    TenantId tenant, const std::string& entity, const std::string& source_id, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<LogEntry>> {
        return select(sql, kOfRecord, tenant, entity, source_id, limit);
    });
}

Result<std::vector<LogEntry>> LogStore::of_run(
    TenantId tenant, const RunId& run, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<LogEntry>> {
        return select(sql, kOfRun, tenant, run, limit);
    });
}

}  // namespace syncline::storage
