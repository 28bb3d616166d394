#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "supabase/exact_json.hpp"

namespace sandbox::supabase {

struct Type {
    enum class Kind { kBigint, kInteger, kNumeric, kText, kBoolean, kTimestamp, kDate, kJsonb };

    Kind kind = Kind::kText;
    int scale = -1;  // of numeric(p, s)

    // As PostgreSQL calls it in messages: "timestamp with time zone".
    std::string_view name() const;
};

// A column's value; nullopt is null. The text is a canonical form that sorts and compares: numbers
// as numeric prints them, times as "2026-11-21 07:38:19.656009" in UTC, jsonb as it prints.
using Value = std::optional<std::string>;

// The type a declaration or cast names ("bigint", "numeric(12,2)"); nullopt when it is not
// simulated.
std::optional<Type> parse_type(std::string_view name);

// From an SQL literal or a filter's text. Throws PgError 22P02, 22007, 22008 or 22003.
std::string value_from_text(const Type& type, std::string_view text);
// From a member of a request body, as json_to_recordset() takes it. Throws PgError.
Value value_from_json(const Type& type, const ExactJson& json);

std::string to_json_text(const Type& type, const Value& value);
std::string to_plain_text(const Type& type, const Value& value);  // what ::text gives

// < 0, 0, > 0; both not null.
int compare_values(const Type& type, const std::string& a, const std::string& b);

// Canonical form of an instant.
std::string timestamp_text(std::int64_t microseconds_since_1970);

}  // namespace sandbox::supabase
