// The durable queue: jobs, their leases and the lanes they hold.
//
// A lane is strictly serial: a claim takes the lane together with the job, and the lane stays taken
// until the job is finished, and beyond that as long as an open intent covers it. Every change
// after a claim presents the claim's token; a token that is no longer the lease's changes nothing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "core/retry.hpp"
#include "storage/database.hpp"
#include "storage/dead_letter.hpp"
#include "storage/id_mapping_store.hpp"
#include "storage/run_store.hpp"

namespace syncline::storage {

// What collect (or a webhook) learned: this record may have changed.
struct RaisedJob {
    std::string source_id;
    std::string lane;
    std::string content_hash;
    std::optional<std::string> record;  // sealed copy
    int priority = 2;
    bool always = false;        // also when the content is what it was (full mode)
    std::string approved = {};  // what may be written (core/approval.hpp)
    bool asked_for = false;     // by its id: also from quarantine
    bool echo = false;          // our own write, as it comes back: see note_echo()
};

enum class Raised {
    kPending,    // a job waits to be delivered for this run
    kUnchanged,  // the content was delivered before, or waits as a dead letter
    kDead,       // it is a dead letter now
};

// What collect learned of a record that it cannot take.
struct UnreadableJob {
    std::string source_id;
    std::string lane;
    std::string content_hash;  // of all of it: another one means that it changed
    Error error;
    int priority = 2;
    std::string approved = {};  // what may be written once it can be read (core/approval.hpp)
    // The details of its dead letter, sealed for that job; called within the unit of work.
    std::function<std::optional<std::string>(JobId)> seal_detail;
};

struct Job {
    JobId id;
    TenantId tenant;
    FlowId flow;
    std::string entity;
    std::string source_id;
    std::string lane;
    std::int64_t version = 0;           // the wanted version at the time of the claim
    std::optional<std::string> record;  // sealed; absent if it is not of that version
    int priority = 2;
    std::int64_t attempts = 0;
    std::int64_t failing_for_ms =
        0;                // since the first failure that used up an attempt; 0: none yet
    std::string written;  // "created" or "updated" if a document of this version is out already
    std::optional<RunId> run;
    std::string approved;  // what may be written (core/approval.hpp)
};

// How a claimed job ends.
struct JobOutcome {
    enum class Kind {
        kSettled,  // result: created, updated or skipped
        kRetry,    // again after `delay_ms`; counts as an attempt
        kWait,     // again after `delay_ms`; no attempt used up
        kRequeue,  // again after `delay_ms`; not even an outcome for its run (a busy lane)
        kDead,     // result: failed, held or conflict
        kPark,     // not before somebody confirms what it would write; as kRequeue when somebody
                   // allowed it something else meanwhile
    };
    JobId job;
    std::int64_t version = 0;
    Kind kind = Kind::kSettled;
    std::string result;
    std::int64_t delay_ms = 0;
    std::optional<Error> error;
    std::optional<ErrorClass> error_class;  // absent: that of the error's code
    std::optional<std::string> detail;      // sealed; of a dead letter
    std::optional<std::string> record;      // sealed; of a dead letter that had no copy
    std::string waits_for;                  // lane of the record that must be in the target first
    std::string approved;                   // the claim's, of kPark
    std::string lane;                       // of kRequeue: the one it belongs to; empty: its own
    // Of a dead letter: what its documents were adjusted with; empty: with nothing.
    std::string mapping = {};
    std::int64_t mapping_version = 0;  // 0: a shipped one
};

// Priorities 0 to 2, and 3: a backfill does not travel with what is urgent.
enum class JobKinds { kAll, kNoBackfill, kBackfill };

// A running flow with due jobs.
struct DueFlow {
    FlowId flow;
    TenantId tenant;
    ConnectionId target;
    std::optional<int> priority;  // the most urgent one below a backfill's
    bool backfill = false;        // there are backfills too
};

// How many jobs, and of which kinds.
struct ClaimLimit {
    // NOLINTNEXTLINE(google-explicit-constructor)
    ClaimLimit(std::int64_t count, JobKinds of = JobKinds::kAll) : jobs(count), kinds(of) {}
    std::int64_t jobs;
    JobKinds kinds;
};

struct QueueCounts {
    std::int64_t queued = 0;
    std::int64_t leased = 0;
    std::int64_t parked = 0;
    std::int64_t dead = 0;
    std::int64_t oldest_due_at_ms = 0;  // 0: nothing is due
};

class JobStore {
public:
    JobStore(Database& database, RunStore& runs) : database_(database), runs_(runs) {}

    // Part of collect's unit of work; counts nothing but a superseded run's job.
    Raised raise(
        Sql& sql,
        const Flow& flow,
        const RaisedJob& raised,
        const std::optional<RunId>& run,
        std::int64_t now_ms
    );

    // The same for a record that cannot be taken: a dead letter, listed once however often it is
    // read. As soon as it has another content that can be read, raise() delivers that.
    Raised raise_unreadable(
        Sql& sql,
        const Flow& flow,
        const UnreadableJob& unreadable,
        const std::optional<RunId>& run,
        std::int64_t now_ms
    );

    // The record shows what we wrote there ourselves: nothing is to be delivered, and this content
    // counts as delivered. False while a job is pending or needs help: then it must be raised, so
    // that nothing older is delivered.
    bool note_echo(
        Sql& sql,
        FlowId flow,
        const std::string& source_id,
        const std::string& content_hash,
        std::int64_t now_ms
    );

    // Flows that have a due job now.
    Result<std::vector<DueFlow>> due_flows(std::int64_t now_ms) const;

    // Takes up to `limit` due jobs of the flow whose lanes are free, with their lanes; the most
    // urgent first. What it costs does not depend on how many are due.
    Result<std::vector<Job>> claim(
        const Flow& flow,
        ClaimLimit limit,
        std::int64_t token,
        std::int64_t now_ms,
        std::int64_t lease_ms
    );

    // Takes those of `lanes` that are free for the claim `token`; answers the ones it holds now.
    Result<std::vector<std::string>> acquire_lanes(
        ConnectionId connection, const std::vector<std::string>& lanes, std::int64_t token
    );
    // Lanes taken by acquire_lanes() that no open intent covers.
    Result<void> release_lanes(
        ConnectionId connection, const std::vector<std::string>& lanes, std::int64_t token
    );
    Result<void> extend_lease(std::int64_t token, std::int64_t until_ms);

    // Parts of a caller's unit of work. finish() answers kExists "job.lease_lost" when the token is
    // not the lease's any more; the caller's unit must then be rolled back.
    Result<void> finish(
        Sql& sql, const JobOutcome& outcome, std::int64_t token, std::int64_t now_ms
    );
    // A document of the job's version is out.
    void mark_written(Sql& sql, JobId job, const std::string& result);
    // An open intent is settled: its jobs that wait go on. One that is leased (it only needed what
    // the intent made) is its delivery's.
    void requeue_after_intent(Sql& sql, JobId job, std::int64_t now_ms);

    // Leases that were not extended in time: how many. Their jobs are queued again; the lanes of
    // open intents stay theirs.
    Result<std::int64_t> release_lost_leases(std::int64_t now_ms);
    // Queued jobs that wait for an intent that was given up, its own and others of its lanes,
    // become dead letters, each with the sealed details that `detail` gives for it.
    void give_up(
        Sql& sql,
        IntentId intent,
        const Error& error,
        const std::function<std::optional<std::string>(JobId)>& detail,
        std::int64_t now_ms
    );
    // Which of `lanes` are kept by an open intent whose delivery is over.
    Result<std::vector<std::string>> lanes_in_doubt(
        ConnectionId connection, const std::vector<std::string>& lanes
    ) const;

    // At start: whoever held a lease is gone. Lanes covered by an open intent stay taken, with
    // their jobs.
    Result<void> release_all_leases(std::int64_t now_ms);

    // The jobs of a stopped run wait until the flow runs again.
    Result<void> park_run(const RunId& run, std::int64_t now_ms);
    // All but those that wait for a confirmation.
    Result<void> unpark_flow(FlowId flow, std::int64_t now_ms);
    // What a run of the flow takes up besides what it reads, as jobs of its own. With `approved`,
    // by source id, only these, and no more of them than that; without, all.
    Result<void> take_up_parked(
        FlowId flow,
        const RunId& run,
        const std::optional<std::map<std::string, std::string>>& approved,
        std::int64_t now_ms
    );
    Result<std::vector<std::string>> parked_ids(FlowId flow) const;
    // The state of a record's job and the content it was raised for, if it has one.
    struct Collected {
        std::string state;
        std::string content_hash;
    };
    Result<std::optional<Collected>> collected(FlowId flow, const std::string& source_id) const;
    // The flow's target cannot be used until a person helps: its jobs wait, which is an outcome for
    // their runs.
    Result<void> count_as_waiting(FlowId flow, std::int64_t now_ms);

    Result<std::vector<DeadLetter>> dead_letters(TenantId tenant, const DeadLetterFilter& filter)
        const;
    Result<DeadLetter> dead_letter(TenantId tenant, JobId id) const;  // kNotFound
    // By kind, the largest first; at most the filter's limit.
    Result<std::vector<FailureGroup>> failure_groups(
        TenantId tenant, const DeadLetterFilter& filter
    ) const;

    // Back to the queue, as part of a caller's unit of work. Errors: kNotFound when the id is no
    // dead letter of the tenant; kExists "failure.quarantined".
    Result<void> redrive(Sql& sql, TenantId tenant, JobId id, LoopGuard guard, std::int64_t now_ms);
    // All that the filter takes, in slices, spread over time by the rate.
    Result<Redriven> redrive_all(
        TenantId tenant,
        const DeadLetterFilter& filter,
        const RedriveOptions& options,
        std::int64_t now_ms
    );
    // What redrive_all() would do.
    Result<Redriven> redrivable(
        TenantId tenant,
        const DeadLetterFilter& filter,
        const RedriveOptions& options,
        std::int64_t now_ms
    ) const;
    // Back to the queue with another record, which is delivered until the source has a new one.
    // Errors: kExists "failure.changed" when it is no dead letter of that version any more.
    Result<void> redrive_edited(
        Sql& sql, TenantId tenant, JobId id, const EditedRecord& edited, std::int64_t now_ms
    );
    // Off the list until the record changes at its source. Errors: kNotFound; kExists
    // "failure.in_doubt" while it is not known whether the target has it.
    Result<void> resolve(
        Sql& sql, TenantId tenant, JobId id, const std::string& reason, std::int64_t now_ms
    );
    // The record is delivered as soon as it can be, whatever became of it before, and needs no
    // confirmation: a person asked for it. Answers whether it has a job.
    bool deliver_again(Sql& sql, FlowId flow, const std::string& source_id, std::int64_t now_ms);
    // A record is in the target now: those that were held for it are sent again, unless they are in
    // quarantine. Answers how many; not all at once when there are many, send_arrived() has the
    // rest.
    std::int64_t dependency_arrived(Sql& sql, const MappedRecord& arrived, std::int64_t now_ms);
    // The same for whatever arrived unnoticed: while its dependant was still being delivered, or
    // before the host stopped. One unit of work; answers how many.
    Result<std::int64_t> send_arrived(std::int64_t now_ms);
    // Another version of a mapping is in force: what the former one held, or what the target
    // refused of its documents, is sent again, unless it is in quarantine. One unit of work, which
    // may leave some for the next; answers how many.
    Result<std::int64_t> send_remapped(std::int64_t now_ms);
    // The connection works again: what its credentials or settings held up is due now. Answers how
    // many.
    Result<std::int64_t> credentials_renewed(
        TenantId tenant, ConnectionId connection, std::int64_t now_ms
    );
    Result<QueueCounts> counts(TenantId tenant, std::int64_t now_ms) const;
    // Which of the source ids of a flow have a job, that is: were delivered or are about to be.
    Result<std::vector<std::string>> known_ids(FlowId flow, const std::vector<std::string>& ids)
        const;

private:
    static constexpr int kPriorities = 4;  // 0, interactive, comes first
    static constexpr int kBackfill = 3;

    static void release_lane(
        Sql& sql, ConnectionId connection, const std::string& lane, std::int64_t token
    );
    // Of a job that was parked: nothing of it may be written.
    static void ask_for_approval(Sql& sql, JobId job);
    // A slice of the dead letters that the statement `choice` gives.
    Result<std::int64_t> send_chosen(const char* choice, std::int64_t now_ms);
    void send_again(Sql& sql, JobId id, int priority, std::int64_t at, std::int64_t now_ms);
    // Recovery looks now at the open intents the job waits for whose turn is not before `from_ms`.
    void wake_intents(Sql& sql, JobId job, std::int64_t from_ms, std::int64_t now_ms);

    Database& database_;
    RunStore& runs_;
};

}  // namespace syncline::storage
