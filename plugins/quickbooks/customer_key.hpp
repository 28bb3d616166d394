// The identity key of a customer that is kept in another currency than the books: an e-mail and the
// currency, "ann@x.example (EUR)".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <syncline/money.hpp>

namespace syncline::quickbooks {

struct CustomerKey {
    std::string email;
    std::optional<Currency> currency;  // absent: the books' own
};

inline std::string currency_key_suffix(Currency currency) {
    return " (" + std::string(currency.code()) + ")";
}

inline CustomerKey parse_customer_key(std::string_view key) {
    constexpr std::size_t kSuffix = 6;
    if (key.size() > kSuffix && key.back() == ')' && key.substr(key.size() - kSuffix, 2) == " (") {
        if (const auto currency = Currency::parse(key.substr(key.size() - 4, 3))) {
            return {std::string(key.substr(0, key.size() - kSuffix)), *currency};
        }
    }
    return {std::string(key), std::nullopt};
}

}  // namespace syncline::quickbooks
