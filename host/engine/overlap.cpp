#include "engine/overlap.hpp"

#include <algorithm>

namespace syncline::engine {
namespace {

constexpr std::int64_t kNearMs = 3 * 3'600'000;
constexpr auto kZoneFact = "time_zone";

}  // namespace

std::optional<TimeZone> zone_of(ConnectionSession& source) {
    const auto facts = source.facts();
    if (!facts || !facts->contains(kZoneFact) || !facts->at(kZoneFact).is_string()) {
        return std::nullopt;
    }
    const auto zone = TimeZone::find(facts->at(kZoneFact).get_ref<const std::string&>());
    return zone ? std::optional(*zone) : std::nullopt;
}

std::int64_t overlap_ms(
    const Limits& limits, const std::optional<TimeZone>& zone, Timestamp cursor, Timestamp now
) {
    const std::int64_t usual = limits.read_overlap_s * 1000;
    const std::int64_t longer = limits.read_overlap_clock_change_s * 1000;
    if (longer <= usual) {
        return usual;
    }
    // The cursor is of the source's clock, which may be ahead of ours.
    const Timestamp until{std::max(cursor.ms, now.ms) + kNearMs};
    const bool near = !zone || zone->changes_within(Timestamp{cursor.ms - kNearMs}, until);
    return near ? longer : usual;
}

std::int64_t read_overlap(
    ConnectionSession& source, const EngineConfig& config, std::int64_t cursor_ms, Timestamp now
) {
    if (config.overlap_ms > 0) {
        return config.overlap_ms;
    }
    const Limits& limits = source.spec().limits;
    const bool asks = limits.read_overlap_clock_change_s > limits.read_overlap_s && cursor_ms > 0;
    return overlap_ms(limits, asks ? zone_of(source) : std::nullopt, Timestamp{cursor_ms}, now);
}

}  // namespace syncline::engine
