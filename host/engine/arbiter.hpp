// What becomes of documents that somebody else may have changed in the target. It looks at the
// target before a write when there is reason to, and after a write that the target refused; merges
// the three sides by the flow's policies and by what a person decided; and keeps the inbox of
// conflicts. Nothing in the target is ever overwritten that nobody looked at.
#pragma once

#include <vector>

#include "core/merge.hpp"
#include "engine/deliver.hpp"

namespace syncline::engine {

struct Wave;  // of deliver_stages.hpp

class Arbiter {
public:
    Arbiter(Stores& stores, Writer& writer, const Clock& clock)
        : stores_(stores), writer_(writer), clock_(clock) {}

    // Loads what stands open about the works' records, and marks the documents it is about.
    Result<void> mark(const Flow& flow, std::vector<Work>& works);

    // Looks at documents of the wave that a conflict stands open about, in which another value than
    // the source's was kept, or whose target has no versions. What need not be written leaves the
    // wave; what may be written is what the merge made. Errors: of the database.
    Result<void> look_first(
        ConnectionSession& session, const Flow& flow, const WriteContext& context, Wave& wave
    );

    // An update, or removal, that the target refused because its document has another version: the
    // next wave tries again, it was done already, or the work fails. Errors: of the database.
    Result<void> after_refusal(
        ConnectionSession& session,
        const Flow& flow,
        const WriteContext& context,
        Work& work,
        PlannedDocument& document,
        WriteTask& task
    );

    // Seals what the works noted; before store() is called. What cannot be sealed is an error.
    Result<void> seal(std::vector<Work>& works);
    // Opens, updates or ends the record's conflict as its outcome says. Part of a unit of work.
    void store(
        storage::Sql& sql, const Flow& flow, const Work& work, const storage::JobOutcome& outcome
    );

private:
    enum class Verdict { kWrite, kDone, kFailed };
    // One document, now that the target's side is known.
    Result<Verdict> weigh(
        ConnectionSession& session,
        const Flow& flow,
        const WriteContext& context,
        Work& work,
        PlannedDocument& document,
        WriteTask& task,
        const Found& current
    );
    // Puts in what was kept in the target and has not changed since, as far as that can be told
    // without a look.
    Result<Verdict> keep_settled(
        ConnectionSession& session,
        const Flow& flow,
        const WriteContext& context,
        Work& work,
        PlannedDocument& document,
        WriteTask& task
    );
    Result<Verdict> apply(
        ConnectionSession& session,
        const WriteContext& context,
        Work& work,
        PlannedDocument& document,
        WriteTask& task,
        const Found& current,
        const Merge& merged
    );
    // The target has no such document any more.
    Result<void> gone(
        ConnectionSession& session,
        const WriteContext& context,
        Work& work,
        PlannedDocument& document,
        WriteTask& task
    );
    Decisions decisions(const Work& work, const PlannedDocument& document);

    Stores& stores_;
    Writer& writer_;
    const Clock& clock_;
};

// Where the sides and the decision of a record's conflict are sealed.
storage::Place conflict_place(TenantId tenant, FlowId flow, const std::string& source_id);

}  // namespace syncline::engine
