#include "supabase/value.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <regex>

#include <date/date.h>

#include "supabase/numeric.hpp"
#include "supabase/pg_error.hpp"

namespace sandbox::supabase {
namespace {

using Kind = Type::Kind;

PgError bad_syntax(const Type& type, std::string_view text) {
    const bool time = type.kind == Kind::kTimestamp || type.kind == Kind::kDate;
    return PgError{
        400,
        time ? "22007" : "22P02",
        "invalid input syntax for type " + std::string(type.name()) + ": \"" + std::string(text) +
            "\""};
}

std::string integer_text(const Type& type, std::string_view text) {
    const bool big = type.kind == Kind::kBigint;
    const bool plus = !text.empty() && text.front() == '+';
    std::int64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + (plus ? 1 : 0), last, number);
    const bool small_enough = big || (number >= std::numeric_limits<std::int32_t>::min() &&
                                      number <= std::numeric_limits<std::int32_t>::max());
    if (end != last || text.empty() || error == std::errc::invalid_argument)
        throw bad_syntax(type, text);
    if (error != std::errc() || !small_enough)
        throw PgError{
            400,
            "22003",
            "value \"" + std::string(text) + "\" is out of range for type " +
                std::string(type.name())};
    return std::to_string(number);
}

std::string numeric_text(const Type& type, std::string_view text) {
    const auto number = parse_numeric(text);
    if (!number)
        throw bad_syntax(type, text);
    return type.scale < 0 ? *number : round_numeric(*number, type.scale);
}

std::string boolean_text(const Type& type, std::string_view text) {
    for (const auto* yes : {"true", "t", "yes", "y", "on", "1"})
        if (text == yes)
            return "true";
    for (const auto* no : {"false", "f", "no", "n", "off", "0"})
        if (text == no)
            return "false";
    throw bad_syntax(type, text);
}

int to_int(const std::string& digits) {
    return digits.empty() ? 0 : std::stoi(digits);
}

std::int64_t zone_seconds(const std::smatch& parts) {
    if (!parts[9].matched)
        return 0;
    const std::int64_t seconds = to_int(parts[10]) * 3600 + to_int(parts[11]) * 60;
    return parts[9] == "-" ? -seconds : seconds;
}

std::string time_text(const Type& type, std::string_view text) {
    static const std::regex kForm(
        R"((\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|([+-])(\d{2}):?(\d{2})?)?)?)"
    );
    std::smatch parts;
    const std::string owned(text);
    if (!std::regex_match(owned, parts, kForm))
        throw bad_syntax(type, text);
    const date::year_month_day day =
        date::year(to_int(parts[1])) / to_int(parts[2]) / to_int(parts[3]);
    const int hour = to_int(parts[4]);
    const int minute = to_int(parts[5]);
    const int second = to_int(parts[6]);
    if (!day.ok() || hour > 24 || minute > 59 || second > 60)
        throw PgError{400, "22008", "date/time field value out of range: \"" + owned + "\""};
    const std::string fraction = (parts[7].str() + "000000").substr(0, 6);
    const std::int64_t days = date::sys_days(day).time_since_epoch().count();
    const std::int64_t seconds =
        days * 86400 + hour * 3600 + minute * 60 + second - zone_seconds(parts);
    const std::string canonical = timestamp_text(seconds * 1'000'000 + std::stoll(fraction));
    return type.kind == Kind::kDate ? owned.substr(0, 10) : canonical;
}

std::string jsonb_text(const Type& type, std::string_view text) {
    const auto json = parse_exact_json(text);
    if (!json)
        throw PgError{
            400,
            "22P02",
            "invalid input syntax for type " + std::string(type.name()),
            "The input string is not JSON."};
    return print_jsonb(*json);
}

bool has_nul(const ExactJson& json) {
    if (json.text.find('\0') != std::string::npos)
        return true;
    for (const auto& item : json.items)
        if (has_nul(item))
            return true;
    for (const auto& [key, value] : json.members)
        if (key.find('\0') != std::string::npos || has_nul(value))
            return true;
    return false;
}

// "2026-11-21 07:38:19.656000" to "2026-11-21 07:38:19.656".
std::string without_trailing_zeros(const std::string& timestamp) {
    const auto last = timestamp.find_last_not_of('0');
    return timestamp.substr(0, timestamp[last] == '.' ? last : last + 1);
}

}  // namespace

std::string_view Type::name() const {
    static constexpr std::array<std::string_view, 8> kNames{
        "bigint",
        "integer",
        "numeric",
        "text",
        "boolean",
        "timestamp with time zone",
        "date",
        "json"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<Type> parse_type(std::string_view name) {
    static const std::array<std::pair<std::string_view, Kind>, 14> kKinds{{
        {"bigint", Kind::kBigint},
        {"int8", Kind::kBigint},
        {"integer", Kind::kInteger},
        {"int", Kind::kInteger},
        {"int4", Kind::kInteger},
        {"numeric", Kind::kNumeric},
        {"decimal", Kind::kNumeric},
        {"text", Kind::kText},
        {"boolean", Kind::kBoolean},
        {"bool", Kind::kBoolean},
        {"timestamptz", Kind::kTimestamp},
        {"date", Kind::kDate},
        {"jsonb", Kind::kJsonb},
        {"json", Kind::kJsonb},
    }};
    const auto open = name.find('(');
    for (const auto& [known, kind] : kKinds) {
        if (name.substr(0, open) != known)
            continue;
        Type type{kind};
        const auto comma = name.find(',');
        if (open != std::string_view::npos && kind == Kind::kNumeric)
            type.scale = comma == std::string_view::npos
                             ? 0
                             : std::stoi(std::string(name.substr(comma + 1)));
        return type;
    }
    return std::nullopt;
}

std::string value_from_text(const Type& type, std::string_view text) {
    switch (type.kind) {
        case Kind::kBigint:
        case Kind::kInteger:
            return integer_text(type, text);
        case Kind::kNumeric:
            return numeric_text(type, text);
        case Kind::kBoolean:
            return boolean_text(type, text);
        case Kind::kTimestamp:
        case Kind::kDate:
            return time_text(type, text);
        case Kind::kJsonb:
            return jsonb_text(type, text);
        case Kind::kText:
            break;
    }
    return std::string(text);
}

Value value_from_json(const Type& type, const ExactJson& json) {
    if (json.kind == ExactJson::Kind::kNull)
        return std::nullopt;
    if (has_nul(json))
        throw with_details(
            400,
            "22P05",
            "unsupported Unicode escape sequence",
            "\\u0000 cannot be converted to text."
        );
    if (type.kind == Kind::kJsonb)
        return print_jsonb(json);
    const bool scalar = json.items.empty() && json.members.empty() &&
                        json.kind != ExactJson::Kind::kArray &&
                        json.kind != ExactJson::Kind::kObject;
    return value_from_text(type, scalar ? json.text : print_json(json));
}

std::string to_plain_text(const Type& type, const Value& value) {
    if (type.kind == Kind::kTimestamp)
        return without_trailing_zeros(*value) + "+00";
    return *value;
}

std::string to_json_text(const Type& type, const Value& value) {
    if (!value)
        return "null";
    switch (type.kind) {
        case Kind::kText:
        case Kind::kDate:
            return quote_json(*value);
        case Kind::kTimestamp: {
            std::string text = without_trailing_zeros(*value) + "+00:00";
            text[10] = 'T';
            return quote_json(text);
        }
        case Kind::kNumeric:  // NaN and the infinities are no JSON numbers
            return value->find_first_of("NI") == std::string::npos ? *value : quote_json(*value);
        case Kind::kBigint:
        case Kind::kInteger:
        case Kind::kBoolean:
        case Kind::kJsonb:
            break;
    }
    return *value;
}

int compare_values(const Type& type, const std::string& a, const std::string& b) {
    if (type.kind == Kind::kBigint || type.kind == Kind::kInteger || type.kind == Kind::kNumeric)
        return compare_numeric(a, b);
    const int order = a.compare(b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::string timestamp_text(std::int64_t microseconds_since_1970) {
    using namespace std::chrono;
    const date::sys_time<microseconds> instant{microseconds(microseconds_since_1970)};
    const auto midnight = date::floor<date::days>(instant);
    const date::year_month_day day(midnight);
    const std::int64_t rest = (instant - midnight).count();
    std::array<char, 64> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02u %02d:%02d:%02d.%06d",
        static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()),
        static_cast<unsigned>(day.day()),
        static_cast<int>(rest / 3'600'000'000),
        static_cast<int>(rest / 60'000'000 % 60),
        static_cast<int>(rest / 1'000'000 % 60),
        static_cast<int>(rest % 1'000'000)
    );
    return text.data();
}

}  // namespace sandbox::supabase
