// The sync log: what happened to records, runs and connections, for people and for the timeline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct LogEntry {
    std::int64_t id = 0;  // in the order of writing; 0: not stored yet
    TenantId tenant;
    std::int64_t at_ms = 0;
    std::string level = "info";  // info, warning, error
    std::string event;           // "written", "held", "retry", "run.started"
    std::optional<RunId> run;
    FlowId flow;
    ConnectionId connection;
    std::string entity;
    std::string source_id;
    std::string message;        // no secret, no personal data
    std::string detail = "{}";  // JSON, masked
};

class LogStore {
public:
    explicit LogStore(Database& database) : database_(database) {}

    void append(Sql& sql, const LogEntry& entry);  // part of a caller's unit of work
    Result<void> append(const LogEntry& entry);
    Result<std::vector<LogEntry>> of_record(
        TenantId tenant, const std::string& entity, const std::string& source_id, std::int64_t limit
    ) const;
    Result<std::vector<LogEntry>> of_run(TenantId tenant, const RunId& run, std::int64_t limit)
        const;
    // What a tenant's log has after the entry `id`, oldest first. Looks at every entry after it.
    Result<std::vector<LogEntry>> after(TenantId tenant, std::int64_t id, std::int64_t limit) const;
    // Of all tenants; 0: none.
    Result<std::int64_t> newest_id() const;

private:
    Database& database_;
};

}  // namespace syncline::storage
