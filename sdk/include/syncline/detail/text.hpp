// Cutting and quoting text for messages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::detail {

// The longest prefix of at most `bytes_max` bytes that cuts no UTF-8 sequence.
inline std::string_view prefix_of(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return text;
    }
    std::size_t size = bytes_max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    return text.substr(0, size);
}

// The longest prefix of at most `characters_max` code points.
inline std::string_view code_points_of(std::string_view text, std::size_t characters_max) {
    std::size_t at = 0;
    for (std::size_t count = 0; at < text.size() && count < characters_max; ++count) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
            ++at;
        }
    }
    return text.substr(0, at);
}

// `member` as one token of a JSON pointer (RFC 6901).
inline std::string pointer_token(std::string_view member) {
    std::string token;
    for (const char c : member) {
        if (c == '~') {
            token += "~0";
        } else if (c == '/') {
            token += "~1";
        } else {
            token += c;
        }
    }
    return token;
}

// Whether a member of that name is likely to hold what no message may show.
inline bool names_a_secret(std::string_view member) {
    for (const std::string_view word : {"secret", "token", "password", "_key"}) {
        if (member.find(word) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace syncline::detail
