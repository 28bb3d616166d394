// The trace that a run belongs to: that of the request that asked for it.
#pragma once

#include <optional>
#include <vector>

#include "core/trace_context.hpp"
#include "storage/database.hpp"
#include "storage/job_store.hpp"

namespace syncline::storage {

// A span of its own in that trace; nothing for a run that no request asked for, or that is gone.
std::optional<TraceContext> trace_of_run(const Database& database, const RunId& run);

// The trace of the run that all of `jobs` are of; nothing if they are of several.
std::optional<TraceContext> trace_of_jobs(const Database& database, const std::vector<Job>& jobs);

}  // namespace syncline::storage
