// What the API and the command line can do with dead letters: look at them, send them again as they
// are or with an edited record, and take them off the list. Everything is within one tenant; what
// changes something is logged with who did it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// A dead letter's record and details, opened.
struct OpenedFailure {
    storage::DeadLetter letter;
    Json record;  // null when it was not kept
    Json detail;
};

// How a record is to be edited: as a whole, or by a merge patch (RFC 7396); exactly one of them.
struct RecordEdit {
    std::optional<Json> record;
    std::optional<Json> merge;
    std::optional<std::int64_t> version;  // of the failure that was looked at; absent: as it is now
    bool dry_run = false;                 // only the difference
};

struct EditedFailure {
    Json difference;  // json_difference()
    bool queued = false;
};

// What several redriven at once come to.
struct RedriveReport {
    storage::Redriven redriven;
    std::vector<storage::DeadLetter> first;  // of a dry run: the first of them
};

class FailureControl {
public:
    FailureControl(Stores& stores, const Clock& clock, std::function<void()> wake)
        : stores_(stores), clock_(clock), wake_(std::move(wake)) {}

    // Errors: kNotFound.
    Result<OpenedFailure> open(TenantId tenant, JobId id);

    // Errors: kNotFound; kExists "failure.quarantined".
    Result<void> retry(
        TenantId tenant, JobId id, storage::LoopGuard guard, const std::string& actor
    );
    Result<RedriveReport> retry_all(
        TenantId tenant,
        const storage::DeadLetterFilter& filter,
        const storage::RedriveOptions& options,
        const std::string& actor
    );
    // What retry_all() would do; shows at most the filter's limit.
    Result<RedriveReport> retry_all_dry(
        TenantId tenant,
        const storage::DeadLetterFilter& filter,
        const storage::RedriveOptions& options
    );

    // The edited record is delivered next, and again whenever it must be, until the source has
    // another one. The loop guard starts anew. Errors: kNotFound; kInvalid (no object, another id,
    // no difference); kExists "failure.changed", "failure.no_record".
    Result<EditedFailure> edit(
        TenantId tenant, JobId id, const RecordEdit& edit, const std::string& actor
    );

    // Takes it off the list until its record changes at the source. Errors: kNotFound; kInvalid
    // (no reason).
    Result<void> resolve(
        TenantId tenant, JobId id, const std::string& reason, const std::string& actor
    );

private:
    void note(
        storage::Sql& sql,
        TenantId tenant,
        const storage::DeadLetter& letter,
        const std::string& event,
        const std::string& message,
        const Json& detail
    );

    Stores& stores_;
    const Clock& clock_;
    const std::function<void()> wake_;
};

}  // namespace syncline::engine
