#include <array>

#include "core/mapping/characters.hpp"
#include "core/mapping/functions.hpp"
#include "core/sha256.hpp"

namespace syncline::mapping {
namespace {

constexpr std::int64_t kHashDigits = 64;
constexpr std::int64_t kHashDigitsLeast = 8;

Type same_text(const Call& call) {
    return text_type(call.in.amount);
}

Type joined_text(const Call& call) {
    bool amount = call.in.amount;
    for (const auto& argument : call.arguments) {
        amount = amount || argument.amount;
    }
    return text_type(amount);
}

Result<Value> run_concat(Evaluation& evaluation, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(std::string text, text_of(in));
    bool anything = !in.nothing();
    for (const auto& operand : step.operands) {
        SYNCLINE_ASSIGN_OR_RETURN(const Value part, evaluation.value(operand, in));
        SYNCLINE_ASSIGN_OR_RETURN(const std::string added, text_of(part));
        anything = anything || (!operand.literal && !part.nothing());
        text += added;
        SYNCLINE_RETURN_IF_ERROR(evaluation.charge(1));
        if (text.size() > kTextBytesMax) {
            return beyond_limit(
                "the text grows beyond " + std::to_string(kTextBytesMax) + " bytes"
            );
        }
    }
    return anything ? Value{std::move(text)} : Value{};
}

// Its texts stand around its operands.
Result<Value> run_template(Evaluation& evaluation, const Step& step, const Value& in) {
    std::string text = step.texts.front();
    bool anything = step.operands.empty();
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
        SYNCLINE_ASSIGN_OR_RETURN(const Value part, evaluation.value(step.operands[i], in));
        SYNCLINE_ASSIGN_OR_RETURN(const std::string added, text_of(part));
        anything = anything || !part.nothing();
        text += added + step.texts[i + 1];
        SYNCLINE_RETURN_IF_ERROR(evaluation.charge(1));
        if (text.size() > kTextBytesMax) {
            return beyond_limit(
                "the text grows beyond " + std::to_string(kTextBytesMax) + " bytes"
            );
        }
    }
    return anything ? Value{std::move(text)} : Value{};
}

Result<Value> run_split(Evaluation&, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    const std::string separator = literal_text(step, 0);
    List parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        if (end > at) {
            parts.push_back(Value{text.substr(at, end - at)});
        }
        if (parts.size() > kListMax) {
            return beyond_limit("the text has more than " + std::to_string(kListMax) + " parts");
        }
        at = end + separator.size();
    }
    return Value{std::move(parts)};
}

Result<Value> run_join(Evaluation& evaluation, const Step& step, const Value& in) {
    const auto* list = std::get_if<List>(&in.of);
    if (list == nullptr) {
        return failed("expected a list, found " + shown(in));
    }
    const std::string separator = literal_text(step, 0);
    std::string text;
    for (const auto& item : *list) {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string added, text_of(item));
        text += (text.empty() ? "" : separator) + added;
        SYNCLINE_RETURN_IF_ERROR(evaluation.charge(1));
        if (text.size() > kTextBytesMax) {
            return beyond_limit(
                "the text grows beyond " + std::to_string(kTextBytesMax) + " bytes"
            );
        }
    }
    return Value{std::move(text)};
}

template <std::string (*change)(std::string_view)>
Result<Value> run_change(Evaluation&, const Step&, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    return Value{change(text)};
}

Result<Value> run_replace(Evaluation&, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    const std::string from = literal_text(step, 0);
    const std::string to = literal_text(step, 1);
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t found = std::min(text.find(from, at), text.size());
        result.append(text, at, found - at);
        result += found < text.size() ? to : "";
        at = found + (found < text.size() ? from.size() : 0);
        if (result.size() > kTextBytesMax) {
            return beyond_limit(
                "the text grows beyond " + std::to_string(kTextBytesMax) + " bytes"
            );
        }
    }
    return Value{std::move(result)};
}

Result<Value> run_substring(Evaluation&, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    return Value{characters_of(
        text,
        literal_integer(step, 0, 0),
        literal_integer(step, 1, std::numeric_limits<std::int32_t>::max())
    )};
}

Result<Value> run_hash(Evaluation&, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    const auto digits = static_cast<std::size_t>(literal_integer(step, 0, kHashDigits));
    return Value{sha256_hex(text).substr(0, digits)};
}

std::string prepare_separator(Step& step, const Type&) {
    return literal_text(step, 0).empty() ? "expected a text that is not empty" : "";
}

std::string prepare_hash(Step& step, const Type&) {
    const std::int64_t digits = literal_integer(step, 0, kHashDigits);
    return digits < kHashDigitsLeast || digits > kHashDigits ? "expected 8 to 64 digits" : "";
}

std::string prepare_substring(Step& step, const Type&) {
    constexpr std::int64_t kMost = 1'000'000;
    const std::int64_t start = literal_integer(step, 0, 0);
    const std::int64_t count = literal_integer(step, 1, 0);
    return start < -kMost || start > kMost || count < 0 || count > kMost
               ? "expected a start from -1000000 to 1000000, and a length from 0"
               : "";
}

Type untouched_text(const Call&) {
    return text_type();
}

Type parts(const Call& call) {
    return list_type(text_type(call.in.amount));
}

}  // namespace

std::vector<Function> text_functions() {
    const Param separator{"separator", kTexts, Form::kLiteral};
    Function concat{"concat", kScalars, {{"part", kScalars, Form::kOperand, false, true}}};
    concat.gives = joined_text;
    concat.run = run_concat;
    concat.on_nothing = true;

    Function filled{"template", kEverything, {}, joined_text, run_template};
    filled.on_nothing = true;
    filled.own_form = true;

    Function split{"split", kTexts, {separator}, parts, run_split};
    split.drops_digits = true;
    split.prepare = prepare_separator;
    const Function join{"join", kLists, {separator}, joined_text, run_join};

    const Function trim{"trim", kScalars, {}, same_text, run_change<trimmed>};
    const Function upper{"upper", kScalars, {}, same_text, run_change<upper_case>};
    const Function lower{"lower", kScalars, {}, same_text, run_change<lower_case>};

    const Param from{"from", kTexts, Form::kLiteral};
    const Param to{"to", kTexts, Form::kLiteral};
    Function replace{"replace", kScalars, {from, to}, same_text, run_replace};
    replace.drops_digits = true;
    replace.prepare = prepare_separator;

    const Param start{"start", kNumbers, Form::kLiteral};
    const Param length{"length", kNumbers, Form::kLiteral, true};
    Function substring{"substring", kScalars, {start, length}, same_text, run_substring};
    substring.drops_digits = true;
    substring.prepare = prepare_substring;

    const Param digits{"digits", kNumbers, Form::kLiteral, true};
    Function hash{"hash", kScalars, {digits}, untouched_text, run_hash};
    hash.prepare = prepare_hash;
    return {concat, filled, split, join, trim, upper, lower, replace, substring, hash};
}

}  // namespace syncline::mapping
