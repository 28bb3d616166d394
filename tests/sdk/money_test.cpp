#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <syncline/money.hpp>

namespace syncline {
namespace {

Decimal decimal(std::string_view text) {
    return Decimal::parse(text).value();
}
Currency currency(std::string_view code) {
    return Currency::parse(code).value();
}

TEST(Decimal, ReadsWhatPlatformsSend) {
    const std::pair<const char*, const char*> cases[] = {
        {"12.34", "12.34"},
        {"-.5", "-0.5"},
        {"7.0e-5", "0.000070"},
        {"0", "0"},
        {"1e3", "1000"},
        {"+1.50", "1.50"},
        {"5.", "5"},
        {"-0.01", "-0.01"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(decimal(text).to_string(), expected) << text;
    }
}

TEST(Decimal, RefusesWhatIsNoNumber) {
    for (const char* text :
         {"",
          "-",
          ".",
          "1,2",
          " 1",
          "1 ",
          "NaN",
          "0x1",
          "1e",
          "1e+",
          "--1",
          "99999999999999999999",
          "1e30",
          "1e-30"}) {
        const auto parsed = Decimal::parse(text);
        ASSERT_FALSE(parsed.has_value()) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
    }
}

TEST(Decimal, RoundsHalfUpAwayFromZero) {
    EXPECT_EQ(decimal("13.545").rounded(2)->to_string(), "13.55");
    EXPECT_EQ(decimal("-13.545").rounded(2)->to_string(), "-13.55");
    EXPECT_EQ(decimal("13.5449").rounded(2)->to_string(), "13.54");
    EXPECT_EQ(decimal("13.545").rounded(2, Rounding::kHalfEven)->to_string(), "13.54");
    EXPECT_EQ(decimal("1.29").rounded(1, Rounding::kDown)->to_string(), "1.2");
}

TEST(Decimal, DividesToSevenPlaces) {
    EXPECT_EQ(decimal("10").divided_by(decimal("3"), 7)->to_string(), "3.3333333");
    EXPECT_EQ(decimal("-1").divided_by(decimal("8"), 2)->to_string(), "-0.13");
    EXPECT_FALSE(decimal("1").divided_by(decimal("0"), 2).has_value());
}

TEST(Decimal, ComparesByValue) {
    EXPECT_EQ(decimal("1.50"), decimal("1.5"));
    EXPECT_LT(decimal("-2"), decimal("1.9999"));
}

TEST(Money, FollowsTheExponentOfTheCurrency) {
    EXPECT_EQ(Money::parse("12.34", currency("USD"))->minor(), 1234);
    EXPECT_EQ(Money::parse("12", currency("JPY"))->minor(), 12);
    EXPECT_EQ(Money::parse("1.5", currency("KWD"))->minor(), 1500);
    EXPECT_EQ(Money::parse("12.340", currency("USD"))->to_string(), "12.34");
}

TEST(Money, RefusesDecimalsTheCurrencyDoesNotHave) {
    EXPECT_FALSE(Money::parse("8.678", currency("USD")).has_value());
    EXPECT_FALSE(Money::parse("12.42", currency("JPY")).has_value());
    EXPECT_EQ(
        Money::parse("8.678", currency("USD")).error().message,
        "8.678 has more decimals than USD has (2)"
    );
}

TEST(Money, RefusesMoreThanAnyShopSells) {
    EXPECT_TRUE(Money::parse("10000000000000.00", currency("USD")).has_value());
    EXPECT_FALSE(Money::parse("10000000000000.01", currency("USD")).has_value());
    EXPECT_FALSE(Money::parse("-10000000000000.01", currency("USD")).has_value());
}

TEST(Money, TwoCurrenciesAreNeverAddedNotEvenInARelease) {
    const Money dollars(100, currency("USD"));
    const Money euros(100, currency("EUR"));
    EXPECT_THROW(static_cast<void>(dollars + euros), std::logic_error);
    EXPECT_THROW(static_cast<void>(dollars - euros), std::logic_error);
    EXPECT_EQ((Money{} + euros).currency().code(), "EUR");
    EXPECT_EQ((dollars - Money{}).minor(), 100);
}

TEST(Decimal, RefusesAScaleItCannotHold) {
    EXPECT_FALSE(decimal("1.5").rounded(-1).has_value());
    EXPECT_FALSE(decimal("1.5").rounded(19).has_value());
    EXPECT_FALSE(decimal("1").divided_by(decimal("3"), -2).has_value());
    EXPECT_FALSE(decimal("1").divided_by(decimal("3"), 19).has_value());
}

TEST(Decimal, NamesTheTextItRefusesAndCutsItBetweenCharacters) {
    EXPECT_EQ(Decimal::parse("1,2").error().message, "'1,2' is not a decimal number");
    const std::string message =
        Decimal::parse("x" + std::string(19, ' ') + "ääääääääääääää").error().message;
    EXPECT_EQ(message, "'x" + std::string(19, ' ') + "ääääääääää' is not a decimal number");
}

TEST(Currency, KnowsTheCodesOfTheYear2026) {
    for (const auto& [code, exponent] : {std::pair("XCG", 2), {"ZWG", 2}, {"ISK", 0}, {"CLF", 4}}) {
        ASSERT_TRUE(Currency::parse(code).has_value()) << code;
        EXPECT_EQ(currency(code).exponent(), exponent) << code;
    }
}

TEST(Currency, RefusesUnknownCodes) {
    for (const char* code : {"", "usd", "EURO", "XYZ", "XAU", "US", "D A"}) {
        EXPECT_FALSE(Currency::parse(code).has_value()) << code;
    }
}

}  // namespace
}  // namespace syncline
