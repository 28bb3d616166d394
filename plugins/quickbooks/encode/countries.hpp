// Countries as QuickBooks names them.
#pragma once

#include <string>
#include <string_view>

namespace syncline::quickbooks {

// "USA" for "US": since 2025 addresses come back with ISO 3166-1 alpha-3 codes, so they are sent
// that way too and compare equal. What is no alpha-2 code stays as it is.
std::string country_name(std::string_view alpha2);

// "US" for "USA". What is no alpha-3 code stays as it is, since people type countries by hand.
std::string country_alpha2(std::string_view name);

}  // namespace syncline::quickbooks
