// Values whose every member differs from its default, made from the fields() of a struct.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline::testing {

class Filler {
public:
    template <class T>
    T make() {
        T value{};
        fill(value);
        return value;
    }

private:
    template <class T>
    void fill(T& value) {
        ++number_;
        if constexpr (syncline::detail::HasFields<T>) {
            ++depth_;
            syncline::detail::visit_fields<T>([&](const auto&... entry) {
                (fill(value.*(entry.member)), ...);
            });
            --depth_;
        } else if constexpr (syncline::detail::IsOptional<T>::value) {
            fill(value.emplace());
        } else if constexpr (syncline::detail::IsVector<T>::value) {
            if (depth_ < 4) {  // a product has variants, which are products
                fill(value.emplace_back());
            }
        } else if constexpr (std::is_enum_v<T>) {
            const auto& names = EnumNames<T>::kNames;
            value = names.front().first == value ? names.back().first : names.front().first;
        } else if constexpr (std::is_same_v<T, bool>) {
            value = !value;
        } else if constexpr (std::is_integral_v<T>) {
            value = static_cast<T>(1'000'000 + number_);
        } else {
            fill_text(value);
        }
    }

    void fill_text(std::string& value) { value = "text " + std::to_string(number_); }
    void fill_text(Decimal& value) { value = Decimal(number_, 3); }
    void fill_text(Currency& value) { value = *Currency::parse("KWD"); }
    void fill_text(Money& value) { value = Money(number_, *Currency::parse("KWD")); }
    void fill_text(Timestamp& value) { value = Timestamp{1'790'000'000'000 + number_}; }
    void fill_text(Json& value) { value = Json{{"number", number_}}; }

    std::int64_t number_ = 0;
    int depth_ = 0;
};

}  // namespace syncline::testing
