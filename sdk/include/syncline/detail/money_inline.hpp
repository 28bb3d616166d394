// Definitions of money.hpp; inline, since the SDK has no library to link.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include <syncline/detail/text.hpp>

namespace syncline {
namespace detail {

__extension__ typedef __int128 Wide;

inline constexpr std::array<std::int64_t, 19> kPowersOfTen = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t power = 1;
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = power;
        if (i + 1 < powers.size()) {
            power *= 10;
        }
    }
    return powers;
}();

inline std::int64_t power_of_ten(int exponent) {
    return kPowersOfTen[static_cast<std::size_t>(exponent)];
}

inline Result<Decimal> narrow(Wide units, int scale) {
    if (units > std::numeric_limits<std::int64_t>::max() ||
        units < -std::numeric_limits<std::int64_t>::max()) {
        return invalid("decimal overflow: more than 18 significant digits");
    }
    return Decimal{static_cast<std::int64_t>(units), scale};
}

// numerator / denominator, rounded; denominator > 0.
inline Wide divide_rounded(Wide numerator, Wide denominator, Rounding rounding) {
    const bool negative = numerator < 0;
    const Wide magnitude = negative ? -numerator : numerator;
    Wide quotient = magnitude / denominator;
    const Wide twice_rest = (magnitude % denominator) * 2;
    const bool up =
        rounding != Rounding::kDown &&
        (twice_rest > denominator ||
         (twice_rest == denominator && (rounding == Rounding::kHalfUp || quotient % 2 != 0)));
    quotient += up ? 1 : 0;
    return negative ? -quotient : quotient;
}

inline Error not_a_decimal(std::string_view text) {
    return invalid("'" + std::string(prefix_of(text, 40)) + "' is not a decimal number");
}

inline Error bad_scale(int scale) {
    return invalid("a decimal has 0 to 18 decimal places, not " + std::to_string(scale));
}

struct DecimalText {  // the pieces of "-12.34e-5"
    bool negative = false;
    Wide digits = 0;
    int scale = 0;
    bool any_digit = false;
};

// Reads digits and the point from text[at...]; false if there are too many digits.
inline bool read_digits(std::string_view text, std::size_t& at, DecimalText& out) {
    bool point = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') {
            break;
        }
        out.any_digit = true;
        out.digits = out.digits * 10 + (c - '0');
        out.scale += point ? 1 : 0;
        if (out.digits > Wide{1} << 100 || out.scale > 60) {
            return false;
        }
    }
    return true;
}

// Reads "e-5" from text[at...]; false if it is malformed.
inline bool read_exponent(std::string_view text, std::size_t& at, int& exponent) {
    if (at == text.size()) {
        return true;
    }
    if (text[at] != 'e' && text[at] != 'E') {
        return false;
    }
    ++at;
    const bool negative = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        ++at;
    }
    const std::size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && at - start < 3; ++at) {
        exponent = exponent * 10 + (text[at] - '0');
    }
    exponent = negative ? -exponent : exponent;
    return at == text.size() && at > start;
}

}  // namespace detail

inline Result<Decimal> Decimal::parse(std::string_view text) {
    detail::DecimalText parts;
    std::size_t at = 0;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        parts.negative = text[0] == '-';
        at = 1;
    }
    int exponent = 0;
    if (!detail::read_digits(text, at, parts) || !parts.any_digit ||
        !detail::read_exponent(text, at, exponent)) {
        return detail::not_a_decimal(text);
    }
    parts.scale -= exponent;
    while (parts.scale > kScaleMax && parts.digits % 10 == 0) {
        parts.digits /= 10;
        --parts.scale;
        if (parts.digits == 0) {
            parts.scale = 0;
        }
    }
    while (parts.scale < 0 && parts.digits < (detail::Wide{1} << 100)) {
        parts.digits *= 10;
        ++parts.scale;
    }
    if (parts.scale < 0 || parts.scale > kScaleMax) {
        return detail::not_a_decimal(text);
    }
    return detail::narrow(parts.negative ? -parts.digits : parts.digits, parts.scale);
}

inline std::string Decimal::to_string() const {
    std::string digits = std::to_string(units_ < 0 ? -units_ : units_);
    const auto scale = static_cast<std::size_t>(scale_);
    if (digits.size() <= scale) {
        digits.insert(0, scale + 1 - digits.size(), '0');
    }
    if (scale > 0) {
        digits.insert(digits.size() - scale, 1, '.');
    }
    return units_ < 0 ? "-" + digits : digits;
}

inline Decimal Decimal::normalized() const {
    Decimal result = *this;
    while (result.scale_ > 0 && result.units_ % 10 == 0) {
        result.units_ /= 10;
        --result.scale_;
    }
    return result;
}

inline Result<Decimal> Decimal::rounded(int scale, Rounding rounding) const {
    if (scale < 0 || scale > kScaleMax) {
        return detail::bad_scale(scale);
    }
    if (scale >= scale_) {
        return detail::narrow(detail::Wide{units_} * detail::power_of_ten(scale - scale_), scale);
    }
    return detail::narrow(
        detail::divide_rounded(units_, detail::power_of_ten(scale_ - scale), rounding), scale
    );
}

inline Result<Decimal> Decimal::plus(const Decimal& other) const {
    const int scale = std::max(scale_, other.scale_);
    return detail::narrow(
        detail::Wide{units_} * detail::power_of_ten(scale - scale_) +
            detail::Wide{other.units_} * detail::power_of_ten(scale - other.scale_),
        scale
    );
}

inline Result<Decimal> Decimal::minus(const Decimal& other) const {
    return plus(other.negated());
}

inline Result<Decimal> Decimal::times(const Decimal& other) const {
    detail::Wide units = detail::Wide{units_} * other.units_;
    int scale = scale_ + other.scale_;
    while (scale > 0 && units % 10 == 0) {
        units /= 10;
        --scale;
    }
    if (scale > kScaleMax) {
        return invalid("decimal overflow: the product has more than 18 decimal places");
    }
    return detail::narrow(units, scale);
}

inline Result<Decimal> Decimal::divided_by(const Decimal& other, int scale, Rounding rounding)
    const {
    if (scale < 0 || scale > kScaleMax) {
        return detail::bad_scale(scale);
    }
    if (other.is_zero()) {
        return invalid("division by zero");
    }
    // units_/10^s1 / (other/10^s2) to `scale`: numerator units_*10^(scale+s2), denominator
    // other*10^s1.
    const int shift = scale + other.scale_ - scale_;
    if (shift > kScaleMax || shift < -kScaleMax) {
        return invalid("decimal overflow in a division");
    }
    detail::Wide numerator = units_;
    detail::Wide denominator = other.units_;
    (shift >= 0 ? numerator : denominator) *= detail::power_of_ten(shift >= 0 ? shift : -shift);
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    return detail::narrow(detail::divide_rounded(numerator, denominator, rounding), scale);
}

inline int Decimal::compare(const Decimal& a, const Decimal& b) {
    const int scale = std::max(a.scale_, b.scale_);
    const detail::Wide left = detail::Wide{a.units_} * detail::power_of_ten(scale - a.scale_);
    const detail::Wide right = detail::Wide{b.units_} * detail::power_of_ten(scale - b.scale_);
    return left < right ? -1 : (left > right ? 1 : 0);
}

namespace detail {

// ISO 4217 codes in groups by number of decimals; those withdrawn lately stay, for old orders.
inline constexpr std::string_view kNoDecimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
inline constexpr std::string_view kFourDecimals = "CLF UYW";
inline constexpr std::string_view kThreeDecimals = "BHD IQD JOD KWD LYD OMR TND";
inline constexpr std::string_view kTwoDecimals =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP "
    "GBP GEL GHS GIP "
    "GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN "
    "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "
    "ZWL";

inline bool lists(std::string_view codes, std::string_view code) {
    for (std::size_t at = 0; at + 3 <= codes.size(); at += 4) {
        if (codes.substr(at, 3) == code) {
            return true;
        }
    }
    return false;
}

}  // namespace detail

inline Result<Currency> Currency::parse(std::string_view code) {
    Currency currency;
    if (code.size() == 3 && detail::lists(detail::kTwoDecimals, code)) {
        currency.exponent_ = 2;
    } else if (code.size() == 3 && detail::lists(detail::kNoDecimals, code)) {
        currency.exponent_ = 0;
    } else if (code.size() == 3 && detail::lists(detail::kThreeDecimals, code)) {
        currency.exponent_ = 3;
    } else if (code.size() == 3 && detail::lists(detail::kFourDecimals, code)) {
        currency.exponent_ = 4;
    } else {
        return invalid(
            "'" + std::string(detail::prefix_of(code, 10)) +
            "' is not an ISO 4217 currency code (as \"EUR\")"
        );
    }
    std::copy(code.begin(), code.end(), currency.code_);
    return currency;
}

inline Result<Money> Money::from_decimal(const Decimal& amount, Currency currency) {
    const Decimal exact = amount.normalized();
    if (exact.scale() > currency.exponent()) {
        return invalid(
            amount.to_string() + " has more decimals than " + std::string(currency.code()) +
            " has (" + std::to_string(currency.exponent()) + ")"
        );
    }
    return rounded(amount, currency);
}

inline Result<Money> Money::rounded(const Decimal& amount, Currency currency) {
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal exact, amount.rounded(currency.exponent()));
    if (exact.units() > kMinorMax || exact.units() < -kMinorMax) {
        return invalid(amount.to_string() + " is larger than any amount we handle");
    }
    return Money{exact.units(), currency};
}

inline Result<Money> Money::parse(std::string_view amount, Currency currency) {
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal decimal, Decimal::parse(amount));
    return from_decimal(decimal, currency);
}

inline Money Money::combine(const Money& a, const Money& b, int sign) {
    if (a.currency_ != b.currency_ && !a.currency_.empty() && !b.currency_.empty()) {
        throw std::logic_error(
            "amounts in " + std::string(a.currency_.code()) + " and " +
            std::string(b.currency_.code()) + " cannot be added"
        );
    }
    return {a.minor_ + sign * b.minor_, a.currency_.empty() ? b.currency_ : a.currency_};
}

}  // namespace syncline
