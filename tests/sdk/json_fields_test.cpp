#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/json_fields.hpp>

namespace syncline {

enum class Colour { kRed, kBlue };
template <>
struct EnumNames<Colour> {
    static constexpr std::array<std::pair<Colour, std::string_view>, 2> kNames{{
        {Colour::kRed, "red"},
        {Colour::kBlue, "blue"},
    }};
};

namespace {

struct Part {
    std::string name;
    Decimal quantity;

    static constexpr auto fields() {
        return field_list(field("name", &Part::name), field("quantity", &Part::quantity));
    }
};

struct Whole {
    std::string text = "default";
    bool flag = false;
    std::int64_t number = 7;
    std::int8_t small = 0;
    std::uint32_t natural = 0;
    Colour colour = Colour::kRed;
    Money price;
    Currency currency;
    Timestamp at;
    std::optional<Part> part;
    std::vector<Part> parts;
    std::map<std::string, Part> by_name;
    Json anything;
    std::string api_token;

    static constexpr auto fields() {
        return field_list(
            field("text", &Whole::text),
            field("flag", &Whole::flag),
            field("number", &Whole::number),
            field("small", &Whole::small),
            field("natural", &Whole::natural),
            field("colour", &Whole::colour),
            field("price", &Whole::price),
            field("currency", &Whole::currency),
            field("at", &Whole::at),
            field("part", &Whole::part),
            field("parts", &Whole::parts),
            field("by_name", &Whole::by_name),
            field("anything", &Whole::anything),
            field("api_token", &Whole::api_token)
        );
    }
};

// A connector's own struct may list its fields in a tuple.
struct Tupled {
    std::string a;
    std::int64_t b = 0;

    static constexpr auto fields() {
        return std::make_tuple(field("a", &Tupled::a), field("b", &Tupled::b));
    }
};

template <class T>
std::string refusal(std::string_view text, Unknown unknown = Unknown::kIgnore) {
    const auto read = from_json<T>(parse_json(text).value(), unknown);
    return read ? "it was taken" : read.error().message;
}

Whole read_whole(std::string_view text) {
    return from_json<Whole>(parse_json(text).value()).value();
}

TEST(JsonFields, WritesAndReadsEveryKindOfMember) {
    const char* text =
        R"({"anything":{"x":[1,null]},"api_token":"t","at":"2026-11-21T07:34:11.000Z",)"
        R"("by_name":{"bolt":{"name":"bolt","quantity":"1.5"}},"colour":"blue","currency":"EUR",)"
        R"("flag":true,"natural":4000000000,"number":-5,"part":{"name":"nut","quantity":"2"},)"
        R"("parts":[{"name":"a","quantity":"0.10"},{"name":"","quantity":"0"}],)"
        R"("price":{"amount":"12.34","currency":"EUR"},"small":-128,"text":"ä"})";
    const Whole whole = read_whole(text);
    EXPECT_EQ(whole.price.minor(), 1234);
    EXPECT_EQ(whole.parts.at(0).quantity.to_string(), "0.10");
    EXPECT_EQ(whole.colour, Colour::kBlue);
    EXPECT_EQ(to_json(whole).dump(), text);
}

TEST(JsonFields, AnAbsentOrNullMemberKeepsItsDefault) {
    const Whole whole = read_whole(R"({"text": null, "parts": null, "part": null})");
    EXPECT_EQ(whole.text, "default");
    EXPECT_EQ(whole.number, 7);
    EXPECT_FALSE(whole.part.has_value());
    EXPECT_FALSE(to_json(whole).contains("part"));
}

TEST(JsonFields, WhatWasNeverSetCanBeReadBack) {
    const auto back = from_json<Whole>(to_json(Whole{}));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_TRUE(back->currency.empty());
    EXPECT_EQ(back->price, Money{});
}

TEST(JsonFields, NamesThePlaceAsAJsonPointer) {
    EXPECT_EQ(
        refusal<Whole>(R"({"parts": [{"quantity": "1"}, {"quantity": true}]})"),
        "/parts/1/quantity: expected a decimal string, found true"
    );
    EXPECT_EQ(
        refusal<Whole>(R"({"by_name": {"a/b~c": {"name": 3}}})"),
        "/by_name/a~1b~0c/name: expected a string, found 3"
    );
    EXPECT_EQ(refusal<Whole>(R"([1])"), "the document: expected an object, found an array");
    EXPECT_EQ(
        refusal<Money>(R"({"amount": "1", "currency": "X"})").rfind("the document: 'X'", 0), 0U
    );
}

TEST(JsonFields, SaysWhatItExpected) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"flag": "yes"})", "/flag: expected true or false, found \"yes\""},
        {R"({"number": "7"})", "/number: expected an integer, found \"7\""},
        {R"({"number": 7.5})", "/number: expected an integer, found \"7.5\""},
        {R"({"colour": "green"})", "/colour: expected one of red blue, found \"green\""},
        {R"({"colour": 1})", "/colour: expected one of red blue, found 1"},
        {R"({"currency": "euro"})",
         "/currency: expected an ISO 4217 currency code, found \"euro\""},
        {R"({"at": "soon"})", "/at: expected a time (as 2026-11-21T07:34:11Z), found \"soon\""},
        {R"({"parts": {}})", "/parts: expected an array, found an object"},
        {R"({"parts": [null]})", "/parts/0: expected an object, found null"},
        {R"({"by_name": []})", "/by_name: expected an object, found an array"},
        {R"({"price": 12.34})",
         R"(/price: expected {"amount": "12.34", "currency": "EUR"}, found "12.34")"},
        {R"({"price": {"amount": 12, "currency": "EUR"}})",
         R"(/price: expected {"amount": "12.34", "currency": "EUR"}, found an object)"},
        {R"({"price": {"amount": "1.005", "currency": "EUR"}})",
         "/price: 1.005 has more decimals than EUR has (2)"},
    };
    for (const auto& [text, message] : cases) {
        EXPECT_EQ(refusal<Whole>(text), message);
    }
}

TEST(JsonFields, RefusesIntegersThatDoNotFit) {
    for (const char* text :
         {R"({"small": 128})",
          R"({"small": -129})",
          R"({"natural": -1})",
          R"({"natural": 4294967296})",
          R"({"number": 9223372036854775808})",
          R"({"number": 18446744073709551616})"}) {
        EXPECT_NE(refusal<Whole>(text), "it was taken") << text;
    }
    EXPECT_EQ(
        refusal<Whole>(R"({"small": 300})"),
        "/small: expected an integer from -128 to 127, found 300"
    );
    // A number that code, not text, put there is signed also when it is positive.
    EXPECT_FALSE(from_json<Whole>(Json{{"small", 300}}).has_value());
}

// A fraction is text from parse_json() on; nothing tells it from "0.10" in quotes.
TEST(JsonFields, ReadsANumbersOwnTextWhereTextIsWantedAndNowhereElse) {
    const auto whole = from_json<Whole>(parse_json(R"({"text": 1e999})").value());
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_EQ(whole->text, "1e999");
    for (const char* json :
         {R"({"number": 1e999})",
          R"({"flag": 1e999})",
          R"({"parts": 1e999})",
          R"({"at": 1e999})",
          R"({"part": {"quantity": 1e999}})"}) {
        EXPECT_FALSE(from_json<Whole>(parse_json(json).value())) << json;
    }
}

TEST(JsonFields, AnIntegerBeyond63BitsIsNoNegativeDecimal) {
    EXPECT_EQ(
        from_json<Decimal>(parse_json("9223372036854775807").value())->to_string(),
        "9223372036854775807"
    );
    EXPECT_FALSE(from_json<Decimal>(parse_json("18446744073709551615").value()).has_value());
    EXPECT_FALSE(from_json<Decimal>(parse_json("-9223372036854775808").value()).has_value());
    EXPECT_EQ(from_json<Decimal>(parse_json("12.340").value())->to_string(), "12.340");
}

TEST(JsonFields, AnAmountWithoutCurrencyIsRefusedUnlessItIsZero) {
    EXPECT_EQ(
        *from_json<Money>(parse_json(R"({"amount": "0.00", "currency": ""})").value()), Money{}
    );
    EXPECT_NE(refusal<Money>(R"({"amount": "5.00", "currency": ""})"), "it was taken");
    EXPECT_NE(refusal<Money>(R"({"amount": "x", "currency": ""})"), "it was taken");
}

TEST(JsonFields, IgnoresUnknownMembersUnlessReadStrictly) {
    const char* text = R"({"parts": [{"name": "a", "colour/x": 1}]})";
    EXPECT_EQ(refusal<Whole>(text), "it was taken");
    EXPECT_EQ(refusal<Whole>(text, Unknown::kRefuse), "/parts/0/colour~1x: unknown setting");
    EXPECT_EQ(
        refusal<Whole>(
            R"({"price": {"amount": "1", "currency": "EUR", "tax": 1}})", Unknown::kRefuse
        ),
        "/price/tax: unknown setting"
    );
}

TEST(JsonFields, DoesNotShowWhatMayBeASecret) {
    EXPECT_EQ(
        refusal<Whole>(R"({"api_token": 12345})"),
        "/api_token: expected a string, found something else"
    );
    EXPECT_EQ(refusal<Whole>(R"(["s3cret"])"), "the document: expected an object, found an array");
}

TEST(JsonFields, ShowsOnlyTheBeginningOfALongText) {
    const std::string message =
        from_json<Whole>(Json{{"number", std::string(1'000'000, 'x')}}).error().message;
    EXPECT_EQ(message, "/number: expected an integer, found \"" + std::string(60, 'x') + "\"");
}

TEST(JsonFields, AcceptsFieldsInATuple) {
    const auto read =
        from_json<Tupled>(parse_json(R"({"a": "x", "b": 2})").value(), Unknown::kRefuse);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(to_json(*read).dump(), R"({"a":"x","b":2})");
    EXPECT_EQ(refusal<Tupled>(R"({"c": 1})", Unknown::kRefuse), "/c: unknown setting");
}

TEST(JsonFields, ReadsWholeListsAndMaps) {
    const auto list = from_json<std::vector<Part>>(parse_json(R"([{"name": "a"}])").value());
    EXPECT_EQ(list.value().at(0).name, "a");
    EXPECT_EQ(
        refusal<std::vector<Part>>(R"([{"name": 1}])"), "/0/name: expected a string, found 1"
    );
    const auto map =
        from_json<std::map<std::string, std::int64_t>>(parse_json(R"({"a": 1})").value());
    EXPECT_EQ(map.value().at("a"), 1);
}

}  // namespace
}  // namespace syncline
