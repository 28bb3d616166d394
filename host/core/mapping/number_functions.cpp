#include <algorithm>
#include <array>

#include "core/mapping/characters.hpp"
#include "core/mapping/functions.hpp"

namespace syncline::mapping {
namespace {

constexpr std::int64_t kDecimalsMax = 12;

// How a number is written: "1.234,50" has the point "," and groups of three apart by ".".
std::string grouped(const std::string& plain, std::string_view point, std::string_view group) {
    const bool negative = !plain.empty() && plain.front() == '-';
    const std::size_t dot = std::min(plain.find('.'), plain.size());
    const std::string whole = plain.substr(negative ? 1 : 0, dot - (negative ? 1 : 0));
    std::string text = negative ? "-" : "";
    for (std::size_t i = 0; i < whole.size(); ++i) {
        text += i > 0 && (whole.size() - i) % 3 == 0 ? group : std::string_view();
        text += whole[i];
    }
    if (dot < plain.size()) {
        text += std::string(point) + plain.substr(dot + 1);
    }
    return text;
}

Result<Decimal> number_of(const Value& value) {
    const Decimal* number = number_in(value);
    return number != nullptr ? Result<Decimal>(*number)
                             : failed("expected a number, found " + shown(value) + "; use number");
}

Result<Value> run_number(Evaluation&, const Step& step, const Value& in) {
    if (number_in(in) != nullptr) {
        return Value{*number_in(in)};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    const std::string point = literal_text(step, 0, ".");
    const std::string group = literal_text(step, 1);
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        if (!group.empty() && text.compare(at, group.size(), group) == 0) {
            at += group.size();
        } else if (text.compare(at, point.size(), point) == 0) {
            plain += '.';
            at += point.size();
        } else {
            plain += text[at] == '.' ? 'x' : text[at];  // a point that is none here
            ++at;
        }
    }
    auto number = Decimal::parse(trimmed(plain));
    if (!number) {
        return failed(shown(in) + " is no number");
    }
    return Value{*number};
}

Result<Value> run_number_format(Evaluation&, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(Decimal number, number_of(in));
    if (has_literal(step, 0)) {
        SYNCLINE_ASSIGN_OR_RETURN(
            number, number.rounded(static_cast<int>(literal_integer(step, 0, 0)))
        );
    }
    return Value{grouped(number.to_string(), literal_text(step, 1, "."), literal_text(step, 2))};
}

// Exactly the currency's decimals; an amount with more is refused, never rounded.
Result<Value> run_money_format(Evaluation&, const Step& step, const Value& in) {
    const auto* amount = std::get_if<Amount>(&in.of);
    if (amount == nullptr) {
        return failed("expected an amount, found " + shown(in));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Money money, Money::from_decimal(amount->number, amount->currency)
    );
    const std::string number =
        grouped(money.to_string(), literal_text(step, 0, "."), literal_text(step, 1));
    std::string text;
    const std::string pattern = literal_text(step, 2, "{amount}");
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern.compare(at, 8, "{amount}") == 0) {
            text += number;
            at += 8;
        } else if (pattern.compare(at, 10, "{currency}") == 0) {
            text += amount->currency.code();
            at += 10;
        } else {
            text += pattern[at++];
        }
    }
    return Value{std::move(text)};
}

Result<Value> run_round(Evaluation&, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal number, number_of(in));
    const std::string mode = literal_text(step, 1, "half_up");
    const Rounding rounding = mode == "half_even" ? Rounding::kHalfEven
                              : mode == "down"    ? Rounding::kDown
                                                  : Rounding::kHalfUp;
    SYNCLINE_ASSIGN_OR_RETURN(
        const Decimal rounded,
        number.rounded(static_cast<int>(literal_integer(step, 0, 0)), rounding)
    );
    return Value{rounded};
}

// `number` of the kind that `like` is of.
Value as_kind_of(const Value& like, const Decimal& number) {
    const auto* amount = std::get_if<Amount>(&like.of);
    return amount != nullptr ? Value{Amount{number, amount->currency}} : Value{number};
}

Result<Value> run_add(Evaluation& evaluation, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(Decimal sum, number_of(in));
    const auto* amount = std::get_if<Amount>(&in.of);
    for (const auto& operand : step.operands) {
        SYNCLINE_ASSIGN_OR_RETURN(const Value other, evaluation.value(operand, in));
        if (other.nothing()) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const Decimal added, number_of(other));
        const auto* second = std::get_if<Amount>(&other.of);
        const bool both = amount != nullptr && second != nullptr;
        if ((amount != nullptr) != (second != nullptr) ||
            (both && !(amount->currency == second->currency))) {
            return failed(
                "only amounts of one currency are added up, or numbers; found " + shown(in) +
                " and " + shown(other)
            );
        }
        SYNCLINE_ASSIGN_OR_RETURN(sum, sum.plus(added));
    }
    return as_kind_of(in, sum);
}

Result<Value> run_multiply(Evaluation& evaluation, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal number, number_of(in));
    SYNCLINE_ASSIGN_OR_RETURN(const Value other, evaluation.value(step.operands[0], in));
    if (other.nothing()) {
        return Value{};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal factor, number_of(other));
    const bool second = std::holds_alternative<Amount>(other.of);
    if (second && std::holds_alternative<Amount>(in.of)) {
        return failed("an amount times an amount is no amount");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal product, number.times(factor));
    return as_kind_of(second ? other : in, product);
}

std::string decimals_problem(const Step& step, std::size_t index) {
    const auto* number = std::get_if<Decimal>(&step.operands[index].value.of);
    const bool whole = number != nullptr && number->normalized().scale() == 0;
    const std::int64_t decimals = literal_integer(step, index, 0);
    return whole && decimals >= 0 && decimals <= kDecimalsMax
               ? ""
               : "expected 0 to " + std::to_string(kDecimalsMax) + " decimals";
}

std::string prepare_round(Step& step, const Type&) {
    constexpr std::array<std::string_view, 3> kModes{"half_up", "half_even", "down"};
    const std::string mode = literal_text(step, 1, "half_up");
    return std::find(kModes.begin(), kModes.end(), mode) == kModes.end()
               ? "expected half_up, half_even or down"
               : decimals_problem(step, 0);
}

std::string prepare_number_format(Step& step, const Type& in) {
    if (!has_literal(step, 0)) {
        return "";
    }
    return in.amount ? "an amount keeps its decimals; use money_format, or null for the decimals"
                     : decimals_problem(step, 0);
}

std::string prepare_number(Step& step, const Type&) {
    return literal_text(step, 0, ".").empty() || literal_text(step, 0, ".") == literal_text(step, 1)
               ? "expected a decimal point that differs from the sign between groups"
               : "";
}

// A number or an amount, whatever of both it was; amounts stay amounts.
Type arithmetic(const Call& call) {
    Type type = call.in;
    for (const auto& argument : call.arguments) {
        type.amount = type.amount || argument.amount;
        if (type.kind == Kind::kNumber && argument.kind != Kind::kNumber) {
            type.kind = argument.kind;
        }
    }
    return type;
}

Type plain_number(const Call& call) {
    return number_type(call.in.amount);
}

Type formatted(const Call& call) {
    return text_type(call.in.amount);
}

}  // namespace

std::vector<Function> number_functions() {
    const auto text = [](std::string_view name) {
        return Param{name, kTexts, Form::kLiteral, true};
    };
    const Param decimals{"decimals", kNumbers, Form::kLiteral};
    Param any_decimals = decimals;
    any_decimals.optional = true;

    Function number{"number", kTexts | kNumeric, {text("point"), text("group")}};
    number.gives = plain_number;
    number.run = run_number;
    number.prepare = prepare_number;

    Function number_format{"number_format", kNumeric, {any_decimals, text("point"), text("group")}};
    number_format.gives = formatted;
    number_format.run = run_number_format;
    number_format.prepare = prepare_number_format;

    Function money_format{"money_format", bit(Kind::kMoney), {}};
    money_format.params = {text("point"), text("group"), text("pattern")};
    money_format.gives = formatted;
    money_format.run = run_money_format;

    Function round{"round", kNumeric, {decimals, text("mode")}, plain_number, run_round};
    round.drops_digits = true;
    round.prepare = prepare_round;

    const Param summand{"summand", kNumeric, Form::kOperand, false, true};
    const Function add{"add", kNumeric, {summand}, arithmetic, run_add};
    const Param factor{"factor", kNumeric};
    const Function multiply{"multiply", kNumeric, {factor}, arithmetic, run_multiply};
    return {number, number_format, money_format, round, add, multiply};
}

}  // namespace syncline::mapping
