#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "quickbooks/exact/decimal.hpp"

namespace sandbox::quickbooks {

// JSON whose numbers are exact and whose members keep their order.
//
// A whole number of up to 18 digits is an integer of nlohmann's; any other number is kept as a
// `binary` value that holds its shortest decimal text. Never call `dump` on such a value: `print`
// writes it.
using Json = nlohmann::ordered_json;

// nullopt, and why in `error`, when the text is no JSON, nests deeper than 64, repeats a member
// within an object or holds a number that no Decimal holds.
std::optional<Json> parse_exact(std::string_view text, std::string& error);

// Compact, numbers without trailing zeros (15, 6.4), as QuickBooks prints them.
std::string print(const Json& value);

Json number(const Decimal& value);
bool is_number(const Json& value);
// nullopt when it is no number.
std::optional<Decimal> decimal(const Json& value);

// The member at a path like "MetaData.CreateTime"; nullptr when absent, null or not in objects.
const Json* member(const Json& object, std::string_view path);
// The same as text: "" when absent or no string.
std::string text_at(const Json& object, std::string_view path);
// The same as a number: zero when absent or no number.
Decimal number_at(const Json& object, std::string_view path);
// The same as a yes or no: `otherwise` when absent or no boolean.
bool flag_at(const Json& object, std::string_view path, bool otherwise);

}  // namespace sandbox::quickbooks
