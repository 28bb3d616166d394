// The functions of mappings, as tables: one row each, by kind of work. docs/mapping.md tells what
// they do; every example there is a test.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/expression.hpp"

namespace syncline::mapping {

// What compile() knows of a value before there is one.
struct Type {
    Kind kind = Kind::kAny;
    // It is an amount of money, or text or a number made of one: whatever may drop digits refuses
    // it.
    bool amount = false;
    const Shape* shape = nullptr;         // of an object of a model
    std::shared_ptr<const Type> element;  // of a list
};

// Sets of kinds.
constexpr unsigned bit(Kind kind) {
    return 1U << static_cast<unsigned>(kind);
}
inline constexpr unsigned kTexts = bit(Kind::kText);
inline constexpr unsigned kNumbers = bit(Kind::kNumber);
inline constexpr unsigned kNumeric = kNumbers | bit(Kind::kMoney);
inline constexpr unsigned kScalars = kTexts | kNumeric | bit(Kind::kBoolean) | bit(Kind::kTime);
inline constexpr unsigned kLists = bit(Kind::kList);
inline constexpr unsigned kEverything = kScalars | kLists | bit(Kind::kObject);

enum class Form {
    kOperand,  // a literal, or {"path": ...}
    kLiteral,  // known when the mapping is compiled
};
struct Param {
    std::string_view name;
    unsigned kinds = kScalars;
    Form form = Form::kOperand;
    bool optional = false;
    bool repeated = false;  // the last one only: any number of them
};

struct Call {
    const Type& in;
    const std::vector<Type>& arguments;
};

struct Function {
    std::string_view name;
    unsigned takes = kScalars;  // kinds of the value it is given
    std::vector<Param> params;
    Type (*gives)(const Call& call) = nullptr;
    Result<Value> (*run)(Evaluation& evaluation, const Step& step, const Value& in) = nullptr;
    bool on_nothing = false;    // it runs on nothing too; any other gives nothing then
    bool drops_digits = false;  // not for amounts
    // Looks at the literals, and prepares them; what is wrong, or empty.
    std::string (*prepare)(Step& step, const Type& in) = nullptr;
    // Its arguments have a form of their own (compile_expression.hpp): map, if, match, template.
    bool own_form = false;
};

std::vector<Function> text_functions();
std::vector<Function> number_functions();
std::vector<Function> list_functions();
std::vector<Function> choice_functions();

const std::vector<Function>& all_functions();
const Function* find_function(std::string_view name);  // nullptr: there is none
std::string function_names();                          // for messages

// For rows: the literal arguments of a step, or what stands for them when they were left out.
std::string literal_text(const Step& step, std::size_t index, std::string_view absent = {});
std::int64_t literal_integer(const Step& step, std::size_t index, std::int64_t absent);
bool has_literal(const Step& step, std::size_t index);

Type text_type(bool amount = false);
Type number_type(bool amount = false);
Type list_type(Type element);

}  // namespace syncline::mapping
