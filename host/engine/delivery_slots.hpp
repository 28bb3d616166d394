// The deliveries under way, and which of the flows with due jobs may start another one: fair over
// tenants (fair_share.hpp), one delivery per flow, a few per target, and not before a wait is over.
// [any thread]
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/guarded.hpp"
#include "engine/engine_config.hpp"
#include "engine/fair_share.hpp"
#include "storage/job_store.hpp"

namespace syncline::engine {

// The right to deliver one batch; taken once, given back once.
struct DeliveryTurn {
    FlowId flow;
    TenantId tenant;
    ConnectionId target;
    int priority = 2;
    std::int64_t started_ms = 0;

    storage::JobKinds kinds() const {
        return priority >= kBackfillPriority ? storage::JobKinds::kBackfill
                                             : storage::JobKinds::kNoBackfill;
    }
};

class DeliverySlots {
public:
    explicit DeliverySlots(const EngineConfig& config);

    void set_weights(std::map<TenantId, std::int64_t> weights);

    // A turn for one of `due`, or nothing while none may start.
    std::optional<DeliveryTurn> take(const std::vector<storage::DueFlow>& due, std::int64_t now_ms);
    // The delivery is over; its flow waits until `not_before_ms` (0: it need not).
    void give_back(
        const DeliveryTurn& turn,
        std::size_t claimed,
        std::int64_t now_ms,
        std::int64_t not_before_ms
    );
    // The clock was set back: the times until which flows wait are far off now.
    void forget_waits();
    bool all_free() const;

private:
    struct State {
        explicit State(std::int64_t slots) : share(slots) {}
        FairShare share;
        std::set<FlowId> delivering;
        std::map<FlowId, std::int64_t> not_before;
        std::map<ConnectionId, std::int64_t> per_target;
        std::map<FlowId, std::uint64_t> last_turn;
        // Their due jobs could not be claimed, though there were some: lanes are busy. What they
        // have to backfill comes first once.
        std::set<FlowId> held_up;
        std::uint64_t turns = 0;
    };
    bool may_deliver(const State& state, const storage::DueFlow& flow, std::int64_t now_ms) const;

    const std::int64_t per_target_max_;
    Guarded<State> state_;
};

}  // namespace syncline::engine
