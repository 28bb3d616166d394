#include "quickbooks/exact/decimal.hpp"

#include <gtest/gtest.h>

#include "quickbooks/exact/exact_json.hpp"

namespace sandbox::quickbooks {
namespace {

Decimal dec(std::string_view text) {
    return Decimal::parse(text).value();
}

TEST(SandboxDecimal, PrintsWithoutTrailingZeros) {
    for (const auto& [in, out] : std::vector<std::pair<std::string, std::string>>{
             {"15.00", "15"},
             {"6.40", "6.4"},
             {"-0.50", "-0.5"},
             {"0", "0"},
             {"-0", "0"},
             {"1e2", "100"},
             {"1.5e-3", "0.0015"},
             {"120", "120"},
             {"0.0000001", "0.0000001"},
             {"999999999999999999", "999999999999999999"}})
        EXPECT_EQ(dec(in).text(), out) << in;
}

TEST(SandboxDecimal, RefusesWhatIsNoNumber) {
    for (const char* text :
         {"",
          "-",
          ".5",
          "5.",
          "1.2.3",
          "1,5",
          " 1",
          "1e",
          "1e99",
          "0x1",
          "1000000000000000000",
          "0.1234567890123456789"})
        EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(SandboxDecimal, RoundsHalfAwayFromZero) {
    EXPECT_EQ(dec("1.005").rounded(2).text(), "1.01");
    EXPECT_EQ(dec("-1.005").rounded(2).text(), "-1.01");
    EXPECT_EQ(dec("1.0049999").rounded(2).text(), "1");
    EXPECT_EQ(dec("2.5").rounded(0).text(), "3");
    EXPECT_EQ(dec("1.2").rounded(5).text(), "1.2");
}

TEST(SandboxDecimal, DividesToWantedPlaces) {
    EXPECT_EQ(Decimal::quotient(dec("14.9"), dec("1.1"), 2).text(), "13.55");
    EXPECT_EQ(Decimal::quotient(dec("1"), dec("3"), 7).text(), "0.3333333");
    EXPECT_EQ(Decimal::quotient(dec("-2"), dec("3"), 2).text(), "-0.67");
    EXPECT_EQ(Decimal::quotient(dec("1"), dec("-8"), 2).text(), "-0.13");
    EXPECT_EQ(Decimal::quotient(dec("100.00"), dec("0.5"), 2).text(), "200");
}

TEST(SandboxDecimal, IsExactWhereADoubleIsNot) {
    EXPECT_EQ((dec("0.1") + dec("0.2")).text(), "0.3");
    EXPECT_EQ((dec("1.15") * dec("100")).text(), "115");
    EXPECT_EQ((dec("4.35") * dec("100")).rounded(0).text(), "435");
    Decimal sum;
    for (int i = 0; i < 1000; ++i) sum += dec("0.01");
    EXPECT_EQ(sum, Decimal(10));
}

TEST(SandboxDecimal, ComparesByValue) {
    EXPECT_EQ(dec("1.50"), dec("1.5"));
    EXPECT_LT(dec("1.49"), dec("1.5"));
    EXPECT_GT(dec("-1"), dec("-1.01"));
}

TEST(SandboxDecimal, PrintsWithFixedPlaces) {
    EXPECT_EQ(dec("70.3").fixed(2), "70.30");
    EXPECT_EQ(dec("-0.05").fixed(2), "-0.05");
    EXPECT_EQ(dec("1234").fixed(0), "1234");
    EXPECT_EQ(dec("0").fixed(3), "0.000");
}

TEST(SandboxExactJson, KeepsEveryDigitOfANumber) {
    std::string error;
    const auto value =
        parse_exact(R"({"a":0.1000000000000001,"b":49.0,"c":[6.40,1e3],"d":"1.0"})", error);
    ASSERT_TRUE(value) << error;
    EXPECT_EQ(print(*value), R"({"a":0.1000000000000001,"b":49,"c":[6.4,1000],"d":"1.0"})");
}

TEST(SandboxExactJson, RefusesWhatClientsShouldNotSend) {
    for (const char* text :
         {"{",
          R"({"a":1,"a":2})",
          R"({"a":1.1234567890123456789})",
          "",
          "{\"a\":\"\xff\"}",
          "nul"}) {
        std::string error;
        EXPECT_FALSE(parse_exact(text, error)) << text;
        EXPECT_FALSE(error.empty()) << text;
    }
    std::string error;
    EXPECT_FALSE(parse_exact(std::string(70, '[') + std::string(70, ']'), error));
}

TEST(SandboxExactJson, FindsMembersByPath) {
    std::string error;
    const auto value = parse_exact(R"({"a":{"b":"x","n":2.5,"f":true,"z":null}})", error);
    EXPECT_EQ(text_at(*value, "a.b"), "x");
    EXPECT_EQ(number_at(*value, "a.n").text(), "2.5");
    EXPECT_TRUE(flag_at(*value, "a.f", false));
    EXPECT_EQ(member(*value, "a.z"), nullptr);
    EXPECT_EQ(member(*value, "a.b.c"), nullptr);
}

}  // namespace
}  // namespace sandbox::quickbooks
