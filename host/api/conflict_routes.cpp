// The inbox of conflicts: looking at the three sides, and deciding.
#include "api/audited.hpp"
#include "api/conflict_views.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

struct ResolveBody {
    std::string keep;
    Json by_field = Json::object();
    std::string reason;
    std::optional<std::int64_t> revision;

    static constexpr auto fields() {
        return std::make_tuple(
            field("keep", &ResolveBody::keep),
            field("fields", &ResolveBody::by_field),
            field("reason", &ResolveBody::reason),
            field("revision", &ResolveBody::revision)
        );
    }
};

Result<ConflictId> conflict_id(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t number, row_number(request.at("id"), "conflict"));
    return ConflictId{number};
}

Result<void> check_state(const std::string& state) {
    for (const char* known : {"", "open", "resolving", "resolved", "closed"}) {
        if (state == known) {
            return {};
        }
    }
    return invalid(
        "?state: expected open, resolving, resolved or closed, found '" + state.substr(0, 40) + "'"
    );
}

// "source", "target" or {"value": ...}.
Result<engine::Resolution::Field> field_choice(const std::string& place, const Json& choice) {
    if (choice == "source") {
        return engine::Resolution::Field{MergeSide::kSource, nullptr};
    }
    if (choice == "target") {
        return engine::Resolution::Field{MergeSide::kTarget, nullptr};
    }
    if (choice.is_object() && choice.size() == 1 && choice.contains("value")) {
        return engine::Resolution::Field{MergeSide::kValue, choice.at("value")};
    }
    return invalid(place + ": expected \"source\", \"target\" or {\"value\": ...}");
}

Result<engine::Resolution> resolution_of(const ResolveBody& body) {
    engine::Resolution resolution;
    if (body.keep == "source" || body.keep == "target") {
        resolution.keep = body.keep == "source" ? MergeSide::kSource : MergeSide::kTarget;
    } else if (!body.keep.empty()) {
        return invalid("/keep: expected source or target, found '" + body.keep.substr(0, 40) + "'");
    }
    if (!body.by_field.is_object()) {
        return invalid("/fields: expected an object: what to keep, by the field's path");
    }
    for (const auto& entry : body.by_field.items()) {
        const std::string place = "/fields/" + detail::pointer_token(entry.key());
        SYNCLINE_ASSIGN_OR_RETURN(
            resolution.fields[entry.key()], field_choice(place, entry.value())
        );
    }
    resolution.reason = body.reason;
    resolution.revision = body.revision;
    return resolution;
}

}  // namespace

Result<Response> list_conflicts(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(
        only_parameters(request, {"state", "flow", "entity", "source_id", "limit", "cursor"})
    );
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    storage::ConflictFilter filter;
    filter.state = parameter(request, "state");
    SYNCLINE_RETURN_IF_ERROR(check_state(filter.state));
    filter.flow = parameter(request, "flow");
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, entity_parameter(request));
    filter.source_id = parameter(request, "source_id");
    SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto conflicts, backend.stores.conflicts.list(request.actor.tenant, filter)
    );
    const auto next = cut_extra_row(page, conflicts, [](const auto& last) {
        return PageCursor{last.opened_at_ms, std::to_string(last.id.value)};
    });
    Json items = Json::array();
    for (const auto& conflict : conflicts) {
        items.push_back(conflict_json(conflict));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> show_conflict(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const ConflictId id, conflict_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto conflict, backend.conflicts.open(request.actor.tenant, id)
    );
    return json_response(opened_conflict_json(conflict));
}

Result<Response> resolve_conflict(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const ConflictId id, conflict_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const ResolveBody body, body_as<ResolveBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const engine::Resolution resolution, resolution_of(body));
    auto entry =
        audit_entry(backend, request, "conflict.resolved", "conflict " + std::to_string(id.value));
    entry.reason = body.reason;
    entry.detail["keep"] = body.keep.empty() ? "fields" : body.keep;
    SYNCLINE_ASSIGN_OR_RETURN(const auto conflict, audited(backend, std::move(entry), [&](auto&) {
                                  return backend.conflicts.resolve(
                                      request.actor.tenant, id, resolution, request.actor.subject
                                  );
                              }));
    return json_response(opened_conflict_json(conflict), 202);
}

}  // namespace syncline::api
