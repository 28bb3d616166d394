// The pure stages of a delivery: values in, values out. deliver.cpp has their order.
#pragma once

#include <string>
#include <vector>

#include "engine/deliver.hpp"

namespace syncline::engine {

// Where a job's copy of its record, and a dead letter's details, are sealed.
storage::Place record_place(TenantId tenant, FlowId flow, const std::string& source_id);
storage::Place detail_place(TenantId tenant, JobId job);

// Jobs per claim: a few full batches of the target, so that needs are shared, but not so many that
// a lease is long.
std::int64_t claim_limit(const Spec& target);

// The works refer to `retry`.
std::vector<Work> to_works(std::vector<storage::Job> jobs, const RetryPolicy& retry);

// Errors: kData when the record's text is no JSON.
Result<std::string> identity_of_record(
    const std::string& entity, const std::string& source_id, const std::string& record
);

std::vector<KnownDocument> known_documents(const std::vector<WrittenBefore>& before);

// Decides works whose plan has nothing to write: skipped, held, failed.
void settle_without_write(Work& work);

// The documents that can be written now: their record is undecided, their siblings have ids. The
// three vectors run in parallel.
struct Wave {
    std::vector<WriteTask> tasks;
    std::vector<Work*> works;
    std::vector<PlannedDocument*> documents;
};
Wave next_wave(std::vector<Work>& works);

// Takes in what became of the wave's tasks at `places`; answers the works that are complete now,
// with their outcome decided. The same again when it is called again.
std::vector<Work*> note_results(
    Wave& wave, const std::vector<std::size_t>& places, const Writer::Results& results
);

storage::JobOutcome requeue(const storage::Job& job, std::int64_t delay_ms);
storage::JobOutcome settled_outcome(const Work& work);
storage::JobOutcome outcome_of_error(
    const storage::Job& job, const Error& error, const RetryPolicy& policy
);
// When another record it needs is not there; `error` says why.
storage::JobOutcome outcome_of_need(
    const storage::Job& job, const Need& need, const Error& error, const RetryPolicy& policy
);
// When the whole batch could not be done, no single record is to blame: jobs wait, as long as
// waiting, other settings or other credentials can help. What is refused for good (kUnsupported,
// kData) ends each of them where it is seen.
storage::JobOutcome outcome_of_whole(
    const storage::Job& job, const Error& error, const RetryPolicy& policy
);

// A platform that cannot void a document may be able to delete it.
bool cannot_void(const WriteTask& task, const Error& error);

// Decides a work that failed; `detail` is for people.
void fail(Work& work, const Error& error, Json detail);
// Decides those that are undecided by what met the whole batch.
void decide_all(std::vector<Work>& works, const Error& error);

// Why a document waits or fails because of another record.
Error need_error(const Need& need, const Error& error);

}  // namespace syncline::engine
