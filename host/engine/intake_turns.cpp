#include "engine/intake_turns.hpp"

#include <tuple>

namespace syncline::engine {
namespace {

constexpr std::size_t kOfTenant = IntakeTurns::kAtOnce / 2;
constexpr std::size_t kFailing = IntakeTurns::kAtOnce / 2;
constexpr std::size_t kFailingOfTenant = kOfTenant / 2;

}  // namespace

bool IntakeTurns::may_start(TenantId tenant, const State& state) const {
    const auto found = of_tenant_.find(tenant);
    const Count own = found == of_tenant_.end() ? Count() : found->second;
    if (state.runs || running_.all >= kAtOnce || own.all >= kOfTenant) {
        return false;
    }
    return !state.failing || (running_.failing < kFailing && own.failing < kFailingOfTenant);
}

std::optional<storage::DueConnection> IntakeTurns::choose(
    const std::vector<storage::DueConnection>& due
) {
    // The tenant with the fewest that run, of its connections the one whose turn is longest ago.
    using Rank = std::tuple<bool, std::size_t, std::uint64_t>;
    std::optional<storage::DueConnection> chosen;
    Rank best;
    for (const auto& one : due) {
        const State& state = states_[one.connection];
        const Rank rank{state.failing, of_tenant_[one.tenant].all, state.last_turn};
        if (may_start(one.tenant, state) && (!chosen || rank < best)) {
            chosen = one;
            best = rank;
        }
    }
    if (chosen) {
        State& state = states_[chosen->connection];
        state.runs = true;
        state.last_turn = ++turn_;
        for (Count* count : {&running_, &of_tenant_[chosen->tenant]}) {
            ++count->all;
            count->failing += state.failing ? 1 : 0;
        }
    }
    return chosen;
}

void IntakeTurns::end(const storage::DueConnection& one, bool answered) {
    State& state = states_[one.connection];
    for (Count* count : {&running_, &of_tenant_[one.tenant]}) {
        --count->all;
        count->failing -= state.failing ? 1 : 0;
    }
    state.runs = false;
    state.failing = !answered;
}

}  // namespace syncline::engine
