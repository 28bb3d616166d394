#pragma once

#include <optional>
#include <string>

#include <date/tz.h>

#include "platform.hpp"

namespace sandbox::woo {

// Times in a shop: "2026-11-21T07:34:10", without zone, either UTC or the shop's wall clock. Such
// texts compare in the order of time.
class SiteTime {
public:
    // `clock` outlives this; throws std::runtime_error for a zone the machine does not know.
    SiteTime(const Clock& clock, const std::string& zone);

    const std::string& zone_name() const { return zone_name_; }
    double offset_hours() const;  // now, as in /wp-json/

    std::string now_gmt() const;
    // When a record is "modified now". WordPress goes by way of the wall clock, so that in the
    // hour that daylight saving time repeats the result is an hour off: ahead in zones east of
    // Greenwich, behind in zones west of it (measured on real shops).
    std::string modified_now_gmt() const;
    std::string to_local(const std::string& gmt) const;
    std::string to_gmt(const std::string& local) const;

    // A date in a filter as WordPress reads it: without zone it is the wall clock, with "Z" or an
    // offset it is turned into the wall clock; fractions of a second are dropped. Nothing for a
    // text WordPress refuses.
    std::optional<std::string> filter_wall_clock(const std::string& text) const;

private:
    const Clock* clock_;
    std::string zone_name_;
    const date::time_zone* zone_;
};

// "Nov 21, 2026 @ 07:40 AM"
std::string long_date(const std::string& iso);
// Adds seconds to such a text.
std::string shifted(const std::string& iso, std::int64_t seconds);

}  // namespace sandbox::woo
