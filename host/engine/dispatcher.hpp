// Gives work to threads: runs that wait to collect, flows with due jobs, open intents. One
// coordinator looks for work when it is woken and at every tick; deliveries to one connection are
// bounded.
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
        std::set<RunId> collecting;
        std::map<RunId, int> collect_failures;
        std::map<RunId, std::int64_t> collect_not_before;
        std::set<FlowId> delivering;
        std::map<FlowId, std::int64_t> deliver_not_before;
        std::map<ConnectionId, std::int64_t> per_connection;
        std::int64_t deliveries = 0;
        bool recovering = false;
    };

    void coordinate();
    Result<void> look_for_work();
    Result<void> take_back_lost_leases();
    Result<void> dispatch_runs();
    Result<void> dispatch_deliveries();
    void dispatch_recovery();

    void collect(const storage::Run& run);
    Result<void> end_collect(const storage::Run& run, const Result<void>& collected);
    // Answers how many jobs were claimed.
    std::size_t deliver(const Flow& flow);
    bool reserve(const Flow& flow);
    void release(const Flow& flow, std::int64_t not_before_ms);

    Stores& stores_;
    Collector& collector_;
    Deliverer& deliverer_;
    Recoverer& recoverer_;
    const Clock& clock_;
    const EngineConfig config_;
    const RetryPolicy retry_;

    Guarded<Busy> busy_;
    std::atomic<bool> draining_{false};     // collects stop after their page
    std::atomic<bool> aborting_{false};     // calls under way are cancelled
    std::size_t rotation_ = 0;              // which flow is looked at first; coordinator only
    std::int64_t leases_looked_at_ms_ = 0;  // coordinator only

    std::mutex wake_mutex_;
    std::condition_variable woken_;
    bool work_announced_ = false;
    std::thread coordinator_;
    std::unique_ptr<WorkerPool> collects_;
    std::unique_ptr<WorkerPool> deliveries_;
};

}  // namespace syncline::engine
