// Where flows' reading stands.
#include "api/audited.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/sync_body.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

struct CursorBody {
    std::optional<Timestamp> cursor;
    std::string entity;
    std::string reason;

    static constexpr auto fields() {
        return std::make_tuple(
            field("cursor", &CursorBody::cursor),
            field("entity", &CursorBody::entity),
            field("reason", &CursorBody::reason)
        );
    }
};

Result<bool> is_dry_run(const Request& request) {
    const std::string text = parameter(request, "dryRun");
    if (!text.empty() && text != "true" && text != "false") {
        return invalid("?dryRun: expected true or false, found '" + text.substr(0, 20) + "'");
    }
    return text == "true";
}

Response answer(const engine::CursorControl::View& view) {
    Json json = cursor_json(view.flow, view.cursor);
    if (view.reread) {
        json["dryRun"] = true;
        json["reread"] = {
            {"from", time_or_null(view.reread->from_ms)},
            {"records", view.reread->records},
            {"known", view.reread->known},
            {"truncated", view.reread->truncated}};
    }
    Response response = json_response(json);
    if (!view.reread) {
        set_etag(response);
    }
    return response;
}

Result<Response> change(
    Backend& backend,
    const Request& request,
    const std::string& entity,
    std::optional<Timestamp> cursor,
    const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool dry_run, is_dry_run(request));
    const TenantId tenant = request.actor.tenant;
    const std::string& name = request.at("name");
    if (!dry_run) {
        auto entry = audit_entry(backend, request, "flow.cursor_changed", "flow " + name);
        entry.reason = cause.reason;
        entry.detail["cursor"] = cursor ? Json(cursor->to_string()) : Json();
        SYNCLINE_ASSIGN_OR_RETURN(const auto view, audited(backend, std::move(entry), [&](auto&) {
                                      return backend.cursors.set(
                                          tenant, name, entity, cursor, cause
                                      );
                                  }));
        return answer(view);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto place, connector_place(backend, tenant));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto view, backend.cursors.try_out(tenant, name, entity, cursor)
    );
    return answer(view);
}

}  // namespace

Result<Response> show_cursor(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"entity"}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_parameter(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto view, backend.cursors.show(request.actor.tenant, request.at("name"), entity)
    );
    return answer(view);
}

Result<Response> set_cursor(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"dryRun"}));
    SYNCLINE_ASSIGN_OR_RETURN(auto body, body_as<CursorBody>(request));
    if (!body.cursor) {
        return invalid(
            "/cursor: expected a time (as 2026-01-31T00:00:00Z); DELETE reads from the beginning"
        );
    }
    body.entity = entity_from_plural(body.entity).value_or(body.entity);
    SYNCLINE_ASSIGN_OR_RETURN(const auto cause, cause_with(request, body.reason));
    return change(backend, request, body.entity, body.cursor, cause);
}

Result<Response> reset_cursor(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"dryRun", "entity", "reason"}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string entity, entity_parameter(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto cause, cause_with(request, parameter(request, "reason")));
    return change(backend, request, entity, std::nullopt, cause);
}

}  // namespace syncline::api
