#include "core/mapping/functions.hpp"

namespace syncline::mapping {
namespace {

const List* list_in(const Value& value) {
    return std::get_if<List>(&value.of);
}

Result<Value> run_map(Evaluation& evaluation, const Step& step, const Value& in) {
    const List* list = list_in(in);
    if (list == nullptr) {
        return failed("expected a list, found " + shown(in));
    }
    List results;
    for (const auto& item : *list) {
        SYNCLINE_ASSIGN_OR_RETURN(Value one, evaluation.run(step.steps, item));
        if (!one.nothing()) {
            results.push_back(std::move(one));
        }
    }
    return Value{std::move(results)};
}

Result<Value> run_first(Evaluation&, const Step&, const Value& in) {
    const List* list = list_in(in);
    return list != nullptr ? Result<Value>(list->front())
                           : failed("expected a list, found " + shown(in));
}

Result<Value> run_count(Evaluation&, const Step&, const Value& in) {
    const List* list = list_in(in);
    if (list == nullptr && !in.nothing()) {
        return failed("expected a list, found " + shown(in));
    }
    return Value{Decimal{list == nullptr ? 0 : static_cast<std::int64_t>(list->size()), 0}};
}

Type element_type(const Call& call) {
    return call.in.element ? *call.in.element : Type{Kind::kAny, call.in.amount, nullptr, nullptr};
}

Type whole_number(const Call&) {
    return number_type();
}

// compile() knows what its steps give.
Type mapped(const Call& call) {
    return list_type(call.arguments.empty() ? Type{} : call.arguments.front());
}

}  // namespace

std::vector<Function> list_functions() {
    Function map{"map", kLists, {}, mapped, run_map};
    map.own_form = true;
    const Function first{"first", kLists, {}, element_type, run_first};
    Function count{"count", kLists, {}, whole_number, run_count};
    count.on_nothing = true;
    return {map, first, count};
}

}  // namespace syncline::mapping
