#include "core/mapping/value.hpp"

#include "core/mapping/program.hpp"

namespace syncline::mapping {
namespace {

Error of_another_kind(const Json& json, Kind wanted) {
    return failed(
        "expected " + std::string(kind_name(wanted)) + ", found " + syncline::detail::excerpt(json)
    );
}

Result<Value> text_value(const Json& json) {
    const auto* text = json.get_ptr<const std::string*>();
    return text != nullptr ? Result<Value>(Value{*text}) : of_another_kind(json, Kind::kText);
}

Result<Value> number_value(const Json& json) {
    const auto* text = json.get_ptr<const std::string*>();
    if (text == nullptr && !json.is_number_integer()) {
        return of_another_kind(json, Kind::kNumber);
    }
    const auto number = Decimal::parse(text != nullptr ? *text : json.dump());
    return number ? Result<Value>(Value{*number}) : of_another_kind(json, Kind::kNumber);
}

Result<Value> amount_value(const Json& json) {
    const Json* amount = syncline::detail::member_of(json, "amount");
    const Json* currency = syncline::detail::member_of(json, "currency");
    if (amount == nullptr || currency == nullptr || !amount->is_string() ||
        !currency->is_string()) {
        return of_another_kind(json, Kind::kMoney);
    }
    const auto number = Decimal::parse(amount->get_ref<const std::string&>());
    const auto& code = currency->get_ref<const std::string&>();
    if (number && code.empty() && number->is_zero()) {
        return Value{};  // an amount that was never set
    }
    const auto known = Currency::parse(code);
    if (!number || !known) {
        return failed((number ? known.error() : number.error()).message);
    }
    return Value{Amount{*number, *known}};
}

Result<Value> time_value(const Json& json) {
    const auto* text = json.get_ptr<const std::string*>();
    if (text == nullptr) {
        return of_another_kind(json, Kind::kTime);
    }
    if (text->empty()) {
        return Value{};
    }
    const auto time = Timestamp::parse(*text);
    return time ? Result<Value>(Value{*time}) : failed(time.error().message);
}

Result<Value> list_value(const Json& json, const Shape& element) {
    if (!json.is_array()) {
        return of_another_kind(json, Kind::kList);
    }
    if (json.size() > kListMax) {
        return beyond_limit(
            "a list has " + std::to_string(json.size()) + " elements; at most " +
            std::to_string(kListMax) + " are taken"
        );
    }
    List list;
    for (const auto& item : json) {
        SYNCLINE_ASSIGN_OR_RETURN(Value value, value_of(item, element));
        if (!value.nothing()) {
            list.push_back(std::move(value));
        }
    }
    return Value{std::move(list)};
}

Result<Value> any_value(const Json& json) {
    switch (json.type()) {
        case Json::value_t::string:
            return text_value(json);
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            return number_value(json);
        case Json::value_t::boolean:
            return Value{json.get<bool>()};
        case Json::value_t::array:
            return list_value(json, kAnyShape);
        case Json::value_t::object:
            return Value{&json};
        case Json::value_t::number_float:
            return failed(
                "a number that passed through binary floating point is not taken; numbers with a "
                "fraction are decimal text"
            );
        default:
            return failed("expected a JSON value");
    }
}

}  // namespace

Kind Value::kind() const {
    constexpr Kind kKinds[] = {
        Kind::kNothing,
        Kind::kText,
        Kind::kNumber,
        Kind::kMoney,
        Kind::kBoolean,
        Kind::kTime,
        Kind::kObject,
        Kind::kList};
    return kKinds[of.index()];
}

Result<Value> value_of(const Json& json, const Shape& shape) {
    if (json.is_null()) {
        return Value{};
    }
    switch (shape.kind) {
        case Kind::kAny:
        case Kind::kNothing:
            return any_value(json);
        case Kind::kText:
            return text_value(json);
        case Kind::kNumber:
            return number_value(json);
        case Kind::kMoney:
            return amount_value(json);
        case Kind::kBoolean:
            return json.is_boolean() ? Result<Value>(Value{json.get<bool>()})
                                     : of_another_kind(json, Kind::kBoolean);
        case Kind::kTime:
            return time_value(json);
        case Kind::kObject:
            return json.is_object() ? Result<Value>(Value{&json})
                                    : of_another_kind(json, Kind::kObject);
        case Kind::kList:
            return list_value(json, shape.element != nullptr ? shape.element() : kAnyShape);
    }
    return failed("expected a value");
}

Json json_of(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value.of)) {
        return *flag;
    }
    if (const auto* object = std::get_if<const Json*>(&value.of)) {
        return **object;
    }
    if (const auto* list = std::get_if<List>(&value.of)) {
        Json json = Json::array();
        for (const auto& item : *list) {
            json.push_back(json_of(item));
        }
        return json;
    }
    const auto text = text_of(value);
    return value.nothing() || !text ? Json() : Json(*text);
}

Result<std::string> text_of(const Value& value) {
    if (value.nothing()) {
        return std::string();
    }
    switch (value.kind()) {
        case Kind::kText:
            return std::get<std::string>(value.of);
        case Kind::kNumber:
            return std::get<Decimal>(value.of).to_string();
        case Kind::kMoney:
            return std::get<Amount>(value.of).number.to_string();
        case Kind::kBoolean:
            return std::string(std::get<bool>(value.of) ? "true" : "false");
        case Kind::kTime:
            return std::get<Timestamp>(value.of).to_string();
        case Kind::kList:
            return failed("a list is no text; use join");
        case Kind::kObject:
            return failed("an object is no text; name one of its members");
        default:
            return std::string();
    }
}

const Decimal* number_in(const Value& value) {
    if (const auto* amount = std::get_if<Amount>(&value.of)) {
        return &amount->number;
    }
    return std::get_if<Decimal>(&value.of);
}

std::string shown(const Value& value) {
    if (value.nothing()) {
        return "nothing";
    }
    return syncline::detail::excerpt(
        std::holds_alternative<List>(value.of) ? Json::array() : json_of(value)
    );
}

Error failed(std::string message) {
    return Error{ErrorCode::kInvalid, std::move(message), "MAPPING_FAILED"};
}

Error beyond_limit(std::string message) {
    return Error{ErrorCode::kInvalid, std::move(message), "MAPPING_LIMIT"};
}

}  // namespace syncline::mapping
