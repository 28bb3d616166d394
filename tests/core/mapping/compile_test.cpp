#include "core/json_problems.hpp"
#include "mapping.hpp"

namespace syncline::mapping::testing {
namespace {

struct Refused {
    const char* what;
    const char* rule;
    const char* problem;  // a line of the error begins with it or has it
};

void expect_refused(const Refused& row, const TargetSchema& target) {
    const Json json = definition_with(Json::array({json_of_text(row.rule)}));
    const std::string problems = problems_of(json, target);
    EXPECT_NE(problems.find(row.problem), std::string::npos)
        << row.what << "\nexpected: " << row.problem << "\nfound: " << problems;
}

TEST(MappingCompile, RefusesWhatCannotBeRight) {
    const std::vector<Refused> table{
        {"a path the model does not have",
         R"({"source": "billing.emial", "target": "Any"})",
         "/rules/0/source: 'billing.emial': there is no member 'emial' (there are: first_name"},
        {"a path that is none",
         R"({"source": "billing..email", "target": "Any"})",
         "/rules/0/source: expected a member's name at character 9 of the path"},
        {"a list without an element",
         R"({"source": "lines.sku", "target": "Any"})",
         "choose elements with [0], [name=value] or []"},
        {"an element of what is no list",
         R"({"source": "number[0]", "target": "Any"})",
         "a text has no elements"},
        {"an element by a member it has not",
         R"({"source": "lines[colour=red].sku", "target": "Any"})",
         "there is no member 'colour'"},
        {"a function that does not exist",
         R"({"source": "number", "target": "Any", "transform": ["shout"]})",
         "/rules/0/transform/0: there is no such function; there are add, coalesce"},
        {"too many arguments",
         R"({"source": "number", "target": "Any", "transform": [{"trim": 1}]})",
         "/rules/0/transform/0/trim: expected the arguments []"},
        {"too few arguments",
         R"({"source": "number", "target": "Any", "transform": [{"replace": "a"}]})",
         "expected the arguments [from, to]"},
        {"a number where there is a text",
         R"({"source": "number", "target": "Any", "transform": [{"round": 1}]})",
         "expected a number or an amount, found a text; use number"},
        {"a text function on a list",
         R"({"source": "lines[].sku", "target": "Any", "transform": ["trim"]})",
         "found a list; use map, first, join or count"},
        {"a wrong type inside map",
         R"({"source": "lines[].sku", "target": "Any", "transform": [{"map": [{"add": 1}]}]})",
         "/rules/0/transform/0/map/0: expected a number or an amount, found a text"},
        {"a table that is not there",
         R"({"source": "number", "target": "Any", "transform": [{"lookup": "t"}]})",
         "there is no such table"},
        {"a zone that is none",
         R"({"source": "created_at", "target": "Any", "transform": [{"date_format": ["%Y", "X"]}]})",
         "'X' is not an IANA time zone"},
        {"a format that is none",
         R"({"source": "created_at", "target": "Any", "transform": [{"date_format": ["%Q", "UTC"]}]})",
         "expected one of %Y"},
        {"a mode of rounding that is none",
         R"({"source": "raw.n", "target": "Any", "transform": [{"round": [0, "up"]}]})",
         "expected half_up, half_even or down"},
        {"decimals without end",
         R"({"source": "raw.n", "target": "Any", "transform": [{"round": 99}]})",
         "expected 0 to 12 decimals"},
        {"an empty separator",
         R"({"source": "number", "target": "Any", "transform": [{"split": ""}]})",
         "expected a text that is not empty"},
        {"a template that is not closed",
         R"({"source": "number", "target": "Any", "transform": [{"template": "a {number"}]})",
         "a '{' is not closed"},
        {"a template with a bad path",
         R"({"source": "number", "target": "Any", "transform": [{"template": "{numbr}"}]})",
         "there is no member 'numbr'"},
        {"a condition that is none",
         R"({"source": "number", "target": "Any", "when": {"same": [1, 1]}})",
         "/rules/0/when: expected a condition"},
        {"a text compared with a number",
         R"({"source": "number", "target": "Any", "when": {"less": [{"path": "total"}, "much"]}})",
         "/rules/0/when/less: it is compared with a number"},
        {"an argument of no form",
         R"({"source": "number", "target": "Any", "transform": [{"concat": [{"paht": "x"}]}]})",
         "/rules/0/transform/0/concat/0: expected {\"path\""},
        {"members of a text",
         R"({"source": "number", "target": "Any", "transform": [{"template": "{@.x}"}]})",
         "the value here is a text, which has no members"},
        {"the value here as a source",
         R"({"source": "@", "target": "Any"})",
         "/rules/0/source: '@' stands for a value"},
        {"a rule that does nothing", R"({"target": "Any"})", "/rules/0: the rule has neither"},
        {"required with a default",
         R"({"source": "number", "target": "Any", "default": "x", "required": true})",
         "/rules/0/required: a rule with a default is never without a value"},
        {"a place the target does not have",
         R"({"source": "number", "target": "Meno.value"})",
         "/rules/0/target: invoice has no such place for a mapping (there are: Memo.value"},
        {"a list for a text",
         R"({"source": "lines[].sku", "target": "Memo.value"})",
         "/rules/0/target: takes a text, and this is a list"},
        {"a time for a date",
         R"({"source": "created_at", "target": "Ship"})",
         "/rules/0/target: takes a date (YYYY-MM-DD), and this is a time; use date_format"},
        {"a text for a number",
         R"({"source": "number", "target": "Weight"})",
         "/rules/0/target: takes a number, and this is a text"},
        {"a text for true or false",
         R"({"source": "number", "target": "Paid"})",
         "/rules/0/target: takes true or false, and this is a text"},
        {"a text spread over a list",
         R"({"source": "number", "target": "Tags[]"})",
         "/rules/0/target: [] takes a list, and this is a text"},
        {"two spreads", R"({"source": "lines[].sku", "target": "Tags[].x[]"})", "at most one []"},
        {"a default of nothing for every element",
         R"({"source": "lines[].sku", "target": "Tags[]", "default": null})",
         "/rules/0/default: [] takes a list, and this is nothing"},
        {"a default that is too long",
         R"({"target": "Memo.value", "default": "eleven long"})",
         "/rules/0/default: longer than the 10 characters the target takes"},
        {"a default the target does not have",
         R"({"target": "Term.value", "default": "4"})",
         "/rules/0/default: the target has no '4' to refer to (there are: 3, 5)"},
        {"a custom field that was not discovered",
         R"({"target": "Field[Id=3].Value", "default": "x"})",
         "/rules/0/target: the target has no element with Id 3; it has 2: 1, 2"},
        {"a custom field by its place",
         R"({"target": "Field[0].Value", "default": "x"})",
         "/rules/0/target: invoice has no such place"},
    };
    const TargetSchema target = invoices();
    for (const auto& row : table) {
        expect_refused(row, target);
    }
}

TEST(MappingCompile, RefusesToSetWhatTheConnectorOwns) {
    const std::vector<Refused> table{
        {"itself", R"({"source": "number", "target": "Total"})", "owns /Total of invoice"},
        {"below", R"({"source": "number", "target": "Line[0].Text"})", "owns /Line of"},
        {"below any element", R"({"source": "number", "target": "Line[Id=1].Text"})", "owns /Line"},
        {"above", R"({"target": "Customer", "default": {"Name": "x"}})", "owns /Customer/Ref"},
        {"an element", R"({"source": "number", "target": "Sums[0].Tax"})", "owns /Sums/0/Tax"},
        {"an element that may be it", R"({"source": "number", "target": "Sums[k=v].Tax"})", "owns"},
        {"every element", R"({"source": "lines[].sku", "target": "Sums[].Tax"})", "owns /Sums/0"},
        {"our own words", R"({"source": "number", "target": "Any.$need"})", "begin with '$'"},
        {"our own words by key", R"({"source": "number", "target": "Any[$need=1]"})", "with '$'"},
        {"in a default", R"({"target": "Any", "default": {"x": [{"$need": "y"}]}})", "with '$'"},
    };
    TargetSchema target = invoices();
    for (const bool open : {false, true}) {
        if (open) {
            target.paths.clear();
        }
        for (const auto& row : table) {
            expect_refused(row, target);
        }
    }
    const Json beside = definition_with(json_of_text(R"([
        {"source": "number", "target": "Sums[1].Tax"}, {"source": "number", "target": "Totals"},
        {"source": "number", "target": "Customer.Name"}])"));
    EXPECT_EQ(problems_of(beside, target), "");
}

TEST(MappingCompile, RefusesWhateverMayDropDigitsOfAnAmount) {
    const char* kRefused[] = {
        R"({"source": "total", "transform": [{"round": 2}], "target": "Any"})",
        R"({"source": "total.amount", "transform": [{"round": 2}], "target": "Any"})",
        R"({"source": "total", "transform": ["number", {"round": 2}], "target": "Any"})",
        R"({"source": "total", "transform": [{"number_format": 2}], "target": "Any"})",
        R"({"source": "total", "transform": ["money_format", {"substring": [0, 4]}], "target": "Any"})",
        R"({"source": "total", "transform": ["money_format", {"replace": ["1", ""]}], "target": "Any"})",
        R"({"source": "total", "transform": ["trim", "number", {"round": 0}], "target": "Any"})",
        R"({"source": "total", "transform": [{"concat": [""]}, "number", {"round": 0}], "target": "Any"})",
        R"({"source": "number", "transform": [{"template": "{total}"}, "number", {"round": 0}], "target": "Any"})",
        R"({"source": "lines[].total", "transform": ["first", {"round": 0}], "target": "Any"})",
        R"({"source": "lines[].total", "transform": [{"map": [{"round": 0}]}], "target": "Any"})",
        R"({"source": "lines", "transform": [{"map": [{"template": "{@.total}"}]}, {"join": ","}, {"split": "."}], "target": "Any"})",
        R"({"source": "lines[].unit_price", "transform": [{"map": [{"round": 0}]}], "target": "Any"})",
        R"({"source": "total", "transform": [{"multiply": "0.5"}, {"round": 2}], "target": "Any"})",
        R"({"source": "lines[0].quantity", "transform": [{"multiply": {"path": "total"}}, {"round": 2}], "target": "Any"})",
        R"({"source": "number", "transform": [{"coalesce": {"path": "total"}}, {"substring": 1}], "target": "Any"})",
        R"({"source": "number", "transform": [{"if": [{"exists": {"path": "@"}}, {"path": "total"}, "x"]}, {"substring": 1}], "target": "Any"})",
        R"({"source": "number", "transform": [{"match": [["*", {"path": "total"}]]}, {"round": 0}], "target": "Any"})",
        R"({"source": "raw.total", "transform": ["number", {"round": 2}], "target": "Any"})",
        R"({"source": "raw.line_items[].total_tax", "transform": [{"map": ["number", {"round": 2}]}], "target": "Any"})",
        R"({"source": "document.Line[0].Amount", "transform": ["number", {"round": 2}], "target": "Any"})",
    };
    for (const char* rule : kRefused) {
        const std::string problems =
            problems_of(definition_with(Json::array({json_of_text(rule)})), open_target("invoice"));
        const bool named = problems.find("may drop digits") != std::string::npos ||
                           problems.find("keeps its decimals") != std::string::npos;
        EXPECT_TRUE(named) << rule << "\n" << problems;
    }
    const char* kTaken[] = {
        R"({"source": "lines[0].quantity", "transform": [{"round": 0}], "target": "Any"})",
        R"({"source": "tax_lines[0].percent", "transform": [{"number_format": 1}], "target": "Any"})",
        R"({"source": "raw.weight", "transform": ["number", {"round": 1}], "target": "Any"})",
        R"({"source": "total", "transform": [{"match": [["0*", "free"], ["*", "paid"]]}, {"substring": [0, 1]}], "target": "Any"})",
        R"({"source": "lines[].total", "transform": ["count", {"round": 0}], "target": "Any"})",
    };
    for (const char* rule : kTaken) {
        EXPECT_EQ(
            problems_of(definition_with(Json::array({json_of_text(rule)})), open_target("invoice")),
            ""
        ) << rule;
    }
}

TEST(MappingCompile, RefusesBinaryNumbersWhereverTheyStand) {
    const auto refused = [](Json definition, const std::string& pointer) {
        const std::string problems = problems_of(definition, open_target("invoice"));
        EXPECT_NE(problems.find(pointer + ": a binary floating point number"), std::string::npos)
            << problems;
    };
    Json rule{{"source", "total"}, {"target", "Any"}, {"transform", {{{"multiply", 0.1}}}}};
    refused(definition_with({rule}), "/rules/0/transform/0/multiply");
    rule["transform"] = {{{"add", {"1", 0.5}}}};
    refused(definition_with({rule}), "/rules/0/transform/0/add/1");
    refused(definition_with({{{"target", "Any"}, {"default", 1.5}}}), "/rules/0/default");
    refused(
        definition_with({{{"target", "Any"}, {"default", {{"a", {1, 2.5}}}}}}),
        "/rules/0/default/a/1"
    );
    rule["transform"] = Json::array();
    rule["when"] = {{"greater", {{{"path", "total"}}, 9.99}}};
    refused(definition_with({rule}), "/rules/0/when/greater/1");
    // As text from outside a fraction never becomes one.
    const Json read = json_of_text(
        R"({"name": "m", "source_entity": "order", "target": "t", "target_entity": "invoice", "rules":
            [{"source": "total", "target": "Any", "transform": [{"multiply": 0.1}]}]})"
    );
    EXPECT_EQ(problems_of(read, open_target("invoice")), "");
}

TEST(MappingCompile, NamesAllProblemsAtOnceEachWithItsPointer) {
    const Json json = definition_with(json_of_text(R"([
        {"source": "nmber", "target": "Total"},
        {"source": "number", "target": "Memo.value", "transform": ["shout"], "when": {"not": 1}}])")
    );
    const auto definition = parse_definition(json);
    ASSERT_TRUE(definition);
    const auto program = compile(*definition, invoices());
    ASSERT_FALSE(program);
    EXPECT_EQ(program.error().name, "mapping.invalid");
    std::vector<std::string> pointers;
    for (const auto& line : problem_lines(program.error().message)) {
        pointers.push_back(split_problem(line).pointer);
    }
    EXPECT_EQ(
        pointers,
        (std::vector<std::string>{
            "/rules/0/source", "/rules/0/target", "/rules/1/transform/0", "/rules/1/when/not"})
    );
}

TEST(MappingCompile, ChecksTheTestsInput) {
    Json json = definition_with(json_of_text(R"([{"source": "number", "target": "Memo.value"}])"));
    json["tests"] = json_of_text(R"([
        {"name": "a", "input": {"nmber": "1"}, "expected": {}},
        {"name": "b", "input": {"total": 5}, "expected": {}},
        {"name": "c", "input": {}},
        {"name": "d", "input": {}, "expected": {}, "hold": "x"}])");
    const std::string problems = problems_of(json, invoices());
    EXPECT_NE(problems.find("/tests/0/input/nmber: unknown"), std::string::npos) << problems;
    EXPECT_NE(problems.find("/tests/1/input/total: expected"), std::string::npos) << problems;
    EXPECT_NE(problems.find("/tests/2: expected either"), std::string::npos) << problems;
    EXPECT_NE(problems.find("/tests/3: expected either"), std::string::npos) << problems;
}

TEST(MappingCompile, KnowsTheModelsAndNoOthers) {
    for (const char* entity : {"order", "customer", "product", "refund", "payment", "invoice"}) {
        const Json json =
            definition_with(json_of_text(R"([{"source": "id", "target": "Any"}])"), entity);
        EXPECT_EQ(problems_of(json, open_target("invoice")), "") << entity;
    }
    const Json json = definition_with(Json::array(), "voucher");
    EXPECT_NE(
        problems_of(json, open_target("invoice"))
            .find("/source_entity: there is no entity 'voucher'"),
        std::string::npos
    );
}

TEST(MappingCompile, ATargetIsOneTheConnectorWrites) {
    Catalog catalog;
    catalog.entities.resize(2);
    catalog.entities[0].name = "order";
    catalog.entities[1].name = "invoice";
    catalog.entities[1].write = {"create"};
    EXPECT_TRUE(target_schema(catalog, "invoice"));
    EXPECT_FALSE(target_schema(catalog, "order"));
    EXPECT_FALSE(target_schema(catalog, "bill"));
    catalog.entities[1].mappable = {{"Memo..x", "text", 0, {}, {}}};
    EXPECT_FALSE(target_schema(catalog, "invoice"));
    catalog.entities[1].mappable = {{"Memo", "txt", 0, {}, {}}};
    EXPECT_FALSE(target_schema(catalog, "invoice"));
}

}  // namespace
}  // namespace syncline::mapping::testing
