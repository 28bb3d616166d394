// Who may deliver (or read) next: deficit round-robin over tenants, within priorities. Pure
// bookkeeping; its owner locks.
//
// Every tenant with work has a balance in milliseconds of delivering. In each round it is given a
// quantum times its weight, and a delivery costs what it took. A balance below zero waits for the
// rounds that make it good, so tenants get equal time, not equal numbers of deliveries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/ids.hpp"

namespace syncline::engine {

constexpr int kBackfillPriority = 3;  // sync_queue.priority: 0 interactive, 1 webhook, 2 schedule

// Work that could start now.
struct Startable {
    TenantId tenant;
    int priority = 2;
    std::uint64_t last_turn = 0;  // of two of one tenant and rank, the smaller one goes first
    int aged = 0;                 // ranks gained by waiting; a backfill stays one all the same
};

// Whether the last free slot is kept for interactive work or for a tenant that has none.
enum class LastSlot { kKept, kForAnybody };

class FairShare {
public:
    // `slots`: deliveries at once, at least 1.
    explicit FairShare(std::int64_t slots, LastSlot last = LastSlot::kKept)
        : slots_(slots), last_slot_(last) {}

    // Tenants that are not named weigh 1; a tenant of weight 2 gets twice the time.
    void set_weights(std::map<TenantId, std::int64_t> weights) { weights_ = std::move(weights); }

    // Which of `startable` goes next; it counts as running from now on. The most urgent first, but
    //  - the last free slot is kept (LastSlot),
    //  - a tenant that has half of the slots leaves the others to tenants that wait,
    //  - backfills have half of the slots at most, so that what comes meanwhile finds one.
    std::optional<std::size_t> choose(const std::vector<Startable>& startable, std::int64_t now_ms);

    // A delivery that was chosen is over.
    void end(TenantId tenant, int priority, std::int64_t cost_ms);

    std::int64_t running() const { return running_; }
    std::int64_t running_of(TenantId tenant) const;

private:
    struct Account {
        std::int64_t balance_ms = 0;
        std::int64_t estimate_ms = 0;  // of a delivery, as the last one took; charged in advance
        std::int64_t charged_ms = 0;   // in advance, for what runs now
        std::int64_t running = 0;
        std::int64_t used_at_ms = 0;
    };
    bool may_start(const Startable& one, const std::vector<Startable>& all) const;
    TenantId next_tenant(const std::vector<Startable>& round);
    void hand_out(const std::vector<Startable>& round);
    void forget_idle(std::int64_t now_ms);
    std::int64_t quantum_of(TenantId tenant) const;

    const std::int64_t slots_;
    const LastSlot last_slot_;
    std::map<TenantId, std::int64_t> weights_;
    std::map<TenantId, Account> accounts_;
    TenantId last_{};  // whose turn it was
    std::int64_t running_ = 0;
    std::int64_t backfills_ = 0;
};

}  // namespace syncline::engine
