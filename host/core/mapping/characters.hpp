// Characters of texts as people count them: grapheme clusters of Unicode. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::mapping {

// By Unicode's simple case mapping: one code point to one. Bytes that are not UTF-8 are
// dropped.
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

// White space at the ends taken off: Unicode's, and control characters.
std::string trimmed(std::string_view text);

// `count` characters from number `start` (from 0); a negative start counts from the end. What lies
// outside the text is empty.
std::string characters_of(std::string_view text, std::int64_t start, std::int64_t count);

// The longest prefix of at most `code_points_max` code points that cuts no character.
std::string_view cut_to(std::string_view text, std::size_t code_points_max);

// `*` stands for any characters, `?` for one code point. Linear in text times pattern.
bool matches_glob(std::string_view text, std::string_view pattern);

}  // namespace syncline::mapping
