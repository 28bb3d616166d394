// Starts flows again whose last run failed: the same run once more, later each time (core/restart).
#pragma once

#include "engine/sync_control.hpp"

namespace syncline::engine {

class Restarts {
public:
    Restarts(Stores& stores, SyncControl& syncs, const Clock& clock)
        : stores_(stores), syncs_(syncs), clock_(clock) {}

    // Those that are due, unless their flow was disabled; answers how many were started.
    Result<std::size_t> step();
    // One of them now. Errors: as SyncControl::start.
    Result<StartedSync> restart(const storage::FlowFailure& failure, const storage::Cause& cause);

private:
    Stores& stores_;
    SyncControl& syncs_;
    const Clock& clock_;
};

}  // namespace syncline::engine
