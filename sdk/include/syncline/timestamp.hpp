// Instants: milliseconds since 1970-01-01 UTC, and their RFC 3339 text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <syncline/detail/text.hpp>
#include <syncline/result.hpp>

namespace syncline {

struct Timestamp {
    std::int64_t ms = 0;  // since the epoch, UTC

    // "2026-11-21T07:34:11.123Z"; parse() takes it back for the years 0000 to 9999.
    std::string to_string() const;
    // Takes RFC 3339 with "Z" or an offset and any number of fraction digits (cut to ms); without a
    // zone the text is taken as UTC. A leap second is the first one of the next minute. Errors:
    // kInvalid naming the text.
    static Result<Timestamp> parse(std::string_view text);

    // The check mistakes the zero that <=> is compared with.
    friend auto operator<=>(const Timestamp&, const Timestamp&) =
        default;  // NOLINT(modernize-use-nullptr)
};

namespace detail {

// Civil calendar arithmetic after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
inline std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

inline std::array<std::int64_t, 3> civil_from_days(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const std::int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
    return {
        year_of_era + era * 400 + (month <= 2 ? 1 : 0),
        month,
        day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

// The number in text[at, at+count), advancing `at`; -1 if there are other characters.
inline std::int64_t read_number(std::string_view text, std::size_t& at, std::size_t count) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < count; ++i, ++at) {
        if (at >= text.size() || text[at] < '0' || text[at] > '9') {
            return -1;
        }
        number = number * 10 + (text[at] - '0');
    }
    return number;
}

inline bool take(std::string_view text, std::size_t& at, char expected) {
    return at < text.size() && text[at++] == expected;
}

inline constexpr std::int64_t kBadZone = 99999;

// "Z", "+02:00", "-0700" or nothing: minutes east of UTC; kBadZone if malformed.
inline std::int64_t read_zone(std::string_view text, std::size_t at) {
    if (at == text.size() || text.substr(at) == "Z" || text.substr(at) == "z") {
        return 0;
    }
    const char sign = text[at++];
    const std::int64_t hours = read_number(text, at, 2);
    if (at < text.size() && text[at] == ':') {
        ++at;
    }
    const std::int64_t minutes = read_number(text, at, 2);
    const bool in_range = hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
    if ((sign != '+' && sign != '-') || !in_range || at != text.size()) {
        return kBadZone;
    }
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

// ".123456" or nothing: milliseconds; -1 if the point stands alone.
inline std::int64_t read_milliseconds(std::string_view text, std::size_t& at) {
    if (at >= text.size() || text[at] != '.') {
        return 0;
    }
    const std::size_t start = ++at;
    std::int64_t milliseconds = 0;
    std::int64_t place = 100;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, place /= 10) {
        milliseconds += (text[at] - '0') * place;
    }
    return at > start ? milliseconds : -1;
}

}  // namespace detail

namespace detail {

inline constexpr Timestamp kEarliest{-62'167'219'200'000};  // 0000-01-01T00:00:00.000Z
inline constexpr Timestamp kLatest{253'402'300'799'999};    // 9999-12-31T23:59:59.999Z

}  // namespace detail

inline std::string Timestamp::to_string() const {
    constexpr std::int64_t kDay = 86'400'000;
    const bool before = ms % kDay < 0;
    const std::int64_t days = ms / kDay - (before ? 1 : 0);
    const std::int64_t rest = ms % kDay + (before ? kDay : 0);
    const auto date = detail::civil_from_days(days);
    std::array<char, 80> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date[0]),
        static_cast<int>(date[1]),
        static_cast<int>(date[2]),
        static_cast<int>(rest / 3'600'000),
        static_cast<int>(rest / 60'000 % 60),
        static_cast<int>(rest / 1000 % 60),
        static_cast<int>(rest % 1000)
    );
    return text.data();
}

inline Result<Timestamp> Timestamp::parse(std::string_view text) {
    const Error malformed = invalid(
        "'" + std::string(detail::prefix_of(text, 40)) + "' is not a time (as 2026-11-21T07:34:11Z)"
    );
    std::size_t at = 0;
    const std::int64_t year = detail::read_number(text, at, 4);
    if (!detail::take(text, at, '-')) {
        return malformed;
    }
    const std::int64_t month = detail::read_number(text, at, 2);
    if (!detail::take(text, at, '-')) {
        return malformed;
    }
    const std::int64_t day = detail::read_number(text, at, 2);
    if (at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' ')) {
        return malformed;
    }
    ++at;
    const std::int64_t hour = detail::read_number(text, at, 2);
    if (!detail::take(text, at, ':')) {
        return malformed;
    }
    const std::int64_t minute = detail::read_number(text, at, 2);
    if (!detail::take(text, at, ':')) {
        return malformed;
    }
    const std::int64_t second = detail::read_number(text, at, 2);
    const std::int64_t milliseconds = detail::read_milliseconds(text, at);
    const std::int64_t zone = detail::read_zone(text, at);
    const bool in_range = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
                          hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 &&
                          second <= 60 && milliseconds >= 0 && zone != detail::kBadZone;
    if (!in_range) {
        return malformed;
    }
    const std::int64_t days = detail::days_from_civil(year, month, day);
    if (detail::civil_from_days(days)[2] != day) {
        return malformed;  // 31 February
    }
    const Timestamp result{
        ((days * 24 + hour) * 60 + minute - zone) * 60'000 + second * 1000 + milliseconds};
    if (result < detail::kEarliest || detail::kLatest < result) {
        return malformed;  // an offset or a leap second that leads out of the years we can write
    }
    return result;
}

}  // namespace syncline
