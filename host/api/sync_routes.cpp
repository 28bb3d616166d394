// Starting, following and stopping syncs, and looking at what one would do.
#include <algorithm>

#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/sync_body.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kLatestSyncs = 20;
constexpr std::int64_t kPreviewDefault = 500;

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
    Response response =
        json_response({{"entity", entity}, {"dryRun", true}, {"plans", std::move(list)}});
    response.may_compress = true;
    return response;
}

// Takes a place when the run must be looked at first.
Result<engine::StartedSync> started_sync(
    Backend& backend, TenantId tenant, const engine::StartRequest& start
) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool asks, backend.syncs.asks_connectors(tenant, start));
    if (!asks) {
        return backend.syncs.start(tenant, start);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, tenant));
    return backend.syncs.start(tenant, start);
}

}  // namespace

Result<Response> start_sync(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_of(request.at("entity")));
    SYNCLINE_ASSIGN_OR_RETURN(const SyncBody body, sync_body<SyncBody>(request));
    if (body.dry_run) {
        return preview(backend, request, entity, body);
    }
    if (body.limit) {
        return invalid("/limit: only a preview takes it (dryRun)");
    }
    const auto start = start_request(entity, body, request);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto started, started_sync(backend, request.actor.tenant, start)
    );
    return started_response(started);
}

Result<Response> dry_run(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_of(request.at("entity")));
    SYNCLINE_ASSIGN_OR_RETURN(const SyncBody body, sync_body<SyncBody>(request));
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
