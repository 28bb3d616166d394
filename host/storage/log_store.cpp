#include "storage/log_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

constexpr auto kInsert = R"sql(
    INSERT INTO sync_logs (tenant_id, at_ms, level, event, run_id, flow_id, connection_id, entity,
                           source_id, message, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
#define SYNCLINE_LOG_COLUMNS                                                    \
    "SELECT id, tenant_id, at_ms, level, event, run_id, coalesce(flow_id, 0), " \
    "coalesce(connection_id, 0), entity, source_id, message, detail FROM sync_logs "
constexpr auto kOfRecord = SYNCLINE_LOG_COLUMNS
    "WHERE tenant_id = ? AND entity = ? AND source_id = ? ORDER BY id DESC LIMIT ?";
constexpr auto kOfRun =
    SYNCLINE_LOG_COLUMNS "WHERE tenant_id = ? AND run_id = ? ORDER BY id LIMIT ?";
constexpr auto kAfter = SYNCLINE_LOG_COLUMNS "WHERE id > ? AND tenant_id = ? ORDER BY id LIMIT ?";
#undef SYNCLINE_LOG_COLUMNS
constexpr auto kNewest = "SELECT coalesce(max(id), 0) FROM sync_logs";

constexpr auto kEntry = columns(
    &LogEntry::id,
    &LogEntry::tenant,
    &LogEntry::at_ms,
    &LogEntry::level,
    &LogEntry::event,
    &LogEntry::run,
    &LogEntry::flow,
    &LogEntry::connection,
    &LogEntry::entity,
    &LogEntry::source_id,
    &LogEntry::message,
    &LogEntry::detail
);

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
        return kEntry.all(sql, kOfRecord, tenant.value, entity, source_id, limit);
    });
}

Result<std::vector<LogEntry>> LogStore::of_run(
    TenantId tenant, const RunId& run, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<LogEntry>> {
        return kEntry.all(sql, kOfRun, tenant.value, run, limit);
    });
}

Result<std::vector<LogEntry>> LogStore::after(TenantId tenant, std::int64_t id, std::int64_t limit)
    const {
    return database_.read([&](Sql& sql) -> Result<std::vector<LogEntry>> {
        return kEntry.all(sql, kAfter, id, tenant.value, limit);
    });
}

Result<std::int64_t> LogStore::newest_id() const {
    return database_.read([](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kNewest).value_or(0);
    });
}

}  // namespace syncline::storage
