#include <clocale>
#include <string>

#include <gtest/gtest.h>

#include <syncline/json.hpp>

namespace syncline {
namespace {

Json parsed(std::string_view text) {
    auto json = parse_json(text);
    EXPECT_TRUE(json.has_value()) << text << ": " << (json ? "" : json.error().message);
    return json ? *json : Json();
}

std::string refusal(std::string_view text) {
    const auto json = parse_json(text);
    return json ? "it was taken" : json.error().message;
}

TEST(ParseJson, KeepsEveryFractionAsItsOwnText) {
    const Json json = parsed(R"({"a": 0.1, "b": 12.340, "c": 1e3, "d": -7.0E-5, "e": 1e400})");
    EXPECT_EQ(json.at("a"), "0.1");
    EXPECT_EQ(json.at("b"), "12.340");
    EXPECT_EQ(json.at("c"), "1e3");
    EXPECT_EQ(json.at("d"), "-7.0E-5");
    EXPECT_EQ(json.at("e"), "1e400");  // a double would be infinite
}

TEST(ParseJson, KeepsIntegersOf64BitsAndTheTextOfLargerOnes) {
    EXPECT_EQ(parsed("0"), 0);
    EXPECT_EQ(parsed("-0"), 0);
    EXPECT_EQ(parsed("9223372036854775807").get<std::int64_t>(), 9223372036854775807);
    EXPECT_EQ(parsed("-9223372036854775808").get<std::int64_t>() + 1, -9223372036854775807);
    EXPECT_EQ(parsed("18446744073709551615").get<std::uint64_t>(), 18446744073709551615U);
    EXPECT_EQ(parsed("18446744073709551616"), "18446744073709551616");
    EXPECT_EQ(parsed("-9223372036854775809"), "-9223372036854775809");
    EXPECT_EQ(parsed(std::string(500, '9')), std::string(500, '9'));
    EXPECT_TRUE(parsed("9007199254740993").is_number_integer());  // 2^53 + 1
}

TEST(ParseJson, ReadsStringsAndTheirEscapes) {
    EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(parsed(R"("\u0041\u00e4\u20AC\ud83d\ude00")"), "Aä€😀");
    EXPECT_EQ(parsed("\"ä€😀\x7F\""), "ä€😀\x7F");
    EXPECT_EQ(parsed(R"("\u0000")").get<std::string>(), std::string(1, '\0'));
}

TEST(ParseJson, ReadsLiteralsSpaceAndAByteOrderMark) {
    EXPECT_EQ(
        parsed("\xEF\xBB\xBF [ true , false , null , [ ] , { } ]\r\n\t ").dump(),
        "[true,false,null,[],{}]"
    );
}

TEST(ParseJson, OfMembersWithTheSameNameTheLastCounts) {
    EXPECT_EQ(
        parsed(R"({"total": "1.00", "id": 7, "total": "2.00"})").dump(),
        R"({"id":7,"total":"2.00"})"
    );
    EXPECT_EQ(parsed(R"({"a": {"deep": 1}, "a": []})").dump(), R"({"a":[]})");
}

TEST(ParseJson, RefusesWhatIsNotJson) {
    for (const char* text :
         {"",
          " ",
          "[",
          "]",
          "{",
          "}",
          "[1,]",
          "[,1]",
          "[1 2]",
          "{\"a\"}",
          "{\"a\":}",
          "{a:1}",
          "{\"a\":1,}",
          "{\"a\":1 \"b\":2}",
          "{1:2}",
          "'a'",
          "\"",
          "\"a",
          "tru",
          "TRUE",
          "nul",
          "trueish",
          "01",
          "-",
          "+1",
          ".5",
          "5.",
          "1e",
          "1e+",
          "1.e1",
          "0x10",
          "NaN",
          "Infinity",
          "-Infinity",
          "1 2",
          "[]]",
          "// c\n1",
          "/* c */ 1",
          "\"\\x\"",
          "\"\\u12\"",
          "\"\\u12G4\"",
          "\"\\ud800\"",
          "\"\\udc00\"",
          "\"\\ud800\\u0041\"",
          "\"\\ud800x\"",
          "\"\n\"",
          "\"\t\"",
          "\"\\u-123\"",
          "\"\\u+123\"",
          "<html><body>Maintenance</body></html>"}) {
        const auto json = parse_json(text);
        ASSERT_FALSE(json.has_value()) << text;
        EXPECT_EQ(json.error().code, ErrorCode::kInvalid) << text;
    }
    EXPECT_FALSE(parse_json(std::string_view("\0", 1)).has_value());
    EXPECT_FALSE(parse_json(std::string_view("1\0", 2)).has_value());
    EXPECT_FALSE(parse_json(std::string_view("\"a\0b\"", 5)).has_value());
}

TEST(ParseJson, RefusesBytesThatAreNotUtf8) {
    for (const char* bytes :
         {"\x80",
          "\xBF",
          "\xC0\x80",
          "\xC1\xBF",
          "\xC3",
          "\xC3(",
          "\xE0\x80\x80",
          "\xE2\x82",
          "\xED\xA0\x80",
          "\xED\xBF\xBF",
          "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80",
          "\xF0\x9F\x98",
          "\xFE",
          "\xFF"}) {
        EXPECT_EQ(
            refusal("\"" + std::string(bytes) + "\"").find("a string that is not UTF-8") !=
                std::string::npos,
            true
        ) << refusal("\"" + std::string(bytes) + "\"");
        EXPECT_FALSE(parse_json("{\"" + std::string(bytes) + "\": 1}").has_value());
    }
    for (const char* bytes :
         {"\xC2\x80",
          "\xDF\xBF",
          "\xE0\xA0\x80",
          "\xED\x9F\xBF",
          "\xEE\x80\x80",
          "\xF0\x90\x80\x80",
          "\xF4\x8F\xBF\xBF"}) {
        EXPECT_EQ(parsed("\"" + std::string(bytes) + "\""), bytes);
    }
}

TEST(ParseJson, RefusesNestingThatWouldOverflowTheStack) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(parse_json(nested(100)).has_value());
    EXPECT_EQ(refusal(nested(101)), "JSON nested deeper than 100 levels");
    EXPECT_EQ(refusal(std::string(1'000'000, '[')), "JSON nested deeper than 100 levels");
    std::string objects;
    for (int i = 0; i < 101; ++i) {
        objects += "{\"a\":";
    }
    EXPECT_EQ(refusal(objects), "JSON nested deeper than 100 levels");
}

TEST(ParseJson, NamesTheByteAndWhatWasExpectedThere) {
    EXPECT_EQ(
        refusal("{\"id\": 12, }"), "not valid JSON at byte 12: expected a member's name in quotes"
    );
    EXPECT_EQ(refusal("{\"id\": 12"), "not valid JSON at byte 10 (its end): expected ',' or '}'");
    EXPECT_EQ(refusal("[1] x"), "not valid JSON at byte 5: expected the end of the text");
    EXPECT_EQ(refusal(""), "not valid JSON at byte 1 (its end): expected a value");
}

TEST(ParseJson, NeverQuotesTheTextSinceItMayHoldASecret) {
    for (const char* text :
         {R"({"access_token": "s3cret-token)",
          R"({"access_token": s3cret-token})",
          R"({"access_token": "s3cret-token" "x": 1})",
          "s3cret-token",
          "{\"access_token\": \"s3cret-token\xFF\"}",
          R"({"access_token": "s3cret-token\q"})"}) {
        EXPECT_EQ(refusal(text).find("s3cret"), std::string::npos) << refusal(text);
        EXPECT_EQ(refusal(text).rfind("not valid JSON at byte ", 0), 0U) << refusal(text);
    }
}

TEST(ParseJson, ReadsOnlyTheTextItWasGiven) {
    const std::string text = "12345";
    EXPECT_EQ(parsed(std::string_view(text).substr(0, 2)), 12);
    EXPECT_EQ(
        refusal(std::string_view("\"abc\"").substr(0, 4)),
        "not valid JSON at byte 5 (its end): a string without its closing quote"
    );
}

TEST(DumpJson, ReplacesInvalidUtf8InsteadOfThrowing) {
    EXPECT_EQ(
        dump_json(Json("a\xFF"
                       "b")),
        "\"a\xEF\xBF\xBD"
        "b\""
    );
}

TEST(Excerpt, ShowsTheKindOrTheBeginningOfAScalar) {
    EXPECT_EQ(detail::excerpt(parsed(R"({"password": "p"})")), "an object");
    EXPECT_EQ(detail::excerpt(parsed("[1, 2]")), "an array");
    EXPECT_EQ(detail::excerpt(parsed("true")), "true");
    EXPECT_EQ(detail::excerpt(parsed("null")), "null");
    EXPECT_EQ(detail::excerpt(Json(std::string(59, 'x') + "ää")), '"' + std::string(59, 'x') + '"');
}

}  // namespace
}  // namespace syncline
