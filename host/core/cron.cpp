#include "core/cron.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include <date/date.h>

namespace syncline {
namespace {

enum { kMinute, kHour, kDay, kMonth, kWeekday };

struct FieldKind {
    std::string_view name;
    int min;
    int max;
    std::string_view names;  // three letters each, the first one is `min`
};
constexpr std::array<FieldKind, 5> kKinds{{
    {"minute", 0, 59, ""},
    {"hour", 0, 23, ""},
    {"day of month", 1, 31, ""},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"day of week", 0, 7, "sunmontuewedthufrisat"},
}};

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMinutesPerDay = 24 * 60;
constexpr std::int64_t kDayMs = kMinutesPerDay * kMinuteMs;
constexpr std::int64_t kYear10000Ms = 253'402'300'800'000;
// The longest wait there is: a leap day on a given day of the week, across a century without one.
constexpr std::int64_t kDaysMax = 366 * 41;

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
    const std::int64_t rest = value % unit;
    return value - (rest < 0 ? rest + unit : rest);
}

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 40)) + "'";
}

Error wrong(const FieldKind& kind, const std::string& what) {
    return invalid(std::string(kind.name) + ": " + what);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> all;
    for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
        all.push_back(text.substr(at, end - at));
        at = end;
    }
    return all;
}

std::optional<int> number(std::string_view text) {
    std::uint16_t value = 0;  // of a signed one "-0" would be a number
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional<int>(value) : std::nullopt;
}

std::optional<int> named(const FieldKind& kind, std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (std::size_t at = 0; lower.size() == 3 && at < kind.names.size(); at += 3) {
        if (kind.names.substr(at, 3) == lower) {
            return kind.min + static_cast<int>(at / 3);
        }
    }
    return std::nullopt;
}

Result<int> value_of(const FieldKind& kind, std::string_view text) {
    const auto value = kind.names.empty() || number(text) ? number(text) : named(kind, text);
    if (!value) {
        return wrong(
            kind,
            shown(text) + " is neither a number from " + std::to_string(kind.min) + " to " +
                std::to_string(kind.max) +
                (kind.names.empty() ? "" : " nor a name of three letters") +
                "; known besides are '*', lists, ranges and steps"
        );
    }
    if (*value < kind.min || *value > kind.max) {
        return wrong(
            kind,
            shown(text) + " is not within " + std::to_string(kind.min) + " to " +
                std::to_string(kind.max)
        );
    }
    return *value;
}

struct Range {
    int first = 0;
    int last = 0;
};

Result<Range> range_of(const FieldKind& kind, std::string_view text, bool has_step) {
    if (text == "*") {
        return Range{kind.min, kind.name == kKinds[kWeekday].name ? 6 : kind.max};
    }
    const std::size_t dash = text.find('-');
    SYNCLINE_ASSIGN_OR_RETURN(const int first, value_of(kind, text.substr(0, dash)));
    if (dash == std::string_view::npos) {
        return Range{first, has_step ? kind.max : first};
    }
    const std::string_view end = text.substr(dash + 1);
    SYNCLINE_ASSIGN_OR_RETURN(int last, value_of(kind, end));
    // A week that ends with its Sunday: fri-sun.
    last = last == 0 && named(kind, end) && first > 0 ? 7 : last;
    if (last < first) {
        return wrong(kind, "the range " + shown(text) + " runs backwards; write it as two");
    }
    return Range{first, last};
}

Result<std::bitset<64>> field_of(const FieldKind& kind, std::string_view text) {
    std::bitset<64> field;
    for (const std::string_view part : split(text, ',')) {
        const std::size_t slash = part.find('/');
        const bool has_step = slash != std::string_view::npos;
        SYNCLINE_ASSIGN_OR_RETURN(
            const Range range, range_of(kind, part.substr(0, slash), has_step)
        );
        const auto step = has_step ? number(part.substr(slash + 1)) : std::optional<int>(1);
        if (!step || *step < 1 || *step > kind.max) {
            return wrong(
                kind,
                "the step of " + shown(part) + " is not within 1 to " + std::to_string(kind.max)
            );
        }
        for (int value = range.first; value <= range.last; value += *step) {
            field.set(static_cast<std::size_t>(value));
        }
    }
    return field;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text, TimeZone zone) {
    const auto texts = words(text);
    if (texts.size() != kKinds.size()) {
        return invalid(
            "expected 5 fields (minute, hour, day of month, month, day of week), found " +
            std::to_string(texts.size()) + " in " + shown(text)
        );
    }
    Cron cron(zone);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        SYNCLINE_ASSIGN_OR_RETURN(cron.fields_[i], field_of(kKinds[i], texts[i]));
    }
    Field& weekdays = cron.fields_[kWeekday];
    weekdays[0] = weekdays[0] || weekdays[7];
    cron.either_day_ = texts[kDay].front() != '*' && texts[kWeekday].front() != '*';
    if (!cron.next(Timestamp{0})) {
        return wrong(
            kKinds[kDay], shown(texts[kDay]) + " never comes in month " + shown(texts[kMonth])
        );
    }
    return cron;
}

bool Cron::day_matches(std::int64_t day) const {
    const date::local_days days{date::days(day)};
    const date::year_month_day date(days);
    if (!fields_[kMonth][static_cast<unsigned>(date.month())]) {
        return false;
    }
    const bool of_month = fields_[kDay][static_cast<unsigned>(date.day())];
    const bool of_week = fields_[kWeekday][date::weekday(days).c_encoding()];
    return either_day_ ? of_month || of_week : of_month && of_week;
}

std::optional<Timestamp> Cron::next_on(std::int64_t day, std::int64_t first_minute, Timestamp after)
    const {
    for (std::int64_t minute = first_minute; minute < kMinutesPerDay; ++minute) {
        if (!fields_[kHour][static_cast<std::size_t>(minute / 60)]) {
            minute += 59 - minute % 60;
            continue;
        }
        if (!fields_[kMinute][static_cast<std::size_t>(minute % 60)]) {
            continue;
        }
        // Times that were skipped or shown before lie at or before `after`.
        const Timestamp at = zone_.instant({day * kDayMs + minute * kMinuteMs});
        if (at > after) {
            return at;
        }
    }
    return std::nullopt;
}

std::optional<Timestamp> Cron::next(Timestamp after) const {
    if (after.ms < 0 || after.ms > kYear10000Ms - (kDaysMax + 1) * kDayMs) {
        return std::nullopt;
    }
    const std::int64_t local = zone_.local(after).ms;
    const std::int64_t today = floor_to(local, kDayMs) / kDayMs;
    std::int64_t first_minute = (local - today * kDayMs) / kMinuteMs;
    for (std::int64_t day = today; day <= today + kDaysMax; ++day) {
        if (day_matches(day)) {
            if (const auto at = next_on(day, first_minute, after)) {
                return at;
            }
        }
        first_minute = 0;
    }
    return std::nullopt;
}

}  // namespace syncline
