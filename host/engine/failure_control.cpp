#include "engine/failure_control.hpp"

#include "core/json_difference.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/unreadable.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kReasonMax = 1000;

Error changed_since() {
    return Error{
        ErrorCode::kExists,
        "/version: the record changed at its source since you looked at it; look at the failure "
        "again",
        "failure.changed"};
}

// Errors: kInvalid, with its place in the request.
Result<Json> apply(const Json& record, const RecordEdit& edit) {
    if (edit.record.has_value() == edit.merge.has_value()) {
        return invalid("/record: give either the whole record, or what changes in it as /merge");
    }
    const char* place = edit.record ? "/record" : "/merge";
    const Json& given = edit.record ? *edit.record : *edit.merge;
    if (!given.is_object()) {
        return invalid(std::string(place) + ": expected an object");
    }
    if (edit.record) {
        return given;
    }
    if (record.is_null()) {
        return Error{
            ErrorCode::kExists,
            "its record was not kept, so there is nothing to change; give the whole one as /record",
            "failure.no_record"};
    }
    Json edited = record;
    edited.merge_patch(given);
    return edited;
}

// Another id would make it another record. Where the record was not kept, its source id is known.
Result<void> check_same(
    const Json& before, const Json& after, const std::string& source_id, const char* place
) {
    const Json id = before.is_object() ? before.value("id", Json()) : Json(source_id);
    if (after.value("id", Json()) != id) {
        return invalid(
            std::string(place) + "/id: the id of a record cannot be changed; it is " + dump_json(id)
        );
    }
    if (before == after) {
        return invalid(std::string(place) + ": nothing is different; retry sends it as it is");
    }
    return {};
}

}  // namespace

void FailureControl::note(
    storage::Sql& sql,
    TenantId tenant,
    const storage::DeadLetter& letter,
    const std::string& event,
    const std::string& message,
    const Json& detail
) {
    storage::LogEntry entry;
    entry.tenant = tenant;
    entry.at_ms = clock_.now().ms;
    entry.event = event;
    entry.flow = letter.flow;
    entry.entity = letter.entity;
    entry.source_id = letter.source_id;
    entry.message = message;
    entry.detail = dump_json(detail);
    stores_.log.append(sql, entry);
}

Result<OpenedFailure> FailureControl::open(TenantId tenant, JobId id) {
    OpenedFailure opened;
    SYNCLINE_ASSIGN_OR_RETURN(opened.letter, stores_.jobs.dead_letter(tenant, id));
    const auto unseal = [&](const std::optional<std::string>& value, const storage::Place& place) {
        auto text = value ? stores_.vault.open(place, *value) : Result<std::string>("null");
        auto json = text ? parse_json(*text) : Result<Json>(Json());
        return json ? std::move(*json) : Json();
    };
    opened.record = unseal(
        opened.letter.record, record_place(tenant, opened.letter.flow, opened.letter.source_id)
    );
    opened.detail = unseal(opened.letter.detail, detail_place(tenant, id));
    return opened;
}

Result<void> FailureControl::retry(
    TenantId tenant, JobId id, storage::LoopGuard guard, const std::string& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto letter, stores_.jobs.dead_letter(tenant, id));
    SYNCLINE_RETURN_IF_ERROR(stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(stores_.jobs.redrive(sql, tenant, id, guard, clock_.now().ms));
        note(sql, tenant, letter, "redriven", letter.error_code, {{"actor", actor}});
        return {};
    }));
    wake_();
    return {};
}

Result<RedriveReport> FailureControl::retry_all(
    TenantId tenant,
    const storage::DeadLetterFilter& filter,
    const storage::RedriveOptions& options,
    const std::string& actor
) {
    RedriveReport report;
    SYNCLINE_ASSIGN_OR_RETURN(
        report.redriven, stores_.jobs.redrive_all(tenant, filter, options, clock_.now().ms)
    );
    storage::LogEntry entry;
    entry.tenant = tenant;
    entry.at_ms = clock_.now().ms;
    entry.event = "redriven";
    entry.entity = filter.entity;
    entry.message = std::to_string(report.redriven.count) + " failures are sent again";
    entry.detail = dump_json({{"actor", actor}, {"rate_per_minute", options.rate_per_minute}});
    SYNCLINE_RETURN_IF_ERROR(stores_.log.append(entry));
    wake_();
    return report;
}

Result<RedriveReport> FailureControl::retry_all_dry(
    TenantId tenant, const storage::DeadLetterFilter& filter, const storage::RedriveOptions& options
) {
    RedriveReport report;
    SYNCLINE_ASSIGN_OR_RETURN(
        report.redriven, stores_.jobs.redrivable(tenant, filter, options, clock_.now().ms)
    );
    storage::DeadLetterFilter shown = filter;
    if (options.guard == storage::LoopGuard::kOn) {
        shown.quarantined = false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(report.first, stores_.jobs.dead_letters(tenant, shown));
    return report;
}

Result<EditedFailure> FailureControl::edit(
    TenantId tenant, JobId id, const RecordEdit& edit, const std::string& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const OpenedFailure failure, open(tenant, id));
    const storage::DeadLetter& letter = failure.letter;
    if (has_made_up_id(letter.source_id)) {
        return Error{
            ErrorCode::kExists,
            "the record did not say which one it is, so no copy of it can be edited: correct it at "
            "its source, where the next run reads it, then resolve this failure",
            "failure.no_id"};
    }
    if (edit.version && *edit.version != letter.version) {
        return changed_since();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json record, apply(failure.record, edit));
    SYNCLINE_RETURN_IF_ERROR(
        check_same(failure.record, record, letter.source_id, edit.record ? "/record" : "/merge")
    );
    EditedFailure edited;
    edited.difference = json_difference(failure.record, record);
    if (edit.dry_run) {
        return edited;
    }
    const std::string text = dump_json(record);
    storage::EditedRecord stored;
    stored.version = letter.version;
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string identity, identity_of_record(letter.entity, letter.source_id, text)
    );
    stored.lane = lane_name(letter.entity, identity);
    SYNCLINE_ASSIGN_OR_RETURN(
        stored.sealed, stores_.vault.seal(record_place(tenant, letter.flow, letter.source_id), text)
    );
    Json places = Json::array();
    for (const auto& entry : edited.difference) {
        places.push_back(entry.at("path"));
    }
    SYNCLINE_RETURN_IF_ERROR(stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(
            stores_.jobs.redrive_edited(sql, tenant, id, stored, clock_.now().ms)
        );
        note(
            sql,
            tenant,
            letter,
            "edited",
            letter.error_code,
            {{"actor", actor}, {"changed", places}}
        );
        return {};
    }));
    edited.queued = true;
    wake_();
    return edited;
}

Result<void> FailureControl::resolve(
    TenantId tenant, JobId id, const std::string& reason, const std::string& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto letter, stores_.jobs.dead_letter(tenant, id));
    if (reason.find_first_not_of(" \t\r\n") == std::string::npos || reason.size() > kReasonMax) {
        return invalid(
            "/reason: say in 1 to " + std::to_string(kReasonMax) +
            " characters why it is done; it is kept in the record's log"
        );
    }
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(stores_.jobs.resolve(sql, tenant, id, reason, clock_.now().ms));
        stores_.conflicts.close_of_record(
            sql, letter.flow, letter.source_id, actor, reason, clock_.now().ms
        );
        const Json detail{
            {"actor", actor}, {"outcome", letter.outcome}, {"code", letter.error_code}};
        note(sql, tenant, letter, "resolved", reason, detail);
        return {};
    });
}

}  // namespace syncline::engine
