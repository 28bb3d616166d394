// Decimals against an oracle: schoolbook arithmetic on 128-bit integers at a common scale.
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <syncline/money.hpp>

namespace rc {

template <>
struct Arbitrary<syncline::Decimal> {
    static Gen<syncline::Decimal> arbitrary() {
        const auto any = gen::map(
            gen::pair(gen::arbitrary<std::int64_t>(), gen::inRange(0, 19)),
            [](const std::pair<std::int64_t, int>& parts) {
                const bool least = parts.first == std::numeric_limits<std::int64_t>::min();
                return syncline::Decimal(least ? 0 : parts.first, parts.second);
            }
        );
        const auto small = gen::map(
            gen::pair(gen::inRange<std::int64_t>(-2'000'000, 2'000'001), gen::inRange(0, 7)),
            [](const std::pair<std::int64_t, int>& parts) {
                return syncline::Decimal(parts.first, parts.second);
            }
        );
        return gen::weightedOneOf<syncline::Decimal>({{1, any}, {3, small}});
    }
};

}  // namespace rc

namespace syncline {

void showValue(const Decimal& value, std::ostream& out) {  // NOLINT(readability-identifier-naming)
    out << value.to_string();
}

namespace {

__extension__ typedef __int128 Wide;

Wide power(int exponent) {
    Wide result = 1;
    for (int i = 0; i < exponent; ++i) {
        result *= 10;
    }
    return result;
}

Wide at_scale_18(const Decimal& value) {
    return Wide{value.units()} * power(18 - value.scale());
}

bool fits(Wide units) {
    const Wide limit = std::numeric_limits<std::int64_t>::max();
    return units <= limit && units >= -limit;
}

RC_GTEST_PROP(DecimalProperty, ParsesWhatItPrints, (const Decimal& value)) {
    const auto back = Decimal::parse(value.to_string());
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->units() == value.units());
    RC_ASSERT(back->scale() == value.scale());
}

RC_GTEST_PROP(DecimalProperty, TakesTheExponentFormOfTheSameNumber, (const Decimal& value)) {
    const int shift = *rc::gen::inRange(0, 10);
    const std::string text =
        Decimal(value.units(), 0).to_string() + "e-" + std::to_string(value.scale() + shift);
    const auto parsed = Decimal::parse(text);
    if (!parsed) {
        RC_ASSERT(value.scale() + shift > Decimal::kScaleMax);
        return;
    }
    RC_ASSERT(at_scale_18(*parsed) * power(shift) == at_scale_18(value));
}

RC_GTEST_PROP(DecimalProperty, NoTextMakesParsingFailOtherwiseThanByAnError, ()) {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.eE+-, x")));
    const auto parsed = Decimal::parse(text);
    if (parsed) {
        RC_ASSERT(*Decimal::parse(parsed->to_string()) == *parsed);
    } else {
        RC_ASSERT(parsed.error().code == ErrorCode::kInvalid);
    }
}

RC_GTEST_PROP(DecimalProperty, AddsAndSubtractsExactly, (const Decimal& a, const Decimal& b)) {
    const int scale = std::max(a.scale(), b.scale());
    const Wide sum = (at_scale_18(a) + at_scale_18(b)) / power(18 - scale);
    const Wide difference = (at_scale_18(a) - at_scale_18(b)) / power(18 - scale);
    const auto plus = a.plus(b);
    const auto minus = a.minus(b);
    RC_ASSERT(plus.has_value() == fits(sum));
    RC_ASSERT(minus.has_value() == fits(difference));
    if (plus) {
        RC_ASSERT(plus->units() == sum);
        RC_ASSERT(plus->scale() == scale);
    }
    if (minus) {
        RC_ASSERT(minus->units() == difference);
        RC_ASSERT(minus->scale() == scale);
    }
}

RC_GTEST_PROP(
    DecimalProperty, MultipliesExactlyOrSaysWhyNot, (const Decimal& a, const Decimal& b)
) {
    // The product in lowest terms; what does not fit then cannot be represented at all.
    Wide units = Wide{a.units()} * b.units();
    int scale = a.scale() + b.scale();
    while (scale > 0 && units % 10 == 0) {
        units /= 10;
        --scale;
    }
    const auto product = a.times(b);
    RC_ASSERT(product.has_value() == (scale <= Decimal::kScaleMax && fits(units)));
    if (product) {
        RC_ASSERT(product->units() == units);
        RC_ASSERT(product->scale() == scale);
    }
}

RC_GTEST_PROP(DecimalProperty, RoundsToTheNearest, (const Decimal& value)) {
    const int scale = *rc::gen::inRange(0, 19);
    const auto rounded = value.rounded(scale);
    if (!rounded) {
        RC_ASSERT(scale > value.scale());
        return;
    }
    RC_ASSERT(rounded->scale() == scale);
    const Wide error = at_scale_18(*rounded) - at_scale_18(value);
    const Wide half = power(18 - scale) / 2;
    const Wide size = error < 0 ? -error : error;
    RC_ASSERT(size <= half);
    if (size == half && size != 0) {  // a tie goes away from zero
        RC_ASSERT((error > 0) == !value.is_negative());
    }
}

RC_GTEST_PROP(DecimalProperty, RoundsTiesToEvenWhenAsked, ()) {
    const auto units = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000);
    const auto tie = Decimal(units * 10 + (units < 0 ? -5 : 5), 1);
    const auto rounded = tie.rounded(0, Rounding::kHalfEven);
    RC_ASSERT(rounded->units() % 2 == 0);
    RC_ASSERT(tie.rounded(0, Rounding::kDown)->units() == units);
}

RC_GTEST_PROP(
    DecimalProperty, AQuotientTimesTheDivisorComesBack, (const Decimal& a, const Decimal& b)
) {
    const int scale = *rc::gen::inRange(0, 10);
    const auto quotient = a.divided_by(b, scale);
    if (!quotient) {
        return;
    }
    // |a - q*b| <= |b| / (2 * 10^scale), at scale a.scale + b.scale + scale and doubled.
    const auto doubled = [&](const Decimal& factor, int places) -> std::optional<Wide> {
        Wide result = 0;
        const bool overflow =
            __builtin_mul_overflow(Wide{factor.units()} * 2, power(places), &result);
        return overflow ? std::nullopt : std::optional<Wide>(result);
    };
    const auto left = doubled(a, b.scale() + scale);
    const Wide product = Wide{quotient->units()} * b.units();  // at scale b.scale + scale
    Wide right = 0;
    if (!left || __builtin_mul_overflow(product * 2, power(a.scale()), &right) ||
        product > (Wide{1} << 125) || product < -(Wide{1} << 125)) {
        return;
    }
    Wide bound = Wide{b.units()} * power(a.scale());
    bound = bound < 0 ? -bound : bound;
    const Wide error = *left - right < 0 ? right - *left : *left - right;
    RC_ASSERT(error <= bound);
}

RC_GTEST_PROP(DecimalProperty, ComparesAsTheNumbersDo, (const Decimal& a, const Decimal& b)) {
    RC_ASSERT((a < b) == (at_scale_18(a) < at_scale_18(b)));
    RC_ASSERT((a == b) == (at_scale_18(a) == at_scale_18(b)));
    RC_ASSERT(a == a.normalized());
    RC_ASSERT(a.negated().negated().units() == a.units());
}

RC_GTEST_PROP(MoneyProperty, ParsesWhatItPrintsInEveryCurrency, ()) {
    const auto code = *rc::gen::element<std::string>("USD", "EUR", "JPY", "KWD", "CLF");
    const Currency currency = *Currency::parse(code);
    const auto minor = *rc::gen::inRange<std::int64_t>(-Money::kMinorMax, Money::kMinorMax + 1);
    const Money money(minor, currency);
    const auto back = Money::parse(money.to_string(), currency);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == money);
    RC_ASSERT(*Money::from_decimal(money.decimal(), currency) == money);
}

RC_GTEST_PROP(
    MoneyProperty, SumsAreThoseOfTheMinorUnits, (const std::vector<std::int32_t>& minors)
) {
    const Currency usd = *Currency::parse("USD");
    Money sum;
    std::int64_t expected = 0;
    for (const auto minor : minors) {
        sum += Money(minor, usd);
        expected += minor;
    }
    RC_ASSERT(sum.minor() == expected);
    RC_ASSERT((sum - sum).is_zero());
}

}  // namespace
}  // namespace syncline
