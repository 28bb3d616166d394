// What handlers take from a request, checked: every refusal names the place and the way out.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "api/http/message.hpp"
#include "core/json_problems.hpp"

namespace syncline::api {

// The body as an object; an absent body is {}. Errors: kInvalid.
Result<Json> body_object(const Request& request);

// The body as a T, strictly: unknown members are refused. Errors: kInvalid with every problem.
template <class T>
Result<T> body_as(const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, body_object(request));
    return strict_from_json<T>(json);
}

// A name in the body that leads nowhere is no missing resource: its error, which begins with its
// place in the body, is one of the request.
Error as_request_error(Error error);

// Whether a header's name is `name`, in any case.
bool is_header(std::string_view header, std::string_view name);

// All headers of that name with commas between them; "" if there is none.
std::string header_of(const Request& request, std::string_view name);

// `patch` merged into `current` (RFC 7396): a member that is null is taken away.
Json merged(Json current, const Json& patch);

// Errors: kInvalid for a query parameter that is not among `known`.
Result<void> only_parameters(const Request& request, std::initializer_list<std::string_view> known);

// A query parameter, or "".
std::string parameter(const Request& request, const std::string& name);

// Errors: kInvalid for what is no whole number from `min` to `max`.
Result<std::int64_t> integer_parameter(
    const Request& request,
    const std::string& name,
    std::int64_t fallback,
    std::int64_t min,
    std::int64_t max
);

// The entity that a URL names, in the singular. Errors: kNotFound.
Result<std::string> entity_of(const std::string& plural);

// The query parameter "entity", plural or singular; "" if absent. Errors: kInvalid.
Result<std::string> entity_parameter(const Request& request);

// A number in a path that names a row. Errors: kNotFound `what`.
Result<std::int64_t> row_number(const std::string& text, const std::string& what);

}  // namespace syncline::api
