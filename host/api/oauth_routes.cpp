// Apps at platforms, and accounts that people connect in a browser. Client secrets and tokens go in
// and never come out.
#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/http/problem.hpp"
#include "api/oauth_page.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

struct AppBody {
    std::string environment = "production";
    std::string client_id;
    std::string client_secret;
    std::string redirect_uri;

    static constexpr auto fields() {
        return std::make_tuple(
            field("environment", &AppBody::environment),
            field("client_id", &AppBody::client_id),
            field("client_secret", &AppBody::client_secret),
            field("redirect_uri", &AppBody::redirect_uri)
        );
    }
};

struct AuthorizeBody {
    std::string connection;
    std::string app;
    Json settings = Json::object();
    bool other_account = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("connection", &AuthorizeBody::connection),
            field("app", &AuthorizeBody::app),
            field("settings", &AuthorizeBody::settings),
            field("other_account", &AuthorizeBody::other_account)
        );
    }
};

struct ConnectionBody {
    std::string connection;

    static constexpr auto fields() {
        return std::make_tuple(field("connection", &ConnectionBody::connection));
    }
};

std::string app_path(const storage::OAuthApp& app) {
    return "/api/integrations/" + app.platform + "/apps/" + app.name;
}

Json app_json(const engine::AppView& view) {
    const storage::OAuthApp& app = view.app;
    return {
        {"app", app.name},
        {"platform", app.platform},
        {"environment", app.environment},
        {"client_id", app.client_id},
        {"redirect_uri", app.redirect_uri.empty() ? Json() : Json(app.redirect_uri)},
        {"connections", view.connections},
        {"created_at", time_or_null(app.created_at_ms)},
        {"updated_at", time_or_null(app.updated_at_ms)}};
}

// Where platforms send people back to, as far as this request tells.
std::string own_redirect_uri(const Backend& backend, const Request& request) {
    if (!backend.oauth_redirect_uri.empty()) {
        return backend.oauth_redirect_uri;
    }
    const bool tls = backend.https || header_of(request, "X-Forwarded-Proto") == "https";
    return (tls ? "https://" : "http://") + header_of(request, "Host") + "/api/integrations/" +
           request.at("platform") + "/callback";
}

engine::Redirect redirect_of(const Request& request) {
    return {request.at("platform"), request.query, request.address, request.id};
}

Result<engine::Connected> complete(Backend& backend, const Request& request) {
    const auto redirect = redirect_of(request);
    // Whoever comes without a good state takes no place from those who have one.
    SYNCLINE_ASSIGN_OR_RETURN(const TenantId tenant, backend.oauth.tenant_of(redirect));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, tenant));
    return backend.oauth.complete(redirect);
}

}  // namespace

Result<Response> list_apps(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto views, backend.apps.list(request.actor.tenant, request.at("platform"))
    );
    Json items = Json::array();
    for (const auto& view : views) {
        items.push_back(app_json(view));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> show_app(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto view,
        backend.apps.find(request.actor.tenant, request.at("platform"), request.at("app"))
    );
    return json_response(app_json(view));
}

Result<Response> put_app(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const AppBody body, body_as<AppBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto view,
        backend.apps.put(
            request.actor.tenant,
            request.at("platform"),
            {request.at("app"),
             body.environment,
             body.client_id,
             body.client_secret,
             body.redirect_uri},
            audit_actor(request)
        )
    );
    Response response = json_response(app_json(view), view.created ? 201 : 200);
    if (view.created) {
        response.headers.emplace_back("Location", app_path(view.app));
    }
    return response;
}

Result<Response> remove_app(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_RETURN_IF_ERROR(backend.apps.remove(
        request.actor.tenant, request.at("platform"), request.at("app"), audit_actor(request)
    ));
    return no_content();
}

Result<Response> authorize_connection(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const AuthorizeBody body, body_as<AuthorizeBody>(request));
    if (!body.settings.is_object()) {
        return invalid("/settings: expected an object");
    }
    const std::string& platform = request.at("platform");
    engine::AuthorizeRequest wanted;
    wanted.platform = platform;
    wanted.connection = body.connection.empty() ? platform : body.connection;
    wanted.app = body.app;
    wanted.settings = body.settings;
    wanted.other_account = body.other_account;
    wanted.redirect_uri = own_redirect_uri(backend, request);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto page, backend.oauth.authorize(request.actor.tenant, wanted, audit_actor(request))
    );
    return json_response(
        {{"connection", wanted.connection},
         {"platform", platform},
         {"app", page.app},
         {"authorize_url", page.url},
         {"redirect_uri", page.redirect_uri},
         {"expires_at", time_or_null(page.expires_at_ms)}}
    );
}

Result<Response> oauth_callback(Backend& backend, const Request& request) {
    if (request.to_head) {
        // Programs that look at links in advance would use up the state.
        return Error{ErrorCode::kInvalid, "this address takes GET, not HEAD", kMethod};
    }
    const auto connected = complete(backend, request);
    const bool browser = request.accept.find("text/html") != std::string::npos;
    if (!connected && status_of(connected.error()) == 500) {
        return connected.error();
    }
    Response response = connected ? connected_page(*connected)
                        : browser ? refused_page(connected.error(), request.id)
                                  : problem(connected.error(), request.id);
    keep_address_secret(response);
    return response;
}

Result<Response> disconnect_connection(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& platform = request.at("platform");
    SYNCLINE_ASSIGN_OR_RETURN(const ConnectionBody body, body_as<ConnectionBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto done,
        backend.oauth.disconnect(
            request.actor.tenant,
            platform,
            body.connection.empty() ? platform : body.connection,
            audit_actor(request)
        )
    );
    Json json = connection_json(done.view);
    json["revoked"] = done.revoked;
    json["revocation_error"] = done.error ? outcome_error_json(*done.error) : Json();
    return json_response(json);
}

}  // namespace syncline::api
