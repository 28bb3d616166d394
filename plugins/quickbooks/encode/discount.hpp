// What coupons took off an order, as a line of its own (accounting.md 4.10, mode B).
#pragma once

#include <vector>

#include "quickbooks/encode/lines.hpp"

namespace syncline::quickbooks {

// With the choice `line` and something taken off: the document's one discount line, and `lines` get
// their amounts from before coupons, those without a quantity last. Else null, and the lines stay
// net; with a warning DISCOUNT_NET where QuickBooks cannot show the discount, or would spread it
// over the tax codes otherwise than the shop did. Comes after apply_tax(), whose `body` then shows
// its lines without tax: what is taken off is a net amount. Errors: kHold DISCOUNT_ACCOUNT_UNKNOWN.
Result<Json> take_discount(
    const Scope& scope, Draft& draft, const Order& order, std::vector<SalesLine>& lines, Json& body
);

}  // namespace syncline::quickbooks
