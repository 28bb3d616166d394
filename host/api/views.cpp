#include "api/views.hpp"

#include <algorithm>
#include <set>

#include <syncline/spec_checks.hpp>

#include "core/redact.hpp"
#include "core/retry.hpp"

namespace syncline::api {
namespace {

Json money_list(const std::map<std::string, Money>& totals) {
    Json list = Json::array();
    for (const auto& [currency, amount] : totals) {
        list.push_back({{"amount", amount.to_string()}, {"currency", currency}});
    }
    return list;
}

Json document_json(const PlannedDocument& planned) {
    Json json = to_json(planned.document);
    json["action"] = std::string(enum_name(planned.action));
    json["hash"] = planned.hash;
    if (!planned.remote_id.empty()) {
        json["remote_id"] = planned.remote_id;
    }
    return json;
}

Json entry_json(const engine::PlanEntry& entry) {
    const PlanAction action = entry.error ? PlanAction::kError : entry.planned.action;
    Json json{
        {"source_id", entry.source_id},
        {"action", std::string(enum_name(action))},
        {"documents", Json::array()},
        {"needs", entry.to_make}};
    for (const auto& document : entry.planned.documents) {
        json["documents"].push_back(document_json(document));
    }
    if (entry.planned.reason) {
        json["reason"] = to_json(*entry.planned.reason);
    }
    if (!entry.planned.warnings.empty()) {
        json["warnings"] = to_json(entry.planned.warnings);
    }
    if (entry.error) {
        json["error"] = outcome_error_json(*entry.error);
    }
    return json;
}

// Records that would be made because others refer to them: customers, products.
std::int64_t needs_made(const engine::FlowPlan& plan) {
    std::set<std::string> keys;
    for (const auto& entry : plan.entries) {
        keys.insert(entry.to_make.begin(), entry.to_make.end());
    }
    return static_cast<std::int64_t>(keys.size());
}

void warn_of(const engine::FlowPlan& plan, Json& warnings) {
    const auto warn = [&](const char* code, std::int64_t count, const std::string& what) {
        if (count > 0) {
            warnings.push_back(
                {{"code", code},
                 {"flow", plan.flow},
                 {"message", std::to_string(count) + " " + what}}
            );
        }
    };
    const auto of = [&](const char* action) {
        const auto found = plan.actions.find(action);
        return found == plan.actions.end() ? 0 : found->second;
    };
    warn("PLAN_DESTRUCTIVE", plan.destructive, "documents would be deleted or voided");
    warn("PLAN_UPDATES", of("update"), "records that were written before would be changed");
    warn("PLAN_HOLDS", of("hold"), "records would be held back until a person decides");
    warn("PLAN_ERRORS", of("error"), "records cannot be planned and would fail");
}

const char* flow_state(const Flow& flow, const std::optional<storage::FlowFailure>& failure) {
    if (!flow.definition.enabled) {
        return "UNASSIGNED";
    }
    switch (flow.state) {
        case FlowState::kPaused:
            return "PAUSED";
        case FlowState::kStopped:
            return "STOPPED";
        case FlowState::kRunning:
            break;
    }
    return failure && failure->open() ? "FAILED" : "RUNNING";
}

}  // namespace

Json time_or_null(std::int64_t ms) {
    return ms == 0 ? Json() : Json(Timestamp{ms}.to_string());
}

Json outcome_error_json(const Error& error) {
    Json json{
        {"code", error.name},
        {"class", error_class(error.code)},
        {"message", redact(error.message)}};
    if (error.retry_after) {
        json["retry_after_ms"] = error.retry_after->count();
    }
    return json;
}

Json run_json(const storage::Run& run) {
    Json json{
        {"id", run.id},
        {"syncId", run.sync_id},
        {"flow", run.flow_name},
        {"entity", run.entity},
        {"mode", std::string(enum_name(run.mode))},
        {"status", std::string(enum_name(run.status))},
        {"counts", to_json(run.counts)},
        {"requested_by", run.requested_by},
        {"created_at", time_or_null(run.created_at_ms)},
        {"started_at", time_or_null(run.started_at_ms)},
        {"finished_at", time_or_null(run.finished_at_ms)}};
    if (run.stop_requested && !run.ended()) {
        json["stop_requested"] = true;
    }
    if (!run.error_code.empty()) {
        json["error"] = {{"code", run.error_code}, {"message", redact(run.error_message)}};
    }
    return json;
}

Json sync_json(const std::vector<storage::Run>& runs) {
    storage::RunCounts counts;
    std::int64_t started = 0;
    std::int64_t finished = 0;
    bool all_ended = true;
    Json list = Json::array();
    for (const auto& run : runs) {
        counts += run.counts;
        if (run.started_at_ms != 0) {
            started = started == 0 ? run.started_at_ms : std::min(started, run.started_at_ms);
        }
        finished = std::max(finished, run.finished_at_ms);
        all_ended = all_ended && run.ended();
        list.push_back(run_json(run));
    }
    return {
        {"syncId", runs.front().sync_id},
        {"status", std::string(enum_name(engine::combined_status(runs)))},
        {"counts", to_json(counts)},
        {"created_at", time_or_null(runs.front().created_at_ms)},
        {"started_at", time_or_null(started)},
        {"finished_at", time_or_null(all_ended ? finished : 0)},
        {"runs", std::move(list)}};
}

Json flow_json(const Flow& flow, const std::optional<storage::FlowFailure>& failure) {
    Json json = to_json(flow.definition);
    json["state"] = flow_state(flow, failure);
    json["managed_by"] = flow.declared ? "config" : "api";
    return json;
}

Json flow_status_json(
    const Flow& flow,
    const std::optional<storage::FlowFailure>& failure,
    const std::vector<storage::FlowChange>& changes
) {
    Json list = Json::array();
    for (const auto& change : changes) {
        list.push_back(
            {{"at", time_or_null(change.at_ms)},
             {"change", change.change},
             {"before", change.before},
             {"after", change.after},
             {"actor", change.cause.actor},
             {"reason", redact(change.cause.reason)}}
        );
    }
    Json json{
        {"name", flow.definition.name},
        {"state", flow_state(flow, failure)},
        {"changes", std::move(list)}};
    if (failure && failure->recovered_at_ms == 0) {
        json["failure"] = {
            {"syncId", failure->run},
            {"code", failure->error_code},
            {"message", redact(failure->error_message)},
            {"failed_at", time_or_null(failure->failed_at_ms)},
            {"restarts", failure->restarts},
            {"restart_at", time_or_null(failure->restart_at_ms)}};
    }
    return json;
}

Json cursor_json(const Flow& flow, const storage::Cursor& cursor) {
    Json json{
        {"flow", flow.definition.name},
        {"entity", flow.definition.entity},
        {"cursor", time_or_null(cursor.cursor_ms)},
        {"scan", nullptr},
        {"shrunk", nullptr},
        {"updated_at", time_or_null(cursor.updated_at_ms)}};
    if (cursor.scanning) {
        json["scan"] = {
            {"mode", cursor.scan_mode},
            {"from", time_or_null(cursor.scan_from_ms)},
            {"to", time_or_null(cursor.scan_to_ms)},
            {"last_id", cursor.scan_last_id},
            {"seen", cursor.scan_seen}};
    }
    if (cursor.shrunk_at_ms > 0) {
        json["shrunk"] = {
            {"at", time_or_null(cursor.shrunk_at_ms)},
            {"seen", cursor.shrunk_seen},
            {"known", cursor.shrunk_known}};
    }
    return json;
}

Json schedule_json(const storage::Schedule& schedule) {
    Json json = to_json(schedule.definition);
    if (schedule.definition.cron.empty()) {
        json["interval_s"] = schedule.definition.interval_s.value_or(kIntervalDefaultS);
    }
    json["state"] = !schedule.definition.enabled ? "disabled"
                    : schedule.paused            ? "paused"
                                                 : "running";
    json["managed_by"] = schedule.declared ? "config" : "api";
    const bool rests = schedule.paused || !schedule.definition.enabled;
    json["last_due"] = time_or_null(schedule.last_due_ms);
    json["next_due"] = time_or_null(rests ? 0 : schedule.next_due_ms);
    json["waiting_since"] = time_or_null(schedule.queued_ms);
    json["last_sync"] = schedule.last_sync_id.empty() ? Json() : Json(schedule.last_sync_id);
    json["last_error"] = schedule.last_error.empty() ? Json() : Json(schedule.last_error);
    return json;
}

Json mapping_use_json(const std::string& name, std::int64_t version) {
    return {{"name", name}, {"version", version == 0 ? Json() : Json(version)}};
}

Json plan_json(const engine::FlowPlan& plan) {
    Json records = Json::array();
    for (const auto& entry : plan.entries) {
        records.push_back(entry_json(entry));
    }
    return {
        {"flow", plan.flow},
        {"source", plan.source},
        {"target", plan.target},
        {"mapping",
         plan.mapping ? mapping_use_json(plan.mapping->name, plan.mapping->version) : Json()},
        {"read", plan.read},
        {"truncated", plan.truncated},
        {"actions", plan.actions},
        {"totals", money_list(plan.money)},
        {"hash", plan.hash},
        {"records", std::move(records)}};
}

Json plan_summary_json(const std::vector<engine::FlowPlan>& plans, const std::string& hash) {
    std::map<std::string, std::int64_t> actions;
    std::map<std::string, Money> money;
    std::int64_t records = 0;
    Json warnings = Json::array();
    Json flows = Json::array();
    for (const auto& plan : plans) {
        records += plan.writes;
        for (const auto& [action, count] : plan.actions) {
            actions[action] += count;
        }
        for (const auto& [currency, amount] : plan.money) {
            auto [entry, first] = money.try_emplace(currency, amount);
            if (!first) {
                entry->second += amount;
            }
        }
        warn_of(plan, warnings);
        flows.push_back(
            {{"flow", plan.flow},
             {"source", plan.source},
             {"target", plan.target},
             {"mode", std::string(enum_name(plan.mode))},
             {"read", plan.read},
             {"records", plan.writes},
             {"actions", plan.actions},
             {"totals", money_list(plan.money)},
             {"needs", needs_made(plan)},
             {"hash", plan.hash}}
        );
    }
    return {
        {"hash", hash},
        {"records", records},
        {"actions", actions},
        {"totals", money_list(money)},
        {"warnings", std::move(warnings)},
        {"flows", std::move(flows)}};
}

Json connector_json(const engine::ConnectorDescription& connector) {
    return {
        {"id", connector.id},
        {"platform", connector.platform},
        {"title", connector.spec.title},
        {"summary", connector.spec.summary},
        {"version", connector.version},
        {"vendor", connector.vendor},
        {"license", connector.license},
        {"file", connector.file},
        {"sha256", connector.sha256},
        {"operations", connector.operations},
        {"auth", std::string(enum_name(connector.spec.auth))}};
}

Json full_connector_json(const engine::ConnectorDescription& connector) {
    Json json = connector_json(connector);
    json["settings"] = to_json(connector.spec.settings);
    json["schema"] = json_schema(connector.spec);
    json["limits"] = to_json(connector.spec.limits);
    json["hosts"] = connector.spec.hosts;
    json["write_safety"] = std::string(enum_name(connector.spec.write_safety));
    return json;
}

namespace {

// When what ends; null where the platform does not tell.
Json tokens_json(const engine::ConnectionView& view) {
    if (!view.in_browser && !view.grant) {
        return nullptr;
    }
    const storage::OAuthGrant grant = view.grant.value_or(storage::OAuthGrant{});
    const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
    return {
        {"access_expires_at", time_or_null(view.connection.token_expires_at_ms)},
        {"refresh_expires_at", time_or_null(grant.refresh_expires_at_ms)},
        {"hard_expires_at", time_or_null(grant.hard_expires_at_ms)},
        {"refreshed_at", time_or_null(grant.refreshed_at_ms)},
        {"granted_at", time_or_null(grant.granted_at_ms)},
        {"granted_by", text(grant.granted_by)},
        {"app", text(grant.app_name)}};
}

// The request that begins it, for a connection that needs it.
Json reconnect_json(const engine::ConnectionView& view) {
    const storage::Connection& connection = view.connection;
    if (!view.in_browser || connection.state != storage::ConnectionState::kNeedsReauth) {
        return nullptr;
    }
    return {
        {"method", "POST"},
        {"href", "/api/integrations/" + connection.platform + "/authorize"},
        {"body", {{"connection", connection.name}}}};
}

}  // namespace

Json connection_json(const engine::ConnectionView& view) {
    const storage::Connection& connection = view.connection;
    return {
        {"id", connection.id.value},
        {"connection", connection.name},
        {"platform", connection.platform},
        {"state", std::string(enum_name(connection.state))},
        {"state_reason", redact(connection.state_reason)},
        {"account", connection.remote_identity},
        {"settings", connection.settings},
        {"credentials", view.credentials},
        {"connector_loaded", view.has_connector},
        {"not_before", time_or_null(connection.not_before_ms)},
        {"token_expires_at", time_or_null(connection.token_expires_at_ms)},
        {"tokens", tokens_json(view)},
        {"reconnect", reconnect_json(view)},
        {"managed_by", connection.declared ? "config" : "api"}};
}

}  // namespace syncline::api
