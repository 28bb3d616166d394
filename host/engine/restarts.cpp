#include "engine/restarts.hpp"

#include "core/log.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kAgainMs = 60'000;

}  // namespace

Result<std::size_t> Restarts::step() {
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(const auto due, stores_.flow_changes.due_restarts(now));
    std::size_t started = 0;
    for (const auto& failure : due) {
        SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.by_id(failure.flow));
        if (!flow.definition.enabled) {
            SYNCLINE_RETURN_IF_ERROR(stores_.flow_changes.forget_failure(failure.flow));
            continue;
        }
        const auto restarted = restart(failure, {"host", "restart after a failure"});
        if (restarted) {
            ++started;
            continue;
        }
        // Mostly another run of the flow that reads; its end decides anew.
        log::debug(
            "a failed flow was not restarted",
            {{"run", failure.run}, {"reason", restarted.error().message}}
        );
        SYNCLINE_RETURN_IF_ERROR(stores_.flow_changes.postpone(failure.flow, now + kAgainMs));
    }
    return started;
}

Result<StartedSync> Restarts::restart(
    const storage::FlowFailure& failure, const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto run, stores_.runs.by_id(failure.run));
    StartRequest request;
    request.flow = run.flow_name;
    request.mode = run.mode;
    request.options = run.options;
    request.requested_by = cause.actor == "host" ? "restart" : cause.actor;
    request.let_through = true;
    request.also = [&](storage::Sql& sql, const std::string&) -> Result<void> {
        stores_.flow_changes.note_restart(sql, failure, cause, clock_.now().ms);
        return {};
    };
    return syncs_.start(run.tenant, request);
}

}  // namespace syncline::engine
