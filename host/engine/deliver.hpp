// Delivers due jobs of a flow: claim, encode, plan, needs, write, settle (architecture 3).
// deliver() owns the order; the stages below it are functions from value to value.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/plan.hpp"
#include "core/retry.hpp"
#include "engine/flow_mapping.hpp"
#include "engine/needs.hpp"
#include "engine/writer.hpp"

namespace syncline::engine {

class Arbiter;
struct Wave;  // of deliver_stages.hpp

// Somebody else changed a document, and a person has to decide. Stored with the work's outcome.
struct NotedConflict {
    std::string role;
    std::string target_entity;
    std::string target_id;
    Json sides;
    std::string sealed;  // the sides
};

// A claimed job on its way through the stages.
struct Work {
    storage::Job job;
    const RetryPolicy* retry = nullptr;  // the flow's
    std::string record;  // text of the canonical model; empty: deleted at the source
    std::string identity;
    std::vector<WrittenBefore> before;
    PlannedRecord planned;
    std::map<std::string, std::string> ids;      // what {"$need": key} stands for
    std::optional<storage::JobOutcome> outcome;  // decided; later stages leave it alone
    Json detail;                                 // of a failure, for people
    int refusals = 0;                            // because the target had moved on
    std::optional<storage::Conflict> standing;   // about the record, from before
    std::optional<NotedConflict> conflict;       // found now
    std::optional<MappingUse> mapping;           // that adjusted its documents
};

class Deliverer {
public:
    Deliverer(
        Stores& stores,
        ConnectionPool& pool,
        Writer& writer,
        const Clock& clock,
        EngineConfig config
    );
    ~Deliverer();

    // One batch of the flow's due jobs; answers how many were claimed. Errors: of the database, or
    // why the target cannot be used now (nothing was claimed then).
    Result<std::size_t> deliver(
        const Flow& flow,
        const std::atomic<bool>* stop,
        storage::JobKinds kinds = storage::JobKinds::kAll
    );

private:
    Result<void> open_records(
        const Flow& flow, std::vector<Work>& works, const std::atomic<bool>* stop
    );
    // One that cannot be fetched has its outcome; the others have their records.
    void refetch(const Flow& flow, const std::vector<Work*>& works, const std::atomic<bool>* stop);
    Result<void> encode_and_plan(
        ConnectionSession& session,
        const EncodeContext& context,
        const Flow& flow,
        std::vector<Work>& works
    );
    void resolve_needs(
        ConnectionSession& session,
        const EncodeContext& encode_context,
        const WriteContext& context,
        std::vector<Work>& works
    );
    Result<void> write_documents(
        ConnectionSession& session,
        const Flow& flow,
        const WriteContext& context,
        std::vector<Work>& works
    );
    // The works of those of the wave's tasks that the target refused.
    Result<void> decide_refused(
        ConnectionSession& session,
        const Flow& flow,
        const WriteContext& context,
        Wave& wave,
        const Writer::Results& results
    );
    Result<void> finish(
        const Flow& flow,
        std::vector<Work>& works,
        std::int64_t token,
        const std::atomic<bool>* stop
    );
    // A lost lease is no error: the job is somebody else's then.
    Result<void> finish_job(
        storage::Sql& sql,
        const Flow& flow,
        const Work& work,
        const storage::JobOutcome& outcome,
        std::int64_t token
    );

    Stores& stores_;
    ConnectionPool& pool_;
    Writer& writer_;
    NeedResolver needs_;
    std::unique_ptr<Arbiter> arbiter_;
    const Clock& clock_;
    const EngineConfig config_;
    std::atomic<std::int64_t> next_token_;
};

}  // namespace syncline::engine
