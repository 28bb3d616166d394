// What a canonical record can be known by in another system (matching.hpp). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

#include "core/matching.hpp"

namespace syncline {

// The canonical entities of a target in which a record of `entity` may be found: an order as an
// invoice or a sales receipt (or as itself), everything else as itself. A target has not all of
// them.
std::vector<std::string> counterparts_of(std::string_view entity);

// `record` is the canonical model of `entity`. A product with variations is one record for each of
// them; what cannot stand for anything (a draft, a voided document) is none. Errors: kData when it
// is not in the canonical form.
Result<std::vector<MatchRecord>> signs_of(
    std::string_view entity, const std::string& id, const Json& record
);

// The markers "[syncline ...]" in any text of the record's own form.
std::vector<Sign> markers_in(const Json& record);

Sign marker_sign(std::string marker);

}  // namespace syncline
