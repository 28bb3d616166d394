#include "api/match_views.hpp"

#include "api/views.hpp"

namespace syncline::api {
namespace {

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

std::int64_t tallied(const ProposalTally& tally, const char* grade, const char* state) {
    const auto found = tally.find({grade, state});
    return found == tally.end() ? 0 : found->second;
}

Json grade_json(const ProposalTally& tally, const char* grade) {
    Json json;
    for (const char* state : {"proposed", "confirmed", "rejected"}) {
        json[state] = tallied(tally, grade, state);
    }
    return json;
}

}  // namespace

Json match_json(const storage::Match& match, const ProposalTally& tally) {
    Json json{
        {"id", match.id},
        {"state", match.state},
        {"flow", text_or_null(match.flow)},
        {"source", match.source_name},
        {"target", match.target_name},
        {"entity", match.entity},
        {"from", time_or_null(match.from_ms)},
        {"requested_by", match.requested_by},
        {"created_at", time_or_null(match.created_at_ms)},
        {"started_at", time_or_null(match.started_at_ms)},
        {"finished_at", time_or_null(match.finished_at_ms)},
        {"error", Json()}};
    if (match.state == "failed") {
        json["error"] = {{"code", match.error_code}, {"message", match.error_message}};
    }
    const auto counts = parse_json(match.counts);
    for (const char* name :
         {"source_read",
          "target_read",
          "linked_before",
          "rejected_before",
          "unmatched",
          "unreadable"}) {
        json["counts"][name] = counts ? counts->value(name, std::int64_t{0}) : 0;
    }
    for (const char* grade : {"exact", "assisted", "ambiguous"}) {
        json["proposals"][grade] = grade_json(tally, grade);
    }
    return json;
}

Json proposal_json(const storage::MatchProposal& proposal) {
    const Json& detail = proposal.detail;
    Json target;
    if (!proposal.target_id.empty()) {
        target = {
            {"entity", proposal.target_entity},
            {"id", proposal.target_id},
            {"role", proposal.role},
            {"label", detail.value("target", "")}};
    }
    return {
        {"id", proposal.id},
        {"grade", std::string(enum_name(proposal.grade))},
        {"state", proposal.state},
        {"source",
         {{"id", proposal.source_id},
          {"part", text_or_null(proposal.part)},
          {"label", detail.value("source", "")}}},
        {"target", std::move(target)},
        {"also", detail.value("also", Json::array())},
        {"candidates", detail.value("candidates", Json::array())},
        {"evidence", detail.value("evidence", Json::array())},
        {"decided_by", text_or_null(proposal.decided_by)},
        {"reason", text_or_null(proposal.reason)},
        {"decided_at", time_or_null(proposal.decided_at_ms)}};
}

Json id_mapping_json(const storage::IdMappingRow& row, bool personal) {
    // What has no record of its own is known by its identity.
    const bool hidden = !personal && row.source_id.rfind('@', 0) == 0;
    Json json{
        {"id", row.id},
        {"state", row.written ? "written" : "linked"},
        {"compared", !row.unseen},
        {"source", row.source},
        {"target", row.target},
        {"entity", row.entity},
        {"source_id", hidden ? Json() : Json(row.source_id)},
        {"role", row.role},
        {"target_entity", row.target_entity},
        {"target_id", row.target_id},
        {"target_version", text_or_null(row.target_version)},
        {"created_at", time_or_null(row.created_at_ms)},
        {"updated_at", time_or_null(row.updated_at_ms)}};
    if (personal) {
        json["identity"] = row.identity;
    }
    return json;
}

}  // namespace syncline::api
