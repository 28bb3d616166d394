#include "core/mapping/characters.hpp"
#include "core/mapping/functions.hpp"

namespace syncline::mapping {
namespace {

constexpr std::size_t kBytesPerStep = 256;

std::size_t size_of(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value.of)) {
        return text->size() / kBytesPerStep;
    }
    const auto* list = std::get_if<List>(&value.of);
    return list != nullptr ? list->size() : 0;
}

Result<void> check_size(const Value& value) {
    const auto* text = std::get_if<std::string>(&value.of);
    if (text != nullptr && text->size() > kTextBytesMax) {
        return beyond_limit(
            "a text of " + std::to_string(text->size()) + " bytes; at most " +
            std::to_string(kTextBytesMax) + " are made"
        );
    }
    const auto* list = std::get_if<List>(&value.of);
    if (list != nullptr && list->size() > kListMax) {
        return beyond_limit("a list of more than " + std::to_string(kListMax) + " elements");
    }
    return {};
}

// An amount's own members; it is no object while a mapping runs.
Value part_of(const Amount& amount, const Path& path) {
    const std::string& name = path.front().name;
    if (path.size() == 1 && name == "amount") {
        return Value{amount.number};
    }
    return path.size() == 1 && name == "currency" ? Value{std::string(amount.currency.code())}
                                                  : Value{};
}

// -1, 0 or 1. Errors: two kinds that have no common order.
Result<int> order_of(const Value& a, const Value& b) {
    const auto sign = [](auto compared) { return compared < 0 ? -1 : compared > 0 ? 1 : 0; };
    const Decimal* first = number_in(a);
    const Decimal* second = number_in(b);
    if (first != nullptr && second != nullptr) {
        return sign(*first <=> *second);
    }
    if (a.kind() == Kind::kTime && b.kind() == Kind::kTime) {
        return sign(std::get<Timestamp>(a.of) <=> std::get<Timestamp>(b.of));
    }
    if (a.kind() == Kind::kText && b.kind() == Kind::kText) {
        return sign(std::get<std::string>(a.of).compare(std::get<std::string>(b.of)));
    }
    return failed(
        std::string(kind_name(a.kind())) + " and " + std::string(kind_name(b.kind())) +
        " have no order; make them the same kind"
    );
}

// Two amounts are equal when their currencies are, too.
Result<bool> equal(const Value& a, const Value& b) {
    if (a.nothing() || b.nothing()) {
        return a.nothing() && b.nothing();
    }
    const auto* first = std::get_if<Amount>(&a.of);
    const auto* second = std::get_if<Amount>(&b.of);
    if (first != nullptr && second != nullptr && !(first->currency == second->currency)) {
        return false;
    }
    if (number_in(a) != nullptr && number_in(b) != nullptr) {
        return *number_in(a) == *number_in(b);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string left, text_of(a));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string right, text_of(b));
    return left == right;
}

}  // namespace

Result<void> Evaluation::charge(std::size_t steps) {
    if (steps > steps_left_) {
        steps_left_ = 0;
        return beyond_limit(
            "the mapping takes more than " + std::to_string(kStepsMax) + " steps for this record"
        );
    }
    steps_left_ -= steps;
    return {};
}

Result<const Json*> Evaluation::below(const Json& json, const PathStep& step) {
    if (step.type == PathStep::Type::kWhere) {
        SYNCLINE_RETURN_IF_ERROR(charge(json.size()));
    }
    return place_below(json, step);
}

Result<void> Evaluation::collect(const Json& json, const Place& place, std::size_t at, List& into) {
    const Json* here = &json;
    for (; at < place.path.size(); ++at) {
        const PathStep& step = place.path[at];
        if (step.type != PathStep::Type::kEach) {
            SYNCLINE_ASSIGN_OR_RETURN(here, below(*here, step));
            if (here == nullptr) {
                return {};
            }
            continue;
        }
        if (!here->is_array()) {
            return {};  // like [0] of what is no list
        }
        SYNCLINE_RETURN_IF_ERROR(charge(here->size()));
        for (const auto& element : *here) {
            SYNCLINE_RETURN_IF_ERROR(collect(element, place, at + 1, into));
        }
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(Value value, value_of(*here, *place.leaf));
    if (!value.nothing()) {
        into.push_back(std::move(value));
    }
    if (into.size() > kListMax) {
        return beyond_limit(
            "'" + place.text + "' has more than " + std::to_string(kListMax) + " elements"
        );
    }
    return {};
}

Result<Value> Evaluation::read_below(const Json& json, const Place& place) {
    const Json* here = &json;
    for (std::size_t at = 0; at < place.path.size(); ++at) {
        if (place.path[at].type == PathStep::Type::kEach) {
            List list;
            SYNCLINE_RETURN_IF_ERROR(collect(*here, place, at, list));
            return Value{std::move(list)};
        }
        SYNCLINE_ASSIGN_OR_RETURN(here, below(*here, place.path[at]));
        if (here == nullptr) {
            return Value{};
        }
    }
    auto value = value_of(*here, *place.leaf);
    if (!value) {
        return Error{
            ErrorCode::kInvalid,
            "'" + place.text + "': " + value.error().message,
            value.error().name};
    }
    return value;
}

Result<Value> Evaluation::read(const Place& place, const Value& here) {
    if (place.root != Root::kHere) {
        return read_below(place.root == Root::kRecord ? record_ : document_, place);
    }
    if (place.path.empty() || here.nothing()) {
        return here;
    }
    if (const auto* amount = std::get_if<Amount>(&here.of)) {
        return part_of(*amount, place.path);
    }
    const auto* object = std::get_if<const Json*>(&here.of);
    if (object == nullptr) {
        return failed(
            "'" + place.text + "': the value is " + shown(here) + ", which has no members"
        );
    }
    return read_below(**object, place);
}

Result<Value> Evaluation::value(const Operand& operand, const Value& here, Trace* trace) {
    if (operand.literal) {
        return operand.value;
    }
    SYNCLINE_ASSIGN_OR_RETURN(Value value, read(operand.place, here));
    if (trace != nullptr) {
        const bool document = operand.place.root == Root::kDocument;
        trace->push_back(
            {"'" + operand.place.text + "'" + (document ? "" : " of the record"), json_of(value)}
        );
    }
    return run(operand.steps, std::move(value), trace);
}

Result<Value> Evaluation::run(const std::vector<Step>& steps, Value value, Trace* trace) {
    for (const auto& step : steps) {
        SYNCLINE_RETURN_IF_ERROR(charge(1 + size_of(value)));
        if (!value.nothing() || step.function->on_nothing) {
            auto next = step.function->run(*this, step, value);
            if (!next) {
                Error error = std::move(next).error();
                const bool known = error.name.rfind("MAPPING_", 0) == 0;
                error.name = known ? error.name : "MAPPING_FAILED";
                error.message = std::string(step.function->name) + ": " + error.message;
                return error;
            }
            SYNCLINE_RETURN_IF_ERROR(check_size(*next));
            value = *std::move(next);
        }
        if (trace != nullptr) {
            trace->push_back({std::string(step.function->name), json_of(value)});
        }
    }
    return value;
}

Result<bool> Evaluation::compares(const Condition& condition, const Value& here) {
    SYNCLINE_ASSIGN_OR_RETURN(const Value left, value(condition.operands[0], here));
    SYNCLINE_ASSIGN_OR_RETURN(const Value right, value(condition.operands[1], here));
    if (condition.comparison == Comparison::kEquals ||
        condition.comparison == Comparison::kNotEquals) {
        SYNCLINE_ASSIGN_OR_RETURN(const bool same, equal(left, right));
        return same == (condition.comparison == Comparison::kEquals);
    }
    if (left.nothing() || right.nothing()) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const int order, order_of(left, right));
    switch (condition.comparison) {
        case Comparison::kLess:
            return order < 0;
        case Comparison::kAtMost:
            return order <= 0;
        case Comparison::kGreater:
            return order > 0;
        default:
            return order >= 0;
    }
}

Result<bool> Evaluation::holds(const Condition& condition, const Value& here) {
    SYNCLINE_RETURN_IF_ERROR(charge(1));
    switch (condition.comparison) {
        case Comparison::kAll:
        case Comparison::kAny:
        case Comparison::kNot: {
            const bool wanted = condition.comparison == Comparison::kAny;
            for (const auto& part : condition.parts) {
                SYNCLINE_ASSIGN_OR_RETURN(const bool one, holds(part, here));
                if (condition.comparison == Comparison::kNot || one == wanted) {
                    return condition.comparison == Comparison::kNot ? !one : wanted;
                }
            }
            return !wanted;
        }
        case Comparison::kExists: {
            SYNCLINE_ASSIGN_OR_RETURN(const Value one, value(condition.operands[0], here));
            return !one.nothing();
        }
        case Comparison::kMatches: {
            SYNCLINE_ASSIGN_OR_RETURN(const Value one, value(condition.operands[0], here));
            SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(one));
            SYNCLINE_RETURN_IF_ERROR(charge(glob_cost(text, condition.pattern)));
            return !one.nothing() && matches_glob(text, condition.pattern);
        }
        case Comparison::kIn: {
            SYNCLINE_ASSIGN_OR_RETURN(const Value one, value(condition.operands[0], here));
            for (std::size_t i = 1; i < condition.operands.size(); ++i) {
                SYNCLINE_ASSIGN_OR_RETURN(const Value other, value(condition.operands[i], here));
                SYNCLINE_ASSIGN_OR_RETURN(const bool same, equal(one, other));
                if (same) {
                    return true;
                }
            }
            return false;
        }
        default:
            return compares(condition, here);
    }
}

}  // namespace syncline::mapping
