#include "core/mapping/functions.hpp"

#include <algorithm>

namespace syncline::mapping {

const std::vector<Function>& all_functions() {
    static const std::vector<Function> kAll = [] {
        std::vector<Function> all;
        for (auto family :
             {text_functions(), number_functions(), list_functions(), choice_functions()}) {
            std::move(family.begin(), family.end(), std::back_inserter(all));
        }
        std::sort(all.begin(), all.end(), [](const Function& a, const Function& b) {
            return a.name < b.name;
        });
        return all;
    }();
    return kAll;
}

const Function* find_function(std::string_view name) {
    for (const auto& function : all_functions()) {
        if (function.name == name) {
            return &function;
        }
    }
    return nullptr;
}

std::string function_names() {
    std::string names;
    for (const auto& function : all_functions()) {
        names += (names.empty() ? "" : ", ") + std::string(function.name);
    }
    return names;
}

bool has_literal(const Step& step, std::size_t index) {
    return index < step.operands.size() && step.operands[index].value.of.index() != 0;
}

std::string literal_text(const Step& step, std::size_t index, std::string_view absent) {
    const auto* text = has_literal(step, index)
                           ? std::get_if<std::string>(&step.operands[index].value.of)
                           : nullptr;
    return text != nullptr ? *text : std::string(absent);
}

std::int64_t literal_integer(const Step& step, std::size_t index, std::int64_t absent) {
    const auto* number =
        has_literal(step, index) ? std::get_if<Decimal>(&step.operands[index].value.of) : nullptr;
    return number != nullptr ? number->normalized().units() : absent;
}

Type text_type(bool amount) {
    return Type{Kind::kText, amount, nullptr, nullptr};
}

Type number_type(bool amount) {
    return Type{Kind::kNumber, amount, nullptr, nullptr};
}

Type list_type(Type element) {
    const bool amount = element.amount;
    return Type{Kind::kList, amount, nullptr, std::make_shared<const Type>(std::move(element))};
}

}  // namespace syncline::mapping
