// When flows run by themselves.
#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"
#include "core/json_difference.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kNextDefault = 10;
constexpr std::int64_t kNextMax = 100;

Result<Response> answer(Result<storage::Schedule> schedule) {
    if (!schedule) {
        return std::move(schedule).error();
    }
    return json_response(schedule_json(*schedule));
}

Response created(const storage::Schedule& schedule) {
    Response response = json_response(schedule_json(schedule), 201);
    response.headers.emplace_back("Location", "/api/sync/schedules/" + schedule.definition.name);
    return response;
}

// As with flows, the plural of the URLs is understood.
Result<ScheduleDefinition> definition(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(ScheduleDefinition definition, body_as<ScheduleDefinition>(request));
    definition.entity = entity_from_plural(definition.entity).value_or(definition.entity);
    return definition;
}

Result<Response> set_paused(Backend& backend, const Request& request, bool paused) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& name = request.at("name");
    return answer(audited(
        backend,
        audit_entry(
            backend, request, paused ? "schedule.paused" : "schedule.resumed", "schedule " + name
        ),
        [&](auto&) { return backend.schedules.set_paused(request.actor.tenant, name, paused); }
    ));
}

}  // namespace

Result<Response> list_schedules(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto schedules, backend.stores.schedules.list(request.actor.tenant)
    );
    Json items = Json::array();
    for (const auto& schedule : schedules) {
        items.push_back(schedule_json(schedule));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> create_schedule(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const ScheduleDefinition wanted, definition(request));
    const auto schedule = audited(
        backend,
        audit_entry(backend, request, "schedule.created", "schedule " + wanted.name),
        [&](auto& entry) {
            entry.detail["definition"] = to_json(wanted);
            return backend.schedules.create(request.actor.tenant, wanted);
        }
    );
    if (!schedule) {
        return as_request_error(schedule.error());
    }
    return created(*schedule);
}

Result<Response> show_schedule(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    return answer(backend.stores.schedules.find(request.actor.tenant, request.at("name")));
}

Result<Response> replace_schedule(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(ScheduleDefinition wanted, definition(request));
    if (!wanted.name.empty() && wanted.name != request.at("name")) {
        return invalid(
            "/name: the address says '" + request.at("name").substr(0, 60) + "', found '" +
            wanted.name.substr(0, 60) + "'; a schedule's name does not change"
        );
    }
    wanted.name = request.at("name");
    const TenantId tenant = request.actor.tenant;
    const auto replaced = audited(
        backend,
        audit_entry(backend, request, "schedule.changed", "schedule " + wanted.name),
        [&](auto& entry) {
            const auto before = backend.stores.schedules.find(tenant, wanted.name);
            entry.event = before ? entry.event : "schedule.created";
            entry.detail["difference"] = json_difference(
                before ? to_json(before->definition) : Json::object(), to_json(wanted)
            );
            return backend.schedules.replace(tenant, wanted);
        }
    );
    if (!replaced) {
        return as_request_error(replaced.error());
    }
    return replaced->created ? created(replaced->schedule)
                             : json_response(schedule_json(replaced->schedule));
}

Result<Response> remove_schedule(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    const std::string& name = request.at("name");
    SYNCLINE_RETURN_IF_ERROR(audited(
        backend,
        audit_entry(backend, request, "schedule.removed", "schedule " + name),
        [&](auto&) { return backend.schedules.remove(request.actor.tenant, name); }
    ));
    return no_content();
}

Result<Response> pause_schedule(Backend& backend, const Request& request) {
    return set_paused(backend, request, true);
}

Result<Response> resume_schedule(Backend& backend, const Request& request) {
    return set_paused(backend, request, false);
}

Result<Response> next_of_schedule(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"n"}));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t count, integer_parameter(request, "n", kNextDefault, 1, kNextMax)
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto slots,
        backend.schedules.upcoming(
            request.actor.tenant, request.at("name"), static_cast<std::size_t>(count)
        )
    );
    Json items = Json::array();
    for (const auto& slot : slots) {
        items.push_back(
            {{"slot", slot.slot.to_string()},
             {"starts_at", time_or_null(slot.starts ? slot.starts->ms : 0)},
             {"blackout", slot.blackout}}
        );
    }
    return json_response({{"items", std::move(items)}});
}

}  // namespace syncline::api
