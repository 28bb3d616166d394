#include "engine/sweep.hpp"

#include <algorithm>

#include "engine/overlap.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

bool is_swept(const Spec& source, const std::string& entity) {
    return std::find(source.swept.begin(), source.swept.end(), entity) != source.swept.end();
}

std::int64_t day_of(const std::optional<TimeZone>& zone, Timestamp at) {
    return (zone ? zone->local(at).ms : at.ms) / kDayMs;
}

bool night_between(const std::optional<TimeZone>& zone, Timestamp before, Timestamp now) {
    return day_of(zone, before) != day_of(zone, now);
}

bool rests_until_night(
    ConnectionSession& source, const storage::Run& run, const storage::Cursor& cursor, Timestamp now
) {
    const bool by_itself =
        run.mode == SyncMode::kIncremental && run.requested_by.rfind("schedule:", 0) == 0;
    if (!by_itself || !is_swept(source.spec(), run.entity) || cursor.scanning ||
        cursor.cursor_ms == 0) {
        return false;
    }
    return !night_between(zone_of(source), Timestamp{cursor.updated_at_ms}, now);
}

}  // namespace syncline::engine
