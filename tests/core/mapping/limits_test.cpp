// What no record and no definition can bring about: work without end, texts without end.
#include "core/mapping/characters.hpp"
#include "core/mapping/path.hpp"
#include "mapping.hpp"

namespace syncline::mapping::testing {
namespace {

Json record_with_list(std::size_t size, const Json& element) {
    Json record = *complete_record("order", Json::object());
    record["raw"] = {{"list", Json(size, element)}, {"text", std::string(2'000, 'x')}};
    return record;
}

void expect_limit(const Json& rule, const Json& record, const std::string& words) {
    const Json body = applied_rule(rule, record);
    EXPECT_TRUE(body.is_string()) << rule;
    EXPECT_NE(dump_json(body).find("MAPPING_LIMIT"), std::string::npos) << body;
    EXPECT_NE(dump_json(body).find(words), std::string::npos) << body;
}

TEST(MappingLimits, FanOutEndsAtAThousandElements) {
    const Json each{{"source", "raw.list[].a"}, {"target", "x"}};
    const Json whole{{"source", "raw.list"}, {"target", "x"}};
    const Json element{{"a", "1"}};
    for (const Json& rule : {each, whole}) {
        EXPECT_TRUE(applied_rule(rule, record_with_list(kListMax, element)).is_object());
        expect_limit(rule, record_with_list(kListMax + 1, element), "elements");
    }
    // Lists in lists count together.
    const Json nested{{"source", "raw.list[].b[]"}, {"target", "x"}};
    EXPECT_TRUE(applied_rule(nested, record_with_list(10, {{"b", Json(100, "1")}})).is_object());
    expect_limit(nested, record_with_list(11, {{"b", Json(100, "1")}}), "elements");
}

TEST(MappingLimits, TextsEndAtSixteenKilobytes) {
    const auto grow = [](const Json& step) {
        return Json{{"source", "raw.text"}, {"target", "x"}, {"transform", Json(3, step)}};
    };
    const Json record = record_with_list(0, "");
    const Json self{{"path", "@"}};
    expect_limit(grow({{"concat", Json(3, self)}}), record, "16384 bytes");
    expect_limit(grow({{"template", "{@}{@}{@}{@}"}}), record, "16384 bytes");
    expect_limit(grow({{"replace", {"x", std::string(20, 'x')}}}), record, "16384 bytes");
    const Json join{
        {"source", "raw.list"},
        {"target", "x"},
        {"transform", {{{"join", std::string(100, '-')}}}}};
    expect_limit(join, record_with_list(200, "a"), "16384 bytes");
    const Json split{{"source", "raw.text"}, {"target", "x"}, {"transform", {{{"split", "a"}}}}};
    Json many = record;
    for (std::size_t i = 0; i <= kListMax; ++i) {
        many["raw"]["text"] = many["raw"]["text"].get<std::string>() + "ab";
    }
    expect_limit(split, many, "parts");
}

TEST(MappingLimits, WorkEndsHoweverRulesAreNested) {
    // A thousand elements, for each of which a thousand are looked at.
    const Json inner{{"path", "raw.list"}, {"transform", {{{"map", {"trim"}}}, {{"join", ""}}}}};
    const Json rule{
        {"source", "raw.list"},
        {"target", "x"},
        {"transform", {{{"map", {{{"concat", {inner}}}}}}, {{"join", ""}}}}};
    expect_limit(rule, record_with_list(kListMax, "a"), "50000 steps");
    const Json where{{"source", "raw.list[].b[k=v].c"}, {"target", "x"}};
    expect_limit(where, record_with_list(kListMax, {{"b", Json(100, Json{{"k", "w"}})}}), "steps");
}

TEST(MappingLimits, ExpressionsAreTwelveDeep) {
    const auto nested = [](int depth) {
        Json step = "trim";
        for (int i = 0; i < depth; ++i) {
            step = {{"concat", {{{"path", "number"}, {"transform", {step}}}}}};
        }
        return definition_with({{{"source", "number"}, {"target", "x"}, {"transform", {step}}}});
    };
    EXPECT_EQ(problems_of(nested(5), open_target("invoice")), "");
    EXPECT_NE(
        problems_of(nested(40), open_target("invoice")).find("nested more than 12 deep"),
        std::string::npos
    );
    Json condition{{"exists", {{"path", "number"}}}};
    for (int i = 0; i < 40; ++i) {
        condition = {{"not", condition}};
    }
    const Json json =
        definition_with({{{"source", "number"}, {"target", "x"}, {"when", condition}}});
    EXPECT_NE(
        problems_of(json, open_target("invoice")).find("nested more than 12 deep"),
        std::string::npos
    );
}

TEST(MappingLimits, PathsHaveTwelveSteps) {
    const auto path = [](std::size_t steps) {
        std::string text = "raw";
        for (std::size_t i = 1; i < steps; ++i) {
            text += ".a";
        }
        return text;
    };
    EXPECT_TRUE(parse_path(path(kPathStepsMax)));
    EXPECT_FALSE(parse_path(path(kPathStepsMax + 1)));
    EXPECT_FALSE(parse_path(std::string(kPathBytesMax + 1, 'a')));
    EXPECT_FALSE(parse_path("a[1000]"));
    EXPECT_FALSE(parse_path("a[99999999999999999999]"));
}

TEST(MappingPaths, ReadAsTheyWereWritten) {
    for (const char* text :
         {"a",
          "a.b",
          "a[0].b",
          "a[].b[]",
          "a[k=v].b",
          "a[k=].b",
          R"(a["b.c"].d)",
          R"(["x"])",
          "a[k=v=w]",
          "a b.c"}) {
        const auto path = parse_path(text);
        ASSERT_TRUE(path) << text << ": " << path.error().message;
        EXPECT_EQ(parse_path(path_text(*path))->size(), path->size()) << text;
    }
    EXPECT_EQ(path_text(*parse_path(R"(a["b.c"].d[3][k=v][])")), R"(a["b.c"].d[3][k=v][])");
    for (const char* text :
         {"",
          ".",
          "a.",
          ".a",
          "a..b",
          "[0]",
          "[]",
          "a[",
          "a[1",
          "a[x]",
          "a[-1]",
          "a]b",
          R"(a["])",
          R"(a["")",
          "a\"b",
          "a[=v]"}) {
        EXPECT_FALSE(parse_path(text)) << text;
    }
}

TEST(MappingCharacters, AreThoseOfAReader) {
    EXPECT_EQ(characters_of("añb", 1, 1), "ñ");
    EXPECT_EQ(characters_of("e\u0301x", 0, 1), "e\u0301");
    EXPECT_EQ(characters_of("abc", -2, 5), "bc");
    EXPECT_EQ(characters_of("abc", -9, 1), "a");
    EXPECT_EQ(characters_of("abc", 3, 1), "");
    EXPECT_EQ(characters_of("", 0, 1), "");
    EXPECT_EQ(cut_to("e\u0301x", 1), "");
    EXPECT_EQ(cut_to("e\u0301x", 2), "e\u0301");
    EXPECT_EQ(cut_to("abc", 3), "abc");
    EXPECT_EQ(trimmed("\u00a0 a b\n\u2003"), "a b");
    EXPECT_EQ(trimmed(" \t"), "");
    EXPECT_EQ(
        upper_case("\xff"
                   "a"),
        "A"
    );
    EXPECT_EQ(cut_to("\xff\xfe\xfd", 2), "\xff\xfe");
}

TEST(MappingCharacters, FitPatterns) {
    struct Row {
        const char* text;
        const char* pattern;
        bool fits;
    };
    const std::vector<Row> table{
        {"", "", true},
        {"", "*", true},
        {"", "?", false},
        {"abc", "a*", true},
        {"abc", "*c", true},
        {"abc", "a?c", true},
        {"äbc", "?bc", true},
        {"abc", "a?", false},
        {"abc", "**b**", true},
        {"aab", "*ab", true},
        {"ab", "abc", false},
        {"a*c", "a*c", true},
        {"stripe_cc", "stripe*", true},
        {"Stripe", "stripe*", false},
    };
    for (const auto& row : table) {
        EXPECT_EQ(matches_glob(row.text, row.pattern), row.fits) << row.text << " " << row.pattern;
    }
    EXPECT_FALSE(matches_glob(std::string(20'000, 'a'), std::string(50, '*') + "b"));
}

}  // namespace
}  // namespace syncline::mapping::testing
