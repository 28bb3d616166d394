#include "woocommerce/wire/json_text.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace sandbox::woo {
namespace {

// PHP prints the shortest digits that read back to the same number, without ".0", and with an
// exponent as "7.0e-5".
std::string php_float(double value) {
    char text[40];
    const double magnitude = std::fabs(value);
    const bool plain = value == 0 || (magnitude >= 1e-4 && magnitude < 1e15);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(text, text + sizeof text, value, format).ptr;
    std::string digits(text, end);
    if (plain)
        return digits == "-0" ? "-0.0" : digits;
    const auto e = digits.find('e');
    std::string mantissa = digits.substr(0, e);
    if (mantissa.find('.') == std::string::npos)
        mantissa += ".0";
    const int exponent = std::atoi(digits.c_str() + e + 1);
    return mantissa + "e" + (exponent < 0 ? "" : "+") + std::to_string(exponent);
}

void append_unit(std::string& out, unsigned unit) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[unit >> shift & 15];
}

// The code point at `at`, which moves behind it; U+FFFD for a byte that is no UTF-8.
unsigned next_code_point(const std::string& text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at++);
    const unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    if (more == 0 || first > 0xF4 || at + more > text.size())
        return 0xFFFD;
    unsigned code = first & (0x3Fu >> more);
    for (unsigned i = 0; i < more; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80)
            return 0xFFFD;
        code = code << 6 | (byte(at + i) & 0x3Fu);
    }
    at += more;
    return code;
}

void append_escaped(std::string& out, char c) {
    static constexpr std::string_view kPlain = "\b\f\n\r\t\"\\/";
    static constexpr std::string_view kNamed = "bfnrt\"\\/";
    const auto named = kPlain.find(c);
    if (named == std::string_view::npos) {
        append_unit(out, static_cast<unsigned char>(c));
    } else {
        out += '\\';
        out += kNamed[named];
    }
}

void append_string(std::string& out, const std::string& text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x80) {
            const unsigned code = next_code_point(text, at);
            if (code >= 0x10000)
                append_unit(out, 0xD800 + ((code - 0x10000) >> 10));
            append_unit(out, code >= 0x10000 ? 0xDC00 + (code & 0x3FF) : code);
            continue;
        }
        ++at;
        if (c < ' ' || c == '"' || c == '\\' || c == '/')
            append_escaped(out, c);
        else
            out += c;
    }
    out += '"';
}

void append(std::string& out, const Json& value) {
    if (value.is_object()) {
        char separator = '{';
        for (const auto& [key, inner] : value.items()) {
            out += separator;
            append_string(out, key);
            out += ':';
            append(out, inner);
            separator = ',';
        }
        out += separator == '{' ? "[]" : "}";  // an empty PHP array has no keys to show
    } else if (value.is_array()) {
        char separator = '[';
        for (const auto& inner : value) {
            out += separator;
            append(out, inner);
            separator = ',';
        }
        out += separator == '[' ? "[]" : "]";
    } else if (value.is_string()) {
        append_string(out, value.get_ref<const std::string&>());
    } else if (value.is_number_float()) {
        out += php_float(value.get<double>());
    } else {
        out += value.dump();
    }
}

}  // namespace

std::string to_php_json(const Json& value) {
    std::string out;
    out.reserve(4096);
    append(out, value);
    return out;
}

const Json& member(const Json& object, const char* name) {
    static const Json null;
    if (!object.is_object())
        return null;
    const auto it = object.find(name);
    return it == object.end() ? null : *it;
}

std::string text_of(const Json& object, const char* name) {
    const Json& value = member(object, name);
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() || value.is_boolean() ? value.dump() : std::string();
}

std::int64_t integer_of(const Json& object, const char* name, std::int64_t fallback) {
    const Json& value = member(object, name);
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    if (value.is_number_float())
        return static_cast<std::int64_t>(value.get<double>());
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
        return fallback;
    const std::string& text = value.get_ref<const std::string&>();
    char* end = nullptr;
    const long long number = std::strtoll(text.c_str(), &end, 10);
    return end == text.c_str() + text.size() ? number : fallback;
}

}  // namespace sandbox::woo
