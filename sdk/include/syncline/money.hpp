// Exact decimals, currencies and money. No binary floating point anywhere.
// Source of the exponents: ISO 4217 (docs/glossary.md "minor unit").
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

namespace syncline {

enum class Rounding { kHalfUp, kHalfEven, kDown };

// An exact decimal: units * 10^-scale, with |units| < 2^63 and 0 <= scale <= 18 (asserted).
// 1.50 and 1.5 are equal; to_string() keeps the scale it has.
class Decimal {
public:
    static constexpr int kScaleMax = 18;

    constexpr Decimal() = default;
    constexpr Decimal(std::int64_t units, int scale) : units_(units), scale_(scale) {
        assert(scale >= 0 && scale <= kScaleMax);
        assert(units != std::numeric_limits<std::int64_t>::min());
    }

    // Takes "12.34", "-.5", "7.0e-5"; refuses "", " 1", "1,2", "-", "NaN" and what does not fit,
    // naming the text.
    static Result<Decimal> parse(std::string_view text);

    std::int64_t units() const { return units_; }
    int scale() const { return scale_; }
    bool is_zero() const { return units_ == 0; }
    bool is_negative() const { return units_ < 0; }

    std::string to_string() const;  // "12.340" for units 12340, scale 3
    Decimal normalized() const;     // without trailing zeros
    Decimal negated() const { return {-units_, scale_}; }
    Decimal abs() const { return units_ < 0 ? negated() : *this; }

    // To exactly `scale` decimals (0 to 18). Errors: kInvalid when the value does not fit.
    Result<Decimal> rounded(int scale, Rounding rounding = Rounding::kHalfUp) const;

    // Exact; kInvalid on overflow.
    Result<Decimal> plus(const Decimal& other) const;
    Result<Decimal> minus(const Decimal& other) const;
    Result<Decimal> times(const Decimal& other) const;
    // Quotient rounded to `scale` decimals; kInvalid on division by zero or overflow.
    Result<Decimal> divided_by(
        const Decimal& other, int scale, Rounding rounding = Rounding::kHalfUp
    ) const;

    friend bool operator==(const Decimal& a, const Decimal& b) { return compare(a, b) == 0; }
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
        return compare(a, b) <=> 0;
    }

private:
    static int compare(const Decimal& a, const Decimal& b);
    std::int64_t units_ = 0;
    int scale_ = 0;
};

// An ISO 4217 code with its number of decimals (JPY 0, USD 2, KWD 3).
class Currency {
public:
    Currency() = default;
    // Takes "EUR"; refuses what ISO 4217 does not list with a number of decimals (not XAU, XTS).
    static Result<Currency> parse(std::string_view code);

    std::string_view code() const { return {code_, code_[0] == 0 ? 0u : 3u}; }
    int exponent() const { return exponent_; }
    bool empty() const { return code_[0] == 0; }
    friend bool operator==(const Currency& a, const Currency& b) { return a.code() == b.code(); }

private:
    char code_[4] = {};
    int exponent_ = 2;
};

// An amount in minor units of its currency. Adding amounts of two currencies is a programmer's
// error and throws std::logic_error, also in release builds, since a wrong sum would be posted; an
// amount without currency takes the other's. Sums of amounts from outside stay far below 2^63
// because parse() bounds them to 10^15.
class Money {
public:
    static constexpr std::int64_t kMinorMax = 1'000'000'000'000'000;

    Money() = default;
    Money(std::int64_t minor, Currency currency) : minor_(minor), currency_(currency) {}

    // "12.34" EUR -> 1234. "12.3" is 1230. Errors: kInvalid for "12.345" (more decimals than the
    // currency has, unless they are zeros), for text that is no decimal, for more than kMinorMax.
    static Result<Money> parse(std::string_view amount, Currency currency);
    static Result<Money> from_decimal(const Decimal& amount, Currency currency);
    // Rounds half up to the currency's decimals.
    static Result<Money> rounded(const Decimal& amount, Currency currency);

    std::int64_t minor() const { return minor_; }
    const Currency& currency() const { return currency_; }
    bool is_zero() const { return minor_ == 0; }
    bool is_negative() const { return minor_ < 0; }
    Decimal decimal() const { return {minor_, currency_.exponent()}; }
    std::string to_string() const { return decimal().to_string(); }  // "12.34", without currency

    Money operator-() const { return {-minor_, currency_}; }
    friend Money operator+(const Money& a, const Money& b) { return combine(a, b, 1); }
    friend Money operator-(const Money& a, const Money& b) { return combine(a, b, -1); }
    Money& operator+=(const Money& other) { return *this = *this + other; }
    friend bool operator==(const Money& a, const Money& b) {
        return a.minor_ == b.minor_ && a.currency_ == b.currency_;
    }

private:
    static Money combine(const Money& a, const Money& b, int sign);
    std::int64_t minor_ = 0;
    Currency currency_;
};

}  // namespace syncline

#include <syncline/detail/money_inline.hpp>
