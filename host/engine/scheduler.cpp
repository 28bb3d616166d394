#include "engine/scheduler.hpp"

#include <algorithm>
#include <chrono>

#include "core/log.hpp"

namespace syncline::engine {
namespace {

constexpr std::chrono::milliseconds kTick{500};
// So many sources are looked at at once.
constexpr std::size_t kGateThreads = 2;

bool concerns(const storage::Schedule& schedule, const storage::Run& run) {
    const auto& definition = schedule.definition;
    return run.tenant == schedule.tenant &&
           (definition.flow.empty() ? run.entity == definition.entity
                                    : run.flow_name == definition.flow);
}

bool is_meant(const storage::Schedule& schedule, const Flow& flow) {
    return schedule.definition.flow.empty() ? flow.definition.entity == schedule.definition.entity
                                            : flow.definition.name == schedule.definition.flow;
}

std::string requester(const storage::Schedule& schedule) {
    return "schedule:" + schedule.definition.name;
}

// Ours, and over sooner or later. After any other error the slot is given up, and the schedule says
// why: trying a source again and again is what its next slots are for.
bool keeps_slot(const Error& error) {
    return error.code == ErrorCode::kStorage || error.code == ErrorCode::kCancelled ||
           error.name == "schedule.changed";
}

StartRequest request_of(const storage::Schedule& schedule) {
    StartRequest request;
    request.entity = schedule.definition.entity;
    request.flow = schedule.definition.flow;
    request.mode = schedule.definition.mode;
    request.requested_by = requester(schedule);
    request.starter = Starter::kSchedule;
    request.running_flows_only = true;
    return request;
}

}  // namespace

struct Scheduler::Look {
    const std::vector<storage::Run>& open_runs;
    Timestamp now;
    storage::Schedule schedule;
    Timetable timetable;
    std::int64_t slot_ms = 0;  // to be used
    std::int64_t next_ms = 0;  // due after it
    bool made_up = false;      // the slot was missed, and `all` are made up for

    std::vector<storage::Run> reading() const {
        std::vector<storage::Run> runs;
        std::copy_if(
            open_runs.begin(),
            open_runs.end(),
            std::back_inserter(runs),
            [&](const auto& run) { return !run.collect_ended && concerns(schedule, run); }
        );
        return runs;
    }
};

Scheduler::~Scheduler() {
    stop();
}

void Scheduler::start() {
    gate_ = std::make_unique<WorkerPool>(kGateThreads);
    looking_.start(kTick, kTick, [this]() -> Result<std::chrono::milliseconds> {
        const auto looked = step();
        if (const auto restarted = restarts_.step(); !restarted) {
            log::warn("failed flows were not looked at", {{"reason", restarted.error().message}});
        }
        SYNCLINE_RETURN_IF_ERROR(looked);
        return kTick;
    });
}

void Scheduler::stop() {
    gate_closed_ = true;
    looking_.stop();
    gate_.reset();
}

Result<std::size_t> Scheduler::step() {
    const Timestamp now = clock_.now();
    SYNCLINE_ASSIGN_OR_RETURN(auto schedules, stores_.schedules.to_look_at(now.ms));
    if (schedules.empty()) {
        return std::size_t{0};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto open_runs, stores_.runs.open_runs());
    std::size_t started = 0;
    for (auto& schedule : schedules) {
        if (!left_to_gate(schedule)) {
            started += look_at(std::move(schedule), open_runs) ? 1U : 0U;
        }
    }
    return started;
}

bool Scheduler::left_to_gate(const storage::Schedule& schedule) {
    const auto asks = syncs_.asks_connectors(schedule.tenant, request_of(schedule));
    if (gate_ == nullptr || !asks || !*asks) {
        return false;
    }
    const bool waits = at_gate_.with([&](auto& ids) { return !ids.insert(schedule.id).second; });
    if (!waits) {
        gate_->submit([this, schedule] {
            // Asked anew: it may have waited for its turn.
            const auto open_runs = stores_.runs.open_runs();
            if (open_runs && !gate_closed_) {
                look_at(schedule, *open_runs);
            }
            at_gate_.with([&](auto& ids) { ids.erase(schedule.id); });
        });
    }
    return true;
}

bool Scheduler::look_at(storage::Schedule schedule, const std::vector<storage::Run>& open_runs) {
    const Timestamp now = clock_.now();
    const std::string name = schedule.definition.name;
    auto timetable = Timetable::make(schedule.definition);
    Result<bool> looked = false;
    if (timetable) {
        Look look{open_runs, now, std::move(schedule), std::move(*timetable)};
        looked = look_at(look);
    } else {
        // It was good when it was stored: the system's time zones have changed. It rests until
        // somebody changes it.
        const Error& error = timetable.error();
        static_cast<void>(stores_.schedules.settle(schedule, {0, "", 0, 0, error.message, now.ms}));
        looked = error;
    }
    // Whoever changed the schedule meanwhile has the last word.
    if (!looked && looked.error().name != "schedule.changed") {
        log::warn(
            "a schedule was not looked at", {{"schedule", name}, {"reason", looked.error().message}}
        );
    }
    return looked && *looked;
}

Result<bool> Scheduler::look_at(Look& look) {
    SYNCLINE_RETURN_IF_ERROR(turn_back(look));
    if (look.timetable.blackout_until(look.now)) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const bool has_slot, choose_slot(look));
    if (!has_slot) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const bool waits, overlapped(look));
    return waits ? Result<bool>(false) : start_runs(look);
}

Result<void> Scheduler::turn_back(Look& look) {
    const auto& schedule = look.schedule;
    if (schedule.decided_at_ms <= look.now.ms) {
        return {};
    }
    storage::SlotDecision decision;
    decision.queued_ms = schedule.queued_ms;
    decision.error = schedule.last_error;
    decision.next_due_ms = schedule.next_due_ms;
    if (schedule.next_due_ms == 0 || schedule.next_due_ms > look.now.ms) {
        SYNCLINE_ASSIGN_OR_RETURN(
            decision.next_due_ms, stores_.schedules.next_unused(schedule, look.now)
        );
    }
    return settle(look, decision);
}

Result<bool> Scheduler::choose_slot(Look& look) {
    const auto& schedule = look.schedule;
    look.slot_ms = schedule.queued_ms;
    look.next_ms = schedule.next_due_ms;
    const Timestamp latest{look.now.ms - schedule.jitter_ms};
    if (schedule.next_due_ms == 0 || schedule.next_due_ms > latest.ms) {
        return look.slot_ms != 0;
    }
    const Misfire misfire = schedule.definition.misfire;
    const DueSlot due = due_slot(look.timetable, misfire, Timestamp{schedule.next_due_ms}, latest);
    look.next_ms = due.next ? due.next->ms : 0;
    if (due.slot) {
        look.slot_ms = due.slot->ms;
        look.made_up = due.missed && misfire == Misfire::kAll;
        return true;
    }
    SYNCLINE_RETURN_IF_ERROR(settle(look, {0, "", look.next_ms, schedule.queued_ms, "", 0}));
    return look.slot_ms != 0;
}

Result<bool> Scheduler::overlapped(Look& look) {
    const auto reading = look.reading();
    if (reading.empty()) {
        return false;
    }
    // What is made up for waits its turn; a slot that is queued already goes on waiting.
    if (look.made_up || look.slot_ms == look.schedule.queued_ms) {
        return true;
    }
    const Overlap overlap = look.schedule.definition.overlap;
    if (overlap == Overlap::kSkip) {
        SYNCLINE_RETURN_IF_ERROR(settle(
            look,
            {look.slot_ms, "", look.next_ms, 0, "left out: the run before it was still reading", 0}
        ));
        return true;
    }
    SYNCLINE_RETURN_IF_ERROR(settle(look, {0, "", look.next_ms, look.slot_ms, "", 0}));
    if (overlap == Overlap::kCancel) {
        for (const auto& run : reading) {
            // A sync that somebody asked for is waited for.
            if (run.requested_by == requester(look.schedule)) {
                SYNCLINE_RETURN_IF_ERROR(stores_.runs.request_stop(run.id));
            }
        }
    }
    return true;
}

Result<bool> Scheduler::start_runs(Look& look) {
    const auto& schedule = look.schedule;
    if (schedule.definition.overlap == Overlap::kCancel && look.slot_ms == schedule.queued_ms) {
        SYNCLINE_RETURN_IF_ERROR(take_over_jobs(schedule));
    }
    storage::SlotDecision decision{look.slot_ms, "", look.next_ms, 0, "", look.now.ms};
    if (const auto allowed = allow_polling(schedule); !allowed) {
        if (allowed.error().code != ErrorCode::kConfig) {
            return allowed.error();
        }
        decision.error = "left out: " + allowed.error().message;
        SYNCLINE_RETURN_IF_ERROR(settle(look, decision));
        return false;
    }
    StartRequest request = request_of(schedule);
    request.stop = &gate_closed_;
    request.also = [&](storage::Sql& sql, const std::string& sync_id) {
        decision.sync_id = sync_id;
        return stores_.schedules.settle(sql, schedule, decision);
    };
    const auto started = syncs_.start(schedule.tenant, request);
    if (started) {
        return true;
    }
    decision.sync_id.clear();
    if (started.error().name == "schedule.slot_used") {
        SYNCLINE_RETURN_IF_ERROR(settle(look, {0, "", look.next_ms, 0, "", 0}));
        return false;
    }
    if (started.error().name == "flow.busy") {
        return false;  // somebody started it in between: the next look sees an overlap
    }
    if (keeps_slot(started.error())) {
        return started.error();
    }
    decision.error = started.error().message;
    SYNCLINE_RETURN_IF_ERROR(settle(look, decision));
    return false;
}

Result<void> Scheduler::allow_polling(const storage::Schedule& schedule) const {
    if (budgets_ == nullptr) {
        return {};
    }
    Result<void> refused;
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, stores_.flows.list(schedule.tenant));
    for (const auto& flow : flows) {
        if (!is_meant(schedule, flow)) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(flow.source));
        const auto allowed = budgets_->allow_polling(source);
        if (allowed || allowed.error().code != ErrorCode::kConfig) {
            return allowed;
        }
        refused = allowed;
    }
    return refused;
}

// The run that was cancelled left its jobs parked; their records are not read again.
Result<void> Scheduler::take_over_jobs(const storage::Schedule& schedule) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, stores_.flows.list(schedule.tenant));
    for (const auto& flow : flows) {
        if (is_meant(schedule, flow) && flow.state == FlowState::kRunning) {
            SYNCLINE_RETURN_IF_ERROR(stores_.jobs.unpark_flow(flow.id, clock_.now().ms));
        }
    }
    return {};
}

Result<void> Scheduler::settle(Look& look, storage::SlotDecision decision) {
    decision.decided_at_ms = look.now.ms;
    SYNCLINE_RETURN_IF_ERROR(stores_.schedules.settle(look.schedule, decision));
    look.schedule.next_due_ms = decision.next_due_ms;
    look.schedule.queued_ms = decision.queued_ms;
    look.schedule.decided_at_ms = decision.decided_at_ms;
    ++look.schedule.revision;
    return {};
}

}  // namespace syncline::engine
