// How this host speaks to platforms' OAuth 2.0 endpoints.
#pragma once

#include <string>

#include "engine/oauth_endpoints.hpp"
#include "main/config.hpp"

namespace syncline::host {

// Under the egress rules, at most 1 MiB in fifteen seconds, without following redirects. Errors:
// kConfig.
Result<engine::AskEndpoint> oauth_endpoint(const HostConfig& config, const std::string& version);

}  // namespace syncline::host
