#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox::quickbooks {

// An exact decimal number: whole units of 10^-places. The books know no binary fractions, so that
// a cent that is missing here is missing in what was posted.
//
// Room: a sum or a product is exact as long as the result has at most 38 digits; `parse` takes at
// most 18, so one product of two parsed numbers always fits.
class Decimal {
public:
    Decimal() = default;
    explicit Decimal(std::int64_t whole) : units_(whole) {}
    // 1234, 2 -> 12.34
    Decimal(std::int64_t units, int places);

    // A JSON number: digits, one point, an exponent up to +-18. nullopt for anything else and for
    // more than 18 significant digits.
    static std::optional<Decimal> parse(std::string_view text);

    // Without trailing zeros: "15", "6.4", "-0.5".
    std::string text() const;
    // With exactly that many digits after the point (rounded): "15.00".
    std::string fixed(int places) const;

    // Digits after the point that are needed: 0 for 15, 1 for 6.40.
    int places() const { return places_; }
    bool is_zero() const { return units_ == 0; }
    bool is_negative() const { return units_ < 0; }
    Decimal abs() const;

    // Half away from zero, as books round.
    Decimal rounded(int places) const;
    // numerator / denominator, rounded like `rounded`; the denominator is not zero.
    static Decimal quotient(const Decimal& numerator, const Decimal& denominator, int places);

    Decimal operator-() const;
    friend Decimal operator+(const Decimal& a, const Decimal& b);
    friend Decimal operator-(const Decimal& a, const Decimal& b) { return a + -b; }
    friend Decimal operator*(const Decimal& a, const Decimal& b);
    Decimal& operator+=(const Decimal& other) { return *this = *this + other; }
    Decimal& operator-=(const Decimal& other) { return *this = *this - other; }
    friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

private:
    __extension__ using Wide = __int128;
    static Decimal of(Wide units, int places);
    static Wide power_of_ten(int exponent);
    static Wide divide(Wide numerator, Wide denominator);
    Wide scaled_to(int places) const { return units_ * power_of_ten(places - places_); }

    Wide units_ = 0;  // never a multiple of ten while places_ > 0
    int places_ = 0;
};

}  // namespace sandbox::quickbooks
