// Paths and conditions: see compile_expression.hpp.
#include <algorithm>
#include <array>

#include "core/mapping/compile_expression.hpp"

namespace syncline::mapping {
namespace {

constexpr std::size_t kPatternBytesMax = 200;
constexpr std::size_t kChoicesMax = 200;

struct ComparisonName {
    std::string_view name;
    Comparison comparison;
};
constexpr std::array<ComparisonName, 12> kComparisons{{
    {"equals", Comparison::kEquals},
    {"not_equals", Comparison::kNotEquals},
    {"less", Comparison::kLess},
    {"at_most", Comparison::kAtMost},
    {"greater", Comparison::kGreater},
    {"at_least", Comparison::kAtLeast},
    {"in", Comparison::kIn},
    {"exists", Comparison::kExists},
    {"matches", Comparison::kMatches},
    {"all", Comparison::kAll},
    {"any", Comparison::kAny},
    {"not", Comparison::kNot},
}};

std::string comparison_names() {
    std::string names;
    for (const auto& one : kComparisons) {
        names += (names.empty() ? "" : ", ") + std::string(one.name);
    }
    return names;
}

std::string member_names(const Shape& shape) {
    std::string names;
    for (std::size_t i = 0; i < shape.size; ++i) {
        names += (names.empty() ? "" : ", ") + std::string(shape.members[i].name);
    }
    return names;
}

Type type_of(const Shape& shape, std::string_view member) {
    Type type;
    type.kind = shape.kind;
    type.shape = shape.kind == Kind::kObject ? &shape : nullptr;
    const bool perhaps = shape.kind == Kind::kNumber || shape.kind == Kind::kAny;
    type.amount = shape.kind == Kind::kMoney || (perhaps && names_an_amount(member));
    if (shape.kind == Kind::kList) {
        return list_type(type_of(shape.element(), member));
    }
    return type;
}

const Shape& money_shape() {
    return *model_shape("payment")->member("amount");
}

bool is_order(Comparison comparison) {
    return comparison == Comparison::kLess || comparison == Comparison::kAtMost ||
           comparison == Comparison::kGreater || comparison == Comparison::kAtLeast;
}

}  // namespace

// The path's own text says where it begins.
bool ExpressionCompiler::place(
    const std::string& text, const std::string& at, const Type& here, Place& out, Type& type
) {
    constexpr std::string_view kDocument = "document";
    out.text = text;
    std::string_view rest = text;
    if (text.rfind('@', 0) == 0) {
        out.root = Root::kHere;
        rest.remove_prefix(1);
        if (rest.empty()) {
            type = here;
            return true;
        }
        rest.remove_prefix(rest.front() == '.' ? 1 : 0);
    } else if (text.rfind(kDocument, 0) == 0 && record_.member(kDocument) == nullptr) {
        if (text.size() > kDocument.size() && text[kDocument.size()] == '.') {
            out.root = Root::kDocument;
            rest.remove_prefix(kDocument.size() + 1);
        }
    }
    auto path = parse_path(rest);
    if (!path) {
        return note(at, path.error().message);
    }
    out.path = *std::move(path);
    if (out.root == Root::kHere && here.kind != Kind::kObject && here.kind != Kind::kMoney &&
        here.kind != Kind::kAny) {
        return note(
            at, "the value here is " + std::string(kind_name(here.kind)) + ", which has no members"
        );
    }
    const Shape* root = out.root == Root::kRecord ? &record_ : &kAnyShape;
    if (out.root == Root::kHere) {
        root = here.kind == Kind::kMoney ? &money_shape()
               : here.shape != nullptr   ? here.shape
                                         : &kAnyShape;
    }
    if (!walk(out, at, *root, type)) {
        return false;
    }
    out.leaf = leaf_;
    return true;
}

bool ExpressionCompiler::walk(
    const Place& place, const std::string& at, const Shape& root, Type& type
) {
    const Shape* shape = &root;
    std::string_view member;
    bool each = false;
    for (const auto& step : place.path) {
        if (step.type == PathStep::Type::kMember) {
            member = step.name;
        }
        each = each || step.type == PathStep::Type::kEach;
        if (shape->kind == Kind::kAny) {
            continue;
        }
        const bool of_list = step.type != PathStep::Type::kMember;
        if (of_list != (shape->kind == Kind::kList)) {
            return note(
                at,
                "'" + place.text + "': " + std::string(kind_name(shape->kind)) +
                    (of_list ? " has no elements"
                             : " has no member '" + step.name + "'" +
                                   (shape->kind == Kind::kList
                                        ? "; choose elements with [0], [name=value] or []"
                                        : ""))
            );
        }
        const Shape* owner = of_list ? &shape->element() : shape;
        const bool named = step.type == PathStep::Type::kMember ||
                           (step.type == PathStep::Type::kWhere && owner->kind != Kind::kAny);
        const Shape* found = named ? owner->member(step.name) : nullptr;
        if (named && found == nullptr) {
            return note(
                at,
                "'" + place.text + "': there is no member '" + step.name + "'" +
                    (owner->size == 0 ? "" : " (there are: " + member_names(*owner) + ")")
            );
        }
        shape = of_list ? owner : found;
    }
    leaf_ = shape;
    type = type_of(*shape, member);
    if (each) {
        type = list_type(std::move(type));
    }
    return true;
}

bool ExpressionCompiler::condition(
    const Json& json, const std::string& at, const Type& here, Condition& out
) {
    const auto* members = json.get_ptr<const Json::object_t*>();
    const auto* name =
        members != nullptr && members->size() == 1 ? &members->begin()->first : nullptr;
    const auto* known =
        name == nullptr
            ? kComparisons.end()
            : std::find_if(kComparisons.begin(), kComparisons.end(), [&](const auto& one) {
                  return one.name == *name;
              });
    if (known == kComparisons.end()) {
        return note(at, "expected a condition {\"name\": ...} with one of " + comparison_names());
    }
    if (++depth_ > kExpressionDepthMax) {
        --depth_;
        return note(at, "nested more than " + std::to_string(kExpressionDepthMax) + " deep");
    }
    out.comparison = known->comparison;
    const Json& given = members->begin()->second;
    const std::string inside = at + "/" + *name;
    bool good = true;
    if (out.comparison == Comparison::kNot) {
        good = condition(given, inside, here, out.parts.emplace_back());
    } else if (out.comparison == Comparison::kAll || out.comparison == Comparison::kAny) {
        good = given.is_array() && !given.empty() && given.size() <= kChoicesMax
                   ? true
                   : note(inside, "expected a list of 1 to 200 conditions");
        for (std::size_t i = 0; good && i < given.size(); ++i) {
            good = condition(
                given[i], inside + "/" + std::to_string(i), here, out.parts.emplace_back()
            );
        }
    } else {
        good = operands(given, inside, here, out);
    }
    --depth_;
    return good;
}

bool ExpressionCompiler::operands(
    const Json& json, const std::string& at, const Type& here, Condition& out
) {
    Json list = json.is_array() ? json : Json::array({json});
    if (out.comparison == Comparison::kIn) {
        if (list.size() != 2 || !list[1].is_array() || list[1].size() > kChoicesMax) {
            return note(at, "expected [value, [value, ...]] with at most 200 to choose from");
        }
        const Json choices = list[1];
        list.erase(1);
        list.insert(list.end(), choices.begin(), choices.end());
    } else if (out.comparison == Comparison::kMatches) {
        if (list.size() != 2 || !list[1].is_string() ||
            list[1].get_ref<const std::string&>().size() > kPatternBytesMax) {
            return note(at, "expected [value, \"pattern\"] with a pattern of at most 200 bytes");
        }
        out.pattern = list[1].get<std::string>();
        list.erase(1);
    } else if (list.size() != (out.comparison == Comparison::kExists ? 1U : 2U)) {
        return note(
            at, out.comparison == Comparison::kExists ? "expected one value" : "expected two values"
        );
    }
    const unsigned kinds = out.comparison == Comparison::kExists ? kEverything : kScalars;
    std::vector<Type> types;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string place = json.is_array() ? at + "/" + std::to_string(i) : at;
        Operand& one = out.operands.emplace_back();
        if (!operand(list[i], place, {here, kinds}, one, types.emplace_back())) {
            return false;
        }
    }
    if (is_order(out.comparison) && types[0].kind == Kind::kBoolean) {
        return note(at, "true and false have no order");
    }
    return out.comparison == Comparison::kExists || out.comparison == Comparison::kMatches ||
           compare_alike(at, out.operands, types);
}

// A text that is written out is read as the kind that it is compared with.
bool ExpressionCompiler::compare_alike(
    const std::string& at, std::vector<Operand>& operands, const std::vector<Type>& types
) {
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Type& other = types[i == 0 ? operands.size() - 1 : 0];
        const auto* text = std::get_if<std::string>(&operands[i].value.of);
        if (!operands[i].literal || text == nullptr || text->empty()) {
            continue;
        }
        if (other.kind == Kind::kNumber || other.kind == Kind::kMoney) {
            const auto number = Decimal::parse(*text);
            if (!number) {
                return note(at, "it is compared with a number: " + number.error().message);
            }
            operands[i].value = Value{*number};
        } else if (other.kind == Kind::kTime) {
            const auto time = Timestamp::parse(*text);
            if (!time) {
                return note(at, "it is compared with a time: " + time.error().message);
            }
            operands[i].value = Value{*time};
        } else if (other.kind == Kind::kBoolean) {
            return note(at, "it is compared with true or false, and is a text");
        }
    }
    return true;
}

}  // namespace syncline::mapping
