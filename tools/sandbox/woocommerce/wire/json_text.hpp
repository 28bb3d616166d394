#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace sandbox::woo {

// Keeps the order of fields, as the shop's answers do.
using Json = nlohmann::ordered_json;

// Text as PHP's json_encode writes it: "\/", "\u00e9", numbers like 7.0e-5 and 15 for 15.0.
std::string to_php_json(const Json& value);

// The member of an object, or null; never throws.
const Json& member(const Json& object, const char* name);
// The member as text: strings as they are, numbers and booleans in their JSON form, else "".
std::string text_of(const Json& object, const char* name);
// The member as an integer (numbers and numeric strings), else `fallback`.
std::int64_t integer_of(const Json& object, const char* name, std::int64_t fallback = 0);

}  // namespace sandbox::woo
