// The company's own currency, which never changes: kept in the connection's memory, since amounts
// of objects that name no currency are read in it.
#pragma once

#include <optional>

#include <syncline/plugin.hpp>

namespace syncline::quickbooks {

std::optional<Currency> known_home_currency(const plugin::Host& host);
void keep_home_currency(const plugin::Host& host, Currency currency);

}  // namespace syncline::quickbooks
