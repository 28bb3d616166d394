// What the API shows of the host's values, as JSON (architecture 8). Secrets have no form here.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/connection_control.hpp"
#include "engine/connector_source.hpp"
#include "engine/sync_control.hpp"

namespace syncline::api {

// RFC 3339 UTC with milliseconds, or null for 0.
Json time_or_null(std::int64_t ms);

Json run_json(const storage::Run& run);
// The runs of one request as one: {"syncId", "status", "counts", "started_at", "finished_at",
// "runs"}.
Json sync_json(const std::vector<storage::Run>& runs);

// Its definition, with its state as Kafka Connect's operators know it: RUNNING, PAUSED, STOPPED,
// FAILED (its last run failed; it is restarted by itself) or UNASSIGNED (not enabled).
Json flow_json(const Flow& flow, const std::optional<storage::FlowFailure>& failure);
Json flow_status_json(
    const Flow& flow,
    const std::optional<storage::FlowFailure>& failure,
    const std::vector<storage::FlowChange>& changes
);
Json cursor_json(const Flow& flow, const storage::Cursor& cursor);
Json schedule_json(const storage::Schedule& schedule);
// Which mapping adjusted documents; without a version (0) a shipped one.
Json mapping_use_json(const std::string& name, std::int64_t version);
Json plan_json(const engine::FlowPlan& plan);
// What several plans come to, without their records: counts, money, what is destructive.
Json plan_summary_json(const std::vector<engine::FlowPlan>& plans, const std::string& hash);

Json connector_json(const engine::ConnectorDescription& connector);
// With settings, limits and the JSON Schema of the settings.
Json full_connector_json(const engine::ConnectorDescription& connector);
Json connection_json(const engine::ConnectionView& view);

// An error of a connector or platform that is an outcome, not a refusal.
Json outcome_error_json(const Error& error);

}  // namespace syncline::api
