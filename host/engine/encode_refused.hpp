// What becomes of a batch that its target's connector cannot encode as a whole. Encode is pure: it
// says nothing about the account, and will fail again until a person does something.
#pragma once

#include <vector>

#include "engine/deliver.hpp"

namespace syncline::engine {

// What the connector does not do at all is a failure of each record; a setting that it cannot use
// pauses the flow, with the reason. Errors: of the database, and all others that encode has.
Result<void> encode_refused(
    Stores& stores,
    const Flow& flow,
    const std::vector<Work*>& works,
    const Error& error,
    std::int64_t now_ms
);

}  // namespace syncline::engine
