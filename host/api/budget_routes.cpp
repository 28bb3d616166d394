// What is left of the reads that platforms count by the month.
#include "api/backend.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"

namespace syncline::api {

Result<Response> list_budgets(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto budgets, backend.connections.budgets(request.actor.tenant)
    );
    Json items = Json::array();
    for (const auto& budget : budgets) {
        items.push_back(
            {{"platform", budget.app.platform},
             {"app", budget.app.id},
             {"month", budget.month},
             {"budget", budget.budget},
             {"used", budget.used},
             {"used_by_tenant", budget.used_by_tenant},
             {"used_percent", budget.used_percent()},
             {"state", budget.state()},
             {"resets_at", budget.ends.to_string()}}
        );
    }
    return json_response({{"items", std::move(items)}});
}

}  // namespace syncline::api
