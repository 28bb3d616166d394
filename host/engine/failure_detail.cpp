#include "engine/failure_detail.hpp"

#include <algorithm>

#include "core/redact.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/unreadable.hpp"

namespace syncline::engine {
namespace {

Json response_of(const Error& error) {
    Json response{{"code", error.name}, {"message", redact(error.message)}};
    if (error.http_status != 0) {
        response["http_status"] = error.http_status;
    }
    if (error.retry_after) {
        response["retry_after_ms"] = error.retry_after->count();
    }
    return response;
}

std::optional<std::string> sealed(
    storage::Vault& vault, const storage::Place& place, const std::string& text
) {
    auto value = vault.seal(place, text);
    return value ? std::optional<std::string>(std::move(*value)) : std::nullopt;
}

}  // namespace

Json masked(const Json& json) {
    auto again = parse_json(redact(dump_json(json)));
    return again ? std::move(*again) : Json();
}

Json failure_detail(const std::string& stage, const Error& error) {
    return {{"stage", stage}, {"response", response_of(error)}};
}

Json failure_detail(const UnreadableRecord& record) {
    Json detail = failure_detail("read", unreadable_error(record));
    detail["raw"] = {
        {"text", record.raw},
        {"bytes", record.bytes},
        {"cut", record.cut},
        {"sha256", record.content_hash}};
    detail["id_known"] = record.has_own_id;
    return detail;
}

std::optional<std::string> sealed_detail(
    storage::Vault& vault, TenantId tenant, JobId job, const Json& detail
) {
    return sealed(vault, detail_place(tenant, job), dump_json(detail));
}

Json failure_detail(const WriteItem& item, const Error& error) {
    Json detail = failure_detail("write", error);
    detail["entity"] = item.entity;
    detail["role"] = item.role;
    detail["operation"] = std::string(enum_name(item.operation));
    detail["document"] = item.body;
    detail["request"] = {
        {"operation", std::string(enum_name(item.operation))},
        {"entity", item.entity},
        {"remote_id", item.remote_id},
        {"version", item.version},
        {"natural_key", item.natural_key},
        {"body", masked(item.body)}};
    return detail;
}

Json failure_detail(const Need& need, const Error& error, const PlannedRecord& planned) {
    Json detail = failure_detail("needs", error);
    detail["need"] = {
        {"entity", need.entity}, {"natural_key", need.natural_key}, {"source_id", need.source_id}};
    detail["documents"] = Json::array();
    for (const auto& document : planned.documents) {
        detail["documents"].push_back(
            {{"role", document.document.role},
             {"entity", document.document.entity},
             {"body", document.document.body}}
        );
    }
    return detail;
}

Json three_sides(const PlannedDocument& document, const Found& current, const Json& ours) {
    return {
        {"stage", "write"},
        {"entity", document.document.entity},
        {"role", document.document.role},
        {"remote_id", current.remote_id},
        {"base", document.merge_base},
        {"theirs", current.owned},
        {"ours", ours}};
}

void seal_dead_letters(storage::Vault& vault, std::vector<Work>& works) {
    for (auto& work : works) {
        if (!work.outcome || work.outcome->kind != storage::JobOutcome::Kind::kDead) {
            continue;
        }
        if (work.detail.is_null() && work.outcome->error) {
            const bool of_mapping = work.outcome->error->name.rfind("MAPPING_", 0) == 0;
            work.detail = failure_detail(of_mapping ? "map" : "plan", *work.outcome->error);
        }
        if (work.mapping) {
            work.detail["mapping"] = {
                {"name", work.mapping->name}, {"version", work.mapping->version}};
            work.outcome->mapping = work.mapping->name;
            work.outcome->mapping_version = work.mapping->version;
        }
        work.outcome->detail = sealed_detail(vault, work.job.tenant, work.job.id, work.detail);
        if (!work.job.record && !work.record.empty()) {
            work.outcome->record = sealed(
                vault, record_place(work.job.tenant, work.job.flow, work.job.source_id), work.record
            );
        }
    }
}

void mask_persons(std::vector<Work>& works) {
    const bool any = std::any_of(works.begin(), works.end(), [](const Work& work) {
        return work.outcome && work.outcome->error;
    });
    std::vector<std::string> values;
    for (const auto& work : works) {
        // An error of the whole batch may tell of any of its records.
        const auto record = any ? parse_json(work.record) : Result<Json>(Json());
        const auto own = record ? personal_values(*record) : std::vector<std::string>();
        values.insert(values.end(), own.begin(), own.end());
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (auto& work : works) {
        if (work.outcome && work.outcome->error) {
            std::string& message = work.outcome->error->message;
            message = without_values(message, values);
        }
    }
}

}  // namespace syncline::engine
