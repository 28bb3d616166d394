#include "woocommerce/html.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace syncline::woocommerce {
namespace {

// Names of U+00A0 to U+00FF, in order.
constexpr std::array<std::string_view, 96> kLatin1{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 30> kNamed{{
    {"amp", 0x26},      {"lt", 0x3C},      {"gt", 0x3E},       {"quot", 0x22},
    {"apos", 0x27},     {"OElig", 0x152},  {"oelig", 0x153},   {"Scaron", 0x160},
    {"scaron", 0x161},  {"Yuml", 0x178},   {"ndash", 0x2013},  {"mdash", 0x2014},
    {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"sbquo", 0x201A},  {"ldquo", 0x201C},
    {"rdquo", 0x201D},  {"bdquo", 0x201E}, {"dagger", 0x2020}, {"bull", 0x2022},
    {"hellip", 0x2026}, {"prime", 0x2032}, {"Prime", 0x2033},  {"lsaquo", 0x2039},
    {"rsaquo", 0x203A}, {"euro", 0x20AC},  {"trade", 0x2122},  {"minus", 0x2212},
    {"ensp", 0x2002},   {"emsp", 0x2003},
}};

void append_utf8(std::uint32_t code_point, std::string& text) {
    const auto push = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code_point < 0x80) {
        push(code_point);
    } else if (code_point < 0x800) {
        push(0xC0U | code_point >> 6U);
        push(0x80U | (code_point & 0x3FU));
    } else if (code_point < 0x10000) {
        push(0xE0U | code_point >> 12U);
        push(0x80U | (code_point >> 6U & 0x3FU));
        push(0x80U | (code_point & 0x3FU));
    } else {
        push(0xF0U | code_point >> 18U);
        push(0x80U | (code_point >> 12U & 0x3FU));
        push(0x80U | (code_point >> 6U & 0x3FU));
        push(0x80U | (code_point & 0x3FU));
    }
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

// "#8211" or "#x2013".
std::optional<std::uint32_t> numeric_reference(std::string_view name) {
    const bool hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    const std::uint32_t base = hexadecimal ? 16 : 10;
    std::uint32_t code_point = 0;
    for (const char c : digits) {
        const int value = digit_value(c);
        if (value >= static_cast<int>(base) || code_point > 0x10FFFF) {
            return std::nullopt;
        }
        code_point = code_point * base + static_cast<std::uint32_t>(value);
    }
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    const bool usable =
        !digits.empty() && code_point >= 0x20 && code_point <= 0x10FFFF && !surrogate;
    return usable ? std::optional<std::uint32_t>(code_point) : std::nullopt;
}

std::optional<std::uint32_t> reference(std::string_view name) {
    if (!name.empty() && name[0] == '#') {
        return numeric_reference(name);
    }
    for (const auto& [candidate, code_point] : kNamed) {
        if (candidate == name) {
            return code_point;
        }
    }
    const auto* const latin = std::find(kLatin1.begin(), kLatin1.end(), name);
    return latin == kLatin1.end() ? std::nullopt
                                  : std::optional<std::uint32_t>(
                                        0xA0U + static_cast<std::uint32_t>(latin - kLatin1.begin())
                                    );
}

constexpr std::size_t kReferenceMax = 12;  // characters between '&' and ';'

bool starts_with_no_case(std::string_view text, std::string_view lower) {
    return text.size() >= lower.size() &&
           std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b | 0x20) : b);
           });
}

// Where the markup that starts at html[at] ('<') ends. A script or style goes with its content.
std::size_t end_of_markup(std::string_view html, std::size_t at) {
    const std::string_view rest = html.substr(at);
    std::size_t from = at;
    std::string_view closing = ">";
    if (rest.rfind("<!--", 0) == 0) {
        closing = "-->";
    } else if (starts_with_no_case(rest, "<script")) {
        closing = "</script>";
    } else if (starts_with_no_case(rest, "<style")) {
        closing = "</style>";
    }
    for (; from < html.size(); ++from) {
        if (starts_with_no_case(html.substr(from), closing)) {
            return from + closing.size();
        }
    }
    return html.size();
}

bool is_markup(std::string_view html, std::size_t at) {
    if (html[at] != '<' || at + 1 >= html.size()) {
        return false;
    }
    const char next = html[at + 1];
    return (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' ||
           next == '!';
}

std::string without_markup(std::string_view html) {
    std::string text;
    for (std::size_t at = 0; at < html.size();) {
        if (is_markup(html, at)) {
            at = end_of_markup(html, at);
            text += ' ';
        } else {
            text += html[at++];
        }
    }
    return text;
}

}  // namespace

std::string decode_entities(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '&') {
            const auto end = text.substr(at + 1, kReferenceMax + 1).find(';');
            const auto code_point =
                end == std::string_view::npos ? std::nullopt : reference(text.substr(at + 1, end));
            if (code_point) {
                append_utf8(*code_point, decoded);
                at += end + 1;
                continue;
            }
        }
        decoded += text[at];
    }
    return decoded;
}

std::string plain_text(std::string_view html) {
    const std::string spaced = decode_entities(without_markup(html));
    std::string text;
    for (const char c : spaced) {
        const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!space) {
            text += c;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    if (!text.empty() && text.back() == ' ') {
        text.pop_back();
    }
    return text;
}

std::string excerpt(std::string_view text, std::size_t size) {
    if (text.size() <= size) {
        return std::string(text);
    }
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    return std::string(text.substr(0, size)) + "...";
}

}  // namespace syncline::woocommerce
