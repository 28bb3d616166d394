// Whose deliveries are handled next, so that sources that do not answer hold up nobody else's. Pure
// bookkeeping; its owner locks.
//
// A tenant has half of the threads at most, also while nobody else waits: its calls may take
// minutes, and somebody comes meanwhile. Connections whose source did not answer the last time go
// after all others, and have half of the threads, and half of a tenant's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "storage/webhook_event_store.hpp"

namespace syncline::engine {

class IntakeTurns {
public:
    static constexpr std::size_t kAtOnce = 8;

    // The one of `due` that goes next; it counts as running from now on. Nothing: all have to wait.
    std::optional<storage::DueConnection> choose(const std::vector<storage::DueConnection>& due);
    // One that was chosen is done. `answered`: its source did, or was not asked.
    void end(const storage::DueConnection& one, bool answered);

private:
    struct State {
        bool runs = false;
        bool failing = false;
        std::uint64_t last_turn = 0;
    };
    struct Count {
        std::size_t all = 0;
        std::size_t failing = 0;
    };
    bool may_start(TenantId tenant, const State& state) const;

    std::map<ConnectionId, State> states_;
    std::map<TenantId, Count> of_tenant_;  // that run
    Count running_;
    std::uint64_t turn_ = 0;
};

}  // namespace syncline::engine
