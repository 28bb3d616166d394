// What compile() makes of the rules' JSON, and how it runs: a tree of functions over values, whose
// leaves are literals and paths. Evaluating always ends and never throws: every list, text and
// number of steps is bounded. Pure; a tree is immutable once it is made. [any thread]
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/path.hpp"
#include "core/mapping/program.hpp"
#include "core/mapping/value.hpp"
#include "core/time_zone.hpp"

namespace syncline::mapping {

struct Function;
struct Step;

// Where a path begins: in the record, in the document as it is by then ("document.DueDate"), or at
// the value that a function was given ("@", "@.sku").
enum class Root { kRecord, kDocument, kHere };

struct Place {
    Root root = Root::kRecord;
    Path path;
    const Shape* leaf = nullptr;  // the form of what stands there, or of each of its elements
    std::string text;             // as it was written
};

struct Operand {
    bool literal = true;
    Value value;              // of a literal
    Place place;              // else
    std::vector<Step> steps;  // what is done with what stands there
};

enum class Comparison {
    kEquals,
    kNotEquals,
    kLess,
    kAtMost,
    kGreater,
    kAtLeast,
    kIn,
    kExists,
    kMatches,
    kAll,
    kAny,
    kNot,
};

struct Condition {
    Comparison comparison = Comparison::kExists;
    std::vector<Operand> operands;
    std::string pattern;           // of kMatches
    std::vector<Condition> parts;  // of kAll, kAny, kNot
};

struct Case {
    std::string pattern;
    Operand result;
};

// A function with what it was given in the definition.
struct Step {
    const Function* function = nullptr;
    std::vector<Operand> operands;
    std::vector<Step> steps;                                    // of map
    std::vector<Case> cases;                                    // of match
    std::vector<Condition> conditions;                          // of if
    std::vector<std::string> texts;                             // of template: around its operands
    const std::map<std::string, std::string>* table = nullptr;  // of lookup
    std::optional<TimeZone> zone;                               // of date_format
};

using Trace = std::vector<ExplainedStep>;

// What looking for the pattern costs: see Evaluation::charge().
inline std::size_t glob_cost(const std::string& text, const std::string& pattern) {
    return text.size() / 256 * (1 + pattern.size() / 8);
}

// One run over one record and one document, with what it may still cost.
class Evaluation {
public:
    Evaluation(const Json& record, const Json& document) : record_(record), document_(document) {}

    // `here` is what "@" stands for. With a trace, what the value was after each step is added.
    Result<Value> value(const Operand& operand, const Value& here, Trace* trace = nullptr);
    Result<Value> run(const std::vector<Step>& steps, Value value, Trace* trace = nullptr);
    Result<bool> holds(const Condition& condition, const Value& here);

    // Counts work that was done. Errors: MAPPING_LIMIT once it is too much.
    Result<void> charge(std::size_t steps);

private:
    Result<Value> read(const Place& place, const Value& here);
    Result<Value> read_below(const Json& json, const Place& place);
    Result<void> collect(const Json& json, const Place& place, std::size_t at, List& into);
    Result<const Json*> below(const Json& json, const PathStep& step);
    Result<bool> compares(const Condition& condition, const Value& here);

    const Json& record_;
    const Json& document_;
    std::size_t steps_left_ = kStepsMax;
};

}  // namespace syncline::mapping
