// Errors as RFC 9457 problem documents. Pure.
//
//   {"type": "/errors/flow.unknown", "title": "Not Found", "status": 404,
//    "detail": "there is no flow 'x'", "instance": "urn:syncline:request:6b2f...",
//    "errors": [{"pointer": "/flow", "detail": "..."}]}
//
// "type" is an address of this host: a page of docs/errors says what the name means. An error that
// a connector named has the type "/errors/platform.refused" and its own name as "code".
#pragma once

#include <string>

#include "api/http/message.hpp"

namespace syncline::api {

// Names of errors that arise from HTTP itself; each has a status of its own.
inline constexpr auto kTooLarge = "request.too_large";
inline constexpr auto kHeadTooLarge = "request.head_too_large";
inline constexpr auto kExpectation = "request.expectation";
inline constexpr auto kNotHttp = "request.not_http";
inline constexpr auto kMediaType = "request.media_type";
inline constexpr auto kMethod = "request.method";
inline constexpr auto kBusy = "request.busy";
inline constexpr auto kTooManyLogins = "login.limited";
inline constexpr auto kNoAcceptable = "request.not_acceptable";
inline constexpr auto kPreconditionFailed = "precondition.failed";
inline constexpr auto kRateLimited = "request.rate_limited";
inline constexpr auto kTooManyKeys = "idempotency.full";

// What an error means to whoever asked.
int status_of(const Error& error);

// 500s say nothing of what happened but where the log has it; 401 and whatever may pass by itself
// carry the headers that say so.
Response problem(const Error& error, const std::string& request_id);

// The text of a status code: "Not Found".
std::string status_title(int status);

}  // namespace syncline::api
