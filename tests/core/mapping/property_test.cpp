// Whatever the rules, whatever the record.
#include <rapidcheck/gtest.h>

#include "core/mapping/functions.hpp"
#include "mapping.hpp"

namespace syncline::mapping::testing {
namespace {

template <class T>
T one_of(const std::vector<T>& all) {
    return *rc::gen::elementOf(all);
}

std::string any_word() {
    return one_of<std::string>(
        {"",
         "a",
         "Ann",
         "12.34",
         "1,234.5",
         "-7",
         "ä€👩‍🚀",
         " x ",
         "2026-11-21T03:34:12Z",
         "2026-11-21",
         "*",
         "%Y",
         "UTC",
         "Europe/Berlin",
         "half_even",
         "names",
         "{total}",
         "{@}",
         "$need"}
    );
}

std::string any_source() {
    return one_of<std::string>(
        {"",
         "number",
         "total",
         "total.amount",
         "total.currency",
         "lines",
         "lines[].total",
         "lines[].sku",
         "lines[0].quantity",
         "lines[].taxes[].amount",
         "lines[sku=a].name",
         "created_at",
         "paid_at",
         "prices_include_tax",
         "billing",
         "billing.email",
         "raw",
         "raw.list",
         "raw.list[]",
         "raw.meta_data[key=k].value",
         "raw.total",
         "raw.n",
         "document.Memo.value",
         "document.Total",
         "status",
         "tax_lines[].percent",
         "nonsense",
         "fees[0].total",
         "currency"}
    );
}

Json any_operand(int depth);

Json any_step(int depth) {
    const auto& functions = all_functions();
    const std::string name(functions[*rc::gen::inRange<std::size_t>(0, functions.size())].name);
    if (name == "map") {
        return {{name, Json::array({depth > 0 ? any_step(depth - 1) : Json("trim")})}};
    }
    if (name == "if") {
        const std::string comparison =
            one_of<std::string>({"equals", "not_equals", "less", "at_least", "greater", "at_most"});
        const Json condition{{comparison, {any_operand(depth - 1), any_operand(depth - 1)}}};
        return {{name, {condition, any_operand(depth - 1), any_operand(depth - 1)}}};
    }
    if (name == "match") {
        return {{name, {{any_word(), any_operand(depth - 1)}, {"*", any_operand(depth - 1)}}}};
    }
    if (name == "template") {
        return {
            {name, one_of<std::string>({"{@}", "a {number} {total}", "{{}}", "{raw.n}{@}", "x"})}};
    }
    Json arguments = Json::array();
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
        arguments.push_back(any_operand(depth - 1));
    }
    return arguments.empty() ? Json(name) : Json{{name, arguments}};
}

Json any_operand(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4)) {
        case 0:
            return any_word();
        case 1:
            return *rc::gen::inRange(-3, 70);
        case 2:
            return nullptr;
        case 3:
            return *rc::gen::arbitrary<bool>();
        default:
            break;
    }
    Json transform = Json::array();
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
        transform.push_back(any_step(depth - 1));
    }
    return {{"path", one_of<std::string>({"@", "@.sku", any_source()})}, {"transform", transform}};
}

Json any_rule() {
    Json rule{{"source", any_source()}};
    rule["target"] = one_of<std::string>(
        {"Memo.value",
         "Any",
         "Ship",
         "Sent",
         "Weight",
         "Paid",
         "Tags[]",
         "Term.value",
         "Field[Id=1].Value",
         "Total",
         "Line[0].Amount",
         "Customer.Name",
         "Sums[1].Tax"}
    );
    Json transform = Json::array();
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
        transform.push_back(any_step(2));
    }
    rule["transform"] = transform;
    if (*rc::gen::arbitrary<bool>()) {
        rule["default"] = any_operand(0);
    }
    if (*rc::gen::inRange(0, 4) == 0) {
        rule["when"] = {{"exists", {{"path", any_source()}}}};
    }
    rule["required"] = *rc::gen::inRange(0, 5) == 0;
    return rule;
}

Json any_money() {
    const Currency currency = *Currency::parse(one_of<std::string>({"EUR", "JPY", "KWD"}));
    return to_json(Money{*rc::gen::inRange<std::int64_t>(-5'000'000, 5'000'000), currency});
}

Json any_record() {
    Json lines = Json::array();
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
        const Json taxes = Json::array(
            {{{"rate_id", "1"}, {"amount", Decimal{*rc::gen::inRange(0, 99999), 4}.to_string()}}}
        );
        lines.push_back(
            {{"sku", any_word()}, {"total", any_money()}, {"quantity", "2.5"}, {"taxes", taxes}}
        );
    }
    const Json record{
        {"id", "60"},
        {"number", any_word()},
        {"total", any_money()},
        {"lines", lines},
        {"billing", {{"email", any_word()}}},
        {"created_at", "2026-11-21T03:34:12Z"},
        {"raw",
         {{"list", {any_word(), 5, nullptr, Json::array({any_word()}), {{"k", any_word()}}}},
          {"n", *rc::gen::inRange(-9, 9)},
          {"total", "12.345"},
          {"meta_data", {{{"key", "k"}, {"value", any_word()}}}}}}};
    return *complete_record("order", record);
}

Json any_body() {
    return {
        {"Total", any_money()["amount"]},
        {"Line", {{{"Amount", "5.00"}}, {{"Amount", any_money()["amount"]}}}},
        {"Customer", {{"Ref", {{"$need", "customer:ann@x.example"}}}, {"Name", any_word()}}},
        {"Sums", {{{"Tax", "0.51"}}}},
        {"Memo", {{"value", any_word()}}}};
}

// Rules of any kind, of which those that compile alone are kept.
Json compiling_rules(const TargetSchema& target) {
    Json rules = Json::array();
    for (int i = *rc::gen::inRange(1, 30); i > 0; --i) {
        const Json rule = any_rule();
        if (problems_of(definition_with(Json::array({rule})), target).empty()) {
            rules.push_back(rule);
        }
    }
    return rules;
}

RC_GTEST_PROP(MappingProperty, IsTotalDeterministicAndLeavesWhatTheConnectorOwns, ()) {
    TargetSchema target = invoices();
    if (*rc::gen::arbitrary<bool>()) {
        target.paths.clear();  // then only what is owned is out of reach
    }
    const Json rules = compiling_rules(target);
    const auto definition = parse_definition(definition_with(rules));
    RC_ASSERT(definition.has_value());
    const auto program = compile(*definition, target);
    RC_ASSERT(program.has_value());
    const Json record = any_record();
    Encoded before = encoded_with(any_body());
    before.documents[0].money = DocumentMoney{Money{1234, *Currency::parse("EUR")}, Money{}};

    Encoded once = before;
    apply(*program, record, once);
    Encoded twice = before;
    apply(*compile(*definition, target), record, twice);
    RC_ASSERT(dump_json(to_json(once)) == dump_json(to_json(twice)));

    const Json& was = before.documents[0].body;
    const Json& is = once.documents[0].body;
    RC_ASSERT(is["Total"] == was["Total"]);
    RC_ASSERT(is["Line"] == was["Line"]);
    RC_ASSERT(is["Customer"]["Ref"] == was["Customer"]["Ref"]);
    RC_ASSERT(is["Sums"][0]["Tax"] == was["Sums"][0]["Tax"]);
    RC_ASSERT(once.documents[0].money->total.minor() == 1234);
    RC_ASSERT(!once.hold || to_json(once.documents) == to_json(before.documents));
    if (once.hold) {
        RC_ASSERT(once.hold->code.rfind("MAPPING_", 0) == 0u);
        RC_ASSERT(once.hold->code != "MAPPING_OWNED");
    }
    for (const char* field : {"Memo.value", "Any", "Total"}) {
        RC_ASSERT(explain(*program, record, was, field).has_value());
    }
    RC_TAG(once.hold ? once.hold->code : std::string("applied"));
}

// What may be done with an amount along the way, and what must not.
Json any_step_for_an_amount() {
    static const std::vector<Json> kSteps = [] {
        Json steps = Json::parse(R"([
            "trim", "upper", "lower", "first", "number", "money_format", "number_format",
            {"number_format": [null, ","]}, {"number_format": 2}, {"number_format": 0}, {"round": 0}, {"round": 2}, {"round": [1, "down"]},
            {"substring": [0, 4]}, {"replace": ["5", "4"]}, {"split": "."}, {"concat": ""}, {"template": "{@}"},
            {"coalesce": "1.00"}, {"if": [{"exists": {"path": "@"}}, {"path": "@"}]}, {"match": [["*", {"path": "@"}]]},
            {"map": [{"round": 1}]}, {"map": "trim"}, {"add": 0}, {"multiply": 1}, {"multiply": "1.000"},
            {"coalesce": {"path": "@", "transform": [{"round": 0}]}}, {"concat": [{"path": "number"}]}])"
        );
        return steps.get<std::vector<Json>>();
    }();
    return one_of(kSteps);
}

// A rule that compiles: each step is kept only if it may be.
Json rule_for_an_amount(const TargetSchema& target) {
    const bool list = *rc::gen::arbitrary<bool>();
    Json rule{
        {"source",
         list ? "lines[].total" : one_of<std::string>({"total", "total.amount", "raw.total"})},
        {"target", "Any"},
        {"transform", Json::array()}};
    if (list) {
        rule["transform"].push_back("first");
    }
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
        Json longer = rule;
        longer["transform"].push_back(any_step_for_an_amount());
        if (problems_of(definition_with(Json::array({longer})), target).empty()) {
            rule = std::move(longer);
        }
    }
    return rule;
}

RC_GTEST_PROP(MappingProperty, NoRuleChangesAnAmountByRounding, ()) {
    const TargetSchema target = open_target("invoice");
    const Json rule = rule_for_an_amount(target);
    const Json money = any_money();
    const Json line{{"total", money}};
    const Json record = *complete_record(
        "order", {{"total", money}, {"lines", {line}}, {"raw", {{"total", money["amount"]}}}}
    );
    const Json body = applied(program_of(definition_with(Json::array({rule})), target), record);
    RC_TAG(std::string(body.is_object() ? "applied" : "held"));
    if (body.is_object()) {
        std::string text = body.at("Any").get<std::string>();
        std::replace(text.begin(), text.end(), ',', '.');
        RC_ASSERT(*Decimal::parse(text) == *Decimal::parse(money["amount"].get<std::string>()));
    }
}

RC_GTEST_PROP(MappingProperty, SumsOfAmountsAreExact, ()) {
    const Currency currency = *Currency::parse(one_of<std::string>({"EUR", "JPY", "KWD"}));
    const auto money = [&] {
        return Money{*rc::gen::inRange<std::int64_t>(-900'000'000, 900'000'000), currency};
    };
    const Money a = money();
    const Money b = money();
    const Money c = money();
    const Json record = *complete_record(
        "order", {{"total", to_json(a)}, {"tax_total", to_json(b)}, {"shipping_total", to_json(c)}}
    );
    const Json body = applied_rule(
        Json::parse(
            R"({"source": "total", "target": "x", "transform": [{"add": [{"path": "tax_total"}, {"path": "shipping_total"}]}, "money_format"]})"
        ),
        record
    );
    RC_ASSERT(body == (Json{{"x", (a + b + c).to_string()}}));
}

RC_GTEST_PROP(MappingProperty, ExportThenImportIsIdentity, ()) {
    Json json = definition_with(Json::array());
    for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
        json["rules"].push_back(any_rule());
    }
    json["description"] = any_word();
    json["role"] = any_word();
    json["tables"] = {{any_word(), {{any_word(), any_word()}}}};
    json["tests"] = {{{"name", any_word()}, {"input", any_record()}, {"expected", any_body()}}};
    const auto definition = parse_definition(json);
    RC_ASSERT(definition.has_value());
    const Json exported = definition_json(*definition);
    const auto again = parse_definition(*parse_json(dump_json(exported)));
    RC_ASSERT(again.has_value());
    RC_ASSERT(to_json(*again) == to_json(*definition));
    RC_ASSERT(dump_json(definition_json(*again)) == dump_json(exported));
}

}  // namespace
}  // namespace syncline::mapping::testing
