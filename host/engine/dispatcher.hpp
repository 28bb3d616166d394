// Gives work to threads: runs that wait to collect, flows with due jobs, open intents. One
// coordinator looks for work when it is woken and at every tick; whose deliveries start is decided
// by delivery_slots.hpp.
//
// Life: recover_state() once, start(), then stop() (drains) before anything it uses is destroyed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "core/guarded.hpp"
#include "core/retry.hpp"
#include "engine/collect.hpp"
#include "engine/deliver.hpp"
#include "engine/delivery_slots.hpp"
#include "engine/reading_slots.hpp"
#include "engine/recover.hpp"
#include "engine/worker_pool.hpp"

namespace syncline::engine {

class Dispatcher {
public:
    Dispatcher(
        Stores& stores,
        Collector& collector,
        Deliverer& deliverer,
        Recoverer& recoverer,
        const Clock& clock,
        EngineConfig config
    );
    ~Dispatcher();

    // Shares of reading and of the deliveries, where they are not 1. [any thread]
    void set_weights(std::map<TenantId, std::int64_t> weights) {
        readings_.set_weights(weights);
        slots_.set_weights(std::move(weights));
    }

    // Who else reads a source waits for its turn there as runs do. [any thread]
    ReadingSlots& reading_slots() { return readings_; }

    // What the process before us left: leases are void, open intents are due.
    Result<void> recover_state();

    void start();
    // There may be work. [any thread]
    void wake();
    // No new work; collects end after their page, deliveries after their batch; what takes longer
    // than `wait_ms` is cancelled. Idempotent.
    void stop(std::int64_t wait_ms);

    // Everything due now, on the calling thread; for tests, instead of start(). Answers whether
    // there was anything to do.
    Result<bool> run_once();

private:
    struct Busy {
        std::map<RunId, int> collect_failures;
        std::map<RunId, std::int64_t> collect_not_before;
        std::set<ConnectionId> recovering;
    };

    void coordinate();
    Result<void> look_for_work();
    Result<void> take_back_lost_leases();
    Result<void> dispatch_runs();
    Result<void> dispatch_deliveries();
    Result<void> dispatch_recovery();
    void recover(ConnectionId connection);

    // Runs that have something to read now. Those of a paused flow wait for it; those of a stopped
    // one are to stop, whoever started them meanwhile.
    Result<std::vector<storage::Run>> waiting_to_read(
        const std::vector<storage::Run>& runs, std::int64_t now_ms
    );
    // The next of `waiting` that may read; it is taken out.
    std::optional<ReadingTurn> next_reading(
        std::vector<storage::Run>& waiting, std::int64_t now_ms
    );
    void collect(const ReadingTurn& turn);
    // Answers whether the run reads no more.
    Result<bool> end_collect(const storage::Run& run, const Result<ReadingEnd>& collected);
    // Answers how many jobs were claimed, and gives the turn back.
    std::size_t deliver(const DeliveryTurn& turn);
    Result<std::size_t> deliver_flow(const DeliveryTurn& turn);

    Stores& stores_;
    Collector& collector_;
    Deliverer& deliverer_;
    Recoverer& recoverer_;
    const Clock& clock_;
    const EngineConfig config_;
    const RetryPolicy retry_;

    Guarded<Busy> busy_;
    ReadingSlots readings_;
    DeliverySlots slots_;
    std::atomic<bool> draining_{false};     // collects stop after their page
    std::atomic<bool> aborting_{false};     // calls under way are cancelled
    std::int64_t leases_looked_at_ms_ = 0;  // coordinator only

    std::mutex wake_mutex_;
    std::condition_variable woken_;
    bool work_announced_ = false;
    std::thread coordinator_;
    std::unique_ptr<WorkerPool> collects_;
    std::unique_ptr<WorkerPool> deliveries_;
    std::unique_ptr<WorkerPool> recoveries_;
};

}  // namespace syncline::engine
