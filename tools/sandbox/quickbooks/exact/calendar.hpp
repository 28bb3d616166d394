#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox::quickbooks {

// Milliseconds since 1970, UTC.
using Millis = std::int64_t;

constexpr Millis kSecond = 1000;
constexpr Millis kMinute = 60 * kSecond;
constexpr Millis kDay = 24 * 60 * kMinute;

// "2026-09-14T07:15:22-07:00": whole seconds in the servers' zone (US Pacific).
std::string server_time(Millis at);
// The same with milliseconds, as the envelope's `time` has it.
std::string server_time_exact(Millis at);
// The date there at that moment: "2026-09-14".
std::string local_date(Millis at, const std::string& zone);

// "2026-09-14" and "2026-09-14T07:15:22[.318][Z|-07:00]"; without an offset the servers' zone
// counts. nullopt for anything else, such as an offset whose '+' was lost on the way.
std::optional<Millis> parse_time(std::string_view text);

// An existing day, written YYYY-MM-DD.
bool is_date(std::string_view text);
// `date` is an existing day.
std::string add_days(const std::string& date, int days);

}  // namespace sandbox::quickbooks
