#include "core/time_zone.hpp"

#include <chrono>

#include <date/tz.h>

namespace syncline {
namespace {

using std::chrono::milliseconds;

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
    try {
        return TimeZone(date::locate_zone(std::string(name)));
    } catch (const std::exception&) {
        return invalid(
            "'" + std::string(name.substr(0, 64)) + "' is not an IANA time zone (as Europe/Berlin)"
        );
    }
}

LocalTime TimeZone::local(Timestamp at) const {
    return {zone_->to_local(date::sys_time<milliseconds>(milliseconds(at.ms)))
                .time_since_epoch()
                .count()};
}

Timestamp TimeZone::instant(LocalTime at) const {
    const date::local_time<milliseconds> local{milliseconds(at.ms)};
    const auto info = zone_->get_info(local);
    if (info.result == date::local_info::nonexistent) {
        return Timestamp{milliseconds(info.first.end.time_since_epoch()).count()};
    }
    return Timestamp{at.ms - milliseconds(info.first.offset).count()};
}

bool TimeZone::changes_within(Timestamp from, Timestamp to) const {
    const auto info = zone_->get_info(date::sys_time<milliseconds>(milliseconds(from.ms)));
    return milliseconds(info.end.time_since_epoch()).count() <= to.ms;
}

}  // namespace syncline
