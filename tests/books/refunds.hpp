// What a shop gives back of an order, in several steps.
#pragma once

#include <vector>

#include <syncline/model/refund.hpp>

#include "shop.hpp"

namespace books {

// One to three refunds in their order: some pieces of some lines, or a part of their price, with
// the taxes of their share as WooCommerce rounds them; of shipping alone, or of an amount without
// lines; some give back another amount than their lines. The last one may give back all that is
// left. Together never more than the order's total, but for one more at the end of some.
std::vector<syncline::Refund> random_refunds(const syncline::Order& order, Dice& dice);

}  // namespace books
