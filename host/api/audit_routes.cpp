// The audit log, for admins: their tenant's rows, and those of the installation for its admins.
#include "api/audit_views.hpp"
#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/http/problem.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

enum class Format { kJson, kNdjson, kCsv };

Result<Format> format_of(const Request& request) {
    const std::string format = parameter(request, "format");
    if (format == "ndjson" ||
        (format.empty() && request.accept.find("application/x-ndjson") != std::string::npos)) {
        return Format::kNdjson;
    }
    if (!format.empty() && format != "csv" && format != "json") {
        return invalid(
            "?format: expected json, ndjson or csv, found '" + format.substr(0, 20) + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const bool csv, wants_csv(request));
    return csv ? Format::kCsv : Format::kJson;
}

Result<std::int64_t> time_parameter(const Request& request, const std::string& name) {
    const std::string text = parameter(request, name);
    if (text.empty()) {
        return std::int64_t{0};
    }
    const auto time = Timestamp::parse(text);
    if (!time) {
        return invalid(
            "?" + name + ": expected a time (as 2026-01-31T00:00:00Z), found '" +
            text.substr(0, 40) + "'"
        );
    }
    return time->ms;
}

Result<storage::AuditFilter> filter_of(const Request& request, const PageRequest& page) {
    storage::AuditFilter filter;
    filter.event = parameter(request, "event");
    filter.actor = parameter(request, "actor");
    filter.object = parameter(request, "object");
    filter.outcome = parameter(request, "outcome");
    if (!filter.outcome.empty() && filter.outcome != "done" && filter.outcome != "refused") {
        return invalid(
            "?outcome: expected done or refused, found '" + filter.outcome.substr(0, 40) + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(filter.from_ms, time_parameter(request, "from"));
    SYNCLINE_ASSIGN_OR_RETURN(filter.to_ms, time_parameter(request, "to"));
    SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    return filter;
}

}  // namespace

Result<Response> list_audit(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(
        request, {"event", "actor", "object", "outcome", "from", "to", "format", "limit", "cursor"}
    ));
    SYNCLINE_ASSIGN_OR_RETURN(const Format format, format_of(request));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(const storage::AuditFilter filter, filter_of(request, page));
    SYNCLINE_ASSIGN_OR_RETURN(
        auto rows,
        backend.stores.audit.list(request.actor.tenant, request.actor.installation, filter)
    );
    const auto next = cut_extra_row(page, rows, [](const auto& last) {
        return PageCursor{std::max<std::int64_t>(1, last.entry.at_ms), std::to_string(last.id)};
    });
    const PageCursor* end = next ? &*next : nullptr;
    if (format == Format::kCsv) {
        std::vector<std::vector<std::string>> lines{audit_csv_header()};
        for (const auto& row : rows) {
            lines.push_back(audit_csv_row(row));
        }
        return csv_response(request, lines, end);
    }
    Json items = Json::array();
    for (const auto& row : rows) {
        items.push_back(audit_json(row));
    }
    if (format == Format::kJson) {
        return page_response(request, std::move(items), end);
    }
    std::string lines;
    for (const auto& item : items) {
        lines += dump_json(item) + "\n";
    }
    // The Link header of a page is the same in every format.
    Response response = page_response(request, Json::array(), end);
    response.content_type = "application/x-ndjson";
    response.body = std::move(lines);
    return response;
}

}  // namespace syncline::api
