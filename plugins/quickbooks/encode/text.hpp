// Text as QuickBooks takes it (accounting.md 4.30): cleaned, and cut where the reader sees no half
// characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

namespace limits {
inline constexpr std::uint32_t kDocNumber = 21;
inline constexpr std::uint32_t kDisplayName = 100;
inline constexpr std::uint32_t kItemName = 100;
inline constexpr std::uint32_t kSku = 100;
inline constexpr std::uint32_t kPersonName = 25;
inline constexpr std::uint32_t kCompanyName = 50;
inline constexpr std::uint32_t kNote = 4000;
inline constexpr std::uint32_t kDescription = 4000;
inline constexpr std::uint32_t kMemo = 1000;
inline constexpr std::uint32_t kEmail = 100;
inline constexpr std::uint32_t kPhone = 21;
inline constexpr std::uint32_t kPaymentRef = 21;
inline constexpr std::uint32_t kCustomField = 31;
inline constexpr std::uint32_t kAddressLine = 500;
inline constexpr std::uint32_t kAddressPart = 255;
inline constexpr std::uint32_t kPostalCode = 30;
}  // namespace limits

// One line: control characters and runs of white space become one space, the ends are trimmed.
std::string one_line(std::string_view text);
// Without white space at its ends.
std::string trimmed(std::string_view text);
// Several lines: tags and the common character entities of HTML are resolved, control characters
// dropped, line ends made "\n".
std::string without_html(std::string_view text);
// For names, in which QuickBooks forbids colons.
std::string name_text(std::string_view text);

std::size_t code_points(std::string_view text);

// Puts `text` under `member` unless it is empty; what is over the limit is cut, with a warning.
struct Bounded {
    std::string_view member;
    std::uint32_t limit;
};
void put_text(const Scope& scope, Draft& draft, Json& into, Bounded bound, const std::string& text);

// `base` cut so that `suffix` still fits; empty if it cannot.
std::string with_suffix(
    const plugin::Host& host,
    const std::string& base,
    const std::string& suffix,
    std::uint32_t limit
);

// FNV-1a in 8 hex digits: short, stable, and no secret.
std::string short_hash(std::string_view text);

}  // namespace syncline::quickbooks
