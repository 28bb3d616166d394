#include "connectors/http/address.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace syncline::connectors {
namespace {

struct Range4 {
    std::uint32_t prefix;
    unsigned bits;
    std::string_view name;
};
// IANA IPv4 special-purpose registry, without what is globally reachable.
constexpr std::array<Range4, 15> kRanges4{{
    {0x00000000, 8, "this network"},
    {0x0A000000, 8, "private"},
    {0x64400000, 10, "shared (carrier-grade NAT)"},
    {0x7F000000, 8, "loopback"},
    {0xA9FE0000, 16, "link-local"},
    {0xAC100000, 12, "private"},
    {0xC0000000, 24, "protocol assignments"},
    {0xC0000200, 24, "documentation"},
    {0xC0586300, 24, "6to4 relay"},
    {0xC0A80000, 16, "private"},
    {0xC6120000, 15, "benchmarking"},
    {0xC6336400, 24, "documentation"},
    {0xCB007100, 24, "documentation"},
    {0xE0000000, 4, "multicast"},
    {0xF0000000, 4, "reserved"},
}};

struct Range6 {
    std::uint64_t prefix;  // the address's first half
    unsigned bits;
    std::string_view name;
};
// IANA IPv6 special-purpose registry; what holds an IPv4 address is looked at by embedded_v4().
constexpr std::array<Range6, 8> kRanges6{{
    {0x0064FF9B00010000, 48, "local NAT64"},
    {0x0100000000000000, 64, "discard"},
    {0x2001000000000000, 23, "protocol assignments"},
    {0x20010DB800000000, 32, "documentation"},
    {0xFC00000000000000, 7, "private (unique local)"},
    {0xFE80000000000000, 10, "link-local"},
    {0xFEC0000000000000, 10, "private (site-local)"},
    {0xFF00000000000000, 8, "multicast"},
}};

std::uint64_t big_endian(const AddressBytes& bytes, std::size_t from, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = from; i < from + count; ++i) {
        value = value << 8U | bytes.at(i);
    }
    return value;
}

std::string_view special_range4(std::uint32_t address) {
    for (const auto& range : kRanges4) {
        if ((address ^ range.prefix) >> (32U - range.bits) == 0) {
            return range.name;
        }
    }
    return "";
}

// The IPv4 address inside an IPv4-mapped, -compatible, NAT64 or 6to4 address.
std::optional<std::uint32_t> embedded_v4(const AddressBytes& bytes) {
    const std::uint64_t first = big_endian(bytes, 0, 8);
    const std::uint64_t middle = big_endian(bytes, 8, 4);
    const auto last = static_cast<std::uint32_t>(big_endian(bytes, 12, 4));
    constexpr std::uint64_t kNat64 = 0x0064FF9B00000000;
    if ((first == 0 && (middle == 0xFFFF || middle == 0)) || (first == kNat64 && middle == 0)) {
        return last;
    }
    if (first >> 48U == 0x2002) {
        return static_cast<std::uint32_t>(first >> 16U);
    }
    return std::nullopt;
}

}  // namespace

std::optional<AddressBytes> parse_address(const std::string& text) {
    AddressBytes bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
        return bytes;
    }
    std::array<std::uint8_t, 4> v4{};
    if (inet_pton(AF_INET, text.c_str(), v4.data()) != 1) {
        return std::nullopt;
    }
    bytes = {};
    bytes[10] = 0xFF;
    bytes[11] = 0xFF;
    std::copy(v4.begin(), v4.end(), bytes.begin() + 12);
    return bytes;
}

std::string_view special_range(const AddressBytes& address) {
    const bool first_half_empty = big_endian(address, 0, 8) == 0;
    if (first_half_empty && big_endian(address, 8, 8) <= 1) {
        return address[15] == 1 ? "loopback" : "unspecified";
    }
    if (const auto v4 = embedded_v4(address)) {
        return special_range4(*v4);
    }
    for (const auto& range : kRanges6) {
        if ((big_endian(address, 0, 8) ^ range.prefix) >> (64U - range.bits) == 0) {
            return range.name;
        }
    }
    // Only 2000::/3 has been given out for the public internet.
    return address[0] >> 5U == 1 ? "" : "reserved";
}

}  // namespace syncline::connectors
