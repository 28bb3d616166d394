// Names to addresses.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <syncline/result.hpp>

#include "connectors/http/wait.hpp"

namespace syncline::connectors {

// Addresses (texts) of a host name, best first; of an address, itself. May block up to the
// patience. Errors: kTransient "http.dns" (unknown, no answer in time), kCancelled. [any thread]
using Resolve =
    std::function<Result<std::vector<std::string>>(const std::string&, const Patience&)>;

// The system's own resolver.
Result<std::vector<std::string>> resolve_by_system(
    const std::string& host, const Patience& patience
);

}  // namespace syncline::connectors
