// Runs that a person confirms first.
#include "api/audited.hpp"
#include "api/http/problem.hpp"
#include "api/routes.hpp"
#include "api/sync_body.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kChangesShown = 100;

// The body of POST /api/sync/{entity}, with the entity in it.
struct BulkBody : SyncBody {
    std::string entity;

    static constexpr auto fields() {
        return std::tuple_cat(
            std::make_tuple(field("entity", &BulkBody::entity)), SyncBody::fields()
        );
    }
};

Result<BulkBody> bulk_body(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(BulkBody body, sync_body<BulkBody>(request));
    body.entity = entity_from_plural(body.entity).value_or(body.entity);
    if (body.entity.empty() && body.flow.empty()) {
        return invalid("/entity: name what is to be synchronised (\"orders\"), or a flow");
    }
    if (body.dry_run || body.limit) {
        return invalid(
            std::string(body.limit ? "/limit" : "/dryRun") +
            ": only a preview takes it (POST /api/sync/dry-run/{entity})"
        );
    }
    return body;
}

Json changes_json(const std::vector<engine::PlanChange>& changes) {
    std::map<std::string, std::int64_t> counts{{"added", 0}, {"removed", 0}, {"changed", 0}};
    Json records = Json::array();
    for (const auto& change : changes) {
        ++counts[change.change];
        if (records.size() < kChangesShown) {
            records.push_back(
                {{"flow", change.flow}, {"source_id", change.source_id}, {"change", change.change}}
            );
        }
    }
    return {{"counts", counts}, {"records", std::move(records)}};
}

Response moved_on(const engine::ConfirmationControl::Confirmed& now, const Request& request) {
    Response response = problem(
        Error{
            ErrorCode::kExists,
            "the source moved on since the plan was shown: nothing was written. \"difference\" "
            "names the records, \"plan\" is what a run would do now; ask for a new confirmation "
            "with POST /api/sync/bulk/request-confirmation",
            "confirmation.changed"},
        request.id
    );
    Json document = parse_json(response.body).value();
    document["difference"] = changes_json(now.changes);
    document["plan"] = plan_summary_json(now.plans, now.plan_hash);
    response.body = dump_json(document);
    return response;
}

}  // namespace

Result<Response> request_confirmation(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const BulkBody body, bulk_body(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto asked,
        backend.confirmations.ask(
            request.actor.tenant,
            request.actor.subject,
            start_request(body.entity, body, request),
            audit_actor(request)
        )
    );
    return json_response(
        {{"token", asked.token},
         {"expires_at", asked.expires_at.to_string()},
         {"required", !asked.reasons.empty()},
         {"reasons", to_json(asked.reasons)},
         {"plan", plan_summary_json(asked.plans, asked.plan_hash)}}
    );
}

Result<Response> confirm_sync(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto confirmed,
        backend.confirmations.confirm(
            request.actor.tenant, request.actor.subject, request.at("token"), audit_actor(request)
        )
    );
    return confirmed.started ? started_response(*confirmed.started) : moved_on(confirmed, request);
}

}  // namespace syncline::api
