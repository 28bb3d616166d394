#include "supabase/numeric.hpp"

#include <algorithm>
#include <charconv>

namespace sandbox::supabase {
namespace {

struct Digits {
    bool negative = false;
    std::string whole;  // at least one digit, no leading zeros
    std::string fraction;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_special(std::string_view text) {
    return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

int special_rank(std::string_view text) {
    return text == "NaN" ? 2 : text == "Infinity" ? 1 : text == "-Infinity" ? -1 : 0;
}

bool is_zero(const Digits& digits) {
    const auto zeros = [](const std::string& text) {
        return text.find_first_not_of('0') == std::string::npos;
    };
    return zeros(digits.whole) && zeros(digits.fraction);
}

void strip(Digits& digits) {
    const auto first = digits.whole.find_first_not_of('0');
    digits.whole = first == std::string::npos ? "0" : digits.whole.substr(first);
    if (is_zero(digits))
        digits.negative = false;
}

std::string print(const Digits& digits) {
    std::string text = digits.negative ? "-" : "";
    text += digits.whole;
    return digits.fraction.empty() ? text : text + "." + digits.fraction;
}

Digits split(std::string_view number) {
    Digits digits;
    digits.negative = !number.empty() && number.front() == '-';
    number.remove_prefix(digits.negative ? 1 : 0);
    const auto point = std::min(number.find('.'), number.size());
    digits.whole = number.substr(0, point);
    digits.fraction = number.substr(std::min(point + 1, number.size()));
    return digits;
}

// Moves the decimal point by `exponent` places to the right.
void shift(Digits& digits, int exponent) {
    const std::size_t places = static_cast<std::size_t>(exponent < 0 ? -exponent : exponent);
    std::string& from = exponent < 0 ? digits.whole : digits.fraction;
    if (exponent > 0) {
        from.append(places > from.size() ? places - from.size() : 0, '0');
        digits.whole += from.substr(0, places);
        from.erase(0, places);
    } else if (exponent < 0) {
        from.insert(0, places >= from.size() ? places - from.size() + 1 : 0, '0');
        digits.fraction.insert(0, from.substr(from.size() - places));
        from.resize(from.size() - places);
    }
}

int compare_magnitude(const Digits& a, const Digits& b) {
    if (a.whole.size() != b.whole.size())
        return a.whole.size() < b.whole.size() ? -1 : 1;
    const std::size_t length = std::max(a.fraction.size(), b.fraction.size());
    const auto padded = [&](const Digits& digits) {
        return digits.whole + digits.fraction + std::string(length - digits.fraction.size(), '0');
    };
    const int order = padded(a).compare(padded(b));
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

// |a| + |b|, or |a| - |b| where |a| >= |b|; both as digit strings of one length.
std::string combine(const std::string& a, const std::string& b, bool subtract) {
    std::string sum(a.size() + 1, '0');
    int carry = 0;
    for (std::size_t i = a.size(); i > 0; --i) {
        int digit = (a[i - 1] - '0') + (subtract ? -(b[i - 1] - '0') : b[i - 1] - '0') + carry;
        carry = digit < 0 ? -1 : digit / 10;
        digit += digit < 0 ? 10 : 0;
        sum[i] = static_cast<char>('0' + digit % 10);
    }
    sum[0] = static_cast<char>('0' + carry);
    return sum;
}

}  // namespace

std::optional<std::string> parse_numeric(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    if (is_special(text))
        return std::string(text);
    Digits digits;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        digits.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    std::size_t at = 0;
    while (at < text.size() && is_digit(text[at])) digits.whole += text[at++];
    if (at < text.size() && text[at] == '.')
        for (++at; at < text.size() && is_digit(text[at]);) digits.fraction += text[at++];
    if (digits.whole.empty() && digits.fraction.empty())
        return std::nullopt;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        at += at < text.size() && text[at] == '+' ? 1U : 0U;
        int exponent = 0;
        const auto [end, error] =
            std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error != std::errc() || exponent > 1000 || exponent < -1000)
            return std::nullopt;
        at = static_cast<std::size_t>(end - text.data());
        shift(digits, exponent);
    }
    if (at != text.size())
        return std::nullopt;
    strip(digits);
    return print(digits);
}

int compare_numeric(std::string_view a, std::string_view b) {
    if (is_special(a) || is_special(b)) {
        const int difference = special_rank(a) - special_rank(b);
        return difference < 0 ? -1 : difference > 0 ? 1 : 0;
    }
    const Digits left = split(a);
    const Digits right = split(b);
    if (is_zero(left) && is_zero(right))
        return 0;
    if (left.negative != right.negative)
        return left.negative ? -1 : 1;
    return left.negative ? -compare_magnitude(left, right) : compare_magnitude(left, right);
}

std::string add_numeric(std::string_view a, std::string_view b) {
    Digits left = split(a);
    Digits right = split(b);
    if (compare_magnitude(left, right) < 0)
        std::swap(left, right);
    const std::size_t scale = std::max(left.fraction.size(), right.fraction.size());
    const std::size_t width = left.whole.size();
    const auto padded = [&](const Digits& digits) {
        return std::string(width - digits.whole.size(), '0') + digits.whole + digits.fraction +
               std::string(scale - digits.fraction.size(), '0');
    };
    const std::string sum = combine(padded(left), padded(right), left.negative != right.negative);
    Digits result;
    result.negative = left.negative;
    result.whole = sum.substr(0, sum.size() - scale);
    result.fraction = sum.substr(sum.size() - scale);
    strip(result);
    return print(result);
}

std::string round_numeric(std::string_view number, int scale) {
    if (is_special(number))
        return std::string(number);
    Digits digits = split(number);
    const auto places = static_cast<std::size_t>(scale);
    if (digits.fraction.size() <= places) {
        digits.fraction.append(places - digits.fraction.size(), '0');
        return print(digits);
    }
    const bool up = digits.fraction[places] >= '5';
    digits.fraction.resize(places);
    strip(digits);
    if (!up)
        return print(digits);
    std::string unit = places == 0 ? "1" : "0." + std::string(places - 1, '0') + "1";
    return add_numeric(print(digits), digits.negative || number.front() == '-' ? "-" + unit : unit);
}

}  // namespace sandbox::supabase
