#include "core/json_difference.hpp"
#include "core/mapping/code.hpp"

namespace syncline::mapping {
namespace {

Json value_at(const Json& body, const Path& path) {
    const Json* found = read_at(body, path);
    return found == nullptr ? Json() : *found;
}

std::string summary(const Explanation& explanation, bool found) {
    if (!found) {
        return "no rule of the mapping sets '" + explanation.field + "'; it is as encode made it";
    }
    const auto& last = explanation.rules.back();
    return "rule /rules/" + std::to_string(last.rule) + ", the last of " +
           std::to_string(explanation.rules.size()) + " that may set it: " + last.outcome;
}

TestResult run_test(const Program& program, const Test& test) {
    const Definition& definition = program.definition();
    TestResult result;
    result.name = test.name;
    const auto record = complete_record(definition.source_entity, test.input);
    if (!record) {
        result.problem = "input: " + record.error().message;
        return result;
    }
    Encoded encoded;
    Document& document = encoded.documents.emplace_back();
    document.role = definition.role.empty() ? definition.target_entity : definition.role;
    document.entity = definition.target_entity;
    document.body = test.document;
    apply(program, *record, encoded);
    if (encoded.hold) {
        result.passed =
            !test.hold.empty() && encoded.hold->message.find(test.hold) != std::string::npos;
        result.problem =
            result.passed ? "" : "held: " + encoded.hold->code + ": " + encoded.hold->message;
        return result;
    }
    result.actual = encoded.documents.front().body;
    if (!test.hold.empty()) {
        result.problem = "expected it to be held with '" + test.hold + "', and it was not";
        return result;
    }
    result.differences = json_difference(test.expected, result.actual);
    result.passed = result.differences.empty();
    result.problem = result.passed ? ""
                                   : std::to_string(result.differences.size()) +
                                         " differences, the first at " +
                                         result.differences[0]["path"].get<std::string>();
    return result;
}

}  // namespace

Result<Explanation> explain(
    const Program& program, const Json& record, const Json& document, std::string_view field
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Path path, parse_path(field));
    for (const auto& step : path) {
        if (step.type == PathStep::Type::kEach) {
            return invalid("one field is explained; name the element, as in [0]");
        }
    }
    Explanation explanation;
    explanation.field = field;
    explanation.before = value_at(document, path);
    Json body = document;
    Evaluation evaluation(record, body);
    bool held = false;
    for (const auto& rule : program.code().rules) {
        Trace trace;
        const auto outcome = run_rule(rule, evaluation, body, &trace);
        held = !outcome;
        if (held || overlap(rule.target, path)) {
            explanation.rules.push_back(
                {rule.index,
                 path_text(rule.target),
                 std::move(trace),
                 outcome ? outcome->text : "the record is held: " + outcome.error().message,
                 outcome ? value_at(body, path) : Json()}
            );
        }
        if (held) {
            break;
        }
    }
    explanation.after = held ? explanation.before : value_at(body, path);
    explanation.text = summary(explanation, !explanation.rules.empty());
    return explanation;
}

Json explanation_json(const Explanation& explanation) {
    Json rules = Json::array();
    for (const auto& rule : explanation.rules) {
        rules.push_back({
            {"rule", "/rules/" + std::to_string(rule.rule)},
            {"target", rule.target},
            {"steps", to_json(rule.steps)},
            {"outcome", rule.outcome},
            {"value", rule.value},
        });
    }
    return {
        {"field", explanation.field},
        {"before", explanation.before},
        {"after", explanation.after},
        {"rules", std::move(rules)},
        {"text", explanation.text}};
}

std::vector<TestResult> run_tests(const Program& program) {
    std::vector<TestResult> results;
    for (const auto& test : program.definition().tests) {
        results.push_back(run_test(program, test));
    }
    return results;
}

}  // namespace syncline::mapping
