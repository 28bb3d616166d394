#include "woocommerce/wire/parameters.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <regex>
#include <sstream>

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

struct Complaint {
    std::string code;
    std::string message;
    Json data = nullptr;
};

const char* type_name(Type type) {
    switch (type) {
        case Type::kInteger:
            return "integer";
        case Type::kNumber:
            return "number";
        case Type::kBoolean:
            return "boolean";
        case Type::kObject:
            return "object";
        case Type::kList:
            return "array";
        default:
            return "string";
    }
}

Complaint wrong_type(const std::string& where, Type type) {
    return {
        "rest_invalid_type",
        where + " is not of type " + type_name(type) + ".",
        {{"param", where}},
    };
}

bool numeric(const std::string& text, bool whole) {
    if (text.empty())
        return false;
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    return *end == '\0' && (!whole || value == static_cast<double>(static_cast<long long>(value)));
}

std::optional<Complaint> check_integer(
    Json& value, const Parameter& rule, const std::string& where
) {
    if (value.is_string() && numeric(value.get<std::string>(), true))
        value = std::atoll(value.get<std::string>().c_str());
    if (value.is_number_float() && numeric(value.dump(), true))
        value = static_cast<std::int64_t>(value.get<double>());
    if (!value.is_number_integer())
        return wrong_type(where, Type::kInteger);
    const auto number = value.get<std::int64_t>();
    if (number >= rule.least && number <= rule.most)
        return std::nullopt;
    const std::string message =
        rule.most == INT64_MAX
            ? where + " must be greater than or equal to " + std::to_string(rule.least)
            : where + " must be between " + std::to_string(rule.least) + " (inclusive) and " +
                  std::to_string(rule.most) + " (inclusive)";
    return Complaint{"rest_out_of_bounds", message};
}

std::optional<Complaint> check_boolean(Json& value, const std::string& where) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    const bool yes = text == "true" || text == "1" || text == "TRUE" || text == "True";
    const bool no =
        text == "false" || text == "0" || text == "FALSE" || text == "False" || text.empty();
    if (!yes && !no)
        return wrong_type(where, Type::kBoolean);
    value = yes;
    return std::nullopt;
}

std::optional<Complaint> check_string(
    const Json& value, Type type, const std::vector<std::string>& one_of, const std::string& where
) {
    static const std::regex kDate(
        R"(^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d)"
        R"((\.\d+)?(Z|[+-]\d{2}(:\d{2})?)?$)"
    );
    static const std::regex kEmail(R"(^[^@\s]+@[^@\s]+\.[^@\s.]+$)");
    if (!value.is_string())
        return wrong_type(where, Type::kString);
    const std::string& text = value.get_ref<const std::string&>();
    if (type == Type::kDate && !std::regex_match(text, kDate))
        return Complaint{"rest_invalid_date", "Invalid date."};
    if (type == Type::kEmail && !std::regex_match(text, kEmail))
        return Complaint{"rest_invalid_email", "Invalid email address."};
    if (!one_of.empty() && std::find(one_of.begin(), one_of.end(), text) == one_of.end())
        return Complaint{
            "rest_not_in_enum", where + " is not one of " + sentence_list(one_of) + "."};
    return std::nullopt;
}

std::optional<Complaint> check_value(Json& value, const Parameter& rule, const std::string& where);

// WordPress takes "a,b" or "a b" for a list.
std::optional<Complaint> check_list(Json& value, const Parameter& rule, const std::string& where) {
    if (value.is_number())
        value = value.dump();
    if (value.is_string()) {
        std::string text = value.get<std::string>();
        std::replace(text.begin(), text.end(), ',', ' ');
        std::istringstream words(text);
        value = Json::array();
        for (std::string word; words >> word;) value.push_back(word);
    }
    if (!value.is_array())
        return wrong_type(where, Type::kList);
    const Parameter element{rule.name, rule.element, rule.one_of};
    std::size_t index = 0;
    for (auto& inner : value)
        if (auto complaint =
                check_value(inner, element, where + "[" + std::to_string(index++) + "]"))
            return complaint;
    return std::nullopt;
}

// Only e-mail addresses are looked at inside an object; real schemas go further.
std::optional<Complaint> check_object(Json& value, const std::string& where) {
    if (!value.is_object() && !(value.is_array() && value.empty()))
        return wrong_type(where, Type::kObject);
    const std::string email = text_of(value, "email");
    if (where == "billing" && !email.empty())
        return check_string(email, Type::kEmail, {}, where);
    return std::nullopt;
}

std::optional<Complaint> check_value(Json& value, const Parameter& rule, const std::string& where) {
    switch (rule.type) {
        case Type::kInteger:
            return check_integer(value, rule, where);
        case Type::kBoolean:
            return check_boolean(value, where);
        case Type::kObject:
            return check_object(value, where);
        case Type::kList:
            return check_list(value, rule, where);
        case Type::kNumber:
            return value.is_number() ||
                           (value.is_string() && numeric(value.get<std::string>(), false))
                       ? std::nullopt
                       : std::optional(wrong_type(where, Type::kNumber));
        default:
            return check_string(value, rule.type, rule.one_of, where);
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

std::string sentence_list(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool last = i + 1 == words.size();
        if (i > 0)
            text += last ? (words.size() > 2 ? ", and " : " and ") : ", ";
        text += words[i];
    }
    return text;
}

void check_parameters(Json& values, const Parameters& registered) {
    std::vector<std::string> missing;
    std::vector<std::string> invalid;
    Json params = Json::object();
    Json details = Json::object();
    for (const Parameter& rule : registered) {
        if (!values.contains(rule.name)) {
            if (rule.required)
                missing.push_back(rule.name);
            continue;
        }
        if (values[rule.name].is_null())
            continue;
        const auto complaint = check_value(values[rule.name], rule, rule.name);
        if (!complaint)
            continue;
        invalid.push_back(rule.name);
        params[rule.name] = complaint->message;
        details[rule.name] = {
            {"code", complaint->code}, {"message", complaint->message}, {"data", complaint->data}};
    }
    if (!missing.empty())
        throw RestError{
            400,
            "rest_missing_callback_param",
            "Missing parameter(s): " + joined(missing),
            {{"status", 400}, {"params", missing}}};
    if (!invalid.empty())
        throw RestError{
            400,
            "rest_invalid_param",
            "Invalid parameter(s): " + joined(invalid),
            {{"status", 400}, {"params", params}, {"details", details}}};
}

Parameters list_parameters(const std::vector<std::string>& orderby, const Parameters& own) {
    Parameters all{
        {"page", Type::kInteger, {}, Type::kString, 1},
        {"per_page", Type::kInteger, {}, Type::kString, 1, 100},
        {"search", Type::kString},
        {"exclude", Type::kList, {}, Type::kInteger},
        {"include", Type::kList, {}, Type::kInteger},
        {"offset", Type::kInteger},
        {"order", Type::kString, {"asc", "desc"}},
        {"orderby", Type::kString, orderby},
    };
    all.insert(all.end(), own.begin(), own.end());
    return all;
}

const Parameters kRecordListParameters{
    {"after", Type::kDate},
    {"before", Type::kDate},
    {"modified_after", Type::kDate},
    {"modified_before", Type::kDate},
    {"dates_are_gmt", Type::kBoolean},
    {"parent", Type::kList, {}, Type::kInteger},
    {"parent_exclude", Type::kList, {}, Type::kInteger},
};

}  // namespace sandbox::woo
