// API keys: shown once when they are made, never again.
#include "api/api_key_views.hpp"
#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kOverlapDefaultS = 86'400;

struct KeyBody {
    std::string name;
    std::string role;
    std::vector<std::string> scopes;
    std::optional<std::int64_t> expires_in_s;

    static constexpr auto fields() {
        return std::make_tuple(
            field("name", &KeyBody::name),
            field("role", &KeyBody::role),
            field("scopes", &KeyBody::scopes),
            field("expires_in_s", &KeyBody::expires_in_s)
        );
    }
};

struct RotateBody {
    std::int64_t overlap_s = kOverlapDefaultS;

    static constexpr auto fields() {
        return std::make_tuple(field("overlap_s", &RotateBody::overlap_s));
    }
};

Result<ApiKeyId> key_id(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t number, row_number(request.at("id"), "API key"));
    return ApiKeyId{number};
}

Response made_response(const Backend& backend, const engine::MadeApiKey& made) {
    Response response = json_response(made_api_key_json(made, backend.clock.now().ms), 201);
    response.headers.emplace_back("Location", "/api/api-keys/" + std::to_string(made.key.id.value));
    return response;
}

Result<engine::NewApiKey> wanted_key(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const KeyBody body, body_as<KeyBody>(request));
    auto problems = scope_problems(body.scopes, api_routes());
    if (body.expires_in_s && *body.expires_in_s < 1) {
        problems.emplace_back(
            "/expires_in_s: expected 1 second or more; leave it out for a key "
            "that does not expire"
        );
    }
    if (!problems.empty()) {
        return joined(problems, "api_key.invalid");
    }
    return engine::NewApiKey{body.name, body.role, body.scopes, body.expires_in_s.value_or(0)};
}

}  // namespace

Result<Response> list_api_keys(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(auto keys, backend.api_keys.list(request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, keys, [](const auto& key) {
                                  return sort_key(key.id.value);
                              }));
    Json items = Json::array();
    for (const auto& key : keys) {
        items.push_back(api_key_json(key, backend.clock.now().ms));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> create_api_key(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto wanted, wanted_key(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto made, backend.api_keys.create(request.actor.tenant, wanted, audit_actor(request))
    );
    return made_response(backend, made);
}

Result<Response> create_tenant_api_key(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, backend.tenants.find(request.at("tenant")));
    SYNCLINE_ASSIGN_OR_RETURN(const auto wanted, wanted_key(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto made, backend.api_keys.create(tenant.id, wanted, audit_actor(request))
    );
    return made_response(backend, made);
}

Result<Response> revoke_api_key(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"reason"}));
    SYNCLINE_ASSIGN_OR_RETURN(const ApiKeyId id, key_id(request));
    SYNCLINE_RETURN_IF_ERROR(backend.api_keys.revoke(
        request.actor.tenant, id, parameter(request, "reason"), audit_actor(request)
    ));
    return no_content();
}

Result<Response> rotate_api_key(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ApiKeyId id, key_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const RotateBody body, body_as<RotateBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto made,
        backend.api_keys.rotate(request.actor.tenant, id, body.overlap_s, audit_actor(request))
    );
    return made_response(backend, made);
}

}  // namespace syncline::api
