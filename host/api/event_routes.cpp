// GET /api/events: what happens, as it happens.
#include "api/backend.hpp"
#include "api/event_feed.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

// By the header, as browsers send it when they come again, or by the parameter, for those who
// cannot set headers.
Result<std::optional<std::int64_t>> last_event_id(const Request& request) {
    const std::string header = header_of(request, "Last-Event-ID");
    const std::string text = header.empty() ? parameter(request, "last_event_id") : header;
    if (text.empty()) {
        return std::optional<std::int64_t>();
    }
    const bool digits =
        text.size() <= 18 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) {
        return invalid(
            (header.empty() ? "?last_event_id" : std::string("Last-Event-ID")) +
            ": expected the id of an event, found '" + text.substr(0, 40) + "'"
        );
    }
    return std::optional<std::int64_t>(std::stoll(text));
}

}  // namespace

Result<Response> watch_events(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"level", "flow", "entity", "last_event_id"})
    );
    EventFilter filter;
    filter.level = parameter(request, "level");
    if (!filter.level.empty() && filter.level != "info" && filter.level != "warning" &&
        filter.level != "error") {
        return invalid(
            "?level: expected info, warning or error, found '" + filter.level.substr(0, 40) + "'"
        );
    }
    filter.flow = parameter(request, "flow");
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, entity_parameter(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto after, last_event_id(request));
    return backend.events.open(request.actor.tenant, std::move(filter), after);
}

}  // namespace syncline::api
