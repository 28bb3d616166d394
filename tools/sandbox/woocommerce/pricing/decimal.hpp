#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbox::woo {

// Which way a tie goes; shops whose prices include tax round taxes and discounts half down.
enum class Rounding { kHalfUp, kHalfDown };

// A decimal number with twelve digits behind the point: twice what WooCommerce rounds to, so that
// rounding twice does no harm. Overflow beyond a billion times a billion is not checked.
class Decimal {
public:
    __extension__ typedef __int128 Units;
    static constexpr int kDigits = 12;
    static constexpr std::int64_t kOne = 1'000'000'000'000;

    Decimal() = default;
    static Decimal from_units(Units units);  // of 10^-12
    static Decimal from_integer(std::int64_t value) { return from_units(Units(value) * kOne); }
    // "12.34", "-0.5"; false for anything else ("", "-", "1,2"); digits beyond the twelfth are cut.
    static bool parse(std::string_view text, Decimal& into);
    // Zero where the text is not a number.
    static Decimal parse_or_zero(std::string_view text);

    std::int64_t whole() const { return static_cast<std::int64_t>(units_ / kOne); }
    Decimal rounded(int digits, Rounding mode = Rounding::kHalfUp) const;
    // Rounded to `digits`, zero-padded; never "-0.00".
    std::string to_string(int digits) const;
    // All digits, trailing zeros and a trailing point removed.
    std::string to_trimmed() const;

    friend Decimal operator+(Decimal a, Decimal b) { return from_units(a.units_ + b.units_); }
    friend Decimal operator-(Decimal a, Decimal b) { return from_units(a.units_ - b.units_); }
    friend Decimal operator-(Decimal a) { return from_units(-a.units_); }
    friend Decimal operator*(Decimal a, Decimal b);
    friend Decimal operator/(Decimal a, Decimal b);  // b is not zero
    Decimal& operator+=(Decimal other) { return *this = *this + other; }
    Decimal& operator-=(Decimal other) { return *this = *this - other; }
    friend bool operator==(const Decimal&, const Decimal&) = default;
    friend bool operator<(Decimal a, Decimal b) { return a.units_ < b.units_; }
    friend bool operator>(Decimal a, Decimal b) { return b < a; }
    friend bool operator<=(Decimal a, Decimal b) { return !(b < a); }
    friend bool operator>=(Decimal a, Decimal b) { return !(a < b); }

private:
    Units units_ = 0;
};

}  // namespace sandbox::woo
