// Orders become sales receipts, invoices, or invoices with payments (accounting.md 4.14).
#pragma once

#include <vector>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// `known` is what QuickBooks already has of this order: the kind of document once chosen stays.
Encoded encode_order(
    const Scope& scope, const Order& order, const std::vector<KnownDocument>& known
);

// What is known of the document of a role; null if QuickBooks has none.
const KnownDocument* known_as(const std::vector<KnownDocument>& known, std::string_view role);

// Errors: kHold FOREIGN_CURRENCY, NEGATIVE_TOTAL, or what could not be read in the shop.
Result<void> check_amounts(const Scope& scope, const Order& order);

}  // namespace syncline::quickbooks
