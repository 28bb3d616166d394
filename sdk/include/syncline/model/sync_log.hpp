// A run of a flow, offered by the host as a record (the platform "syncline").
#pragma once

#include <optional>
#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {

struct SyncLogRecord {
    std::string id;  // of the run
    std::string flow;
    std::string source;  // of the flow: "woocommerce:shop"
    std::string target;
    std::string entity;  // of the flow
    std::string mode;    // incremental, full, backfill, ids
    std::string status;  // queued, running, completed, partial, failed, stopped
    std::int64_t read = 0;
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t skipped = 0;
    std::int64_t held = 0;
    std::int64_t conflict = 0;
    std::int64_t waiting = 0;
    std::int64_t failed = 0;
    std::string error_code;
    std::string message;  // of the error; for people
    Timestamp created_at;
    std::optional<Timestamp> started_at;
    std::optional<Timestamp> finished_at;

    static constexpr auto fields() {
        return field_list(
            field("id", &SyncLogRecord::id),
            field("flow", &SyncLogRecord::flow),
            field("source", &SyncLogRecord::source),
            field("target", &SyncLogRecord::target),
            field("entity", &SyncLogRecord::entity),
            field("mode", &SyncLogRecord::mode),
            field("status", &SyncLogRecord::status),
            field("read", &SyncLogRecord::read),
            field("created", &SyncLogRecord::created),
            field("updated", &SyncLogRecord::updated),
            field("skipped", &SyncLogRecord::skipped),
            field("held", &SyncLogRecord::held),
            field("conflict", &SyncLogRecord::conflict),
            field("waiting", &SyncLogRecord::waiting),
            field("failed", &SyncLogRecord::failed),
            field("error_code", &SyncLogRecord::error_code),
            field("message", &SyncLogRecord::message),
            field("created_at", &SyncLogRecord::created_at),
            field("started_at", &SyncLogRecord::started_at),
            field("finished_at", &SyncLogRecord::finished_at)
        );
    }
};

}  // namespace syncline
