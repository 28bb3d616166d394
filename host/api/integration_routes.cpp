// Connections: their credentials go in and never come out.
#include "api/audited.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kSettingBytesMax = 16 * 1024;

// The connection that is meant: "connection" of the body, by default called as the platform.
Result<std::string> take_name(Json& body, const std::string& platform) {
    const auto found = body.find("connection");
    if (found == body.end()) {
        return platform;
    }
    if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
        return invalid("/connection: expected the connection's name");
    }
    std::string name = found->get<std::string>();
    body.erase(found);
    return name;
}

Result<void> check_sizes(const Json& settings) {
    for (const auto& entry : settings.items()) {
        if (dump_json(entry.value()).size() > kSettingBytesMax) {
            return invalid(
                "/" + entry.key().substr(0, 60) + ": larger than " +
                std::to_string(kSettingBytesMax) + " bytes"
            );
        }
    }
    return {};
}

// What people change of a connection; its state and its tokens change by themselves.
Json version_of(const engine::ConnectionView& view) {
    const storage::Connection& connection = view.connection;
    return {
        connection.id.value,
        connection.generation,
        connection.settings,
        view.credentials,
        connection.declared};
}

Result<Response> list_views(Backend& backend, const Request& request, const std::string& platform) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(auto views, backend.connections.list(request.actor.tenant, platform));
    Json version = Json::array();
    for (const auto& view : views) {
        version.push_back(version_of(view));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, views, [](const auto& view) {
                                  return view.connection.name;
                              }));
    Json items = Json::array();
    for (const auto& view : views) {
        items.push_back(connection_json(view));
    }
    Response response = page_response(request, std::move(items), next ? &*next : nullptr);
    set_etag(response, version);
    return response;
}

}  // namespace

Result<Response> list_connections(Backend& backend, const Request& request) {
    return list_views(backend, request, "");
}

Result<Response> show_platform(Backend& backend, const Request& request) {
    return list_views(backend, request, request.at("platform"));
}

Result<Response> put_credentials(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& platform = request.at("platform");
    SYNCLINE_ASSIGN_OR_RETURN(Json settings, body_object(request));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string name, take_name(settings, platform));
    SYNCLINE_RETURN_IF_ERROR(check_sizes(settings));
    // A connection whose account is known is tested on the way.
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto view,
        backend.connections.put(
            request.actor.tenant, platform, name, settings, audit_actor(request)
        )
    );
    Response response = json_response(
        {{"id", view.connection.id.value},
         {"connection", view.connection.name},
         {"platform", view.connection.platform},
         {"state", std::string(enum_name(view.connection.state))}},
        201
    );
    response.headers.emplace_back("Location", "/api/integrations/" + platform + "/status");
    return response;
}

Result<Response> remove_credentials(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"connection"}));
    const std::string& platform = request.at("platform");
    const std::string name = parameter(request, "connection");
    SYNCLINE_RETURN_IF_ERROR(backend.connections.remove_credentials(
        request.actor.tenant, platform, name.empty() ? platform : name, audit_actor(request)
    ));
    return no_content();
}

Result<Response> test_connection(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& platform = request.at("platform");
    SYNCLINE_ASSIGN_OR_RETURN(Json body, body_object(request));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string name, take_name(body, platform));
    if (!body.empty()) {
        return invalid("/" + body.begin().key() + ": unknown (known here: connection)");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto outcome,
        backend.connections.test(request.actor.tenant, platform, name, audit_actor(request))
    );
    Json json{
        {"connection", name},
        {"platform", platform},
        {"ok", !outcome.error.has_value()},
        {"state", std::string(enum_name(outcome.view.connection.state))}};
    if (outcome.error) {
        json["error"] = outcome_error_json(*outcome.error);
    } else {
        json.update(to_json(outcome.report));
    }
    return json_response(json);
}

Result<Response> show_integrations_health(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto views, backend.connections.list(request.actor.tenant, ""));
    const std::int64_t now = backend.clock.now().ms;
    bool all_well = true;
    Json items = Json::array();
    for (const auto& view : views) {
        const auto& connection = view.connection;
        const bool works =
            connection.state == storage::ConnectionState::kActive && view.has_connector;
        all_well = all_well && works;
        Json item{
            {"connection", connection.name},
            {"platform", connection.platform},
            {"healthy", works},
            {"state", std::string(enum_name(connection.state))},
            {"rate_limited", connection.not_before_ms > now}};
        if (!works) {
            item["reason"] = view.has_connector ? connection_json(view)["state_reason"]
                                                : Json("no loaded plugin speaks to its platform");
        }
        items.push_back(std::move(item));
    }
    return json_response(
        {{"status", all_well ? "healthy" : "degraded"}, {"connections", std::move(items)}}
    );
}

}  // namespace syncline::api
