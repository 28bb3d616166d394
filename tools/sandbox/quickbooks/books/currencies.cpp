#include <algorithm>
#include <array>

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

struct Currency {
    std::string_view code;
    std::string_view name;
    int places = 2;
};

// Whether the service keeps two decimals for every currency is UNCONFIRMED; the ISO exponents are
// modelled.
constexpr std::array<Currency, 22> kCurrencies{{
    {"AUD", "Australian Dollar"},
    {"BHD", "Bahraini Dinar", 3},
    {"BRL", "Brazilian Real"},
    {"CAD", "Canadian Dollar"},
    {"CHF", "Swiss Franc"},
    {"CNY", "Chinese Yuan Renminbi"},
    {"CZK", "Czech Koruna"},
    {"DKK", "Danish Krone"},
    {"EUR", "Euro"},
    {"GBP", "British Pound Sterling"},
    {"HUF", "Hungarian Forint"},
    {"INR", "Indian Rupee"},
    {"JPY", "Japanese Yen", 0},
    {"KRW", "South Korean Won", 0},
    {"KWD", "Kuwaiti Dinar", 3},
    {"MXN", "Mexican Peso"},
    {"NOK", "Norwegian Krone"},
    {"NZD", "New Zealand Dollar"},
    {"PLN", "Polish Zloty"},
    {"SEK", "Swedish Krona"},
    {"USD", "United States Dollar"},
    {"ZAR", "South African Rand"},
}};

const Currency* currency_of(std::string_view code) {
    const auto* it = std::find_if(kCurrencies.begin(), kCurrencies.end(), [&](const Currency& c) {
        return c.code == code;
    });
    return it == kCurrencies.end() ? nullptr : it;
}

}  // namespace

std::string_view currency_name(std::string_view code) {
    const Currency* currency = currency_of(code);
    return currency ? currency->name : std::string_view();
}

Json currency_ref(std::string_view code) {
    return {{"value", code}, {"name", currency_name(code)}};
}

int currency_places(std::string_view code) {
    const Currency* currency = currency_of(code);
    return currency ? currency->places : 2;
}

}  // namespace sandbox::quickbooks
