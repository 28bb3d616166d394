// Deletes what is finished and old, a few rows at a time. Kept whatever their age: work that is not
// settled, dead letters and what a person decided about a record, requests that are not settled and
// the jobs they are for, each flow's newest run, and id mappings. The newest row of each table
// stays as well, since SQLite would give its number to the next one, and an idempotency key is made
// from the number of its request.
#pragma once

#include <array>
#include <cstdint>

#include "storage/database.hpp"

namespace syncline::storage {

enum class Finished {
    kJobs,
    kRuns,
    kLogs,
    kRequests,
    kWebhooks,
    kIdempotencyKeys,
    kReconciliations
};
inline constexpr std::array kAllFinished{
    Finished::kJobs,
    Finished::kRuns,
    Finished::kLogs,
    Finished::kRequests,
    Finished::kWebhooks,
    Finished::kIdempotencyKeys,
    Finished::kReconciliations};

class Retention {
public:
    explicit Retention(Database& database) : database_(database) {}

    // Deletes at most `rows_max` of what ended before `before_ms`, the oldest first, in one unit of
    // work; answers how many. Fewer than `rows_max`: there are no more.
    Result<std::int64_t> purge(Finished what, std::int64_t before_ms, std::int64_t rows_max);

    // What purge() executes, for whoever looks at its plan.
    static const char* statement(Finished what);

    // The newest time at which anything was logged; 0 = never.
    Result<std::int64_t> newest_log_ms() const;

private:
    Database& database_;
};

}  // namespace syncline::storage
