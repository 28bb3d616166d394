#include "api/failure_views.hpp"

#include "api/views.hpp"
#include "core/failure_kind.hpp"
#include "core/redact.hpp"

namespace syncline::api {
namespace {

// "customer:ann@x.example" tells a viewer who it is.
std::string without_identity(const std::string& lane) {
    const bool of_person = lane.find('@') != std::string::npos;
    return of_person ? lane.substr(0, lane.find(':') + 1) + std::string(kRedacted) : lane;
}

}  // namespace

Json failure_json(const storage::DeadLetter& letter) {
    return {
        {"id", letter.id.value},
        {"flow", letter.flow_name},
        {"entity", letter.entity},
        {"source_id", letter.source_id},
        {"outcome", letter.outcome},
        {"class", letter.error_class},
        {"code", letter.error_code},
        {"message", redact(letter.error_message)},
        {"hint", failure_hint(letter.outcome, letter.error_class, letter.error_code)},
        {"fingerprint", letter.fingerprint},
        {"waits_for", letter.waits_for.empty() ? Json() : Json(without_identity(letter.waits_for))},
        {"attempts", letter.attempts},
        {"redrives", letter.redrives},
        {"quarantined", letter.quarantined()},
        {"edited", letter.edited},
        {"version", letter.version},
        {"mapping",
         letter.mapping.empty() ? Json()
                                : mapping_use_json(letter.mapping, letter.mapping_version)},
        {"first_failed_at", time_or_null(letter.first_failed_at_ms)},
        {"last_failed_at", time_or_null(letter.updated_at_ms)}};
}

Json opened_failure_json(const engine::OpenedFailure& failure) {
    Json json = failure_json(failure.letter);
    json["record"] = failure.record;
    json["detail"] = failure.detail;
    return json;
}

Json failure_group_json(const storage::FailureGroup& group) {
    return {
        {"fingerprint", group.fingerprint},
        {"flow", group.flow_name},
        {"entity", group.entity},
        {"outcome", group.outcome},
        {"class", group.error_class},
        {"code", group.error_code},
        {"message", redact(group.example)},
        {"hint", failure_hint(group.outcome, group.error_class, group.error_code)},
        {"count", group.count},
        {"quarantined", group.quarantined},
        {"first_failed_at", time_or_null(group.first_failed_at_ms)},
        {"last_failed_at", time_or_null(group.last_failed_at_ms)}};
}

Json redrive_json(const engine::RedriveReport& report, bool dry_run) {
    Json json{
        {"dryRun", dry_run},
        {dry_run ? "would_retry" : "retried", report.redriven.count},
        {"quarantined", report.redriven.quarantined},
        {"last_at", time_or_null(report.redriven.last_at_ms)}};
    if (dry_run) {
        json["items"] = Json::array();
        for (const auto& letter : report.first) {
            json["items"].push_back(failure_json(letter));
        }
    }
    return json;
}

}  // namespace syncline::api
