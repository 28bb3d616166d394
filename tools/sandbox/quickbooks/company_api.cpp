#include "quickbooks/company_api.hpp"

#include "quickbooks/batch.hpp"
#include "quickbooks/books/life_cycle.hpp"
#include "quickbooks/books/validation.hpp"
#include "quickbooks/cdc.hpp"
#include "quickbooks/query.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr std::size_t kRequestIdMax = 50;
constexpr std::size_t kBatchRequestIdMax = 36;

struct Call {
    Realm& realm;
    const WireOptions& options;
    const Request& request;
    const std::vector<std::string>& path;
    Millis now;

    std::string parameter(std::string_view name) const {
        const std::string* value = request.parameter(name);
        return value ? *value : "";
    }
    bool is_post() const { return request.method == "POST"; }
    bool is(std::string_view resource) const { return path.size() == 1 && path[0] == resource; }
};

bool header_starts(const Request& request, std::string_view name, std::string_view start) {
    const std::string* value = request.header(name);
    return value && value->rfind(start, 0) == 0;
}

// {name: value} members of `outcome`, or {name: object}, in the envelope with the time.
Response enveloped(const Call& call, Json content) {
    content["time"] = server_time_exact(call.now);
    return json_response(200, print(content));
}

Response answered(const Call& call, Outcome outcome, std::string_view name = {}) {
    if (!outcome.ok())
        return fault_response(outcome.errors, call.now);
    if (name.empty())
        return enveloped(call, std::move(outcome.value));
    Json content = Json::object();
    content[std::string(name)] = std::move(outcome.value);
    return enveloped(call, std::move(content));
}

Response refused(const Call& call, Error error, int status = 400) {
    return fault_response({std::move(error)}, call.now, status);
}

bool is_utf8(const std::string& text) {
    // nlohmann refuses to print what is no UTF-8.
    try {
        return !Json(text).dump().empty();
    } catch (const Json::type_error&) {
        return false;
    }
}

// The body of a write; nullopt after setting `response`.
std::optional<Json> body_of(const Call& call, Response& response) {
    if (!header_starts(call.request, "Content-Type", "application/json")) {
        response = refused(
            call,
            other_fault(1050, "Invalid Content Type", "The body must be application/json."),
            415
        );
        return std::nullopt;
    }
    if (!is_utf8(call.request.body)) {
        response = refused(call, unsupported_operation("a body that is no UTF-8"));
        return std::nullopt;
    }
    std::string why;
    auto body = parse_exact(call.request.body, why);
    if (!body)
        response = refused(call, unknown_property("failed to parse json object; a property"));
    return body;
}

// ---- reading ----

Response query(Call& call) {
    ++call.realm.counters.queries;
    if (!call.is_post())
        return answered(
            call, run_query(call.realm.company, call.parameter("query")), "QueryResponse"
        );
    if (!header_starts(call.request, "Content-Type", "application/text"))
        return refused(
            call,
            other_fault(1050, "Invalid Content Type", "A query is posted as application/text."),
            415
        );
    return answered(call, run_query(call.realm.company, call.request.body), "QueryResponse");
}

Response read(Call& call, const EntityInfo& entity) {
    ++call.realm.counters.reads;
    const bool singleton =
        entity.entity == Entity::kPreferences || entity.entity == Entity::kCompanyInfo;
    std::string id = call.path.size() == 2 ? call.path[1] : "";
    if (entity.entity == Entity::kPreferences && id.empty())
        id = "1";
    else if (entity.entity == Entity::kCompanyInfo)
        id = id == call.realm.company.realm() ? "1" : "";  // asked for by realm
    if (id.empty() && !singleton)
        return refused(call, unsupported_operation("GET of " + call.path[0] + " without an id"));
    const Record* record = call.realm.company.find(entity.entity, id);
    return record ? answered(call, {record->doc, {}}, entity.name)
                  : refused(call, object_not_found());
}

Response get(Call& call) {
    if (call.is("query"))
        return query(call);
    if (call.is("cdc")) {
        ++call.realm.counters.cdc;
        return answered(
            call,
            changes_since(
                call.realm.company,
                call.options,
                call.parameter("entities"),
                call.parameter("changedSince"),
                call.now
            )
        );
    }
    const EntityInfo* entity = call.path.empty() ? nullptr : entity_at_path(call.path[0]);
    if (!entity || call.path.size() > 2)
        return refused(call, unsupported_operation("GET " + call.request.path));
    return read(call, *entity);
}

// ---- writing ----

bool listed(const std::string& list, std::string_view word) {
    return ("," + list + ",").find("," + std::string(word) + ",") != std::string::npos;
}

// What a POST to an entity asks for; false after adding to `errors`.
bool understand(const Call& call, const EntityInfo& entity, Write& write, Errors& errors) {
    const std::string operation = call.parameter("operation");
    const std::string include = call.parameter("include");
    const bool update = operation.empty() || operation == "update";
    write.entity = entity.entity;
    write.duplicate_number_ok = listed(include, "allowduplicatedocnum");
    if (operation == "delete")
        write.action = Action::kDelete;
    else if (operation == "void" && entity.void_by == VoidBy::kOperation)
        write.action = Action::kVoid;
    else if (update && listed(include, "void") && entity.void_by == VoidBy::kInclude)
        write.action = Action::kVoid;
    else if (update && !listed(include, "void"))
        write.action =
            write.body.is_object() && write.body.contains("Id") ? Action::kUpdate : Action::kCreate;
    else
        errors.push_back(
            unsupported_operation(operation + " " + include + " of " + std::string(entity.name))
        );
    return errors.empty();
}

Response write_entity(Call& call) {
    ++call.realm.counters.writes;
    const EntityInfo* entity = call.path.size() == 1 ? entity_at_path(call.path[0]) : nullptr;
    if (!entity)
        return refused(call, unsupported_operation("POST " + call.request.path));
    Response response;
    auto body = body_of(call, response);
    if (!body)
        return response;
    Write write;
    write.body = std::move(*body);
    Errors errors;
    if (!understand(call, *entity, write, errors))
        return fault_response(errors, call.now);
    return answered(call, carry_out(call.realm.company, write, call.now), entity->name);
}

Response batch(Call& call) {
    ++call.realm.counters.batches;
    Response response;
    const auto body = body_of(call, response);
    if (!body)
        return response;
    const bool has_request_id = !call.parameter("requestid").empty();
    return answered(call, run_batch(call.realm, call.options, *body, has_request_id, call.now));
}

// A write, unless its request id has been answered before.
Response post(Call& call) {
    if (call.is("query"))
        return query(call);
    const bool is_batch = call.is("batch");
    const std::string id = call.parameter("requestid");
    const std::size_t max = is_batch ? kBatchRequestIdMax : kRequestIdMax;
    if (length_of(id) > max)
        return refused(
            call,
            business_rule(
                "You cannot enter more than " + std::to_string(max) +
                " characters in the request_id field. You tried entering " + id + ", which is " +
                std::to_string(length_of(id)) + " characters."
            )
        );
    if (const Response* earlier = id.empty() ? nullptr : call.realm.replay.find(id)) {
        ++call.realm.counters.replays;
        return *earlier;
    }
    Response response = is_batch ? batch(call) : write_entity(call);
    const bool repeatable = response.status == 200 || call.options.replay_errors;
    if (!id.empty() && repeatable)
        call.realm.replay.keep(id, response);
    return response;
}

// XML is the service's default; nobody here wants it, so asking for nothing is refused.
Response not_acceptable() {
    return json_response(
        406,
        R"({"error":"send 'Accept: application/json'; without it the service answers in XML, )"
        R"(which this sandbox does not write"})"
    );
}

bool accepts_json(const Request& request) {
    const std::string* accept = request.header("Accept");
    return accept && accept->find("application/json") != std::string::npos;
}

}  // namespace

Response answer_company_call(
    Realm& realm,
    const WireOptions& options,
    const Request& request,
    const std::vector<std::string>& path,
    Millis now
) {
    Call call{realm, options, request, path, now};
    if (options.limits && !realm.throttle.admit(options, call.is("batch"), now)) {
        ++realm.counters.throttled;
        return throttled(now);
    }
    if (!accepts_json(request))
        return not_acceptable();
    if (request.method == "GET")
        return get(call);
    if (call.is_post())
        return post(call);
    return refused(call, unsupported_operation(request.method), 405);
}

}  // namespace sandbox::quickbooks
