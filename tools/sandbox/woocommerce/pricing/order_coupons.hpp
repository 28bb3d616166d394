#pragma once

#include "woocommerce/shop.hpp"

namespace sandbox::woo {

// Puts coupons on an order document in place of those it has: discounts the lines from their
// subtotals, writes the coupon lines and recalculates all totals. `requested` is a list of
// {"code"}. Throws RestError for a code the shop does not know.
// Not simulated: conditions of coupons (dates, minimum amounts, products, usage limits).
void apply_coupons(Shop& shop, Json& order, const Json& requested);

}  // namespace sandbox::woo
