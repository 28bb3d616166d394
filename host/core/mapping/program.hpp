// A mapping made ready to run. compile() finds everything that can be wrong before there is a
// record; apply() then is total: it ends, it never throws, and the same record and document give
// the same result.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/operations.hpp>

#include "core/mapping/definition.hpp"
#include "core/mapping/schema.hpp"

namespace syncline::mapping {

// What one record may cost at most; beyond it the record is held (MAPPING_LIMIT).
inline constexpr std::size_t kListMax = 1'000;           // elements of a list, fan-out included
inline constexpr std::size_t kTextBytesMax = 16 * 1024;  // of a text that a rule makes
inline constexpr std::size_t kStepsMax = 50'000;         // functions that run

struct Code;  // program.cpp

// Immutable; cheap to copy. [any thread]
class Program {
public:
    const Definition& definition() const;
    const TargetSchema& target() const;
    const Code& code() const { return *code_; }

    explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

private:
    std::shared_ptr<const Code> code_;
};

// Errors: kInvalid "mapping.invalid" with every problem, one per line, each with its JSON pointer
// into the definition ("/rules/3/target: ...").
Result<Program> compile(const Definition& definition, const TargetSchema& target);

// Whether the mapping adjusts that document: an upsert, of the definition's role.
bool is_for(const Definition& definition, const Document& document);

// Adjusts the documents that the mapping is for (nothing is done when the record is
// held or skipped). `record` is the canonical model's JSON that the documents were encoded from.
// What the connector owns, and Document::money, stay as they are: compile() refuses rules that
// would reach them, and they are compared afterwards. A rule that cannot be done holds the record
// and leaves every document as it was: Encoded::hold gets MAPPING_FAILED, MAPPING_REQUIRED,
// MAPPING_LIMIT or MAPPING_OWNED, naming mapping, rule and value. Text over the target's length is
// cut at the end of a character, with the warning MAPPING_CUT.
void apply(const Program& program, const Json& record, Encoded& encoded);

// Why a field of a document is what it is.
struct ExplainedStep {
    std::string text;  // "trim", "billing.email of the record", "default"
    Json value;        // after it; null: nothing

    static constexpr auto fields() {
        return field_list(
            field("text", &ExplainedStep::text), field("value", &ExplainedStep::value)
        );
    }
};
struct ExplainedRule {
    std::size_t rule = 0;  // from 0: "/rules/0"
    std::string target;
    std::vector<ExplainedStep> steps;
    std::string outcome;  // "set to \"Ann\"", "left as encode made it: the value is nothing"
    Json value;           // of the field afterwards; null: it has none
};
struct Explanation {
    std::string field;
    Json before;                       // as encode made it; null: nothing
    Json after;                        // null: nothing
    std::vector<ExplainedRule> rules;  // that set this field, or something above or below it
    std::string text;                  // one sentence: no rule sets it, or which did
};

// `field` is a path as in Rule::target, `document` the body that encode made. Errors: kInvalid when
// the path is malformed.
Result<Explanation> explain(
    const Program& program, const Json& record, const Json& document, std::string_view field
);
Json explanation_json(const Explanation& explanation);

struct TestResult {
    std::string name;
    bool passed = false;
    std::string problem;               // why not; empty when it passed
    Json actual;                       // body afterwards; null when the record was held
    Json differences = Json::array();  // core/json_difference.hpp, from expected to actual

    static constexpr auto fields() {
        return field_list(
            field("name", &TestResult::name),
            field("passed", &TestResult::passed),
            field("problem", &TestResult::problem),
            field("actual", &TestResult::actual),
            field("differences", &TestResult::differences)
        );
    }
};

// One per test of the definition, in its order.
std::vector<TestResult> run_tests(const Program& program);

}  // namespace syncline::mapping
