// When flows run by themselves.
#include "api/definitions.hpp"
#include "api/http/etag.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"
#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kNextDefault = 10;
constexpr std::int64_t kNextMax = 100;

// When it started last and starts next is not what people change of it.
Response shown(const storage::Schedule& schedule, int status) {
    Response response = json_response(schedule_json(schedule), status);
    set_etag(
        response,
        {to_json(schedule.definition), schedule.paused, schedule.declared, schedule.id.value}
    );
    return response;
}

Result<Response> answer(Result<storage::Schedule> schedule) {
    if (!schedule) {
        return std::move(schedule).error();
    }
    return shown(*schedule, 200);
}

Response created(const storage::Schedule& schedule) {
    Response response = shown(schedule, 201);
    response.headers.emplace_back("Location", "/api/sync/schedules/" + schedule.definition.name);
    return response;
}

// As with flows, the plural of the URLs is understood.
Result<ScheduleDefinition> definition_of(const Json& json) {
    SYNCLINE_ASSIGN_OR_RETURN(auto definition, strict_from_json<ScheduleDefinition>(json));
    definition.entity = entity_from_plural(definition.entity).value_or(definition.entity);
    return definition;
}

Result<ScheduleDefinition> definition(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, body_object(request));
    return definition_of(json);
}

// Makes or changes the schedule of the address as `wanted(schedule before, if any)` says, which is
// asked in the unit of work of the change.
template <class Wanted>
Result<Response> change_definition(Backend& backend, const Request& request, const Wanted& wanted) {
    const TenantId tenant = request.actor.tenant;
    const auto replaced = change_definition(
        backend,
        request,
        "schedule",
        [&](const std::string& name) { return backend.stores.schedules.find(tenant, name); },
        wanted,
        [&](const ScheduleDefinition& definition) {
            return backend.schedules.replace(tenant, definition);
        }
    );
    if (!replaced) {
        return as_request_error(replaced.error());
    }
    return replaced->created ? created(replaced->schedule) : shown(replaced->schedule, 200);
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
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(auto schedules, backend.stores.schedules.list(request.actor.tenant));
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, cut_page(request, schedules, [](const auto& one) {
                                  return one.definition.name;
                              }));
    Json items = Json::array();
    for (const auto& schedule : schedules) {
        items.push_back(schedule_json(schedule));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
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
    SYNCLINE_ASSIGN_OR_RETURN(const ScheduleDefinition wanted, definition(request));
    return change_definition(backend, request, [&](const auto&) {
        return Result<ScheduleDefinition>(wanted);
    });
}

Result<Response> patch_schedule(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const Json patch, body_object(request));
    return change_definition(backend, request, [&](const auto& before) {
        return before ? definition_of(merged(to_json(before->definition), patch))
                      : Result<ScheduleDefinition>(before.error());
    });
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
