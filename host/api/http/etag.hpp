// ETags of what people change, and requests that are meant for one version of it (RFC 9110 13).
//
// An ETag is "VERSION-BODY" in quotes. VERSION stands for what people change, BODY for the whole
// answer: a schedule that started meanwhile has another ETag for If-None-Match, since its answer is
// another one, but for If-Match it is still the schedule that was looked at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/backend.hpp"
#include "api/http/route.hpp"

namespace syncline::api {

// Of a finished answer; `version` holds what people change of the thing it shows.
void set_etag(Response& response, const Json& version);
// The same for an answer whose every member people change.
void set_etag(Response& response);

// "" if it has none.
std::string etag_of(const Response& response);

// An answer to GET that its asker has already (If-None-Match) becomes a 304 without a body.
void leave_out_known(const Request& request, Response& response);

// Whether a change is wanted of what is there: If-Match, and If-None-Match "*" or a list.
class Precondition {
public:
    // Of a request to the row `route`; what it changes is what a GET row of `routes` shows: that of
    // the same path, or of the path without its verb ("/pause"). Errors: kInvalid
    // "precondition.malformed"; "precondition.unsupported" where nothing shows a version.
    static Result<Precondition> of(
        const Request& request, const Route& route, const std::vector<Route>& routes
    );

    bool given() const { return shown_by_ != nullptr; }

    // Looks at what is there now: called within a unit of work, at what that one sees. Errors:
    // kExists "precondition.failed", "precondition.unsupported".
    Result<void> check(Backend& backend) const;

private:
    const Route* shown_by_ = nullptr;
    Request look_;  // the GET
    std::string if_match_;
    std::string if_none_match_;
};

}  // namespace syncline::api
