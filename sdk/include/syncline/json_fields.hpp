// Structs to JSON and back from one description, so that the two directions cannot differ.
//
//   struct Discount {
//       std::string code;
//       Money amount;
//       static constexpr auto fields() {
//           return field_list(field("code", &Discount::code), field("amount", &Discount::amount));
//       }
//   };
//   Json json = to_json(discount);
//   Result<Discount> back = from_json<Discount>(json);
//
// Reading: an absent or null member keeps its default; a wrong type is kInvalid and names the place
// as a JSON pointer ("/lines/3/quantity: expected a decimal string, found true"); unknown members
// are ignored, or refused with their place when read strictly. Messages show no more than the
// beginning of a scalar, and no value of a member whose name speaks of a secret. Writing: empty
// optionals are left out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <syncline/detail/text.hpp>
#include <syncline/json.hpp>
#include <syncline/money.hpp>
#include <syncline/timestamp.hpp>

namespace syncline {

template <class Owner, class Member>
struct Field {
    std::string_view name;
    Member Owner::*member;
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member) {
    return {name, member};
}

// The fields of a struct, in the order they are read and written. A std::tuple of them is accepted
// too, but a struct of thirty members then costs every file that sees it twice the compile time.
template <class... F>
constexpr auto field_list(F... entry) {
    return [=](auto&& visit) { return visit(entry...); };
}

// Specialise with `static constexpr std::array<std::pair<E, std::string_view>, N> kNames` to give
// an enum its text. Reading any other text is an error that lists them.
template <class E>
struct EnumNames;

template <class E>
std::string_view enum_name(E value) {
    for (const auto& [candidate, name] : EnumNames<E>::kNames) {
        if (candidate == value) {
            return name;
        }
    }
    return "";
}

template <class E>
std::optional<E> enum_from_name(std::string_view text) {
    for (const auto& [candidate, name] : EnumNames<E>::kNames) {
        if (name == text) {
            return candidate;
        }
    }
    return std::nullopt;
}

enum class Unknown { kIgnore, kRefuse };

namespace detail {

// Where we are in the document; a linked list on the stack, made into text only for an error.
struct JsonPlace {
    const JsonPlace* parent = nullptr;
    std::string_view member;
    std::size_t index = 0;
    bool is_index = false;

    std::string pointer() const {
        if (parent == nullptr) {
            return "";
        }
        return parent->pointer() + "/" + (is_index ? std::to_string(index) : pointer_token(member));
    }
    // For people: the root has an empty pointer.
    std::string name() const { return parent == nullptr ? "the document" : pointer(); }
};

// One reading: what to do with unknown members, and the error, once there is one. The decode
// functions answer false after they have set it. (bool instead of Result<void>: half the code for a
// compiler.)
struct Reading {
    Unknown unknown = Unknown::kIgnore;
    Error error = {};

    bool refuse(std::string message) {
        error = invalid(std::move(message));
        return false;
    }
    bool refuse_type(const JsonPlace& place, std::string_view expected, const Json& found) {
        return refuse(
            place.name() + ": expected " + std::string(expected) + ", found " +
            (names_a_secret(place.member) ? "something else" : excerpt(found))
        );
    }
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsTuple : std::false_type {};
template <class... F>
struct IsTuple<std::tuple<F...>> : std::true_type {};

template <class T>
concept HasFields = requires {
    T::fields();
};

template <class T>
inline constexpr auto kFields = T::fields();

// Calls `visit` with every Field of T.
template <class T, class Visit>
constexpr decltype(auto) visit_fields(Visit&& visit) {
    if constexpr (IsTuple<std::remove_cv_t<decltype(kFields<T>)>>::value) {
        return std::apply(visit, kFields<T>);
    } else {
        return kFields<T>(visit);
    }
}

template <class T>
inline constexpr auto kFieldNames = visit_fields<T>([](const auto&... entry) {
    return std::array<std::string_view, sizeof...(entry)>{entry.name...};
});

template <class T>
Json encode_value(const T& value);
template <class T>
bool decode_value(const Json& json, T& value, const JsonPlace& place, Reading& reading);

inline void put(Json& object, std::string_view name, Json value) {
    object.get_ref<Json::object_t&>().insert_or_assign(std::string(name), std::move(value));
}

// The member of that name; null if `json` is no object or has no such member, or a null one.
inline const Json* member_of(const Json& json, std::string_view name) {
    const auto* members = json.get_ptr<const Json::object_t*>();
    if (members == nullptr) {
        return nullptr;
    }
    const auto found = members->find(name);
    return found == members->end() || found->second.is_null() ? nullptr : &found->second;
}

template <class Member>
void encode_member(Json& object, std::string_view name, const Member& member) {
    if constexpr (IsOptional<Member>::value) {
        if (member) {
            put(object, name, encode_value(*member));
        }
    } else {
        put(object, name, encode_value(member));
    }
}

template <class T>
Json encode_fields(const T& value) {
    Json json = Json::object();
    visit_fields<T>([&](const auto&... entry) {
        (encode_member(json, entry.name, value.*(entry.member)), ...);
    });
    return json;
}

inline Json encode_text(std::string text) {
    return text;
}

inline Json encode_money(const Money& money) {
    Json json = Json::object();
    put(json, "amount", encode_text(money.to_string()));
    put(json, "currency", encode_text(std::string(money.currency().code())));
    return json;
}

template <class T>
Json encode_value(const T& value) {
    if constexpr (HasFields<T>) {
        return encode_fields(value);
    } else if constexpr (std::is_same_v<T, Decimal> || std::is_same_v<T, Timestamp>) {
        return encode_text(value.to_string());
    } else if constexpr (std::is_same_v<T, Money>) {
        return encode_money(value);
    } else if constexpr (std::is_same_v<T, Currency>) {
        return encode_text(std::string(value.code()));
    } else if constexpr (std::is_enum_v<T>) {
        return encode_text(std::string(enum_name(value)));
    } else if constexpr (IsVector<T>::value) {
        Json json = Json::array();
        for (const auto& item : value) {
            json.push_back(encode_value(item));
        }
        return json;
    } else if constexpr (IsMap<T>::value) {
        Json json = Json::object();
        for (const auto& [key, item] : value) {
            put(json, key, encode_value(item));
        }
        return json;
    } else {
        return Json(value);
    }
}

template <std::size_t N>
bool knows_members(
    const Json& json,
    const std::array<std::string_view, N>& names,
    const JsonPlace& place,
    Reading& reading
) {
    for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) {
        if (std::find(names.begin(), names.end(), key) == names.end()) {
            return reading.refuse(JsonPlace{&place, key}.pointer() + ": unknown setting");
        }
    }
    return true;
}

template <class Member>
bool decode_member(
    const Json& object,
    std::string_view name,
    Member& member,
    const JsonPlace& place,
    Reading& reading
) {
    const Json* found = member_of(object, name);
    return found == nullptr || decode_value(*found, member, JsonPlace{&place, name}, reading);
}

template <class T>
bool decode_fields(const Json& json, T& value, const JsonPlace& place, Reading& reading) {
    if (!json.is_object()) {
        return reading.refuse_type(place, "an object", json);
    }
    if (reading.unknown == Unknown::kRefuse &&
        !knows_members(json, kFieldNames<T>, place, reading)) {
        return false;
    }
    return visit_fields<T>([&](const auto&... entry) {
        return (decode_member(json, entry.name, value.*(entry.member), place, reading) && ...);
    });
}

inline bool decode_decimal(
    const Json& json, Decimal& value, const JsonPlace& place, Reading& reading
) {
    auto parsed = json.is_string()           ? Decimal::parse(json.get_ref<const std::string&>())
                  : json.is_number_integer() ? Decimal::parse(json.dump())
                                             : Result<Decimal>(invalid(""));
    if (!parsed) {
        return reading.refuse_type(place, "a decimal string", json);
    }
    value = *parsed;
    return true;
}

inline bool decode_money(const Json& json, Money& value, const JsonPlace& place, Reading& reading) {
    const Json* amount = member_of(json, "amount");
    const Json* currency = member_of(json, "currency");
    if (amount == nullptr || currency == nullptr || !amount->is_string() ||
        !currency->is_string()) {
        return reading.refuse_type(place, R"({"amount": "12.34", "currency": "EUR"})", json);
    }
    if (reading.unknown == Unknown::kRefuse &&
        !knows_members(
            json, std::array<std::string_view, 2>{"amount", "currency"}, place, reading
        )) {
        return false;
    }
    const auto& text = amount->get_ref<const std::string&>();
    const auto& code = currency->get_ref<const std::string&>();
    const auto decimal = Decimal::parse(text);
    // Money that was never set has no currency; no other amount may be without one.
    if (code.empty() && decimal && decimal->is_zero()) {
        value = Money{};
        return true;
    }
    const auto known = Currency::parse(code);
    auto money = known ? Money::parse(text, *known) : Result<Money>(known.error());
    if (!money) {
        return reading.refuse(place.name() + ": " + money.error().message);
    }
    value = *money;
    return true;
}

inline bool decode_currency(
    const Json& json, Currency& value, const JsonPlace& place, Reading& reading
) {
    const auto* text = json.get_ptr<const std::string*>();
    if (text != nullptr && text->empty()) {
        value = Currency{};
        return true;
    }
    const auto parsed = text != nullptr ? Currency::parse(*text) : Result<Currency>(invalid(""));
    if (!parsed) {
        return reading.refuse_type(place, "an ISO 4217 currency code", json);
    }
    value = *parsed;
    return true;
}

inline bool decode_timestamp(
    const Json& json, Timestamp& value, const JsonPlace& place, Reading& reading
) {
    const auto* text = json.get_ptr<const std::string*>();
    const auto parsed = text != nullptr ? Timestamp::parse(*text) : Result<Timestamp>(invalid(""));
    if (!parsed) {
        return reading.refuse_type(place, "a time (as 2026-11-21T07:34:11Z)", json);
    }
    value = *parsed;
    return true;
}

template <class T>
bool decode_enum(const Json& json, T& value, const JsonPlace& place, Reading& reading) {
    const auto parsed =
        json.is_string() ? enum_from_name<T>(json.get_ref<const std::string&>()) : std::nullopt;
    if (!parsed) {
        std::string expected = "one of";
        for (const auto& [candidate, name] : EnumNames<T>::kNames) {
            expected += " " + std::string(name);
        }
        return reading.refuse_type(place, expected, json);
    }
    value = *parsed;
    return true;
}

template <class T>
bool decode_integer(const Json& json, T& value, const JsonPlace& place, Reading& reading) {
    if (!json.is_number_integer()) {
        return reading.refuse_type(place, "an integer", json);
    }
    const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                : std::in_range<T>(json.get<std::int64_t>());
    if (!fits) {
        return reading.refuse_type(
            place,
            "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                std::to_string(std::numeric_limits<T>::max()),
            json
        );
    }
    value = json.get<T>();
    return true;
}

inline bool decode_bool(const Json& json, bool& value, const JsonPlace& place, Reading& reading) {
    if (!json.is_boolean()) {
        return reading.refuse_type(place, "true or false", json);
    }
    value = json.get<bool>();
    return true;
}

inline bool decode_string(
    const Json& json, std::string& value, const JsonPlace& place, Reading& reading
) {
    if (!json.is_string()) {
        return reading.refuse_type(place, "a string", json);
    }
    value = json.get_ref<const std::string&>();
    return true;
}

template <class T>
bool decode_items(const Json& json, T& value, const JsonPlace& place, Reading& reading) {
    if (!json.is_array()) {
        return reading.refuse_type(place, "an array", json);
    }
    value.clear();
    for (std::size_t i = 0; i < json.size(); ++i) {
        typename T::value_type item{};
        if (!decode_value(json[i], item, JsonPlace{&place, {}, i, true}, reading)) {
            return false;
        }
        value.push_back(std::move(item));
    }
    return true;
}

template <class T>
bool decode_map(const Json& json, T& value, const JsonPlace& place, Reading& reading) {
    if (!json.is_object()) {
        return reading.refuse_type(place, "an object", json);
    }
    value.clear();
    for (const auto& [key, item] : json.get_ref<const Json::object_t&>()) {
        if (!decode_value(item, value[key], JsonPlace{&place, key}, reading)) {
            return false;
        }
    }
    return true;
}

template <class T>
bool decode_value(const Json& json, T& value, const JsonPlace& place, Reading& reading) {
    if constexpr (HasFields<T>) {
        return decode_fields(json, value, place, reading);
    } else if constexpr (IsOptional<T>::value) {
        return decode_value(json, value.emplace(), place, reading);
    } else if constexpr (IsVector<T>::value) {
        return decode_items(json, value, place, reading);
    } else if constexpr (IsMap<T>::value) {
        return decode_map(json, value, place, reading);
    } else if constexpr (std::is_same_v<T, Decimal>) {
        return decode_decimal(json, value, place, reading);
    } else if constexpr (std::is_same_v<T, Money>) {
        return decode_money(json, value, place, reading);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return decode_timestamp(json, value, place, reading);
    } else if constexpr (std::is_same_v<T, Currency>) {
        return decode_currency(json, value, place, reading);
    } else if constexpr (std::is_enum_v<T>) {
        return decode_enum(json, value, place, reading);
    } else if constexpr (std::is_same_v<T, Json>) {
        value = json;
        return true;
    } else if constexpr (std::is_same_v<T, bool>) {
        return decode_bool(json, value, place, reading);
    } else if constexpr (std::is_integral_v<T>) {
        return decode_integer(json, value, place, reading);
    } else {
        static_assert(std::is_same_v<T, std::string>, "no JSON form for this member's type");
        return decode_string(json, value, place, reading);
    }
}

// As above, for one value by itself.
template <class T>
Result<void> decode_value(const Json& json, T& value, const JsonPlace& place, Unknown unknown) {
    Reading reading{unknown};
    return decode_value(json, value, place, reading) ? Result<void>()
                                                     : Result<void>(std::move(reading.error));
}

}  // namespace detail

// A struct with fields(), or a vector, map, optional, enum, text or number of them.
template <class T>
Json to_json(const T& value) {
    return detail::encode_value(value);
}

template <class T>
Result<T> from_json(const Json& json, Unknown unknown = Unknown::kIgnore) {
    T value{};
    detail::Reading reading{unknown};
    if (!detail::decode_value(json, value, detail::JsonPlace{}, reading)) {
        return std::move(reading.error);
    }
    return value;
}

}  // namespace syncline
