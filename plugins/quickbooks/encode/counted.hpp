// An order as the books count it: what plugins and gateways of the shop leave for others to know
// (accounting.md 4.18, 4.28).
#pragma once

#include <optional>
#include <string>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// How gift cards that were redeemed are called among an order's fees, and in `fee_items`.
inline constexpr std::string_view kGiftCard = "Gift card";

// Without the payment that the tenant says is not there yet (payment_confirmed), paid on the day it
// is there; and with the gift cards that a plugin took off the total as a negative fee. Documents
// are made from this form only. Errors: kHold PARTIAL_PAYMENTS, GIFT_CARD_ITEM_UNKNOWN.
Result<Order> counted(const Scope& scope, const Order& order);

// The number of the subscription that an order renews; empty if it is none.
std::string renewed_subscription(const Order& order);

}  // namespace syncline::quickbooks
