// Starts runs when their schedules are due, and flows again that failed. Runs that have to be
// looked at before they start (a flow whose policy does not exempt schedules) are looked at on
// threads of their own, since a source may take its time. Everything is decided from what is stored
// and the clock: a slot is marked used in the transaction that makes its runs, so that no moment of
// a crash loses one or uses one twice. A clock that is set ahead makes slots that were missed; one
// that is set back makes the scheduler go on with the first slot after now that was not used.
//
// Life: start(), then stop() before anything it uses is destroyed.
#pragma once

#include <atomic>
#include <memory>
#include <set>

#include "core/guarded.hpp"
#include "core/repeating.hpp"
#include "engine/restarts.hpp"
#include "engine/sync_control.hpp"
#include "engine/worker_pool.hpp"

namespace syncline::engine {

class Scheduler {
public:
    // `budgets` may be null: then nothing keeps a schedule from polling.
    Scheduler(
        Stores& stores, SyncControl& syncs, const Clock& clock, const ReadBudgets* budgets = nullptr
    )
        : stores_(stores),
          syncs_(syncs),
          restarts_(stores, syncs, clock),
          clock_(clock),
          budgets_(budgets) {}
    ~Scheduler();

    void start();
    // Returns when no run will be started any more; sources that are looked at are asked to end.
    // Idempotent.
    void stop();

    // Looks once at everything that may be due; answers how many syncs were started (once start()
    // was called, without those that are looked at first). What goes wrong with one schedule stops
    // no other. For tests, instead of start(). [one thread at a time]
    Result<std::size_t> step();

private:
    struct Look;  // one schedule, at one time

    bool look_at(storage::Schedule schedule, const std::vector<storage::Run>& open_runs);
    // Whether its runs are looked at before they start, which is done elsewhere then.
    bool left_to_gate(const storage::Schedule& schedule);
    Result<bool> look_at(Look& look);
    Result<void> turn_back(Look& look);
    // The slot that is to be used now; nothing: none, and the schedule is settled.
    Result<bool> choose_slot(Look& look);
    Result<bool> overlapped(Look& look);
    Result<bool> start_runs(Look& look);
    // Errors: why none of the schedule's flows may read its source.
    Result<void> allow_polling(const storage::Schedule& schedule) const;
    Result<void> take_over_jobs(const storage::Schedule& schedule);
    Result<void> settle(Look& look, storage::SlotDecision decision);

    Stores& stores_;
    SyncControl& syncs_;
    Restarts restarts_;
    const Clock& clock_;
    const ReadBudgets* budgets_;

    std::unique_ptr<WorkerPool> gate_;  // absent before start()
    Guarded<std::set<ScheduleId>> at_gate_;
    std::atomic<bool> gate_closed_{false};

    Repeating looking_{"schedules were not looked at"};
};

}  // namespace syncline::engine
