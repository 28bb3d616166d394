// The body of a sync request, from the options of `sync` and `plan`.
#pragma once

#include "cli/command_line.hpp"

namespace syncline::cli {

// Errors: usage (a number that is none).
Result<Json> sync_request(const Invocation& invocation);

// A whole number of at least 1. Errors: usage.
Result<std::int64_t> count_option(const Invocation& invocation, const std::string& name);

// "?a=b&c=d" of those options that are given; `names` are option and parameter at once.
std::string query_of(const Invocation& invocation, const std::vector<std::string>& names);

}  // namespace syncline::cli
