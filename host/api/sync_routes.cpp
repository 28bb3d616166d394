// Starting, following and stopping syncs, and looking at what one would do.
#include <algorithm>

#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kLatestSyncs = 20;
constexpr std::int64_t kPreviewDefault = 500;
constexpr std::int64_t kPreviewMax = 1000;
constexpr std::size_t kIdsMax = 1000;
constexpr std::size_t kValuesMax = 50;
constexpr std::size_t kTextMax = 200;

struct SyncBody {
    std::optional<SyncMode> mode;
    bool dry_run = false;
    Filters filters;
    std::string flow;
    std::int64_t batch_size = 0;
    std::optional<Timestamp> from;
    std::optional<Timestamp> to;
    std::vector<std::string> ids;
    std::optional<std::int64_t> limit;  // of a preview

    static constexpr auto fields() {
        return std::make_tuple(
            field("mode", &SyncBody::mode),
            field("dryRun", &SyncBody::dry_run),
            field("filters", &SyncBody::filters),
            field("flow", &SyncBody::flow),
            field("batch_size", &SyncBody::batch_size),
            field("from", &SyncBody::from),
            field("to", &SyncBody::to),
            field("ids", &SyncBody::ids),
            field("limit", &SyncBody::limit)
        );
    }
};

// One value may stand without its brackets: {"status": "completed"}.
void wrap_single(Json& body, const char* name) {
    const auto filters = body.find("filters");
    if (filters != body.end() && filters->is_object() && filters->contains(name) &&
        (*filters)[name].is_string()) {
        (*filters)[name] = Json::array({(*filters)[name]});
    }
}

void check_texts(
    std::vector<std::string>& problems,
    const char* place,
    const std::vector<std::string>& texts,
    std::size_t max
) {
    if (texts.size() > max) {
        problems.push_back(
            std::string(place) + ": at most " + std::to_string(max) + " values, found " +
            std::to_string(texts.size())
        );
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty() || texts[i].size() > kTextMax) {
            problems.push_back(
                std::string(place) + "/" + std::to_string(i) + ": expected 1 to " +
                std::to_string(kTextMax) + " characters"
            );
            return;
        }
    }
}

Result<void> check(const SyncBody& body) {
    std::vector<std::string> problems;
    check_texts(problems, "/ids", body.ids, kIdsMax);
    check_texts(problems, "/filters/status", body.filters.status, kValuesMax);
    check_texts(problems, "/filters/payment_status", body.filters.payment_status, kValuesMax);
    if (body.from && body.to && *body.from >= *body.to) {
        problems.emplace_back("/to: must be later than /from");
    }
    const auto& filters = body.filters;
    if (filters.created_from && filters.created_to &&
        *filters.created_from >= *filters.created_to) {
        problems.emplace_back("/filters/created_to: must be later than /filters/created_from");
    }
    if (body.limit && (*body.limit < 1 || *body.limit > kPreviewMax)) {
        problems.push_back(
            "/limit: expected 1 to " + std::to_string(kPreviewMax) + ", found " +
            std::to_string(*body.limit)
        );
    }
    return problems.empty() ? Result<void>() : joined(problems, "request.invalid");
}

Result<SyncBody> sync_body(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(Json json, body_object(request));
    wrap_single(json, "status");
    wrap_single(json, "payment_status");
    SYNCLINE_ASSIGN_OR_RETURN(SyncBody body, strict_from_json<SyncBody>(json));
    SYNCLINE_RETURN_IF_ERROR(check(body));
    return body;
}

engine::StartRequest start_request(
    const std::string& entity, const SyncBody& body, const Request& request
) {
    engine::StartRequest start;
    start.entity = entity;
    start.flow = body.flow;
    start.mode = body.mode;
    start.options = {body.from, body.to, body.ids, body.filters, body.batch_size};
    start.requested_by = request.actor.subject;
    return start;
}

Result<Response> preview(
    Backend& backend, const Request& request, const std::string& entity, const SyncBody& body
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto plans,
        backend.syncs.dry_run(
            request.actor.tenant,
            start_request(entity, body, request),
            body.limit.value_or(kPreviewDefault)
        )
    );
    Json list = Json::array();
    for (const auto& plan : plans) {
        list.push_back(plan_json(plan));
    }
    return json_response({{"entity", entity}, {"dryRun", true}, {"plans", std::move(list)}});
}

}  // namespace

Result<Response> start_sync(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_of(request.at("entity")));
    SYNCLINE_ASSIGN_OR_RETURN(const SyncBody body, sync_body(request));
    if (body.dry_run) {
        return preview(backend, request, entity, body);
    }
    if (body.limit) {
        return invalid("/limit: only a preview takes it (dryRun)");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto started,
        backend.syncs.start(request.actor.tenant, start_request(entity, body, request))
    );
    Json runs = Json::array();
    for (const auto& run : started.runs) {
        runs.push_back(run_json(run));
    }
    Response response =
        json_response({{"syncId", started.sync_id}, {"runs", std::move(runs)}}, 202);
    response.headers.emplace_back("Location", "/api/sync/status/" + started.sync_id);
    return response;
}

Result<Response> dry_run(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_of(request.at("entity")));
    SYNCLINE_ASSIGN_OR_RETURN(const SyncBody body, sync_body(request));
    return preview(backend, request, entity, body);
}

Result<Response> list_syncs(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const TenantId tenant = request.actor.tenant;
    storage::RunFilter filter;
    filter.limit = kLatestSyncs;
    SYNCLINE_ASSIGN_OR_RETURN(const auto runs, backend.stores.runs.history(tenant, filter));
    std::vector<std::string> ids;
    for (const auto& run : runs) {
        if (std::find(ids.begin(), ids.end(), run.sync_id) == ids.end()) {
            ids.push_back(run.sync_id);
        }
    }
    Json items = Json::array();
    for (const auto& id : ids) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto of_sync, backend.syncs.status(tenant, id));
        items.push_back(sync_json(of_sync));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto queue, backend.stores.jobs.counts(tenant, backend.clock.now().ms)
    );
    return json_response(
        {{"items", std::move(items)},
         {"queue",
          {{"queued", queue.queued},
           {"delivering", queue.leased},
           {"parked", queue.parked},
           {"failed", queue.dead},
           {"oldest_due_at", time_or_null(queue.oldest_due_at_ms)}}}}
    );
}

Result<Response> show_sync(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto runs, backend.syncs.status(request.actor.tenant, request.at("syncId"))
    );
    return json_response(sync_json(runs));
}

Result<Response> stop_sync(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& id = request.at("syncId");
    SYNCLINE_RETURN_IF_ERROR(backend.syncs.stop(request.actor.tenant, id));
    SYNCLINE_ASSIGN_OR_RETURN(const auto runs, backend.syncs.status(request.actor.tenant, id));
    return json_response(sync_json(runs), 202);
}

}  // namespace syncline::api
