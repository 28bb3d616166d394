// Between our bodies, which hold decimals as strings, and the wire, where QuickBooks wants bare
// JSON numbers. No number passes through binary floating point in either direction.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <syncline/json.hpp>
#include <syncline/money.hpp>

namespace syncline::quickbooks {

// Members whose value QuickBooks has as a number.
bool is_numeric_member(std::string_view name);

// Compact JSON in which the strings under numeric members are bare numbers; members whose name
// starts with '$' are ours and left out. Errors: kBug if such a string is no decimal, or a "$need"
// is left.
Result<std::string> print_wire(const Json& body);

// The number under `member`, as parse_json() left it (a decimal string or an integer).
std::optional<Decimal> number_at(const Json& object, std::string_view member);
// The text under `member`; empty if it is absent or no text.
std::string text_at(const Json& object, std::string_view member);
// `object[member]["value"]`, as references have it.
std::string reference_at(const Json& object, std::string_view member);
// `object[member]` if it is there and structured, else an empty object.
const Json& child_at(const Json& object, std::string_view member);
bool flag_at(const Json& object, std::string_view member, bool absent);

// As QuickBooks prints amounts: without trailing zeros ("15", "6.4").
std::string plain(const Decimal& number);

// RFC 4648, with padding.
std::string base64(std::string_view bytes);

}  // namespace syncline::quickbooks
