// The conflict inbox: what the target and the source say differently, and what a person decided.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct Conflict {
    ConflictId id;
    TenantId tenant;
    FlowId flow;
    std::string flow_name;
    std::string entity;
    std::string source_id;
    std::string role;
    ConnectionId target;
    std::string target_name;
    std::string target_entity;
    std::string target_id;
    std::string state;  // open, resolving, resolved, closed
    std::int64_t revision = 0;
    std::string keep;  // of a decision: source, target, fields
    std::string actor;
    std::string reason;
    std::int64_t opened_at_ms = 0;
    std::int64_t updated_at_ms = 0;
    std::int64_t decided_at_ms = 0;
    std::int64_t closed_at_ms = 0;
    std::string sides;                    // sealed
    std::optional<std::string> decision;  // sealed

    bool decided() const { return state == "resolving"; }
};

// Empty members take all.
struct ConflictFilter {
    std::string state;
    std::string flow;  // name
    std::string entity;
    std::string source_id;
    std::int64_t before_id = 0;  // page cursor
    std::int64_t limit = 50;
};

// What a look at the target found.
struct FoundConflict {
    TenantId tenant;
    FlowId flow;
    std::string entity;
    std::string source_id;
    std::string role;
    ConnectionId target;
    std::string target_entity;
    std::string target_id;
    std::string sides;  // sealed
};

struct ConflictDecision {
    std::string sealed;
    std::string keep;
    std::string actor;
    std::string reason;
    std::int64_t revision = 0;  // of the sides it is about
};

class ConflictStore {
public:
    explicit ConflictStore(Database& database) : database_(database) {}

    // By id, the newest first.
    Result<std::vector<Conflict>> list(TenantId tenant, const ConflictFilter& filter) const;
    Result<Conflict> by_id(TenantId tenant, ConflictId id) const;  // kNotFound
    Result<std::int64_t> count_open(TenantId tenant) const;

    // Those of the flow's records that are open or about to be resolved, by source id.
    Result<std::map<std::string, Conflict>> standing(
        FlowId flow, const std::vector<std::string>& source_ids
    ) const;

    // Parts of a caller's unit of work.
    // Opens one; or brings the one that stands up to date, whose decision, if it has one, was about
    // other sides and is dropped.
    ConflictId open(Sql& sql, const FoundConflict& found, std::int64_t now_ms);
    // Errors: kNotFound; kExists "conflict.decided", "conflict.closed", "conflict.changed".
    Result<void> decide(
        Sql& sql,
        TenantId tenant,
        ConflictId id,
        const ConflictDecision& decision,
        std::int64_t now_ms
    );
    // The decision is done; one that nobody decided is over. Nothing when it is so already.
    void settle(Sql& sql, ConflictId id, std::int64_t now_ms);
    // The record's conflict, if one stands, is left alone.
    void close_of_record(
        Sql& sql,
        FlowId flow,
        const std::string& source_id,
        const std::string& actor,
        const std::string& reason,
        std::int64_t now_ms
    );

private:
    Database& database_;
};

}  // namespace syncline::storage
