// Structs to JSON and back from one description, so that the two directions cannot differ.
//
//   struct Discount {
//       std::string code;
//       Money amount;
//       static constexpr auto fields() {
//           return std::make_tuple(field("code", &Discount::code), field("amount", &Discount::amount));
//       }
//   };
//   Json json = to_json(discount);
//   Result<Discount> back = from_json<Discount>(json);
//
// Reading: an absent or null member keeps its default; a wrong type is kInvalid and names the place as
// a JSON pointer ("/lines/3/quantity: expected a decimal string, found true"); unknown members are
// ignored, or refused with their place when read strictly. Writing: empty optionals are left out.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

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

// Specialise with `static constexpr std::array<std::pair<E, std::string_view>, N> kNames` to give an
// enum its text; the first entry is what unknown text becomes when `kUnknown` is true.
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
        return parent->pointer() + "/" + (is_index ? std::to_string(index) : std::string(member));
    }
};

inline Error wrong_type(const JsonPlace& place, std::string_view expected, const Json& found) {
    std::string text = dump_json(found).substr(0, 60);
    const std::string pointer = place.pointer();
    return invalid(
        (pointer.empty() ? "the document" : pointer) + ": expected " + std::string(expected) +
        ", found " + text
    );
}

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
concept HasFields = requires { T::fields(); };

template <class T>
Json encode_value(const T& value);
template <class T>
Result<void> decode_value(const Json& json, T& value, const JsonPlace& place, Unknown unknown);

template <class T>
Json encode_fields(const T& value) {
    Json json = Json::object();
    std::apply(
        [&](const auto&... entry) {
            const auto put = [&](const auto& one) {
                const auto& member = value.*(one.member);
                if constexpr (IsOptional<std::decay_t<decltype(member)>>::value) {
                    if (member) {
                        json[std::string(one.name)] = encode_value(*member);
                    }
                } else {
                    json[std::string(one.name)] = encode_value(member);
                }
            };
            (put(entry), ...);
        },
        T::fields()
    );
    return json;
}

inline Json encode_money(const Money& money) {
    return {{"amount", money.to_string()}, {"currency", std::string(money.currency().code())}};
}

template <class T>
Json encode_value(const T& value) {
    if constexpr (HasFields<T>) {
        return encode_fields(value);
    } else if constexpr (std::is_same_v<T, Decimal> || std::is_same_v<T, Timestamp>) {
        return value.to_string();
    } else if constexpr (std::is_same_v<T, Money>) {
        return encode_money(value);
    } else if constexpr (std::is_same_v<T, Currency>) {
        return std::string(value.code());
    } else if constexpr (std::is_enum_v<T>) {
        return std::string(enum_name(value));
    } else if constexpr (IsVector<T>::value) {
        Json json = Json::array();
        for (const auto& item : value) {
            json.push_back(encode_value(item));
        }
        return json;
    } else if constexpr (IsMap<T>::value) {
        Json json = Json::object();
        for (const auto& [key, item] : value) {
            json[key] = encode_value(item);
        }
        return json;
    } else {
        return Json(value);
    }
}

template <class T>
Result<void> refuse_unknown(const Json& json, const JsonPlace& place) {
    for (const auto& entry : json.items()) {
        const bool known = std::apply(
            [&](const auto&... candidate) { return ((candidate.name == entry.key()) || ...); },
            T::fields()
        );
        if (!known) {
            return invalid(JsonPlace{&place, entry.key()}.pointer() + ": unknown setting");
        }
    }
    return {};
}

template <class T>
Result<void> decode_fields(const Json& json, T& value, const JsonPlace& place, Unknown unknown) {
    if (!json.is_object()) {
        return wrong_type(place, "an object", json);
    }
    if (unknown == Unknown::kRefuse) {
        SYNCLINE_RETURN_IF_ERROR(refuse_unknown<T>(json, place));
    }
    Result<void> result;
    std::apply(
        [&](const auto&... entry) {
            const auto take = [&](const auto& one) {
                const auto found = json.find(one.name);
                if (!result || found == json.end() || found->is_null()) {
                    return;
                }
                result = decode_value(
                    *found, value.*(one.member), JsonPlace{&place, one.name}, unknown
                );
            };
            (take(entry), ...);
        },
        T::fields()
    );
    return result;
}

inline Result<void> decode_decimal(const Json& json, Decimal& value, const JsonPlace& place) {
    if (json.is_number_integer()) {
        value = Decimal{json.get<std::int64_t>(), 0};
        return {};
    }
    auto parsed = json.is_string() ? Decimal::parse(json.get_ref<const std::string&>())
                                   : Result<Decimal>(invalid(""));
    if (!parsed) {
        return wrong_type(place, "a decimal string", json);
    }
    value = *parsed;
    return {};
}

inline Result<void> decode_money(const Json& json, Money& value, const JsonPlace& place) {
    if (!json.is_object() || !json.contains("amount") || !json.contains("currency") ||
        !json["amount"].is_string() || !json["currency"].is_string()) {
        return wrong_type(place, "{\"amount\": \"12.34\", \"currency\": \"EUR\"}", json);
    }
    // An absent amount has no currency either: the default Money.
    if (json["currency"].get_ref<const std::string&>().empty()) {
        value = Money{};
        return {};
    }
    auto currency = Currency::parse(json["currency"].get_ref<const std::string&>());
    auto money = currency ? Money::parse(json["amount"].get_ref<const std::string&>(), *currency)
                          : Result<Money>(currency.error());
    if (!money) {
        return invalid(place.pointer() + ": " + money.error().message);
    }
    value = *money;
    return {};
}

template <class T>
Result<void> decode_parsed(
    const Json& json, T& value, const JsonPlace& place, std::string_view expected
) {
    if (!json.is_string()) {
        return wrong_type(place, expected, json);
    }
    auto parsed = T::parse(json.get_ref<const std::string&>());
    if (!parsed) {
        return wrong_type(place, expected, json);
    }
    value = *parsed;
    return {};
}

template <class T>
Result<void> decode_enum(const Json& json, T& value, const JsonPlace& place) {
    const auto parsed =
        json.is_string() ? enum_from_name<T>(json.get_ref<const std::string&>()) : std::nullopt;
    if (!parsed) {
        std::string expected = "one of";
        for (const auto& [candidate, name] : EnumNames<T>::kNames) {
            expected += " " + std::string(name);
        }
        return wrong_type(place, expected, json);
    }
    value = *parsed;
    return {};
}

template <class T>
Result<void> decode_integer(const Json& json, T& value, const JsonPlace& place) {
    if (!json.is_number_integer()) {
        return wrong_type(place, "an integer", json);
    }
    const bool fits =
        json.is_number_unsigned()
            ? json.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())
            : json.get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<T>::min());
    if (!fits) {
        return wrong_type(place, "a smaller integer", json);
    }
    value = json.get<T>();
    return {};
}

template <class T>
Result<void> decode_items(const Json& json, T& value, const JsonPlace& place, Unknown unknown) {
    if (!json.is_array()) {
        return wrong_type(place, "an array", json);
    }
    value.clear();
    for (std::size_t i = 0; i < json.size(); ++i) {
        typename T::value_type item{};
        SYNCLINE_RETURN_IF_ERROR(
            decode_value(json[i], item, JsonPlace{&place, {}, i, true}, unknown)
        );
        value.push_back(std::move(item));
    }
    return {};
}

template <class T>
Result<void> decode_map(const Json& json, T& value, const JsonPlace& place, Unknown unknown) {
    if (!json.is_object()) {
        return wrong_type(place, "an object", json);
    }
    value.clear();
    for (const auto& entry : json.items()) {
        SYNCLINE_RETURN_IF_ERROR(decode_value(
            entry.value(), value[entry.key()], JsonPlace{&place, entry.key()}, unknown
        ));
    }
    return {};
}

template <class T>
Result<void> decode_value(const Json& json, T& value, const JsonPlace& place, Unknown unknown) {
    if constexpr (HasFields<T>) {
        return decode_fields(json, value, place, unknown);
    } else if constexpr (IsOptional<T>::value) {
        value.emplace();
        return decode_value(json, *value, place, unknown);
    } else if constexpr (IsVector<T>::value) {
        return decode_items(json, value, place, unknown);
    } else if constexpr (IsMap<T>::value) {
        return decode_map(json, value, place, unknown);
    } else if constexpr (std::is_same_v<T, Decimal>) {
        return decode_decimal(json, value, place);
    } else if constexpr (std::is_same_v<T, Money>) {
        return decode_money(json, value, place);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return decode_parsed(json, value, place, "a time (as 2026-11-21T07:34:11Z)");
    } else if constexpr (std::is_same_v<T, Currency>) {
        return decode_parsed(json, value, place, "an ISO 4217 currency code");
    } else if constexpr (std::is_enum_v<T>) {
        return decode_enum(json, value, place);
    } else if constexpr (std::is_same_v<T, Json>) {
        value = json;
        return {};
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!json.is_boolean()) {
            return wrong_type(place, "true or false", json);
        }
        value = json.get<bool>();
        return {};
    } else if constexpr (std::is_integral_v<T>) {
        return decode_integer(json, value, place);
    } else {
        static_assert(std::is_same_v<T, std::string>, "no JSON form for this member's type");
        if (!json.is_string()) {
            return wrong_type(place, "a string", json);
        }
        value = json.get<std::string>();
        return {};
    }
}

}  // namespace detail

template <class T>
Json to_json(const T& value) {
    return detail::encode_value(value);
}

template <class T>
Result<T> from_json(const Json& json, Unknown unknown = Unknown::kIgnore) {
    T value{};
    SYNCLINE_RETURN_IF_ERROR(detail::decode_value(json, value, detail::JsonPlace{}, unknown));
    return value;
}

}  // namespace syncline
