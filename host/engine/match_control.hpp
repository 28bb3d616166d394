// What the API and the command line can do with matches: start one, decide about its proposals. A
// match works on threads of its own, one per tenant at a time; matches take turns with each other
// at reading, and hold up no run. Everything but the threads is within one tenant.
//
// Life: start(), then stop() before what it uses is destroyed.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/guarded.hpp"
#include "core/repeating.hpp"
#include "engine/match_run.hpp"
#include "engine/worker_pool.hpp"
#include "engine/writer.hpp"

namespace syncline::engine {

// Either a flow, or two connections and an entity.
struct MatchRequest {
    std::string flow;
    std::string source;  // names of connections
    std::string target;
    std::string entity;  // singular
    std::optional<Timestamp> from;
};

// Which proposals are meant: these, or all undecided ones of a grade.
struct Proposals {
    std::vector<std::int64_t> ids;
    std::string grade;  // "exact" or "assisted"; of a rejection, also "ambiguous"
};

// What an ambiguous proposal is linked to: one of its candidates.
struct ChosenTarget {
    std::string entity;
    std::string id;
};

struct Decided {
    std::int64_t done = 0;
    std::int64_t last_id = 0;  // of those that were looked at; 0: there are no more
    // Proposals that could not be confirmed, and why; they stay proposed.
    std::vector<std::pair<std::int64_t, Error>> refused;
};

class MatchControl {
public:
    MatchControl(Stores& stores, ConnectionPool& pool, Writer& writer, const Clock& clock);
    ~MatchControl();

    void start();
    // Matches under way end soon, and are begun anew with the next start. Idempotent.
    void stop();
    // Every match that waits, on the calling thread; for tests, instead of start().
    Result<void> run_waiting();
    // Nothing reads for a match now.
    bool rests() const { return slots_.all_free(); }

    // For whoever only looks.
    const storage::MatchStore& store() const { return matches_; }

    // Part of a caller's unit of work. Errors: kInvalid with the place in the request, kNotFound,
    // kExists "match.under_way".
    Result<storage::Match> create(
        TenantId tenant, const MatchRequest& request, const std::string& requested_by
    );

    // Links what the proposals say, some of them in one unit of work: with a grade, those after
    // `after_id`; Decided::last_id leads on. The target's side is compared before anything is
    // written there. Errors: kInvalid, kNotFound, kExists "match.not_completed", "match.ambiguous";
    // of proposals that were named, also "match.decided" and those of IdMappingDirectory::link(),
    // and then nothing is done.
    Result<Decided> confirm(
        const storage::Match& match,
        const Proposals& proposals,
        const std::optional<ChosenTarget>& chosen,
        const std::string& by,
        std::int64_t after_id = 0
    );
    // They are not proposed again. Errors: the same.
    Result<Decided> reject(
        const storage::Match& match,
        const Proposals& proposals,
        const std::string& by,
        const std::string& reason,
        std::int64_t after_id = 0
    );

private:
    Result<std::chrono::milliseconds> look();
    Result<std::vector<storage::MatchProposal>> wanted(
        const storage::Match& match, const Proposals& proposals, std::int64_t after_id
    ) const;
    // Part of a unit of work.
    Result<void> link(
        storage::Sql& sql,
        const storage::Match& match,
        const storage::MatchProposal& proposal,
        const std::string& by
    );

    Stores& stores_;
    storage::MatchStore matches_;
    storage::IdMappingDirectory directory_;
    ConnectionPool& pool_;
    ReadingSlots slots_;
    Writer& writer_;
    const Clock& clock_;
    std::atomic<bool> stopping_{false};
    Guarded<std::set<TenantId>> busy_;
    std::unique_ptr<WorkerPool> workers_;
    Repeating looking_{"matches were not looked for"};
};

}  // namespace syncline::engine
