// docs/mapping.md: what it shows is so.
#include <set>

#include "core/mapping/functions.hpp"
#include "mapping.hpp"

namespace syncline::mapping::testing {
namespace {

// The blocks of the page that begin with ```json {kind}.
std::vector<std::string> blocks_of_page(const std::string& kind) {
    const std::string page = text_of_file("docs/mapping.md");
    const std::string opening = "```json " + kind + "\n";
    std::vector<std::string> blocks;
    for (std::size_t at = page.find(opening); at != std::string::npos;) {
        const std::size_t begin = at + opening.size();
        const std::size_t end = page.find("\n```", begin);
        blocks.push_back(page.substr(begin, end - begin));
        at = page.find(opening, end);
    }
    return blocks;
}

// An example is one rule that sets "result".
void run_example(const Json& example) {
    Json rule{{"target", "result"}, {"transform", example["transform"]}};
    rule["source"] = example.value("source", "raw.value");
    Json json = definition_with(Json::array({rule}));
    json["tables"] = example.value("tables", Json::object());
    const std::string problems = problems_of(json, open_target("invoice"));
    if (example.contains("refused")) {
        EXPECT_NE(problems.find(example["refused"].get<std::string>()), std::string::npos)
            << example << "\n"
            << problems;
        return;
    }
    ASSERT_EQ(problems, "") << example;
    const Json record = example.contains("input") ? Json{{"raw", {{"value", example["input"]}}}}
                                                  : example["record"];
    const auto whole = complete_record("order", record);
    ASSERT_TRUE(whole) << example << whole.error().message;
    const Json body = applied(program_of(json, open_target("invoice")), *whole);
    if (example.contains("held")) {
        EXPECT_NE(dump_json(body).find(example["held"].get<std::string>()), std::string::npos)
            << example << "\n"
            << body;
        return;
    }
    ASSERT_TRUE(body.is_object()) << example << "\n" << body;
    EXPECT_EQ(body.value("result", Json()), example.at("gives")) << example;
}

// The functions and conditions that an expression names, whatever else it names.
void collect_names(const Json& json, std::set<std::string>& names) {
    if (json.is_string()) {
        names.insert(json.get<std::string>());
    }
    if (json.is_structured()) {
        for (const auto& entry : json.items()) {
            if (json.is_object()) {
                names.insert(entry.key());
            }
            collect_names(entry.value(), names);
        }
    }
}

TEST(MappingPage, EveryExampleGivesWhatItSays) {
    const auto examples = blocks_of_page("example");
    EXPECT_GT(examples.size(), 30u);
    for (const auto& text : examples) {
        run_example(json_of_text(text));
    }
}

TEST(MappingPage, EveryFunctionAndConditionHasAnExampleThatGivesSomething) {
    std::set<std::string> shown;
    for (const auto& text : blocks_of_page("example")) {
        const Json example = json_of_text(text);
        if (example.contains("gives")) {
            collect_names(example["transform"], shown);
        }
    }
    for (const auto& function : all_functions()) {
        EXPECT_TRUE(shown.count(std::string(function.name))) << function.name;
    }
    for (const char* condition :
         {"equals",
          "not_equals",
          "less",
          "at_most",
          "greater",
          "at_least",
          "in",
          "exists",
          "matches",
          "all",
          "any",
          "not"}) {
        EXPECT_TRUE(shown.count(condition)) << condition;
    }
}

TEST(MappingPage, ItsWholeMappingPassesItsOwnTests) {
    const auto wholes = blocks_of_page("mapping");
    ASSERT_EQ(wholes.size(), 1u);
    const Program program = program_of(json_of_text(wholes.front()), open_target("invoice"));
    const auto results = run_tests(program);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_TRUE(results.front().passed) << results.front().problem << results.front().differences;
}

TEST(MappingPage, NamesEveryFunctionInItsTables) {
    const std::string page = text_of_file("docs/mapping.md");
    for (const auto& function : all_functions()) {
        EXPECT_NE(page.find("`" + std::string(function.name) + "`"), std::string::npos)
            << function.name;
    }
}

}  // namespace
}  // namespace syncline::mapping::testing
