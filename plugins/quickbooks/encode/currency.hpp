// Orders in other currencies than the books' (accounting.md 4.26).
#pragma once

#include <optional>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// Errors: kHold FOREIGN_CURRENCY when the company keeps its books in its own currency only.
Result<void> check_currency(const Scope& scope, const Order& order);

// The currency customers and documents of the order are kept in; absent: the company's own.
std::optional<Currency> foreign_currency(const Scope& scope, const Order& order);

// Puts CurrencyRef, where the company keeps several currencies, and the rate: the one the document
// was posted with, else that of the order's metadata; else QuickBooks takes its own of the date,
// and keeps it. `posted` is the document as QuickBooks has it, or null. Errors: kHold
// EXCHANGE_RATE_UNREADABLE.
Result<void> add_currency(
    const Scope& scope, const Order& order, const KnownDocument* posted, Json& body
);

// The same without a rate of its own: what takes a sale back is written at the rate the sale has in
// QuickBooks then (remote/original_rate.hpp).
void add_kept_currency(
    const Scope& scope, const Order& order, const KnownDocument* posted, Json& body
);

}  // namespace syncline::quickbooks
