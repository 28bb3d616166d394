// Matches and their proposals: which records of two connections may be the same, and what people
// decided.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/matching.hpp"
#include "storage/database.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

struct Match {
    std::int64_t id = 0;
    TenantId tenant;
    ConnectionId source;
    ConnectionId target;
    std::string source_name;
    std::string target_name;
    std::string entity;
    std::string flow;   // it was asked for; empty: two connections
    std::string state;  // queued, running, completed, failed
    std::int64_t from_ms = 0;
    std::string counts;  // JSON
    std::string error_code;
    std::string error_message;
    std::string requested_by;
    std::int64_t created_at_ms = 0;
    std::int64_t started_at_ms = 0;
    std::int64_t finished_at_ms = 0;

    bool ended() const { return state == "completed" || state == "failed"; }
};

struct MatchProposal {
    std::int64_t id = 0;
    MatchGrade grade = MatchGrade::kExact;
    std::string state;  // proposed, confirmed, rejected
    std::string source_id;
    std::string part;
    std::string identity;
    std::string role;           // empty while it is ambiguous
    std::string target_entity;  // of the target, not canonical; empty while it is ambiguous
    std::string target_id;
    // {"source": label, "target": label, "evidence": [sentence], "candidates": [{entity, id, role,
    // label}], "sources": count, "targets": count, "also": [{role, entity, id}]}
    Json detail = Json::object();
    std::string decided_by;
    std::string reason;
    std::int64_t decided_at_ms = 0;
};

// Empty members take all.
struct ProposalFilter {
    std::string grade;
    std::string state;
    std::vector<std::int64_t> ids;
    std::int64_t after_id = 0;  // page cursor
    std::int64_t limit = 50;
};

struct ProposalDecision {
    std::string state;  // confirmed or rejected
    std::string role;   // of a confirmed one, with what it was linked to
    std::string target_entity;
    std::string target_id;
    std::string by;
    std::string reason;
};

class MatchStore {
public:
    MatchStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    // By id, the newest first.
    Result<std::vector<Match>> list(TenantId tenant, std::int64_t before_id, std::int64_t limit)
        const;
    Result<Match> by_id(TenantId tenant, std::int64_t id) const;  // kNotFound "match.unknown"
    // Those that have not ended, of all tenants, the oldest first.
    Result<std::vector<Match>> open() const;
    // The newest completed one of the pair, if there is one; and how many of its proposals nobody
    // decided.
    struct Latest {
        std::int64_t id = 0;
        std::int64_t undecided = 0;
    };
    Result<std::optional<Latest>> latest(
        ConnectionId source, ConnectionId target, const std::string& entity
    ) const;
    // How many proposals there are, by grade and state.
    Result<std::map<std::pair<std::string, std::string>, std::int64_t>> tally(std::int64_t match
    ) const;
    // By id.
    Result<std::vector<MatchProposal>> proposals(
        TenantId tenant, std::int64_t match, const ProposalFilter& filter
    ) const;
    // "customer 5\nitem\n12": what people said is not the same.
    Result<std::set<std::string>> rejected(
        ConnectionId source, ConnectionId target, const std::string& entity
    ) const;
    static std::string rejection(const MatchProposal& proposal);

    // Part of a caller's unit of work. Errors: kExists "match.under_way", naming it.
    Result<std::int64_t> create(Sql& sql, const Match& match);

    // What a process before us left is begun anew.
    Result<void> begin_anew();
    Result<void> start(std::int64_t id, std::int64_t now_ms);
    // Adds to what the match proposes; sealed before the unit of work starts.
    Result<void> add(const Match& match, const std::vector<MatchProposal>& proposals);
    // Ends it. Of the matches of the pair before it only what was decided is kept.
    Result<void> complete(const Match& match, const Json& counts, std::int64_t now_ms);
    Result<void> fail(std::int64_t id, const Error& error, std::int64_t now_ms);

    // Part of a caller's unit of work. Errors: kExists "match.decided".
    Result<void> decide(
        Sql& sql, std::int64_t proposal, const ProposalDecision& decision, std::int64_t now_ms
    );

private:
    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
