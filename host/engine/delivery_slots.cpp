#include "engine/delivery_slots.hpp"

#include <algorithm>

namespace syncline::engine {
namespace {

template <class Map, class Key>
auto value_or_zero(const Map& map, const Key& key) -> typename Map::mapped_type {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

DeliverySlots::DeliverySlots(const EngineConfig& config)
    : per_target_max_(config.deliveries_per_connection_max), state_(State(config.deliveries_max)) {}

void DeliverySlots::set_weights(std::map<TenantId, std::int64_t> weights) {
    state_.with([&](State& state) { state.share.set_weights(std::move(weights)); });
}

bool DeliverySlots::may_deliver(
    const State& state, const storage::DueFlow& flow, std::int64_t now_ms
) const {
    return state.delivering.count(flow.flow) == 0 &&
           value_or_zero(state.per_target, flow.target) < per_target_max_ &&
           value_or_zero(state.not_before, flow.flow) <= now_ms;
}

std::optional<DeliveryTurn> DeliverySlots::take(
    const std::vector<storage::DueFlow>& due, std::int64_t now_ms
) {
    return state_.with([&](State& state) -> std::optional<DeliveryTurn> {
        std::vector<Startable> startable;
        std::vector<const storage::DueFlow*> flows;
        for (const auto& flow : due) {
            if (!may_deliver(state, flow, now_ms)) {
                continue;
            }
            const bool backfill =
                !flow.priority || (flow.backfill && state.held_up.count(flow.flow) != 0);
            startable.push_back(
                {flow.tenant,
                 backfill ? kBackfillPriority : *flow.priority,
                 value_or_zero(state.last_turn, flow.flow)}
            );
            flows.push_back(&flow);
        }
        const auto chosen = state.share.choose(startable, now_ms);
        if (!chosen) {
            return std::nullopt;
        }
        const storage::DueFlow& flow = *flows[*chosen];
        state.delivering.insert(flow.flow);
        ++state.per_target[flow.target];
        state.last_turn[flow.flow] = ++state.turns;
        return DeliveryTurn{
            flow.flow, flow.tenant, flow.target, startable[*chosen].priority, now_ms};
    });
}

void DeliverySlots::give_back(
    const DeliveryTurn& turn, std::size_t claimed, std::int64_t now_ms, std::int64_t not_before_ms
) {
    state_.with([&](State& state) {
        state.share.end(turn.tenant, turn.priority, now_ms - turn.started_ms);
        state.delivering.erase(turn.flow);
        --state.per_target[turn.target];
        state.not_before[turn.flow] = not_before_ms;
        if (turn.priority < kBackfillPriority && claimed == 0) {
            state.held_up.insert(turn.flow);
        } else {
            state.held_up.erase(turn.flow);
        }
    });
}

void DeliverySlots::forget_waits() {
    state_.with([](State& state) { state.not_before.clear(); });
}

bool DeliverySlots::all_free() const {
    return state_.with([](const State& state) { return state.share.running() == 0; });
}

}  // namespace syncline::engine
