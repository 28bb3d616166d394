#include "quickbooks/encode/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace syncline::quickbooks {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20U || byte == 0x7FU;
}

// The end of the tag that starts at text[at], or npos: "a < b" is no tag.
std::size_t tag_end(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) {
        return std::string_view::npos;
    }
    const char next = text[at + 1];
    const bool tag =
        (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' || next == '!';
    return tag ? text.find('>', at) : std::string_view::npos;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kEntities{{
    {"&amp;", "&"},
    {"&lt;", "<"},
    {"&gt;", ">"},
    {"&quot;", "\""},
    {"&#39;", "'"},
    {"&#039;", "'"},
    {"&nbsp;", " "},
}};

}  // namespace

std::string one_line(std::string_view text) {
    std::string out;
    bool space = false;
    for (const char c : text) {
        if (c == ' ' || is_control(c)) {
            space = !out.empty();
            continue;
        }
        out += space ? " " : "";
        space = false;
        out += c;
    }
    return out;
}

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    const auto end = text.find_last_not_of(" \t\r\n");
    return begin == std::string_view::npos ? std::string()
                                           : std::string(text.substr(begin, end - begin + 1));
}

std::string without_html(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '<') {
            if (const auto end = tag_end(text, at); end != std::string_view::npos) {
                at = end;
                continue;
            }
        }
        if (text[at] == '&') {
            const auto entity =
                std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& one) {
                    return text.substr(at, one.first.size()) == one.first;
                });
            if (entity != kEntities.end()) {
                out += entity->second;
                at += entity->first.size() - 1;
                continue;
            }
        }
        const bool kept = text[at] == '\n' || text[at] == '\t' || !is_control(text[at]);
        out += kept ? std::string(1, text[at]) : std::string();
    }
    return trimmed(out);
}

std::string name_text(std::string_view text) {
    std::string out = one_line(text);
    std::replace(out.begin(), out.end(), ':', '-');
    return out;
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void put_text(
    const Scope& scope, Draft& draft, Json& into, Bounded bound, const std::string& text
) {
    if (text.empty()) {
        return;
    }
    if (code_points(text) <= bound.limit) {
        into[std::string(bound.member)] = text;
        return;
    }
    into[std::string(bound.member)] = scope.host.truncate(text, bound.limit);
    draft.warn(
        "TEXT_CUT",
        std::string(bound.member) + " was cut to the " + std::to_string(bound.limit) +
            " characters that QuickBooks takes"
    );
}

std::string with_suffix(
    const plugin::Host& host,
    const std::string& base,
    const std::string& suffix,
    std::uint32_t limit
) {
    const std::size_t taken = code_points(suffix);
    if (taken >= limit) {
        return {};
    }
    const auto room = static_cast<std::uint32_t>(limit - taken);
    std::string cut = code_points(base) <= room ? base : host.truncate(base, room);
    while (!cut.empty() && cut.back() == ' ') {
        cut.pop_back();
    }
    return cut + suffix;
}

std::string short_hash(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out(8, '0');
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = kHex[hash >> (28U - 4U * i) & 15U];
    }
    return out;
}

}  // namespace syncline::quickbooks
