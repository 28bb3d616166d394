// Flows, and where their reading stands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

// See sync_state in migrations/sqlite/0003: times are the source's clock, 0 means none.
struct Cursor {
    std::int64_t cursor_ms = 0;
    bool scanning = false;
    std::string scan_mode;
    std::int64_t scan_from_ms = 0;
    std::int64_t scan_to_ms = 0;
    std::string scan_last_id;
    std::string scan_next;
    std::int64_t scan_seen = 0;  // records
    // The scan that saw far fewer records than are known, if there was one (engine/shrink.hpp).
    std::int64_t shrunk_seen = 0;
    std::int64_t shrunk_known = 0;
    std::int64_t shrunk_at_ms = 0;
    std::int64_t updated_at_ms = 0;  // as stored; save_cursor() sets it
};

class FlowStore {
public:
    explicit FlowStore(Database& database) : database_(database) {}

    // Makes the flow or replaces its definition; a flow whose source or entity changes is refused
    // (kExists), since its cursor and its jobs belong to the former. Errors: kNotFound naming the
    // connection that is missing, kInvalid from check_definition().
    Result<Flow> put(
        TenantId tenant, const FlowDefinition& definition, bool declared, std::int64_t now_ms
    );
    Result<Flow> find(TenantId tenant, const std::string& name) const;  // kNotFound
    Result<Flow> by_id(FlowId id) const;                                // kNotFound
    Result<std::vector<Flow>> list(TenantId tenant) const;
    Result<std::vector<Flow>> list_all() const;
    // Errors: kExists while a run or an intent of it is open, or one of its jobs is leased.
    Result<void> remove(FlowId id);

    Result<Cursor> cursor(FlowId flow, const std::string& entity) const;
    // How many records of the flow have a job, whatever became of it.
    Result<std::int64_t> known_records(FlowId flow) const;
    // Part of the caller's unit of work: a cursor never passes a record whose job is not in the
    // same transaction.
    void save_cursor(
        Sql& sql, FlowId flow, const std::string& entity, const Cursor& cursor, std::int64_t now_ms
    );

private:
    Database& database_;
};

}  // namespace syncline::storage
