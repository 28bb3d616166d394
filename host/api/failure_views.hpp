// What the API shows of dead letters, as JSON. Pure.
#pragma once

#include "engine/failure_control.hpp"

namespace syncline::api {

// Without record and detail.
Json failure_json(const storage::DeadLetter& letter);
// With the record; and in "detail" the document, and the request and the answer masked.
Json opened_failure_json(const engine::OpenedFailure& failure);
Json failure_group_json(const storage::FailureGroup& group);
Json redrive_json(const engine::RedriveReport& report, bool dry_run);

}  // namespace syncline::api
