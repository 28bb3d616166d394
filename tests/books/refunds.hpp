// What a shop gives back of an order, in several steps.
#pragma once

#include <vector>

#include <syncline/model/refund.hpp>

#include "shop.hpp"

namespace books {

// One to three refunds in their order: some pieces of some lines, with the taxes of their share as
// WooCommerce rounds them; some that give back another amount than their lines, or name no line;
// the last one may give back all that is left. Together never more than the order's total.
std::vector<syncline::Refund> random_refunds(const syncline::Order& order, Dice& dice);

}  // namespace books
