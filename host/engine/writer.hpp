// Sends documents to a target: an intent before, the outcomes after, nothing twice.
//
// For each batch: the intent (exact request, whom it is for, its lanes) is durable; then the
// request goes out; then outcomes, id mappings, log and what `finish` adds are one transaction. An
// item whose outcome is unknown stays open in its intent, and its lane stays taken, until recovery
// settles it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/connection_pool.hpp"
#include "engine/write_request.hpp"

namespace syncline::engine {

// One document on its way. Ids have been put in already.
struct WriteTask {
    WriteItem item;  // index is set by the writer
    WriteTarget target;
    std::string lane;
};

// Circumstances all tasks of a write share.
struct WriteContext {
    TenantId tenant;
    FlowId flow;
    ConnectionId source;
    std::int64_t token = 0;  // the claim that holds the lanes
};

class Writer {
public:
    // `installation` makes keys of different databases differ; it never changes for a database.
    Writer(Stores& stores, const Clock& clock, std::string installation)
        : stores_(stores), clock_(clock), installation_(std::move(installation)) {}

    using Results = std::vector<Result<Written>>;
    // Runs inside the outcomes' transaction with the tasks of a batch, by their place in `tasks`;
    // again when that transaction had to be rolled back.
    using Finish =
        std::function<Result<void>(storage::Sql&, const std::vector<std::size_t>&, const Results&)>;

    // One result per task, in order. Of a lane that a batch left in doubt nothing more is sent:
    // kTransient "intent.open". An error of the whole: nothing of the batch it happened in, and of
    // those after it, was sent.
    Result<Results> write(
        ConnectionSession& session,
        const WriteContext& context,
        const std::vector<WriteTask>& tasks,
        const Finish& finish
    );

    // Stores what became of the items of an intent: part of the caller's unit of work. `outcomes`
    // holds one entry per item; those still unknown are left open. Answers whether the intent is
    // settled.
    Result<bool> settle(
        storage::Sql& sql,
        const WriteContext& context,
        ConnectionId target,
        IntentId intent,
        const StoredWrite& stored,
        const Results& outcomes,
        const std::vector<std::optional<std::string>>& sealed
    );
    // The merge bases of `outcomes`, sealed; before the unit of work starts.
    Result<std::vector<std::optional<std::string>>> seal_owned(
        TenantId tenant, ConnectionId target, const StoredWrite& stored, const Results& outcomes
    );

    // The record is in the target now: what was held for it goes on. Part of a unit of work.
    void announce(storage::Sql& sql, const storage::MappedRecord& record);

    // The document is in the target as we want it. kByUs: although no answer of ours said so.
    enum class Adopted { kByUs, kAsItWas };
    Result<void> adopt(
        const WriteContext& context,
        ConnectionId target,
        const WriteTask& task,
        const Found& found,
        Adopted how
    );

    std::string key(IntentId intent, std::int64_t epoch) const {
        return storage::intent_key(installation_, intent, epoch);
    }

    std::int64_t now_ms() const { return clock_.now().ms; }

private:
    // Part of a unit of work: what a document that was written, voided or deleted leaves behind.
    void store_written(
        storage::Sql& sql,
        const WriteContext& context,
        ConnectionId target,
        const WriteTarget& whom,
        const WriteItem& item,
        const WrittenBefore& written,
        const std::optional<std::string>& sealed
    );
    // Part of a unit of work: what the target shows since this write.
    void note_own_write(
        storage::Sql& sql,
        const WriteContext& context,
        ConnectionId target,
        const WriteTarget& whom,
        const WriteItem& item,
        const Written& written
    );
    Result<Results> write_batch(
        ConnectionSession& session,
        const WriteContext& context,
        const std::vector<WriteTask>& tasks,
        const std::vector<std::size_t>& places,
        const Finish& finish
    );
    // Lanes of the intent that have no open item any more are free for what comes next.
    void uncover_settled(
        storage::Sql& sql,
        IntentId intent,
        ConnectionId target,
        const std::vector<std::string>& lanes,
        const Results& outcomes
    );

    Stores& stores_;
    const Clock& clock_;
    const std::string installation_;
};

// True when the remote may or may not have done it.
bool outcome_unknown(const Error& error);

}  // namespace syncline::engine
