// The part of the configuration that lands in the database.
#pragma once

#include "engine/declarations.hpp"
#include "main/config.hpp"

namespace syncline::host {

// With the webhook secrets of the environment, which are the default tenant's.
engine::Declarations declarations_of(const HostConfig& config, const Environment& environment);

}  // namespace syncline::host
