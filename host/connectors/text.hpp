// Text as connectors need it: valid, cut where a reader would cut it, dated where the shop is.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/result.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::connectors {

bool is_utf8(std::string_view text);

// `text` with every byte that is not UTF-8 replaced by U+FFFD.
std::string clean_utf8(std::string_view text);

// For people: valid UTF-8, control characters made spaces, at most `bytes_max` long (whole
// characters).
std::string one_line(std::string_view text, std::size_t bytes_max);

// The longest prefix of at most `characters_max` code points that cuts no grapheme cluster.
std::string truncate(std::string_view text, std::uint32_t characters_max);

// The calendar date "YYYY-MM-DD" of `at` in an IANA zone, by the system's tzdata. Errors: kData
// (the zone is unknown, or the time is not within the years 1 to 9999).
Result<std::string> local_date(std::string_view zone, Timestamp at);

}  // namespace syncline::connectors
