// What the API shows of conflicts, as JSON. Pure.
#pragma once

#include "engine/conflict_control.hpp"

namespace syncline::api {

Json conflict_json(const storage::Conflict& conflict);
// With base, source and target, whole and by field, and what was decided.
Json opened_conflict_json(const engine::OpenedConflict& conflict);

}  // namespace syncline::api
