#include <array>

#include "core/mapping/characters.hpp"
#include "core/mapping/functions.hpp"

namespace syncline::mapping {
namespace {

Result<Value> run_lookup(Evaluation& evaluation, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string key, text_of(in));
    const auto found = step.table->find(key);
    if (found != step.table->end()) {
        return Value{found->second};
    }
    return step.operands.empty() ? Result<Value>(Value{}) : evaluation.value(step.operands[0], in);
}

Result<Value> run_match(Evaluation& evaluation, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(in));
    for (const auto& one : step.cases) {
        SYNCLINE_RETURN_IF_ERROR(evaluation.charge(1 + glob_cost(text, one.pattern)));
        if (matches_glob(text, one.pattern)) {
            return evaluation.value(one.result, in);
        }
    }
    return Value{};
}

Result<Value> run_coalesce(Evaluation& evaluation, const Step& step, const Value& in) {
    if (!in.nothing()) {
        return in;
    }
    for (const auto& operand : step.operands) {
        SYNCLINE_RETURN_IF_ERROR(evaluation.charge(1));
        SYNCLINE_ASSIGN_OR_RETURN(Value value, evaluation.value(operand, in));
        if (!value.nothing()) {
            return value;
        }
    }
    return Value{};
}

// Its operands: then, and perhaps else.
Result<Value> run_if(Evaluation& evaluation, const Step& step, const Value& in) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool holds, evaluation.holds(step.conditions.front(), in));
    const std::size_t chosen = holds ? 0 : 1;
    return chosen < step.operands.size() ? evaluation.value(step.operands[chosen], in)
                                         : Result<Value>(Value{});
}

// What all of `types` have in common.
Type common_type(const std::vector<Type>& types) {
    Type common;
    bool first = true;
    for (const auto& type : types) {
        if (type.kind == Kind::kNothing) {
            continue;
        }
        const bool amount = common.amount || type.amount;
        if (first) {
            common = type;
        } else if (common.kind != type.kind || common.shape != type.shape) {
            common = Type{};
        }
        common.amount = amount;
        first = false;
    }
    return common;
}

Type one_of_arguments(const Call& call) {
    return common_type(call.arguments);
}

Type in_or_argument(const Call& call) {
    std::vector<Type> types{call.in};
    types.insert(types.end(), call.arguments.begin(), call.arguments.end());
    return common_type(types);
}

Type text_or_argument(const Call& call) {
    std::vector<Type> types{text_type()};
    types.insert(types.end(), call.arguments.begin(), call.arguments.end());
    return common_type(types);
}

// ---- date_format
// ---------------------------------------------------------------------------------

constexpr std::array<const char*, 12> kMonths{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kFormatLetters = "YmdHMSybe%";

std::string digits(std::size_t width, std::int64_t number) {
    const std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

// What a clock shows.
struct Shown {
    std::array<std::int64_t, 3> date;
    std::int64_t seconds;  // since midnight
};

std::string field_text(const Shown& shown, char letter) {
    switch (letter) {
        case 'Y':
            return digits(4, shown.date[0]);
        case 'y':
            return digits(2, shown.date[0] % 100);
        case 'm':
            return digits(2, shown.date[1]);
        case 'b':
            return kMonths[static_cast<std::size_t>(shown.date[1] - 1)];
        case 'd':
            return digits(2, shown.date[2]);
        case 'e':
            return digits(1, shown.date[2]);
        case 'H':
            return digits(2, shown.seconds / 3600);
        case 'M':
            return digits(2, shown.seconds / 60 % 60);
        case 'S':
            return digits(2, shown.seconds % 60);
        default:
            return "%";
    }
}

Result<Timestamp> time_of(const Value& value) {
    if (const auto* time = std::get_if<Timestamp>(&value.of)) {
        return *time;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(value));
    return Timestamp::parse(text);
}

Result<Value> run_date_format(Evaluation&, const Step& step, const Value& in) {
    constexpr std::int64_t kDay = 86'400'000;
    SYNCLINE_ASSIGN_OR_RETURN(const Timestamp time, time_of(in));
    const std::int64_t local = step.zone->local(time).ms;
    const std::int64_t day = local >= 0 ? local / kDay : -((kDay - 1 - local) / kDay);
    const Shown shown{syncline::detail::civil_from_days(day), (local - day * kDay) / 1000};
    if (shown.date[0] < 0 || shown.date[0] > 9999) {
        return failed("its year has no four digits in that zone");
    }
    const std::string format = literal_text(step, 0);
    std::string text;
    for (std::size_t at = 0; at < format.size(); ++at) {
        text += format[at] == '%' ? field_text(shown, format[++at]) : std::string(1, format[at]);
    }
    return Value{std::move(text)};
}

std::string prepare_date_format(Step& step, const Type&) {
    const std::string format = literal_text(step, 0);
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format[at] == '%' &&
            (++at >= format.size() || kFormatLetters.find(format[at]) == std::string_view::npos)) {
            return "expected one of %Y %y %m %b %d %e %H %M %S %% in the format";
        }
    }
    auto zone = TimeZone::find(literal_text(step, 1));
    if (!zone) {
        return zone.error().message;
    }
    step.zone = *zone;
    return format.empty() ? "expected a format (as %Y-%m-%d)" : "";
}

Type date_text(const Call&) {
    return text_type();
}

}  // namespace

std::vector<Function> choice_functions() {
    Function lookup{"lookup", kScalars, {}};
    lookup.params = {
        {"table", kTexts, Form::kLiteral}, {"otherwise", kScalars, Form::kOperand, true}};
    lookup.gives = text_or_argument;
    lookup.run = run_lookup;

    Function match{"match", kScalars, {}, one_of_arguments, run_match};
    match.own_form = true;

    Function coalesce{"coalesce", kEverything, {}, in_or_argument, run_coalesce};
    coalesce.params = {{"otherwise", kEverything, Form::kOperand, false, true}};
    coalesce.on_nothing = true;

    Function choice{"if", kEverything, {}, one_of_arguments, run_if};
    choice.own_form = true;
    choice.on_nothing = true;

    Function date_format{"date_format", bit(Kind::kTime) | kTexts, {}, date_text, run_date_format};
    date_format.params = {{"format", kTexts, Form::kLiteral}, {"zone", kTexts, Form::kLiteral}};
    date_format.prepare = prepare_date_format;
    return {lookup, match, coalesce, choice, date_format};
}

}  // namespace syncline::mapping
