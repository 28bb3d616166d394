#include "engine/dispatcher.hpp"

#include <algorithm>
#include <chrono>

#include "core/failpoint.hpp"
#include "core/log.hpp"
#include "storage/run_trace.hpp"

namespace syncline::engine {
namespace {

// A flow whose target cannot be used is looked at again after this.
constexpr std::int64_t kUnusableMs = 1'000;
// Reading is tried this often before a run is given up; the next run goes on where it stopped.
constexpr int kCollectAttempts = 5;
// So much of a source is read before it is somebody else's turn.
constexpr std::int64_t kPagesPerTurn = 20;

// How often leases are looked at that were not extended in time, and dead letters whose cause
// cleared unnoticed.
constexpr std::int64_t kLeaseLookMs = 10'000;
constexpr int kArrivalSlices = 50;
// Connections whose lost answers are looked after at once; one that hangs holds one of them.
constexpr std::size_t kRecoveriesMax = 8;

bool for_a_person(const Error& error) {
    return error.code == ErrorCode::kAuth || error.code == ErrorCode::kConfig ||
           error.code == ErrorCode::kNotFound || error.code == ErrorCode::kBug ||
           error.code == ErrorCode::kUnsupported;
}

std::int64_t wait_of(const Error& error) {
    return error.retry_after ? std::clamp<std::int64_t>(error.retry_after->count(), 10, 60'000)
                             : kUnusableMs;
}

// Runs that were stopped end when nothing of them is on its way any more; a delivery that was may
// have put its jobs back into the queue.
Result<void> park_stopped(
    Stores& stores, const std::vector<storage::Run>& runs, std::int64_t now_ms
) {
    for (const auto& run : runs) {
        if (run.stop_requested && run.collect_ended) {
            SYNCLINE_RETURN_IF_ERROR(stores.jobs.park_run(run.id, now_ms));
        }
    }
    return {};
}

}  // namespace

Dispatcher::Dispatcher(
    Stores& stores,
    Collector& collector,
    Deliverer& deliverer,
    Recoverer& recoverer,
    const Clock& clock,
    EngineConfig config
)
    : stores_(stores),
      collector_(collector),
      deliverer_(deliverer),
      recoverer_(recoverer),
      clock_(clock),
      config_(config),
      readings_(config_.collects_max),
      slots_(config_) {}

Dispatcher::~Dispatcher() {
    stop(0);
}

Result<void> Dispatcher::recover_state() {
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(stores_.jobs.release_all_leases(now));
    return stores_.intents.release_all(now);
}

void Dispatcher::start() {
    collects_ = std::make_unique<WorkerPool>(static_cast<std::size_t>(config_.collects_max));
    deliveries_ = std::make_unique<WorkerPool>(static_cast<std::size_t>(config_.deliveries_max));
    recoveries_ = std::make_unique<WorkerPool>(kRecoveriesMax);
    coordinator_ = std::thread([this] { coordinate(); });
}

void Dispatcher::wake() {
    {
        const std::lock_guard lock(wake_mutex_);
        work_announced_ = true;
    }
    woken_.notify_one();
}

void Dispatcher::stop(std::int64_t wait_ms) {
    if (!coordinator_.joinable()) {
        return;
    }
    draining_ = true;
    wake();
    coordinator_.join();
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
    const auto idle = [&] {
        return slots_.all_free() && readings_.all_free() &&
               busy_.with([](const Busy& busy) { return busy.recovering.empty(); });
    };
    while (!idle() && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    aborting_ = true;
    collects_.reset();
    deliveries_.reset();
    recoveries_.reset();
}

void Dispatcher::coordinate() {
    while (!draining_) {
        if (const auto looked = look_for_work(); !looked) {
            log::warn("looking for work failed", {{"reason", looked.error().message}});
        }
        std::unique_lock lock(wake_mutex_);
        woken_.wait_for(lock, std::chrono::milliseconds(config_.tick_ms), [&] {
            return work_announced_ || draining_;
        });
        work_announced_ = false;
    }
}

Result<void> Dispatcher::look_for_work() {
    SYNCLINE_RETURN_IF_ERROR(dispatch_recovery());
    SYNCLINE_RETURN_IF_ERROR(take_back_lost_leases());
    SYNCLINE_RETURN_IF_ERROR(dispatch_runs());
    return dispatch_deliveries();
}

Result<void> Dispatcher::take_back_lost_leases() {
    const std::int64_t now = clock_.now().ms;
    if (now < leases_looked_at_ms_ + kLeaseLookMs && now >= leases_looked_at_ms_) {
        return {};
    }
    if (now < leases_looked_at_ms_) {  // the clock was set back: those times are far off now
        busy_.with([](Busy& busy) { busy.collect_not_before.clear(); });
        slots_.forget_waits();
    }
    leases_looked_at_ms_ = now;
    SYNCLINE_ASSIGN_OR_RETURN(const auto lost, stores_.jobs.release_lost_leases(now));
    if (lost > 0) {
        log::warn("deliveries did not come back; their records are queued again", {{"jobs", lost}});
    }
    std::int64_t sent = 1;
    for (int slices = 0; sent > 0 && slices < kArrivalSlices; ++slices) {
        SYNCLINE_ASSIGN_OR_RETURN(sent, stores_.jobs.send_arrived(now));
    }
    sent = 1;
    for (int slices = 0; sent > 0 && slices < kArrivalSlices; ++slices) {
        SYNCLINE_ASSIGN_OR_RETURN(sent, stores_.jobs.send_remapped(now));
    }
    return {};
}

Result<void> Dispatcher::dispatch_recovery() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto due, recoverer_.due());
    for (const ConnectionId connection : due) {
        const bool mine =
            busy_.with([&](Busy& busy) { return busy.recovering.insert(connection).second; });
        if (mine) {
            recoveries_->submit([this, connection] { recover(connection); });
        }
    }
    return {};
}

void Dispatcher::recover(ConnectionId connection) {
    const auto recovered = recoverer_.recover_due(connection, &aborting_);
    busy_.with([&](Busy& busy) { busy.recovering.erase(connection); });
    if (!recovered) {
        log::warn("recovery failed", {{"reason", recovered.error().message}});
    } else if (*recovered > 0) {
        wake();
    }
}

Result<void> Dispatcher::dispatch_runs() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto runs, stores_.runs.open_runs());
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(park_stopped(stores_, runs, now));
    SYNCLINE_ASSIGN_OR_RETURN(auto waiting, waiting_to_read(runs, now));
    while (const auto turn = next_reading(waiting, now)) {
        collects_->submit([this, taken = *turn] { collect(taken); });
    }
    return {};
}

Result<std::vector<storage::Run>> Dispatcher::waiting_to_read(
    const std::vector<storage::Run>& runs, std::int64_t now_ms
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto suspended, stores_.tenants.suspended());
    std::vector<storage::Run> waiting;
    for (storage::Run run : runs) {
        if (run.collect_ended || readings_.reads(run.id) || suspended.count(run.tenant) != 0) {
            continue;
        }
        const bool due = busy_.with([&](Busy& busy) {
            const auto wait = busy.collect_not_before.find(run.id);
            return wait == busy.collect_not_before.end() || wait->second <= now_ms;
        });
        if (!due) {
            continue;
        }
        // What is wrong with one flow holds up no other's run: reading it tells.
        const auto flow = stores_.flows.by_id(run.flow);
        const FlowState state = flow ? flow->state : FlowState::kRunning;
        if (state == FlowState::kStopped && !run.stop_requested) {
            SYNCLINE_RETURN_IF_ERROR(stores_.runs.request_stop(run.id));
            run.stop_requested = true;
        }
        if (state == FlowState::kRunning || run.stop_requested) {
            waiting.push_back(std::move(run));
        }
    }
    return waiting;
}

std::optional<ReadingTurn> Dispatcher::next_reading(
    std::vector<storage::Run>& waiting, std::int64_t now_ms
) {
    auto turn = readings_.take(waiting, now_ms);
    if (turn) {
        waiting.erase(std::find_if(waiting.begin(), waiting.end(), [&](const storage::Run& run) {
            return run.id == turn->run.id;
        }));
    }
    return turn;
}

void Dispatcher::collect(const ReadingTurn& turn) {
    const TraceScope traced(storage::trace_of_run(stores_.database, turn.run.id));
    // As it is now: it may have been read to its end since it was looked for.
    const auto known = stores_.runs.by_id(turn.run.id);
    if (known && known->collect_ended) {
        readings_.give_back(turn, true, clock_.now().ms);
        return;
    }
    const storage::Run& run = known ? *known : turn.run;
    const Result<void> started = stores_.runs.start(run.id, clock_.now().ms);
    if (started && run.status == storage::RunStatus::kQueued) {
        log::info(
            "run started", {{"flow", run.flow_name}, {"run", run.id}, {"mode", enum_name(run.mode)}}
        );
    }
    Result<ReadingEnd> result =
        started ? Result<ReadingEnd>(ReadingEnd::kDone) : Result<ReadingEnd>(started.error());
    if (started && !run.stop_requested) {
        const auto begun = [&] { readings_.note_begun(run.id); };
        result = collector_.collect(run, &draining_, {kPagesPerTurn, turn.continues, begun});
    }
    SYNCLINE_FAILPOINT("collect.before_end");
    const auto ended = end_collect(run, result);
    readings_.give_back(turn, ended && *ended, clock_.now().ms);
    if (!ended) {
        log::warn(
            "a run's collect could not be closed",
            {{"run", run.id}, {"reason", ended.error().message}}
        );
    }
    wake();
}

Result<bool> Dispatcher::end_collect(const storage::Run& run, const Result<ReadingEnd>& collected) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool stopped, stores_.runs.stop_requested(run.id));
    if (stopped) {
        // In this order whoever sees the end of the collect finds its jobs parked.
        SYNCLINE_RETURN_IF_ERROR(stores_.jobs.park_run(run.id, clock_.now().ms));
        SYNCLINE_RETURN_IF_ERROR(stores_.runs.end_collect(run.id, std::nullopt, clock_.now().ms));
        return true;
    }
    if (collected) {
        if (draining_) {
            return false;  // perhaps cut short: the next start goes on with it
        }
        busy_.with([&](Busy& busy) {
            busy.collect_failures.erase(run.id);
            busy.collect_not_before.erase(run.id);
        });
        if (*collected == ReadingEnd::kPutBack) {
            return false;
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.runs.end_collect(run.id, std::nullopt, clock_.now().ms));
        return true;
    }
    const Error& error = collected.error();
    const bool passes = error.code == ErrorCode::kStorage || error.code == ErrorCode::kCancelled ||
                        error.code == ErrorCode::kRateLimited;
    const int failures =
        busy_.with([&](Busy& busy) { return passes ? 0 : ++busy.collect_failures[run.id]; });
    const RetryDecision decision = decide_retry(error, std::max(failures, 1), retry_, 500'000);
    const bool again = decision.verdict == Verdict::kWait
                           ? !for_a_person(error)
                           : decision.verdict == Verdict::kRetry && failures < kCollectAttempts;
    log::warn(
        again ? "reading failed, will be tried again" : "reading failed",
        {{"flow", run.flow_name}, {"run", run.id}, {"code", error.name}, {"reason", error.message}}
    );
    if (again) {
        busy_.with([&](Busy& busy) {
            busy.collect_not_before[run.id] = clock_.now().ms + decision.delay.count();
        });
        return false;
    }
    SYNCLINE_RETURN_IF_ERROR(stores_.runs.end_collect(run.id, error, clock_.now().ms));
    return true;
}

Result<void> Dispatcher::dispatch_deliveries() {
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(const auto due, stores_.jobs.due_flows(now));
    while (const auto turn = slots_.take(due, now)) {
        deliveries_->submit([this, taken = *turn] {
            if (deliver(taken) > 0) {
                wake();
            }
        });
    }
    return {};
}

Result<std::size_t> Dispatcher::deliver_flow(const DeliveryTurn& turn) {
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.by_id(turn.flow));
    const auto delivered = deliverer_.deliver(flow, &aborting_, turn.kinds());
    if (delivered) {
        return delivered;
    }
    const Error& error = delivered.error();
    if (for_a_person(error)) {
        // Nobody knows how long it takes: runs need not stay open for it.
        static_cast<void>(stores_.jobs.count_as_waiting(flow.id, clock_.now().ms));
    } else if (error.code != ErrorCode::kRateLimited) {
        log::warn(
            "delivery failed",
            {{"flow", flow.definition.name}, {"code", error.name}, {"reason", error.message}}
        );
    }
    return error;
}

std::size_t Dispatcher::deliver(const DeliveryTurn& turn) {
    const auto delivered = deliver_flow(turn);
    const std::int64_t now = clock_.now().ms;
    const std::size_t claimed = delivered ? *delivered : 0;
    slots_.give_back(turn, claimed, now, delivered ? 0 : now + wait_of(delivered.error()));
    return claimed;
}

Result<bool> Dispatcher::run_once() {
    bool any = false;
    SYNCLINE_RETURN_IF_ERROR(take_back_lost_leases());
    SYNCLINE_ASSIGN_OR_RETURN(const auto doubtful, recoverer_.due());
    for (const ConnectionId connection : doubtful) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const std::size_t recovered, recoverer_.recover_due(connection, &aborting_)
        );
        any = any || recovered > 0;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto runs, stores_.runs.open_runs());
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(park_stopped(stores_, runs, now));
    SYNCLINE_ASSIGN_OR_RETURN(auto waiting, waiting_to_read(runs, now));
    while (const auto turn = next_reading(waiting, now)) {
        collect(*turn);
        any = true;
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto due, stores_.jobs.due_flows(clock_.now().ms));
    while (const auto turn = slots_.take(due, clock_.now().ms)) {
        any = deliver(*turn) > 0 || any;
        due.erase(std::find_if(due.begin(), due.end(), [&](const storage::DueFlow& flow) {
            return flow.flow == turn->flow;
        }));
    }
    return any;
}

}  // namespace syncline::engine
