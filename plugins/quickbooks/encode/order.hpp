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

}  // namespace syncline::quickbooks
