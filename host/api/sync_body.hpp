// The body that asks for a sync, of whichever route; and the answer to one that was started.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http/input.hpp"
#include "engine/sync_control.hpp"

namespace syncline::api {

inline constexpr std::int64_t kPreviewMax = 1000;

struct SyncBody {
    std::optional<SyncMode> mode;
    bool dry_run = false;
    Filters filters;
    std::string flow;
    std::int64_t batch_size = 0;
    std::optional<Timestamp> from;
    std::optional<Timestamp> to;
    std::vector<std::string> ids;
    std::optional<std::int64_t> limit;  // of a preview

    static constexpr auto fields() {
        return std::make_tuple(
            field("mode", &SyncBody::mode),
            field("dryRun", &SyncBody::dry_run),
            field("filters", &SyncBody::filters),
            field("flow", &SyncBody::flow),
            field("batch_size", &SyncBody::batch_size),
            field("from", &SyncBody::from),
            field("to", &SyncBody::to),
            field("ids", &SyncBody::ids),
            field("limit", &SyncBody::limit)
        );
    }
};

// A request's body as an object in which one value may stand without its brackets:
// {"filters": {"status": "completed"}}.
Result<Json> sync_object(const Request& request);

// What is wrong with it beyond its form.
Result<void> check_sync(const SyncBody& body);

// SyncBody, or a struct that adds members to it. Errors: kInvalid with every problem.
template <class Body>
Result<Body> sync_body(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, sync_object(request));
    SYNCLINE_ASSIGN_OR_RETURN(Body body, strict_from_json<Body>(json));
    SYNCLINE_RETURN_IF_ERROR(check_sync(body));
    return body;
}

engine::StartRequest start_request(
    const std::string& entity, const SyncBody& body, const Request& request
);

// Who asks, and the reason they give. Errors: kInvalid (/reason).
Result<storage::Cause> cause_with(const Request& request, const std::string& reason);

// 202 with the sync's id and its runs.
Response started_response(const engine::StartedSync& started);

}  // namespace syncline::api
