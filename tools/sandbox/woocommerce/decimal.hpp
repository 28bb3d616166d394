#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbox::woo {

// Which way a tie goes; shops whose prices include tax round taxes and discounts half down.
enum class Rounding { kHalfUp, kHalfDown };

// A decimal number with eight digits behind the point: two more than WooCommerce computes with.
// Overflow beyond 92 billion is not checked.
class Decimal {
public:
    static constexpr int kDigits = 8;
    static constexpr std::int64_t kOne = 100'000'000;

    Decimal() = default;
    static Decimal from_units(std::int64_t units);  // of 10^-8
    static Decimal from_integer(std::int64_t value) { return from_units(value * kOne); }
    // "12.34", "-0.5"; false for anything else ("", "-", "1,2"); digits beyond the eighth are cut.
    static bool parse(std::string_view text, Decimal& into);
    // Zero where the text is not a number.
    static Decimal parse_or_zero(std::string_view text);

    std::int64_t units() const { return units_; }
    Decimal rounded(int digits, Rounding mode = Rounding::kHalfUp) const;
    Decimal floored(int digits) const;
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
    friend auto operator<=>(const Decimal&, const Decimal&) = default;

private:
    std::int64_t units_ = 0;
};

}  // namespace sandbox::woo
