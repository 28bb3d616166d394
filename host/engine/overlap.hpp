// How far a window reaches back before the cursor, so that changes which become visible late are
// read all the same. What was read before is recognised by its content and costs nothing.
#pragma once

#include <optional>

#include "core/time_zone.hpp"
#include "engine/connection_pool.hpp"

namespace syncline::engine {

// `zone` is that of the account's clocks, absent if it is not known. A source that notes times
// wrongly when they are changed (WooCommerce in the repeated hour of autumn) gets its longer
// overlap when a change lies between three hours before the cursor and now; also when nobody knows.
// Pure.
std::int64_t overlap_ms(
    const Limits& limits, const std::optional<TimeZone>& zone, Timestamp cursor, Timestamp now
);

// Of the account's clocks; absent if the account does not say. May ask it for its facts.
std::optional<TimeZone> zone_of(ConnectionSession& source);

// The overlap of a connection, unless the configuration says it for all. Asks the account for its
// facts only when they matter.
std::int64_t read_overlap(
    ConnectionSession& source, const EngineConfig& config, std::int64_t cursor_ms, Timestamp now
);

}  // namespace syncline::engine
