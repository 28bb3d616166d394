#include "quickbooks/encode/currency.hpp"

#include "quickbooks/rules.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr int kRatePlaces = 7;
constexpr const char* kRate = "ExchangeRate";

Result<std::optional<std::string>> told_rate(const Scope& scope, const Order& order) {
    const std::string& key = scope.choices.exchange_rate_meta;
    const auto told = key.empty() ? std::nullopt : order_meta(order, key);
    if (!told || told->empty()) {
        return std::optional<std::string>();
    }
    const auto parsed = Decimal::parse(*told);
    const auto rate = parsed ? parsed->rounded(kRatePlaces) : parsed;
    if (!rate || rate->is_zero() || rate->is_negative()) {
        return hold(
            "EXCHANGE_RATE_UNREADABLE",
            "the order's " + key + " is '" + told->substr(0, 40) +
                "', which is no exchange rate; correct it in the shop, or change "
                "exchange_rate_meta"
        );
    }
    return std::optional<std::string>(plain(*rate));
}

}  // namespace

Result<void> check_currency(const Scope& scope, const Order& order) {
    if (order.currency == scope.home || scope.company.multi_currency) {
        return {};
    }
    return hold(
        "FOREIGN_CURRENCY",
        "the order is in " + std::string(order.currency.code()) + ", the books are in " +
            std::string(scope.home.code()) +
            "; switch on multiple currencies in QuickBooks, or enter it by hand"
    );
}

std::optional<Currency> foreign_currency(const Scope& scope, const Order& order) {
    return order.currency == scope.home ? std::nullopt : std::optional(order.currency);
}

void add_kept_currency(
    const Scope& scope, const Order& order, const KnownDocument* posted, Json& body
) {
    if (!scope.company.multi_currency) {
        return;
    }
    body["CurrencyRef"] = {{"value", std::string(order.currency.code())}};
    if (order.currency == scope.home || posted == nullptr) {
        return;
    }
    // Frozen: a later rate would change what the document was worth. An update that leaves it out
    // leaves the one in QuickBooks as it was.
    if (const auto kept = number_at(posted->owned, kRate)) {
        body[kRate] = plain(*kept);
    }
}

Result<void> add_currency(
    const Scope& scope, const Order& order, const KnownDocument* posted, Json& body
) {
    add_kept_currency(scope, order, posted, body);
    if (!scope.company.multi_currency || order.currency == scope.home || posted != nullptr) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rate, told_rate(scope, order));
    if (rate) {
        body[kRate] = *rate;
    }
    return {};
}

}  // namespace syncline::quickbooks
