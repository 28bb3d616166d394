// Which addresses are of the public internet. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace syncline::connectors {

// An IP address; IPv4 as ::ffff:a.b.c.d.
using AddressBytes = std::array<std::uint8_t, 16>;
std::optional<AddressBytes> parse_address(const std::string& text);

// What kind of address this is if it is not of the public internet ("loopback", "private"); else
// "".
std::string_view special_range(const AddressBytes& address);

}  // namespace syncline::connectors
