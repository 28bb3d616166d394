#pragma once

#include <string>

#include <syncline/plugin/http.hpp>

namespace syncline::test {

// One exchange over real TCP. kTransient when there is no answer, as a host says it.
Result<plugin::HttpResponse> exchange(const plugin::HttpRequest& request);

// A JWT signed with HS256.
std::string sign_jwt(const Json& claims, const std::string& secret);

}  // namespace syncline::test
