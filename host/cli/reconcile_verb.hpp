// The verb `reconcile`; see verbs.hpp.
#pragma once

#include "cli/command_line.hpp"

namespace syncline::cli {

Result<int> reconcile(const Invocation& invocation);

}  // namespace syncline::cli
