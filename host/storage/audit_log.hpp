// The audit log: what people and the host did that somebody may have to answer for. Rows are only
// added, each within the unit of work of the change it tells of, and each holds the hash of the
// one before it, so that no row can be changed, taken out or put in without all later ones telling
// (docs/audit.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json.hpp>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// Who does something, as far as it is known.
struct AuditActor {
    std::string name = "host";  // whom the credential was given to
    std::string credential;     // which one: "key slk_4f0c...", "token 91ab..."; never its secret
    std::string role;
    std::string address;  // where the request came from
    std::string request;  // X-Request-Id
};

struct AuditEntry {
    TenantId tenant;  // 0: of the whole installation
    std::int64_t at_ms = 0;
    std::string event;             // "schedule.changed"
    std::string object;            // "schedule nightly"
    std::string outcome = "done";  // or "refused"
    std::string reason;
    Json detail = Json::object();  // no secret, no personal data
    AuditActor actor;
};

struct AuditRow {
    std::int64_t id = 0;
    AuditEntry entry;
    std::string detail;  // of the entry, as it is stored: the hash is over exactly this text
    std::string previous_hash;
    std::string hash;
};

struct AuditFilter {
    std::string event;    // exact, or what it begins with when it ends in '.': "credential."
    std::string actor;    // exact
    std::string object;   // exact
    std::string outcome;  // exact
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;      // before; 0: no end
    std::int64_t before_id = 0;  // of the page before; 0: the first page
    std::int64_t limit = 100;
};

// What a look at the whole chain found.
struct AuditVerdict {
    std::int64_t rows = 0;  // that are sound, from the first one on
    std::string head;       // hash of the last of them
    std::int64_t broken_row = 0;
    std::string problem;  // empty: all is sound
};

// The texts that a row's hash is made of, as a JSON array: previous_hash, id, tenant_id, at_ms,
// event, object, outcome, reason, detail, actor, credential, role, address, request.
std::string audit_canonical(const AuditRow& row);

// Part of the unit of work that makes the change. Throws Poco::Exception. Long texts are cut.
void append_audit(Sql& sql, const AuditEntry& entry);

// Reads all rows, oldest first. With `expected_head`, a hash that was seen before must be in it.
// Throws Poco::Exception.
AuditVerdict verify_audit(Sql& sql, const std::string& expected_head = {});

class AuditLog {
public:
    explicit AuditLog(Database& database) : database_(database) {}

    // As a unit of work of its own.
    Result<void> append(const AuditEntry& entry);
    // Newest first; of the tenant, and those of the installation if `with_installation`.
    Result<std::vector<AuditRow>> list(
        TenantId tenant, bool with_installation, const AuditFilter& filter
    ) const;

private:
    Database& database_;
};

// All rows of the database, oldest first, in slices. Throws Poco::Exception.
void each_audit_row(Sql& sql, const std::function<void(const AuditRow&)>& visit);

}  // namespace syncline::storage
