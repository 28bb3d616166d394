// Handlers of the values that settings had.
#pragma once

#include "api/backend.hpp"
#include "api/http/message.hpp"

namespace syncline::api {

Result<Response> list_setting_versions(Backend& backend, const Request& request);
// Sets the value of a former version, as a new one: it is checked as any other.
Result<Response> roll_back_setting(Backend& backend, const Request& request);

}  // namespace syncline::api
