// How two JSON values differ, for people. Pure.
#pragma once

#include <syncline/json.hpp>

namespace syncline {

// One entry per place that differs, in order of place: {"path": "/lines/0/quantity", "before": "1",
// "after": "2"}. What was added has no "before", what was removed has no "after". Elements of
// arrays are compared by their place.
Json json_difference(const Json& before, const Json& after);

}  // namespace syncline
