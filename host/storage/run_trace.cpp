#include "storage/run_trace.hpp"

#include <algorithm>

namespace syncline::storage {
namespace {

constexpr auto kTrace = "SELECT trace FROM sync_runs WHERE id = ?";

}  // namespace

std::optional<TraceContext> trace_of_run(const Database& database, const RunId& run) {
    // Work goes on without its trace when that cannot be read.
    const auto text = database.read([&](Sql& sql) -> Result<std::string> {
        return sql.value<std::string>(kTrace, run).value_or("");
    });
    const auto parent = text ? parse_traceparent(*text) : std::nullopt;
    return parent ? std::optional<TraceContext>(child_of(*parent)) : std::nullopt;
}

std::optional<TraceContext> trace_of_jobs(const Database& database, const std::vector<Job>& jobs) {
    const bool of_one = !jobs.empty() && jobs.front().run &&
                        std::all_of(jobs.begin(), jobs.end(), [&](const Job& job) {
                            return job.run == jobs.front().run;
                        });
    return of_one ? trace_of_run(database, *jobs.front().run) : std::nullopt;
}

}  // namespace syncline::storage
