// Dead letters: looking at them, sending them again, mending and resolving them.
#include "api/audited.hpp"
#include "api/failure_views.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

constexpr std::int64_t kRateMax = 100'000;
// Of a dry run: how many are shown.
constexpr std::int64_t kShown = 100;

struct RetryBody {
    bool all = false;
    std::string flow;
    std::string entity;
    std::string outcome;
    std::string error_class;
    std::string code;
    std::string fingerprint;
    std::string source_id;
    std::string connection;
    std::optional<bool> quarantined;
    std::optional<std::int64_t> rate_per_minute;
    bool dry_run = false;
    bool force = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("all", &RetryBody::all),
            field("flow", &RetryBody::flow),
            field("entity", &RetryBody::entity),
            field("outcome", &RetryBody::outcome),
            field("class", &RetryBody::error_class),
            field("code", &RetryBody::code),
            field("fingerprint", &RetryBody::fingerprint),
            field("source_id", &RetryBody::source_id),
            field("connection", &RetryBody::connection),
            field("quarantined", &RetryBody::quarantined),
            field("rate_per_minute", &RetryBody::rate_per_minute),
            field("dryRun", &RetryBody::dry_run),
            field("force", &RetryBody::force)
        );
    }
};

struct RetryOneBody {
    bool force = false;
    static constexpr auto fields() { return std::make_tuple(field("force", &RetryOneBody::force)); }
};

struct EditBody {
    std::optional<Json> record;
    std::optional<Json> merge;
    std::optional<std::int64_t> version;
    bool dry_run = false;

    static constexpr auto fields() {
        return std::make_tuple(
            field("record", &EditBody::record),
            field("merge", &EditBody::merge),
            field("version", &EditBody::version),
            field("dryRun", &EditBody::dry_run)
        );
    }
};

struct ResolveBody {
    std::string reason;
    static constexpr auto fields() {
        return std::make_tuple(field("reason", &ResolveBody::reason));
    }
};

Result<void> check_outcome(const std::string& place, const std::string& outcome) {
    if (outcome.empty() || outcome == "failed" || outcome == "held" || outcome == "conflict") {
        return {};
    }
    return invalid(
        place + ": expected failed, held or conflict, found '" + outcome.substr(0, 40) + "'"
    );
}

Result<void> check_class(const std::string& place, const std::string& name) {
    if (name.empty() || enum_from_name<ErrorClass>(name)) {
        return {};
    }
    std::string known;
    for (const auto& [value, text] : EnumNames<ErrorClass>::kNames) {
        known += (known.empty() ? "" : ", ") + std::string(text);
    }
    return invalid(place + ": expected one of " + known + ", found '" + name.substr(0, 40) + "'");
}

Result<JobId> failure_id(const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t number, row_number(request.at("id"), "failure"));
    return JobId{number};
}

// "orders" and "order" mean the same.
Result<std::string> singular(const std::string& entity) {
    if (entity.empty() || plural_of(entity) != entity) {
        return entity;
    }
    auto known = entity_from_plural(entity);
    if (!known) {
        return invalid("/entity: unknown entity '" + entity.substr(0, 40) + "'");
    }
    return std::move(*known);
}

Result<storage::DeadLetterFilter> filter_of(const Request& request) {
    storage::DeadLetterFilter filter;
    filter.flow = parameter(request, "flow");
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, entity_parameter(request));
    filter.outcome = parameter(request, "outcome");
    SYNCLINE_RETURN_IF_ERROR(check_outcome("?outcome", filter.outcome));
    filter.error_class = parameter(request, "class");
    SYNCLINE_RETURN_IF_ERROR(check_class("?class", filter.error_class));
    filter.code = parameter(request, "code");
    filter.fingerprint = parameter(request, "fingerprint");
    filter.source_id = parameter(request, "source_id");
    filter.connection = parameter(request, "connection");
    const std::string quarantined = parameter(request, "quarantined");
    if (quarantined == "true" || quarantined == "false") {
        filter.quarantined = quarantined == "true";
    } else if (!quarantined.empty()) {
        return invalid(
            "?quarantined: expected true or false, found '" + quarantined.substr(0, 40) + "'"
        );
    }
    return filter;
}

Result<storage::DeadLetterFilter> filter_of(const RetryBody& body) {
    SYNCLINE_RETURN_IF_ERROR(check_outcome("/outcome", body.outcome));
    SYNCLINE_RETURN_IF_ERROR(check_class("/class", body.error_class));
    storage::DeadLetterFilter filter;
    filter.flow = body.flow;
    SYNCLINE_ASSIGN_OR_RETURN(filter.entity, singular(body.entity));
    filter.outcome = body.outcome;
    filter.error_class = body.error_class;
    filter.code = body.code;
    filter.fingerprint = body.fingerprint;
    filter.source_id = body.source_id;
    filter.connection = body.connection;
    filter.quarantined = body.quarantined;
    filter.limit = kShown;
    if (filter.chooses() == body.all) {
        return invalid(
            "/all: say which (flow, entity, outcome, class, code, fingerprint, source_id, "
            "connection, quarantined), or \"all\": true, not both"
        );
    }
    if (body.rate_per_minute && (*body.rate_per_minute < 1 || *body.rate_per_minute > kRateMax)) {
        return invalid(
            "/rate_per_minute: expected 1 to " + std::to_string(kRateMax) + ", found " +
            std::to_string(*body.rate_per_minute)
        );
    }
    return filter;
}

storage::AuditEntry entry_of(
    const Backend& backend, const Request& request, const std::string& what
) {
    return audit_entry(backend, request, "failure." + what, "failure " + request.at("id"));
}

storage::LoopGuard guard_of(bool force) {
    return force ? storage::LoopGuard::kOff : storage::LoopGuard::kOn;
}

}  // namespace

Result<Response> list_failures(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(
        request,
        {"flow",
         "entity",
         "outcome",
         "class",
         "code",
         "fingerprint",
         "source_id",
         "connection",
         "quarantined",
         "limit",
         "cursor"}
    ));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(storage::DeadLetterFilter filter, filter_of(request));
    filter.before_ms = page.after.at_ms;
    SYNCLINE_ASSIGN_OR_RETURN(filter.before_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto letters, backend.stores.jobs.dead_letters(request.actor.tenant, filter)
    );
    const auto next = cut_extra_row(page, letters, [](const auto& last) {
        return PageCursor{last.updated_at_ms, std::to_string(last.id.value)};
    });
    Json items = Json::array();
    for (const auto& letter : letters) {
        items.push_back(failure_json(letter));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> list_failure_groups(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(
        request,
        {"flow",
         "entity",
         "outcome",
         "class",
         "code",
         "fingerprint",
         "source_id",
         "connection",
         "quarantined",
         "limit"}
    ));
    SYNCLINE_ASSIGN_OR_RETURN(storage::DeadLetterFilter filter, filter_of(request));
    SYNCLINE_ASSIGN_OR_RETURN(
        filter.limit, integer_parameter(request, "limit", kPageDefault, 1, kPageMax)
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto groups, backend.stores.jobs.failure_groups(request.actor.tenant, filter)
    );
    Json items = Json::array();
    for (const auto& group : groups) {
        items.push_back(failure_group_json(group));
    }
    return json_response({{"items", std::move(items)}});
}

Result<Response> show_failure(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const JobId id, failure_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto failure, backend.failures.open(request.actor.tenant, id));
    return json_response(opened_failure_json(failure));
}

Result<Response> retry_failure(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const JobId id, failure_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const RetryOneBody body, body_as<RetryOneBody>(request));
    SYNCLINE_RETURN_IF_ERROR(audited(backend, entry_of(backend, request, "retried"), [&](auto&) {
        return backend.failures.retry(
            request.actor.tenant, id, guard_of(body.force), request.actor.subject
        );
    }));
    return json_response({{"id", id.value}, {"status", "queued"}}, 202);
}

Result<Response> edit_failure(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const JobId id, failure_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const EditBody body, body_as<EditBody>(request));
    const engine::RecordEdit edit{body.record, body.merge, body.version, body.dry_run};
    const auto apply = [&] {
        return backend.failures.edit(request.actor.tenant, id, edit, request.actor.subject);
    };
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto edited,
        body.dry_run
            ? apply()
            : audited(backend, entry_of(backend, request, "edited"), [&](auto&) { return apply(); })
    );
    Json answer{
        {"id", id.value},
        {"status", edited.queued ? "queued" : "unchanged"},
        {"dryRun", body.dry_run},
        {"diff", edited.difference}};
    return json_response(answer, edited.queued ? 202 : 200);
}

Result<Response> resolve_failure(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const JobId id, failure_id(request));
    SYNCLINE_ASSIGN_OR_RETURN(const ResolveBody body, body_as<ResolveBody>(request));
    auto entry = entry_of(backend, request, "resolved");
    entry.reason = body.reason;
    SYNCLINE_RETURN_IF_ERROR(audited(backend, std::move(entry), [&](auto&) {
        return backend.failures.resolve(
            request.actor.tenant, id, body.reason, request.actor.subject
        );
    }));
    return json_response({{"id", id.value}, {"status", "resolved"}});
}

Result<Response> retry_failures(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const RetryBody body, body_as<RetryBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const storage::DeadLetterFilter filter, filter_of(body));
    const storage::RedriveOptions options{body.rate_per_minute.value_or(0), guard_of(body.force)};
    const TenantId tenant = request.actor.tenant;
    if (!body.dry_run) {
        // Done in slices: what is about to happen is noted first.
        auto entry = audit_entry(backend, request, "failures.retried", "failures");
        entry.detail = to_json(body);
        SYNCLINE_RETURN_IF_ERROR(backend.stores.audit.append(entry));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto report,
        body.dry_run ? backend.failures.retry_all_dry(tenant, filter, options)
                     : backend.failures.retry_all(tenant, filter, options, request.actor.subject)
    );
    return json_response(redrive_json(report, body.dry_run), body.dry_run ? 200 : 202);
}

}  // namespace syncline::api
