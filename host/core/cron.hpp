// Five cron fields and a time zone: minute, hour, day of the month, month, day of the week.
//
//   "*/15 8-18 * * mon-fri"
//
// A field holds '*', numbers, names (jan, mon; months and days of the week), ranges "a-b", steps
// "*/n", "a-b/n" and "a/n" (from a to the end), and lists of these. Sunday is 0 and 7. When both
// days are restricted (neither field begins with '*'), either one is enough.
//
// Where clocks change, a time that they skip comes once, at the instant of the change, and a time
// that they show twice comes once, the first time. So "every 5 minutes" pauses while an hour is
// repeated; whoever wants even distances takes an interval.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string_view>

#include "core/time_zone.hpp"

namespace syncline {

class Cron {
public:
    // Errors: kInvalid naming the field and the value; also for days that never come (30 February).
    static Result<Cron> parse(std::string_view text, TimeZone zone);

    // The first time strictly after `after`; nothing from the year 9958 on.
    std::optional<Timestamp> next(Timestamp after) const;

private:
    using Field = std::bitset<64>;  // bit n: the value n

    explicit Cron(TimeZone zone) : zone_(zone) {}
    // `day` counts from 1970-01-01, local.
    bool day_matches(std::int64_t day) const;
    std::optional<Timestamp> next_on(std::int64_t day, std::int64_t first_minute, Timestamp after)
        const;

    TimeZone zone_;
    std::array<Field, 5> fields_;
    bool either_day_ = false;
};

}  // namespace syncline
