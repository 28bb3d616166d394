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

void append_string(std::string& out, const std::string& text) {
    const std::string quoted =
        Json(text).dump(-1, ' ', true, nlohmann::detail::error_handler_t::replace);
    for (const char c : quoted) {
        if (c == '/')
            out += '\\';
        out += c;
    }
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
