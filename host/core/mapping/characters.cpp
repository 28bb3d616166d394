#include "core/mapping/characters.hpp"

#include <vector>

#include <utf8proc.h>

namespace syncline::mapping {
namespace {

// The code point at the start of `text`; its length is 1 and the code point -1 if it is not UTF-8.
struct CodePoint {
    utf8proc_int32_t value = -1;
    std::size_t length = 1;
};

CodePoint first_of(std::string_view text) {
    CodePoint found;
    const auto length = utf8proc_iterate(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &found.value
    );
    found.length = length > 0 ? static_cast<std::size_t>(length) : 1;
    found.value = length > 0 ? found.value : -1;
    return found;
}

std::string with_case(std::string_view text, utf8proc_int32_t (*change)(utf8proc_int32_t)) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = first_of(text);
        text.remove_prefix(point.length);
        utf8proc_uint8_t bytes[4];
        if (point.value >= 0) {
            const auto length = utf8proc_encode_char(change(point.value), bytes);
            result.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
        }
    }
    return result;
}

bool is_space(utf8proc_int32_t point) {
    if (point < 0x80) {
        return point >= 0 && (point <= 0x20 || point == 0x7F);
    }
    const auto category = utf8proc_category(point);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC;
}

// Where each character begins, and the end of the text.
std::vector<std::size_t> boundaries(std::string_view text) {
    std::vector<std::size_t> starts;
    utf8proc_int32_t before = 0;
    utf8proc_int32_t state = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = first_of(text.substr(at));
        if (at == 0 || before < 0 || point.value < 0 ||
            utf8proc_grapheme_break_stateful(before, point.value, &state)) {
            starts.push_back(at);
        }
        before = point.value;
        at += point.length;
    }
    starts.push_back(text.size());
    return starts;
}

}  // namespace

std::string upper_case(std::string_view text) {
    return with_case(text, utf8proc_toupper);
}

std::string lower_case(std::string_view text) {
    return with_case(text, utf8proc_tolower);
}

std::string trimmed(std::string_view text) {
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = first_of(text.substr(at));
        if (!is_space(point.value)) {
            begin = begin < at ? begin : at;
            end = at + point.length;
        }
        at += point.length;
    }
    return begin < end ? std::string(text.substr(begin, end - begin)) : std::string();
}

std::string characters_of(std::string_view text, std::int64_t start, std::int64_t count) {
    const auto starts = boundaries(text);
    const auto size = static_cast<std::int64_t>(starts.size()) - 1;
    const std::int64_t first = start < 0 ? (size + start < 0 ? 0 : size + start) : start;
    if (first >= size || count <= 0) {
        return {};
    }
    const std::int64_t last = count > size - first ? size : first + count;
    const std::size_t begin = starts[static_cast<std::size_t>(first)];
    return std::string(text.substr(begin, starts[static_cast<std::size_t>(last)] - begin));
}

std::string_view cut_to(std::string_view text, std::size_t code_points_max) {
    if (text.size() <= code_points_max) {
        return text;
    }
    std::size_t count = 0;
    std::size_t limit = text.size();
    for (std::size_t at = 0; at < text.size(); ++count) {
        if (count == code_points_max) {
            limit = at;
            break;
        }
        at += first_of(text.substr(at)).length;
    }
    if (limit == text.size()) {
        return text;
    }
    std::size_t end = 0;
    for (const std::size_t boundary : boundaries(text)) {
        end = boundary <= limit ? boundary : end;
    }
    return text.substr(0, end);
}

bool matches_glob(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t wanted = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_at = 0;
    while (at < text.size()) {
        if (wanted < pattern.size() && pattern[wanted] == '*') {
            star = wanted++;
            star_at = at;
        } else if (wanted < pattern.size() && pattern[wanted] == '?') {
            at += first_of(text.substr(at)).length;
            ++wanted;
        } else if (wanted < pattern.size() && pattern[wanted] == text[at]) {
            ++at;
            ++wanted;
        } else if (star != std::string_view::npos) {
            wanted = star + 1;
            star_at += first_of(text.substr(star_at)).length;
            at = star_at;
        } else {
            return false;
        }
    }
    while (wanted < pattern.size() && pattern[wanted] == '*') {
        ++wanted;
    }
    return wanted == pattern.size();
}

}  // namespace syncline::mapping
