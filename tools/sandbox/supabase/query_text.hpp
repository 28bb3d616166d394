#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sandbox::supabase {

// Splits at commas that stand neither inside parentheses nor inside double quotes.
std::vector<std::string> split_list(std::string_view text);

// `"a,b"` with its escapes resolved; text without quotes as it is.
std::string unquote(std::string_view text);

}  // namespace sandbox::supabase
