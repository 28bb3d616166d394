// Tenants, for the admins of the installation. Nobody else sees that there are others.
#include "api/audited.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

struct TenantBody {
    std::string name;

    static constexpr auto fields() { return std::make_tuple(field("name", &TenantBody::name)); }
};

struct ReasonBody {
    std::string reason;

    static constexpr auto fields() { return std::make_tuple(field("reason", &ReasonBody::reason)); }
};

Json tenant_json(const storage::Tenant& tenant) {
    return {
        {"name", tenant.name},
        {"state", tenant.active ? "active" : "suspended"},
        {"state_reason", tenant.state_reason},
        {"state_since",
         tenant.state_at_ms == 0 ? Json() : Json(Timestamp{tenant.state_at_ms}.to_string())},
        {"created_at", Timestamp{tenant.created_at_ms}.to_string()}};
}

Response shown(const storage::Tenant& tenant, int status = 200) {
    Response response = json_response(tenant_json(tenant), status);
    set_etag(response);
    return response;
}

}  // namespace

Result<Response> list_tenants(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(auto tenants, backend.tenants.list());
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, tenants, [](const auto& tenant) {
                                  return sort_key(tenant.id.value);
                              }));
    Json items = Json::array();
    for (const auto& tenant : tenants) {
        items.push_back(tenant_json(tenant));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_tenant(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, backend.tenants.find(request.at("tenant")));
    return shown(tenant);
}

Result<Response> create_tenant(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const TenantBody body, body_as<TenantBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto tenant, backend.tenants.create(body.name, audit_actor(request))
    );
    return shown(tenant, 201);
}

Result<Response> suspend_tenant(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReasonBody body, body_as<ReasonBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto tenant,
        backend.tenants.suspend(
            request.at("tenant"), request.actor.tenant, body.reason, audit_actor(request)
        )
    );
    return shown(tenant);
}

Result<Response> resume_tenant(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ReasonBody body, body_as<ReasonBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto tenant,
        backend.tenants.resume(request.at("tenant"), body.reason, audit_actor(request))
    );
    return shown(tenant);
}

}  // namespace syncline::api
