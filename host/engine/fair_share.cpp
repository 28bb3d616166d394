#include "engine/fair_share.hpp"

#include <algorithm>

namespace syncline::engine {
namespace {

constexpr std::int64_t kQuantumMs = 1'000;
// What a tenant used while nobody else wanted it is not held against it for longer than this.
constexpr std::int64_t kDebtMaxMs = 60'000;
constexpr std::int64_t kForgetAfterMs = 60'000;
// With fewer slots none can be spared for whoever comes next.
constexpr std::int64_t kSlotsToKeepOne = 4;

bool is_backfill(int priority) {
    return priority >= kBackfillPriority;
}

int rank_of(const Startable& one) {
    return std::max(0, one.priority - one.aged);
}

}  // namespace

std::int64_t FairShare::quantum_of(TenantId tenant) const {
    const auto weight = weights_.find(tenant);
    return kQuantumMs * (weight == weights_.end() ? 1 : std::max<std::int64_t>(1, weight->second));
}

std::int64_t FairShare::running_of(TenantId tenant) const {
    const auto account = accounts_.find(tenant);
    return account == accounts_.end() ? 0 : account->second.running;
}

bool FairShare::may_start(const Startable& one, const std::vector<Startable>& all) const {
    const std::int64_t free = slots_ - running_;
    const std::int64_t half = std::max<std::int64_t>(1, slots_ / 2);
    const std::int64_t of_tenant = running_of(one.tenant);
    const bool is_kept = last_slot_ == LastSlot::kKept && free == 1 && slots_ >= kSlotsToKeepOne;
    if (free <= 0 || (is_kept && of_tenant > 0 && rank_of(one) > 0)) {
        return false;
    }
    const bool others_wait = std::any_of(all.begin(), all.end(), [&](const Startable& other) {
        return other.tenant != one.tenant;
    });
    if (others_wait && of_tenant >= half) {
        return false;
    }
    return !is_backfill(one.priority) || backfills_ < half;
}

std::optional<std::size_t> FairShare::choose(
    const std::vector<Startable>& startable, std::int64_t now_ms
) {
    forget_idle(now_ms);
    int best = kBackfillPriority + 1;
    for (const auto& one : startable) {
        if (rank_of(one) < best && may_start(one, startable)) {
            best = rank_of(one);
        }
    }
    std::vector<Startable> round;
    for (const auto& one : startable) {
        if (rank_of(one) == best && may_start(one, startable)) {
            round.push_back(one);
        }
    }
    if (round.empty()) {
        return std::nullopt;
    }
    const TenantId tenant = next_tenant(round);
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < startable.size(); ++i) {
        const Startable& one = startable[i];
        if (one.tenant == tenant && rank_of(one) == best && may_start(one, startable) &&
            (!chosen || one.last_turn < startable[*chosen].last_turn)) {
            chosen = i;
        }
    }
    Account& account = accounts_[tenant];
    account.balance_ms -= account.estimate_ms;
    account.charged_ms += account.estimate_ms;
    account.used_at_ms = now_ms;
    ++account.running;
    ++running_;
    backfills_ += is_backfill(startable[*chosen].priority) ? 1 : 0;
    last_ = tenant;
    return chosen;
}

// The first one after the tenant that was served last whose balance is above zero.
TenantId FairShare::next_tenant(const std::vector<Startable>& round) {
    hand_out(round);
    std::optional<TenantId> first;
    std::optional<TenantId> after;
    for (const auto& one : round) {
        if (accounts_[one.tenant].balance_ms <= 0) {
            continue;
        }
        if (!first || one.tenant < *first) {
            first = one.tenant;
        }
        if (last_ < one.tenant && (!after || one.tenant < *after)) {
            after = one.tenant;
        }
    }
    return after ? *after : *first;
}

// As many rounds as it takes until somebody's balance is above zero: no slot stays empty because
// everybody is in debt.
void FairShare::hand_out(const std::vector<Startable>& round) {
    std::map<TenantId, std::int64_t> quanta;
    for (const auto& one : round) {
        quanta[one.tenant] = quantum_of(one.tenant);
    }
    std::optional<std::int64_t> rounds;
    for (const auto& [tenant, quantum] : quanta) {
        Account& account = accounts_[tenant];
        account.estimate_ms = account.estimate_ms == 0 ? kQuantumMs : account.estimate_ms;
        const std::int64_t missing = 1 - account.balance_ms;
        const std::int64_t needed = missing <= 0 ? 0 : (missing + quantum - 1) / quantum;
        rounds = rounds ? std::min(*rounds, needed) : needed;
    }
    for (const auto& [tenant, quantum] : quanta) {
        Account& account = accounts_[tenant];
        account.balance_ms = std::min(account.balance_ms + *rounds * quantum, quantum);
    }
}

void FairShare::end(TenantId tenant, int priority, std::int64_t cost_ms) {
    Account& account = accounts_[tenant];
    const std::int64_t cost = std::max<std::int64_t>(1, cost_ms);
    // What was charged in advance, shared out over what runs.
    const std::int64_t charged =
        account.running > 0 ? account.charged_ms / account.running : std::int64_t{0};
    account.charged_ms -= charged;
    account.balance_ms =
        std::max(account.balance_ms + charged - cost, -kDebtMaxMs - account.charged_ms);
    account.estimate_ms = cost;
    --account.running;
    --running_;
    backfills_ -= is_backfill(priority) ? 1 : 0;
}

void FairShare::forget_idle(std::int64_t now_ms) {
    for (auto one = accounts_.begin(); one != accounts_.end();) {
        const bool idle =
            one->second.running == 0 &&
            (now_ms - one->second.used_at_ms > kForgetAfterMs || now_ms < one->second.used_at_ms);
        one = idle ? accounts_.erase(one) : std::next(one);
    }
}

}  // namespace syncline::engine
