// Dead letters: looking at them, and sending them again.
#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

struct RetryBody {
    bool all = false;
    std::string flow;
    std::string entity;
    std::string outcome;
    std::string code;

    static constexpr auto fields() {
        return std::make_tuple(
            field("all", &RetryBody::all),
            field("flow", &RetryBody::flow),
            field("entity", &RetryBody::entity),
            field("outcome", &RetryBody::outcome),
            field("code", &RetryBody::code)
        );
    }
};

Result<void> check_outcome(const std::string& place, const std::string& outcome) {
    if (outcome.empty() || outcome == "failed" || outcome == "held" || outcome == "conflict") {
        return {};
    }
    return invalid(
        place + ": expected failed, held or conflict, found '" + outcome.substr(0, 40) + "'"
    );
}

Result<JobId> failure_id(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t number, row_number(request.at("id"), "failure"));
    return JobId{number};
}

// "orders" and "order" mean the same.
Result<std::string> singular(const std::string& entity) {
    if (entity.empty() || plural_of(entity) != entity) {
        return entity;
    }
    auto known = entity_from_plural(entity);
    if (!known) {
        return invalid("/entity: unknown entity '" + entity.substr(0, 40) + "'");
    }
    return std::move(*known);
}

}  // namespace

Result<Response> list_failures(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(
        only_parameters(request, {"flow", "entity", "outcome", "code", "limit", "cursor"})
    );
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    storage::DeadLetterFilter filter;
    filter.flow = parameter(request, "flow");
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, entity_parameter(request));
    filter.outcome = parameter(request, "outcome");
    SYNCLINE_RETURN_IF_ERROR(check_outcome("?outcome", filter.outcome));
    filter.code = parameter(request, "code");
    filter.before_ms = page.after.at_ms;
    if (page.after.at_ms != 0) {
        SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_number(page.after.id, "page"));
    }
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto letters, backend.stores.jobs.dead_letters(request.actor.tenant, filter)
    );
    std::optional<PageCursor> next;
    if (static_cast<std::int64_t>(letters.size()) > page.limit) {
        letters.resize(static_cast<std::size_t>(page.limit));
        next = PageCursor{letters.back().updated_at_ms, std::to_string(letters.back().id.value)};
    }
    Json items = Json::array();
    for (const auto& letter : letters) {
        items.push_back(failure_json(letter));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_failure(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const JobId id, failure_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto failure, backend.syncs.failure(request.actor.tenant, id));
    return json_response(opened_failure_json(failure));
}

Result<Response> retry_failure(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const JobId id, failure_id(request));
    SYNCLINE_RETURN_IF_ERROR(backend.syncs.retry(request.actor.tenant, id));
    return json_response({{"id", id.value}, {"status", "queued"}}, 202);
}

Result<Response> retry_failures(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const RetryBody body, body_as<RetryBody>(request));
    SYNCLINE_RETURN_IF_ERROR(check_outcome("/outcome", body.outcome));
    storage::DeadLetterFilter filter;
    filter.flow = body.flow;
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, singular(body.entity));
    filter.outcome = body.outcome;
    filter.code = body.code;
    const bool chosen =
        !body.flow.empty() || !body.entity.empty() || !body.outcome.empty() || !body.code.empty();
    if (chosen == body.all) {
        return invalid("/all: say which (flow, entity, outcome, code), or \"all\": true, not both");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t count, backend.syncs.retry_all(request.actor.tenant, filter)
    );
    return json_response({{"retried", count}}, 202);
}

}  // namespace syncline::api
