#include "api/reconciliation_views.hpp"

#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kIdsShown = 100;

Json entities_json(const std::vector<std::string>& entities) {
    Json all = Json::array();
    for (const auto& entity : entities) {
        all.push_back(plural_of(entity));
    }
    return all;
}

Json parsed_report(const storage::Reconciliation& reconciliation) {
    auto report = parse_json(reconciliation.report);
    return report ? *std::move(report) : Json();
}

}  // namespace

Json reconciliation_json(const storage::Reconciliation& reconciliation) {
    const bool completed = reconciliation.state == "completed";
    const bool failed = !reconciliation.error_code.empty();
    return {
        {"id", reconciliation.id.value},
        {"state", reconciliation.state},
        {"window", {{"from", reconciliation.window.from}, {"to", reconciliation.window.to}}},
        {"entities", entities_json(reconciliation.entities)},
        {"requested_by", reconciliation.requested_by},
        {"nightly", reconciliation.nightly},
        {"agrees", completed ? Json(reconciliation.drift_records == 0) : Json()},
        {"drift_records", reconciliation.drift_records},
        {"cost",
         {{"estimated_reads", reconciliation.estimated_reads}, {"reads", reconciliation.reads}}},
        {"error",
         failed
             ? Json{{"code", reconciliation.error_code}, {"message", reconciliation.error_message}}
             : Json()},
        {"created_at", time_or_null(reconciliation.created_at_ms)},
        {"started_at", time_or_null(reconciliation.started_at_ms)},
        {"finished_at", time_or_null(reconciliation.finished_at_ms)}};
}

Json opened_reconciliation_json(
    const storage::Reconciliation& reconciliation, const std::map<std::string, std::int64_t>& counts
) {
    Json json = reconciliation_json(reconciliation);
    json["findings"] = counts;
    const Json report = parsed_report(reconciliation);
    json["pairs"] = report.is_object() ? report.value("pairs", Json::array()) : Json::array();
    json["not_compared"] =
        report.is_object() ? report.value("not_compared", Json::array()) : Json::array();
    return json;
}

Json finding_json(const storage::StoredFinding& stored) {
    const Finding& finding = stored.finding;
    return {
        {"id", stored.id},
        {"kind", enum_name(finding.kind)},
        {"flow", finding.flow.empty() ? Json() : Json(finding.flow)},
        {"entity", finding.entity},
        {"source_id", finding.record_id},
        {"target",
         {{"connection", stored.target},
          {"entity", finding.target_entity},
          {"id", finding.target_id.empty() ? Json() : Json(finding.target_id)}}},
        {"day", finding.day},
        {"expected", finding.expected},
        {"found", finding.found},
        {"difference",
         {{"amount", finding.difference.to_string()}, {"currency", finding.currency}}},
        {"message", finding.message},
        {"advice", advice(finding.kind)},
        {"healable", finding.healable},
        {"healed_by", stored.healed_by.empty() ? Json() : Json(stored.healed_by)}};
}

Json healed_json(const engine::ReconciliationControl::Healed& healed) {
    Json flows = Json::array();
    for (const auto& one : healed.flows) {
        Json ids = Json::array();
        for (std::size_t i = 0; i < one.source_ids.size() && i < kIdsShown; ++i) {
            ids.push_back(one.source_ids[i]);
        }
        Json confirmation;
        if (one.confirmation) {
            confirmation = {
                {"token", one.confirmation->token},
                {"expires_at", one.confirmation->expires_at.to_string()},
                {"reasons", to_json(one.confirmation->reasons)},
                {"plan", plan_summary_json(one.confirmation->plans, one.confirmation->plan_hash)}};
        }
        flows.push_back(
            {{"flow", one.flow},
             {"records", one.source_ids.size()},
             {"source_ids", std::move(ids)},
             {"syncId", one.sync_id.empty() ? Json() : Json(one.sync_id)},
             {"confirmation", std::move(confirmation)}}
        );
    }
    return {{"flows", std::move(flows)}, {"not_healable", healed.not_healable}};
}

std::vector<std::vector<std::string>> finding_rows(
    const std::vector<storage::StoredFinding>& findings
) {
    std::vector<std::vector<std::string>> rows{
        {"kind",
         "flow",
         "entity",
         "source_id",
         "target",
         "target_entity",
         "target_id",
         "day",
         "expected",
         "found",
         "difference",
         "currency",
         "healable",
         "message",
         "advice"}};
    for (const auto& stored : findings) {
        const Finding& finding = stored.finding;
        rows.push_back(
            {std::string(enum_name(finding.kind)),
             finding.flow,
             finding.entity,
             finding.record_id,
             stored.target,
             finding.target_entity,
             finding.target_id,
             finding.day,
             finding.expected,
             finding.found,
             finding.difference.to_string(),
             finding.currency,
             finding.healable ? "yes" : "no",
             finding.message,
             std::string(advice(finding.kind))}
        );
    }
    return rows;
}

std::vector<std::vector<std::string>> day_rows(const Json& report) {
    std::vector<std::string> heading{"source", "target", "day", "currency"};
    constexpr std::array kSides{"source", "target", "difference"};
    constexpr std::array kSums{"count", "gross", "tax", "refunds", "payments"};
    for (const char* side : kSides) {
        for (const char* sum : kSums) {
            heading.push_back(std::string(side) + "_" + sum);
        }
    }
    std::vector<std::vector<std::string>> rows{std::move(heading)};
    for (const auto& pair : report.value("pairs", Json::array())) {
        for (const auto& day : pair.value("days", Json::array())) {
            std::vector<std::string> row{
                pair.value("source", ""),
                pair.value("target", ""),
                day.value("day", ""),
                day.value("currency", "")};
            for (const char* side : kSides) {
                for (const char* sum : kSums) {
                    const Json& cell = day.at(side).at(sum);
                    row.push_back(cell.is_string() ? cell.get<std::string>() : dump_json(cell));
                }
            }
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

}  // namespace syncline::api
