// Entities of which a source cannot tell what changed (WooCommerce's customers) are read whole. A
// person who asks for them gets that at once; schedules, which may come every few minutes, read
// them once a night. In between their changes come with the records that need them.
#pragma once

#include <optional>
#include <string>

#include "core/time_zone.hpp"
#include "engine/connection_pool.hpp"

namespace syncline::engine {

bool is_swept(const Spec& source, const std::string& entity);

// The day on the account's clocks (of UTC where they are not known). Pure.
std::int64_t day_of(const std::optional<TimeZone>& zone, Timestamp at);

// Whether the day has changed on the account's clocks (of UTC where they are not known) between the
// two. Pure.
bool night_between(const std::optional<TimeZone>& zone, Timestamp before, Timestamp now);

// Whether a run leaves the source alone, since it was swept this day: a run of a schedule that
// would begin a new scan of a swept entity. May ask the account for its facts.
bool rests_until_night(
    ConnectionSession& source, const storage::Run& run, const storage::Cursor& cursor, Timestamp now
);

}  // namespace syncline::engine
