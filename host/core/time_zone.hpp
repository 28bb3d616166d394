// An IANA time zone: from instants to what its clocks show, and back. Looks the zone up in the
// system's time zone database once; the rest is arithmetic. [any thread]
#pragma once

#include <string>
#include <string_view>

#include <syncline/result.hpp>
#include <syncline/timestamp.hpp>

namespace date {
class time_zone;
}

namespace syncline {

// What a clock on the wall shows, in milliseconds, counted as if it were UTC.
struct LocalTime {
    std::int64_t ms = 0;
};

class TimeZone {
public:
    // Errors: kInvalid naming the zone.
    static Result<TimeZone> find(std::string_view name);

    LocalTime local(Timestamp at) const;
    // When clocks show `at` for the first time. A time that they skip (spring) is the instant of
    // the change; one that they show twice (autumn) is the earlier.
    Timestamp instant(LocalTime at) const;
    // Whether its clocks are changed after `from` and at or before `to`.
    bool changes_within(Timestamp from, Timestamp to) const;

private:
    explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}

    const date::time_zone* zone_;  // owned by the database, for as long as the process lives
};

}  // namespace syncline
