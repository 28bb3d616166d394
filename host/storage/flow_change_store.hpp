// What happened to a flow besides its runs: who changed its state or its cursor and why, and how
// often it failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/flow_store.hpp"
#include "storage/run_store.hpp"

namespace syncline::storage {

// Who does something, and why they say they do.
struct Cause {
    std::string actor;
    std::string reason;
};

struct FlowChange {
    std::int64_t at_ms = 0;
    std::string change;  // state, cursor, failure, restart
    std::string before;
    std::string after;
    Cause cause;
};

// A flow whose last run failed.
struct FlowFailure {
    FlowId flow;
    RunId run;
    std::int64_t restarts = 0;  // in a row
    std::int64_t failed_at_ms = 0;
    std::int64_t restart_at_ms = 0;    // 0: restarted, or recovered
    std::int64_t recovered_at_ms = 0;  // 0: not yet
    std::string error_code;
    std::string error_message;

    // It waits to be restarted.
    bool open() const { return restart_at_ms > 0; }
};

class FlowChangeStore {
public:
    FlowChangeStore(Database& database, FlowStore& flows) : database_(database), flows_(flows) {}

    // With the change's row. A person's change ends the wait of a failed flow. Answers false when
    // the flow was in that state already: then nothing is stored.
    Result<bool> set_state(FlowId flow, FlowState state, const Cause& cause, std::int64_t now_ms);

    // Replaces where the flow's reading stands. Errors: kExists flow.running unless the flow is
    // paused or stopped, flow.busy while a run of it reads all the same.
    Result<void> set_cursor(
        FlowId flow,
        const std::string& entity,
        std::int64_t cursor_ms,
        const Cause& cause,
        std::int64_t now_ms
    );

    Result<std::vector<FlowChange>> changes(FlowId flow, std::int64_t limit) const;  // newest first
    Result<std::optional<FlowFailure>> failure(FlowId flow) const;
    // Of running flows, those whose time to be restarted has come.
    Result<std::vector<FlowFailure>> due_restarts(std::int64_t now_ms) const;
    // It is not restarted.
    Result<void> forget_failure(FlowId flow);
    // The restart is tried again then.
    Result<void> postpone(FlowId flow, std::int64_t restart_at_ms);

    // Parts of a caller's unit of work.
    void note_restart(
        Sql& sql, const FlowFailure& failure, const Cause& cause, std::int64_t now_ms
    );

private:
    Database& database_;
    FlowStore& flows_;
};

// Part of the unit of work that ends a run's reading: its flow failed, or is well again, which a
// run says that read the same as the one that failed. Stopped runs say nothing.
void note_end_of_reading(
    Sql& sql, const RunId& run, const std::optional<Error>& error, std::int64_t now_ms
);

}  // namespace syncline::storage
