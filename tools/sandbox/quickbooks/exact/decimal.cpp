#include "quickbooks/exact/decimal.hpp"

#include <algorithm>

namespace sandbox::quickbooks {
namespace {

constexpr int kDigitsMax = 18;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "e-7" -> -7; false when it is no exponent or out of range.
bool parse_exponent(std::string_view text, int& exponent) {
    const bool negative = !text.empty() && text.front() == '-';
    if (!text.empty() && (text.front() == '-' || text.front() == '+'))
        text.remove_prefix(1);
    if (text.empty() || text.size() > 2 || !std::all_of(text.begin(), text.end(), is_digit))
        return false;
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    exponent = negative ? -value : value;
    return value <= kDigitsMax;
}

}  // namespace

Decimal::Wide Decimal::power_of_ten(int exponent) {
    Wide power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

Decimal Decimal::of(Wide units, int places) {
    Decimal value;
    value.units_ = units;
    value.places_ = places;
    while (value.places_ > 0 && value.units_ % 10 == 0) {
        value.units_ /= 10;
        --value.places_;
    }
    return value;
}

Decimal::Decimal(std::int64_t units, int places) : Decimal(of(units, places)) {}

std::optional<Decimal> Decimal::parse(std::string_view text) {
    int exponent = 0;
    const auto e = text.find_first_of("eE");
    if (e != std::string_view::npos && !parse_exponent(text.substr(e + 1), exponent))
        return std::nullopt;
    std::string_view mantissa = text.substr(0, e);
    const bool negative = !mantissa.empty() && mantissa.front() == '-';
    if (negative)
        mantissa.remove_prefix(1);
    Wide units = 0;
    int digits = 0;
    int places = 0;
    bool point = false;
    for (const char c : mantissa) {
        if (c == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (!is_digit(c) || ++digits > 2 * kDigitsMax)
            return std::nullopt;
        units = units * 10 + (c - '0');
        places += point ? 1 : 0;
    }
    if (digits == 0 || (point && places == 0))
        return std::nullopt;
    places -= exponent;
    if (places < 0) {
        if (digits - places > 2 * kDigitsMax)
            return std::nullopt;
        units *= power_of_ten(-places);
        places = 0;
    }
    const Decimal value = of(negative ? -units : units, places);
    const Wide limit = power_of_ten(kDigitsMax);
    if (value.units_ >= limit || value.units_ <= -limit || value.places_ > kDigitsMax)
        return std::nullopt;
    return value;
}

std::string Decimal::fixed(int places) const {
    Wide left = rounded(places).scaled_to(places);
    const bool negative = left < 0;
    std::string reversed;
    if (negative)
        left = -left;
    for (int position = 0; left > 0 || position <= places; ++position) {
        if (position == places && places > 0)
            reversed += '.';
        reversed += static_cast<char>('0' + static_cast<int>(left % 10));
        left /= 10;
    }
    if (negative)
        reversed += '-';
    return {reversed.rbegin(), reversed.rend()};
}

std::string Decimal::text() const {
    return fixed(places_);
}

Decimal Decimal::abs() const {
    return is_negative() ? -*this : *this;
}

Decimal::Wide Decimal::divide(Wide numerator, Wide denominator) {
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    const Wide half = denominator / 2;
    const Wide odd = denominator % 2;
    // Half away from zero; an odd denominator has no exact half.
    const Wide quotient = numerator / denominator;
    const Wide rest = numerator % denominator;
    if (rest >= half + odd)
        return quotient + 1;
    if (rest <= -(half + odd))
        return quotient - 1;
    return quotient;
}

Decimal Decimal::rounded(int places) const {
    if (places_ <= places)
        return *this;
    return of(divide(units_, power_of_ten(places_ - places)), places);
}

Decimal Decimal::quotient(const Decimal& numerator, const Decimal& denominator, int places) {
    const int shift = places + denominator.places_ - numerator.places_;
    return shift >= 0
               ? of(divide(numerator.units_ * power_of_ten(shift), denominator.units_), places)
               : of(divide(numerator.units_, denominator.units_ * power_of_ten(-shift)), places);
}

Decimal Decimal::operator-() const {
    return of(-units_, places_);
}

Decimal operator+(const Decimal& a, const Decimal& b) {
    const int places = std::max(a.places_, b.places_);
    return Decimal::of(a.scaled_to(places) + b.scaled_to(places), places);
}

Decimal operator*(const Decimal& a, const Decimal& b) {
    return Decimal::of(a.units_ * b.units_, a.places_ + b.places_);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
    const int places = std::max(a.places_, b.places_);
    const auto left = a.scaled_to(places);
    const auto right = b.scaled_to(places);
    return left < right   ? std::strong_ordering::less
           : left > right ? std::strong_ordering::greater
                          : std::strong_ordering::equal;
}

}  // namespace sandbox::quickbooks
