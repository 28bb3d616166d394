#include "quickbooks/source/home_currency.hpp"

namespace syncline::quickbooks {
namespace {

constexpr const char* kKey = "home_currency";

}  // namespace

std::optional<Currency> known_home_currency(const plugin::Host& host) {
    const auto currency = Currency::parse(host.kv_get(kKey).value_or(""));
    return currency ? std::optional(*currency) : std::nullopt;
}

void keep_home_currency(const plugin::Host& host, Currency currency) {
    host.kv_put(kKey, currency.code());
}

}  // namespace syncline::quickbooks
