#include "core/mapping/compile_expression.hpp"

#include <algorithm>

namespace syncline::mapping {
namespace {

constexpr std::size_t kPatternBytesMax = 200;

// Counts how deep the reader is for as long as it lives.
class Deeper {
public:
    explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

private:
    int& depth_;
};

std::string below(const std::string& at, std::size_t index) {
    return at + "/" + std::to_string(index);
}
std::string below(const std::string& at, std::string_view member) {
    return at + "/" + syncline::detail::pointer_token(member);
}

std::string names_of(unsigned kinds) {
    std::string names;
    for (const Kind kind :
         {Kind::kText,
          Kind::kNumber,
          Kind::kMoney,
          Kind::kBoolean,
          Kind::kTime,
          Kind::kObject,
          Kind::kList}) {
        if ((kinds & bit(kind)) != 0) {
            names += (names.empty() ? "" : " or ") + std::string(kind_name(kind));
        }
    }
    return names;
}

// What to do about a value of the wrong kind.
std::string hint_for(Kind found, unsigned kinds) {
    if (found == Kind::kList) {
        return "; use map, first, join or count";
    }
    if (found == Kind::kText && (kinds & kNumeric) != 0) {
        return "; use number";
    }
    return found == Kind::kTime && (kinds & kTexts) != 0 ? "; use date_format" : "";
}

// The only member of a one-member object; nullptr if it is none.
const std::pair<const std::string, Json>* only_member(const Json& json) {
    const auto* members = json.get_ptr<const Json::object_t*>();
    return members != nullptr && members->size() == 1 ? &*members->begin() : nullptr;
}

}  // namespace

bool ExpressionCompiler::note(const std::string& at, const std::string& what) {
    problems_.push_back(at + ": " + what);
    return false;
}

bool ExpressionCompiler::fits(const std::string& at, const Type& type, unsigned kinds) {
    if (type.kind == Kind::kAny || type.kind == Kind::kNothing || (bit(type.kind) & kinds) != 0) {
        return true;
    }
    return note(
        at,
        "expected " + names_of(kinds) + ", found " + std::string(kind_name(type.kind)) +
            hint_for(type.kind, kinds)
    );
}

bool ExpressionCompiler::steps(
    const Json& list, const std::string& at, Type& type, std::vector<Step>& out
) {
    const Deeper deeper(depth_);
    if (depth_ > kExpressionDepthMax) {
        return note(at, "nested more than " + std::to_string(kExpressionDepthMax) + " deep");
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
        Step& one = out.emplace_back();
        if (!step(list[i], below(at, i), type, one)) {
            return false;  // the types of what follows are not known
        }
    }
    return true;
}

bool ExpressionCompiler::step(const Json& json, const std::string& at, Type& type, Step& out) {
    const auto* member = only_member(json);
    const auto* name = member != nullptr ? &member->first : json.get_ptr<const std::string*>();
    if (name == nullptr) {
        return note(at, "expected a function: its name, or {\"name\": [arguments]}");
    }
    out.function = find_function(*name);
    if (out.function == nullptr) {
        return note(at, "there is no such function; there are " + function_names());
    }
    if (!fits(at, type, out.function->takes)) {
        return false;
    }
    static const Json kNone = Json::array();
    const Json& given = member != nullptr ? member->second : kNone;
    const std::string inside = member != nullptr ? below(at, *name) : at;
    std::vector<Type> types;
    const bool good = out.function->own_form ? own_form(given, inside, type, out, types)
                                             : arguments(given, inside, type, out, types);
    if (!good) {
        return false;
    }
    if (out.function->drops_digits && type.amount) {
        return note(
            at, *name + " may drop digits, and this is an amount; amounts are passed on exactly"
        );
    }
    if (out.function->prepare != nullptr) {
        if (const std::string problem = out.function->prepare(out, type); !problem.empty()) {
            return note(inside, problem);
        }
    }
    type = out.function->gives({type, types});
    return true;
}

bool ExpressionCompiler::arguments(
    const Json& given, const std::string& at, const Type& in, Step& step, std::vector<Type>& types
) {
    const auto& params = step.function->params;
    const Json list = given.is_array() ? given : Json::array({given});
    std::size_t least = 0;
    for (const auto& param : params) {
        least += param.optional || param.repeated ? 0 : 1;
    }
    const bool endless = !params.empty() && params.back().repeated;
    if (list.size() < least + (endless ? 1 : 0) || (!endless && list.size() > params.size())) {
        std::string names;
        for (const auto& param : params) {
            names += (names.empty() ? "" : ", ") + std::string(param.name) +
                     (param.optional   ? "?"
                      : param.repeated ? "..."
                                       : "");
        }
        return note(at, "expected the arguments [" + names + "]");
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Param& param = params[std::min(i, params.size() - 1)];
        const std::string place = given.is_array() ? below(at, i) : at;
        Operand& one = step.operands.emplace_back();
        Type& type = types.emplace_back();
        const bool plain = param.form == Form::kLiteral;
        if (plain && !list[i].is_null() && list[i].is_structured()) {
            return note(place, std::string(param.name) + ": expected it written out, not computed");
        }
        if (!operand(list[i], place, {in, param.kinds}, one, type)) {
            return false;
        }
    }
    if (step.function->name == "lookup") {
        const auto table = definition_.tables.find(literal_text(step, 0));
        if (table == definition_.tables.end()) {
            return note(at, "there is no such table in /tables");
        }
        step.table = &table->second;
        step.operands.erase(step.operands.begin());
    }
    return true;
}

bool ExpressionCompiler::own_form(
    const Json& given, const std::string& at, const Type& in, Step& step, std::vector<Type>& types
) {
    if (step.function->name == "map") {
        return map(given, at, in, step, types);
    }
    if (step.function->name == "if") {
        return choice(given, at, in, step, types);
    }
    return step.function->name == "match" ? match(given, at, in, step, types)
                                          : filled_text(given, at, in, step, types);
}

bool ExpressionCompiler::map(
    const Json& given, const std::string& at, const Type& in, Step& step, std::vector<Type>& types
) {
    const Json list = given.is_array() ? given : Json::array({given});
    if (list.empty()) {
        return note(at, "expected the functions for each element");
    }
    Type element = in.element ? *in.element : Type{Kind::kAny, in.amount, nullptr, nullptr};
    if (!steps(list, at, element, step.steps)) {
        return false;
    }
    types.push_back(element);
    return true;
}

bool ExpressionCompiler::choice(
    const Json& given, const std::string& at, const Type& in, Step& step, std::vector<Type>& types
) {
    if (!given.is_array() || given.size() < 2 || given.size() > 3) {
        return note(at, "expected the arguments [condition, then, else?]");
    }
    if (!condition(given[0], below(at, std::size_t{0}), in, step.conditions.emplace_back())) {
        return false;
    }
    for (std::size_t i = 1; i < given.size(); ++i) {
        if (!operand(
                given[i], below(at, i), {in}, step.operands.emplace_back(), types.emplace_back()
            )) {
            return false;
        }
    }
    return true;
}

bool ExpressionCompiler::match(
    const Json& given, const std::string& at, const Type& in, Step& step, std::vector<Type>& types
) {
    if (!given.is_array() || given.empty()) {
        return note(at, "expected pairs: [[\"pattern\", result], ...]");
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        const Json& pair = given[i];
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() ||
            pair[0].get_ref<const std::string&>().size() > kPatternBytesMax) {
            return note(
                below(at, i),
                "expected a pair [\"pattern\", result] with a pattern of at most " +
                    std::to_string(kPatternBytesMax) + " bytes"
            );
        }
        Case& one = step.cases.emplace_back();
        one.pattern = pair[0].get<std::string>();
        const std::string place = below(below(at, i), std::size_t{1});
        if (!operand(pair[1], place, {in}, one.result, types.emplace_back())) {
            return false;
        }
    }
    return true;
}

bool ExpressionCompiler::filled_text(
    const Json& given, const std::string& at, const Type& in, Step& step, std::vector<Type>& types
) {
    const auto* text = given.is_array() && given.size() == 1
                           ? given[0].get_ptr<const std::string*>()
                           : given.get_ptr<const std::string*>();
    if (text == nullptr) {
        return note(at, "expected a text with {paths} in it");
    }
    std::string plain;
    for (std::size_t i = 0; i < text->size(); ++i) {
        const char c = (*text)[i];
        if ((c == '{' || c == '}') && text->compare(i + 1, 1, std::string(1, c)) == 0) {
            plain += c;
            ++i;
        } else if (c == '}') {
            return note(at, "a '}' stands alone; write '}}' for one");
        } else if (c != '{') {
            plain += c;
        } else {
            const std::size_t end = text->find('}', i);
            if (end == std::string::npos) {
                return note(at, "a '{' is not closed; write '{{' for one");
            }
            step.texts.push_back(std::move(plain));
            plain.clear();
            const Json path{{"path", text->substr(i + 1, end - i - 1)}};
            Operand& one = step.operands.emplace_back();
            if (!operand(path, at, {in, kScalars}, one, types.emplace_back())) {
                return false;
            }
            i = end;
        }
    }
    step.texts.push_back(std::move(plain));
    return true;
}

bool ExpressionCompiler::operand(
    const Json& json, const std::string& at, const Wanted& wanted, Operand& out, Type& type
) {
    return json.is_object() ? read_place(json, at, wanted, out, type)
                            : literal(json, at, wanted.kinds, out, type);
}

bool ExpressionCompiler::literal(
    const Json& json, const std::string& at, unsigned kinds, Operand& out, Type& type
) {
    out.literal = true;
    const auto* text = json.get_ptr<const std::string*>();
    const bool number_wanted = (kinds & kNumeric) != 0 && (kinds & kTexts) == 0;
    if (json.is_number_integer() || (text != nullptr && number_wanted)) {
        const auto number = Decimal::parse(text != nullptr ? *text : json.dump());
        if (!number) {
            return note(at, number.error().message);
        }
        out.value = Value{*number};
    } else if (text != nullptr) {
        out.value = Value{*text};
    } else if (json.is_boolean()) {
        out.value = Value{json.get<bool>()};
    } else if (!json.is_null()) {
        return note(
            at,
            json.is_number_float()
                ? "a binary floating point number is not taken; write decimals as text"
                : "expected a text, a whole number, true, false, null or {\"path\": ...}"
        );
    }
    type = Type{out.value.kind(), false, nullptr, nullptr};
    return fits(at, type, kinds);
}

bool ExpressionCompiler::read_place(
    const Json& json, const std::string& at, const Wanted& wanted, Operand& out, Type& type
) {
    const auto path = json.find("path");
    const auto transform = json.find("transform");
    const std::size_t known = (path != json.end() ? 1U : 0U) + (transform != json.end() ? 1U : 0U);
    if (path == json.end() || !path->is_string() || known != json.size() ||
        (transform != json.end() && !transform->is_array())) {
        return note(at, R"(expected {"path": "...", "transform": [...]?})");
    }
    out.literal = false;
    const auto& text = path->get_ref<const std::string&>();
    if (!place(text, below(at, "path"), wanted.here, out.place, type)) {
        return false;
    }
    if (transform != json.end() && !steps(*transform, below(at, "transform"), type, out.steps)) {
        return false;
    }
    return fits(at, type, wanted.kinds);
}

}  // namespace syncline::mapping
