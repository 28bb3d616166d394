// What a target has of a record, for whoever is about to decide what becomes of it.
#pragma once

#include "engine/stores.hpp"

namespace syncline::engine {

// Of a record whose id says nothing: the same customer or product may have been written for another
// record or as a need. A number of its source is no identity.
Result<std::vector<WrittenBefore>> written_by_identity(
    const Stores& stores,
    const Flow& flow,
    const std::string& source_id,
    const std::string& identity
);

}  // namespace syncline::engine
