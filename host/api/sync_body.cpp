#include "api/sync_body.hpp"

#include "api/views.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kIdsMax = 1000;
constexpr std::size_t kValuesMax = 50;
constexpr std::size_t kTextMax = 200;
constexpr std::size_t kReasonMax = 500;

// One value may stand without its brackets: {"status": "completed"}.
void wrap_single(Json& body, const char* name) {
    const auto filters = body.find("filters");
    if (filters != body.end() && filters->is_object() && filters->contains(name) &&
        (*filters)[name].is_string()) {
        (*filters)[name] = Json::array({(*filters)[name]});
    }
}

void check_texts(
    std::vector<std::string>& problems,
    const char* place,
    const std::vector<std::string>& texts,
    std::size_t max
) {
    if (texts.size() > max) {
        problems.push_back(
            std::string(place) + ": at most " + std::to_string(max) + " values, found " +
            std::to_string(texts.size())
        );
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty() || texts[i].size() > kTextMax) {
            problems.push_back(
                std::string(place) + "/" + std::to_string(i) + ": expected 1 to " +
                std::to_string(kTextMax) + " characters"
            );
            return;
        }
    }
}

}  // namespace

Result<void> check_sync(const SyncBody& body) {
    std::vector<std::string> problems;
    check_texts(problems, "/ids", body.ids, kIdsMax);
    check_texts(problems, "/filters/status", body.filters.status, kValuesMax);
    check_texts(problems, "/filters/payment_status", body.filters.payment_status, kValuesMax);
    if (body.from && body.to && *body.from >= *body.to) {
        problems.emplace_back("/to: must be later than /from");
    }
    const auto& filters = body.filters;
    if (filters.created_from && filters.created_to &&
        *filters.created_from >= *filters.created_to) {
        problems.emplace_back("/filters/created_to: must be later than /filters/created_from");
    }
    if (body.limit && (*body.limit < 1 || *body.limit > kPreviewMax)) {
        problems.push_back(
            "/limit: expected 1 to " + std::to_string(kPreviewMax) + ", found " +
            std::to_string(*body.limit)
        );
    }
    return problems.empty() ? Result<void>() : joined(problems, "request.invalid");
}

Result<Json> sync_object(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(Json json, body_object(request));
    wrap_single(json, "status");
    wrap_single(json, "payment_status");
    return json;
}

engine::StartRequest start_request(
    const std::string& entity, const SyncBody& body, const Request& request
) {
    engine::StartRequest start;
    start.entity = entity;
    start.flow = body.flow;
    start.mode = body.mode;
    start.options = {body.from, body.to, body.ids, body.filters, body.batch_size, 0};
    start.requested_by = request.actor.subject;
    return start;
}

Result<storage::Cause> cause_with(const Request& request, const std::string& reason) {
    if (reason.size() > kReasonMax) {
        return invalid(
            "/reason: at most " + std::to_string(kReasonMax) + " bytes, found " +
            std::to_string(reason.size())
        );
    }
    return storage::Cause{request.actor.subject, reason};
}

Response started_response(const engine::StartedSync& started) {
    Json runs = Json::array();
    for (const auto& run : started.runs) {
        runs.push_back(run_json(run));
    }
    Response response =
        json_response({{"syncId", started.sync_id}, {"runs", std::move(runs)}}, 202);
    response.headers.emplace_back("Location", "/api/sync/status/" + started.sync_id);
    return response;
}

}  // namespace syncline::api
