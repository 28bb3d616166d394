// What a configuration's values must hold beyond their types. Pure.
#pragma once

#include <string>
#include <vector>

#include "main/config.hpp"

namespace syncline::host {

// Every problem, "<JSON pointer>: <what is wrong>"; empty: none.
std::vector<std::string> config_problems(const HostConfig& config);

}  // namespace syncline::host
