#include "api/audit_views.hpp"

#include <syncline/timestamp.hpp>

namespace syncline::api {

// With at_ms and tenant_id as they are in the hash; "detail_text" is what "detail" was read from.
Json audit_json(const storage::AuditRow& row) {
    const storage::AuditEntry& entry = row.entry;
    return {
        {"id", row.id},
        {"at", Timestamp{entry.at_ms}.to_string()},
        {"at_ms", entry.at_ms},
        {"tenant_id", entry.tenant.value},
        {"event", entry.event},
        {"object", entry.object},
        {"outcome", entry.outcome},
        {"reason", entry.reason},
        {"detail", entry.detail},
        {"detail_text", row.detail},
        {"actor", entry.actor.name},
        {"credential", entry.actor.credential},
        {"role", entry.actor.role},
        {"address", entry.actor.address},
        {"request", entry.actor.request},
        {"previous_hash", row.previous_hash},
        {"hash", row.hash}};
}

std::vector<std::string> audit_csv_header() {
    return {
        "id",
        "at",
        "tenant_id",
        "event",
        "object",
        "outcome",
        "reason",
        "detail",
        "actor",
        "credential",
        "role",
        "address",
        "request",
        "previous_hash",
        "hash"};
}

std::vector<std::string> audit_csv_row(const storage::AuditRow& row) {
    const storage::AuditEntry& entry = row.entry;
    return {
        std::to_string(row.id),
        Timestamp{entry.at_ms}.to_string(),
        std::to_string(entry.tenant.value),
        entry.event,
        entry.object,
        entry.outcome,
        entry.reason,
        row.detail,
        entry.actor.name,
        entry.actor.credential,
        entry.actor.role,
        entry.actor.address,
        entry.actor.request,
        row.previous_hash,
        row.hash};
}

}  // namespace syncline::api
