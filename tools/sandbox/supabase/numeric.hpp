#pragma once

#include <optional>
#include <string>
#include <string_view>

// PostgreSQL's numeric as the text it prints: exact, any number of digits.
namespace sandbox::supabase {

// The text PostgreSQL would print for `text` ("1e3" is "1000", ".50" is "0.50"); nullopt when it
// would refuse it.
std::optional<std::string> parse_numeric(std::string_view text);

// The following take text that parse_numeric() made. NaN is greater than everything.
int compare_numeric(std::string_view a, std::string_view b);
std::string add_numeric(std::string_view a, std::string_view b);
// To `scale` decimals, half away from zero.
std::string round_numeric(std::string_view number, int scale);

}  // namespace sandbox::supabase
