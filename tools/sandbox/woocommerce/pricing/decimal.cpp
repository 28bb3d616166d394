#include "woocommerce/pricing/decimal.hpp"

#include <cctype>

namespace sandbox::woo {
namespace {

using Units = Decimal::Units;

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

// Nearest multiple, ties away from zero.
Units divide_rounded(Units dividend, Units divisor) {
    const bool negative = (dividend < 0) != (divisor < 0);
    const Units a = dividend < 0 ? -dividend : dividend;
    const Units b = divisor < 0 ? -divisor : divisor;
    const Units quotient = (a + b / 2) / b;
    return negative ? -quotient : quotient;
}

}  // namespace

Decimal Decimal::from_units(Units units) {
    Decimal decimal;
    decimal.units_ = units;
    return decimal;
}

bool Decimal::parse(std::string_view text, Decimal& into) {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative)
        text.remove_prefix(1);
    Units units = 0;
    int behind = -1;  // digits behind the point so far
    bool any = false;
    for (const char c : text) {
        if (c == '.' && behind < 0) {
            behind = 0;
        } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            any = true;
            if (behind == kDigits)
                continue;
            units = units * 10 + (c - '0');
            behind += behind >= 0 ? 1 : 0;
        } else {
            return false;
        }
    }
    if (!any)
        return false;
    units *= power_of_ten(kDigits - (behind < 0 ? 0 : behind));
    into = from_units(negative ? -units : units);
    return true;
}

Decimal Decimal::parse_or_zero(std::string_view text) {
    Decimal decimal;
    parse(text, decimal);
    return decimal;
}

Decimal Decimal::rounded(int digits, Rounding mode) const {
    if (digits >= kDigits)
        return *this;
    const Units step = power_of_ten(kDigits - digits);
    const Units magnitude = units_ < 0 ? -units_ : units_;
    const Units bias = mode == Rounding::kHalfUp ? step / 2 : step / 2 - 1;
    const Units kept = (magnitude + bias) / step * step;
    return from_units(units_ < 0 ? -kept : kept);
}

std::string Decimal::to_string(int digits) const {
    const Units value = rounded(digits).units_;
    const Units magnitude = value < 0 ? -value : value;
    std::string text = std::to_string(static_cast<std::int64_t>(magnitude / kOne));
    if (digits > 0) {
        std::string behind =
            std::to_string(static_cast<std::int64_t>(magnitude % kOne) + kOne).substr(1);
        behind.resize(static_cast<std::size_t>(digits), '0');
        text += "." + behind;
    }
    return (value < 0 ? "-" : "") + text;
}

std::string Decimal::to_trimmed() const {
    std::string text = to_string(kDigits);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    return text;
}

Decimal operator*(Decimal a, Decimal b) {
    return Decimal::from_units(divide_rounded(Units(a.units_) * b.units_, Decimal::kOne));
}

Decimal operator/(Decimal a, Decimal b) {
    return Decimal::from_units(divide_rounded(Units(a.units_) * Decimal::kOne, b.units_));
}

}  // namespace sandbox::woo
