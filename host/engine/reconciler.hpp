// Compares the books with the shop: one reconciliation at a time, in the order they were asked for,
// and of each tenant one a night by itself. What is found is stored and changes nothing: healing is
// for a person to ask (reconciliation_control.hpp).
//
// Life: recover_state(), start(), then stop() before anything it uses is destroyed.
#pragma once

#include <atomic>

#include "core/repeating.hpp"
#include "engine/connection_pool.hpp"
#include "engine/reading_slots.hpp"
#include "engine/reconciliation_sides.hpp"

namespace syncline::engine {

// A flow that a reconciliation leaves out, and why.
struct NotCompared {
    std::string flow;
    std::string reason;
};

// What a reconciliation of `entities` (canonical; empty: all) compares.
struct ReconciliationScope {
    std::vector<ComparedPair> pairs;
    std::vector<NotCompared> not_compared;
};
Result<ReconciliationScope> reconciliation_scope(
    const Stores& stores,
    const ConnectorSource& connectors,
    TenantId tenant,
    const std::vector<std::string>& entities
);

// Reads that platforms count and that it will take, from what was written since the window began.
// What must be looked up because it differs comes on top.
Result<std::int64_t> estimated_reads(
    const Stores& stores,
    const ConnectorSource& connectors,
    const ReconciliationScope& scope,
    const DayWindow& window
);

class Reconciler {
public:
    Reconciler(
        Stores& stores,
        ConnectionPool& pool,
        const ConnectorSource& connectors,
        ReadingSlots& slots,
        const Clock& clock
    );
    ~Reconciler();

    // What ran when the process before us ended has failed.
    Result<void> recover_state();
    void start();
    // Returns when none is under way any more; the one that was is stopped. Idempotent.
    void stop();

    // Does the nights that are due and the oldest reconciliation that waits; answers whether there
    // was one. For tests, instead of start(). [one thread at a time]
    Result<bool> step();

private:
    class Progress;
    struct Compared {
        Json report;
        std::int64_t drift_records = 0;
    };
    Result<void> add_nights();
    Result<bool> add_night(TenantId tenant);
    void run(storage::Reconciliation reconciliation);
    Result<Compared> compare(storage::Reconciliation& reconciliation);
    Result<Json> compare_pair(
        storage::Reconciliation& reconciliation, ComparedPair pair, Progress& progress
    );

    Stores& stores_;
    storage::ReconciliationStore reconciliations_;
    ConnectionPool& pool_;
    const ConnectorSource& connectors_;
    ReadingSlots& slots_;
    const Clock& clock_;
    const std::int64_t started_ms_;
    std::int64_t nights_looked_at_ms_ = 0;
    std::atomic<bool> stop_{false};    // of the one under way
    std::atomic<bool> ending_{false};  // of all

    Repeating looking_{"reconciliations were not looked at"};
};

}  // namespace syncline::engine
