#include "quickbooks/exact/calendar.hpp"

#include <algorithm>
#include <chrono>

#include <date/date.h>
#include <date/tz.h>

namespace sandbox::quickbooks {
namespace {

using std::chrono::milliseconds;
using SystemTime = date::sys_time<milliseconds>;

const date::time_zone& pacific() {
    static const date::time_zone* zone = date::locate_zone("America/Los_Angeles");
    return *zone;
}

// Reads exactly `count` digits at `at`.
bool digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
    if (at + count > text.size())
        return false;
    value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

std::optional<date::year_month_day> parse_date(std::string_view text) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text, 0, 4, year) ||
        !digits(text, 5, 2, month) || !digits(text, 8, 2, day))
        return std::nullopt;
    const date::year_month_day value{
        date::year{year},
        date::month{static_cast<unsigned>(month)},
        date::day{static_cast<unsigned>(day)}};
    return value.ok() ? std::optional(value) : std::nullopt;
}

// "07:15:22", seconds may be left out; takes what it read off `text`.
bool take_clock(std::string_view& text, milliseconds& clock) {
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    if (!digits(text, 0, 2, hours) || text.substr(2, 1) != ":" || !digits(text, 3, 2, minutes))
        return false;
    text.remove_prefix(5);
    if (text.substr(0, 1) == ":") {
        if (!digits(text, 1, 2, seconds))
            return false;
        text.remove_prefix(3);
    }
    clock =
        std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
    return hours < 24 && minutes < 60 && seconds < 60;
}

// ".318" or more digits; nothing is fine too.
void take_fraction(std::string_view& text, milliseconds& clock) {
    if (text.substr(0, 1) != ".")
        return;
    text.remove_prefix(1);
    for (int unit = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
        clock += milliseconds(unit * (text.front() - '0'));
        text.remove_prefix(1);
    }
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
    if (text == "Z")
        return std::chrono::minutes(0);
    int hours = 0;
    int minutes = 0;
    if (text.size() < 5 || (text[0] != '+' && text[0] != '-') || !digits(text, 1, 2, hours))
        return std::nullopt;
    const std::size_t at = text[3] == ':' ? 4 : 3;  // "-07:00" and "-0700" are both seen
    if (text.size() != at + 2 || !digits(text, at, 2, minutes))
        return std::nullopt;
    const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::string server_time(Millis at) {
    const auto seconds = date::floor<std::chrono::seconds>(SystemTime(milliseconds(at)));
    return date::format("%FT%T%Ez", date::make_zoned(&pacific(), seconds));
}

std::string server_time_exact(Millis at) {
    return date::format("%FT%T%Ez", date::make_zoned(&pacific(), SystemTime(milliseconds(at))));
}

std::string local_date(Millis at, const std::string& zone) {
    return date::format("%F", date::make_zoned(zone, SystemTime(milliseconds(at))));
}

std::optional<Millis> parse_time(std::string_view text) {
    const auto day = parse_date(text.substr(0, std::min<std::size_t>(10, text.size())));
    if (!day)
        return std::nullopt;
    text.remove_prefix(10);
    milliseconds clock{0};
    if (!text.empty()) {
        if (text.front() != 'T')
            return std::nullopt;
        text.remove_prefix(1);
        if (!take_clock(text, clock))
            return std::nullopt;
        take_fraction(text, clock);
    }
    if (text.empty()) {
        const date::local_time<milliseconds> local = date::local_days(*day) + clock;
        return pacific().to_sys(local, date::choose::earliest).time_since_epoch().count();
    }
    const auto offset = parse_offset(text);
    if (!offset)
        return std::nullopt;
    return (date::sys_days(*day) + clock - *offset).time_since_epoch().count();
}

bool is_date(std::string_view text) {
    return parse_date(text).has_value();
}

std::string add_days(const std::string& date, int days) {
    return date::format("%F", date::sys_days(*parse_date(date)) + date::days(days));
}

}  // namespace sandbox::quickbooks
