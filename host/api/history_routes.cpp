// What has been: runs, sums, and the log of one record.
#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/log_views.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kRecordLogMax = 500;

const std::vector<std::string>& history_columns() {
    static const std::vector<std::string> kColumns{
        "sync_id",       "run_id",       "flow",       "entity",     "mode",
        "status",        "read",         "created",    "updated",    "skipped",
        "held",          "conflict",     "waiting",    "failed",     "error_code",
        "error_message", "requested_by", "created_at", "started_at", "finished_at"};
    return kColumns;
}

std::string time_text(std::int64_t ms) {
    return ms == 0 ? std::string() : Timestamp{ms}.to_string();
}

std::vector<std::string> history_row(const storage::Run& run) {
    std::vector<std::string> row{
        run.sync_id,
        run.id,
        run.flow_name,
        run.entity,
        std::string(enum_name(run.mode)),
        std::string(enum_name(run.status))};
    std::apply(
        [&](const auto&... count) {
            (row.push_back(std::to_string(run.counts.*(count.member))), ...);
        },
        storage::RunCounts::fields()
    );
    for (const auto& text :
         {run.error_code,
          run.error_message,
          run.requested_by,
          time_text(run.created_at_ms),
          time_text(run.started_at_ms),
          time_text(run.finished_at_ms)}) {
        row.push_back(text);
    }
    return row;
}

Result<storage::RunFilter> history_filter(const Request& request, const PageRequest& page) {
    storage::RunFilter filter;
    filter.flow = parameter(request, "flow");
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, entity_parameter(request));
    filter.status = parameter(request, "status");
    if (!filter.status.empty() && !enum_from_name<storage::RunStatus>(filter.status)) {
        return invalid(
            "?status: expected queued, running, completed, partial, failed or stopped, found '" +
            filter.status.substr(0, 40) + "'"
        );
    }
    filter.before_ms = page.after.at_ms;
    filter.before_id = page.after.id;
    filter.limit = page.limit + 1;  // one more tells whether there is a next page
    return filter;
}

}  // namespace

Result<Response> list_history(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(
        only_parameters(request, {"flow", "entity", "status", "limit", "cursor", "format"})
    );
    SYNCLINE_ASSIGN_OR_RETURN(const bool csv, wants_csv(request));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto filter, history_filter(request, page));
    SYNCLINE_ASSIGN_OR_RETURN(auto runs, backend.stores.runs.history(request.actor.tenant, filter));
    const auto next = cut_extra_row(page, runs, [](const auto& last) {
        return PageCursor{last.created_at_ms, last.id};
    });
    if (csv) {
        std::vector<std::vector<std::string>> rows{history_columns()};
        for (const auto& run : runs) {
            rows.push_back(history_row(run));
        }
        return csv_response(request, rows, next ? &*next : nullptr);
    }
    Json items = Json::array();
    for (const auto& run : runs) {
        items.push_back(run_json(run));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_metrics(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"since"}));
    const std::int64_t now = backend.clock.now().ms;
    Timestamp since{now - kDayMs};
    if (const std::string text = parameter(request, "since"); !text.empty()) {
        const auto parsed = Timestamp::parse(text);
        if (!parsed) {
            return invalid("?since: " + parsed.error().message);
        }
        since = *parsed;
    }
    const TenantId tenant = request.actor.tenant;
    SYNCLINE_ASSIGN_OR_RETURN(const auto totals, backend.stores.runs.totals(tenant, since.ms));
    SYNCLINE_ASSIGN_OR_RETURN(const auto queue, backend.stores.jobs.counts(tenant, now));
    const std::int64_t lag = queue.oldest_due_at_ms == 0 ? 0 : now - queue.oldest_due_at_ms;
    return json_response(
        {{"since", since.to_string()},
         {"until", Timestamp{now}.to_string()},
         {"records", to_json(totals)},
         {"queue",
          {{"queued", queue.queued},
           {"delivering", queue.leased},
           {"parked", queue.parked},
           {"failed", queue.dead},
           {"oldest_wait_ms", lag}}}}
    );
}

Result<Response> show_record(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const TenantId tenant = request.actor.tenant;
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_of(request.at("entity")));
    const std::string& source_id = request.at("source_id");
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto entries, backend.stores.log.of_record(tenant, entity, source_id, kRecordLogMax)
    );
    if (entries.empty()) {
        return Error{
            ErrorCode::kNotFound,
            "nothing is known of the " + entity + " '" + source_id.substr(0, 60) + "'",
            "record.unknown"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, flow_names(backend.stores.flows, tenant));
    Json log = Json::array();
    for (const auto& entry : entries) {
        log.push_back(entry_json(entry, flows));
    }
    return json_response({{"entity", entity}, {"source_id", source_id}, {"log", std::move(log)}});
}

}  // namespace syncline::api
