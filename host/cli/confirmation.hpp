// A sync that a person confirms: the plan's summary, the question, and the run.
#pragma once

#include "cli/command_line.hpp"

namespace syncline::cli {

// Starts the sync; one that needs a confirmation is shown and asked for (`--yes`: not asked). The
// answer of the start. Errors: what the host said; kExists when nobody said yes.
Result<Json> start_or_confirm(
    const Invocation& invocation, const HostClient& host, const std::string& entity, Json body
);

// "110.00 EUR, 5.00 USD" of a plan's totals.
std::string totals_text(const Json& plan);
// "3 create, 1 skip" of a plan's actions.
std::string actions_text(const Json& plan);

}  // namespace syncline::cli
