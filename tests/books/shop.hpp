// A shop and its orders, with the amounts as WooCommerce computes them: taxes per line or at the
// subtotal, prices with or without tax, compound rates, coupons, fees of both signs. It shares no
// arithmetic with the connector.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <syncline/model/order.hpp>

#include "dice.hpp"

namespace books {

struct Rate {
    std::int64_t id = 0;
    std::int64_t percent_e4 = 0;  // 88750 for 8.875 %
    bool compound = false;
};

// A tax class: places in Shop::rates, compound ones last.
using TaxClass = std::vector<std::size_t>;

struct Shop {
    std::string currency;
    int decimals = 2;
    bool prices_with_tax = false;
    bool round_at_subtotal = false;
    bool shipping_taxed = true;
    std::vector<Rate> rates;
    std::vector<TaxClass> classes;  // the last one has no rate
};

Shop random_shop(Dice& dice);

// What was done to a cart on purpose, so that it is no ordinary one.
enum class Trap {
    kNone,
    kTotalOff,      // the shop's total is not what its parts come to
    kFeeTooLarge,   // a rebate of more than the cart
    kRateDiffers,   // the shop's percentage is not the one of the code it is mapped to
    kRateUnmapped,  // an amount under a rate that the books have no code for
};

struct Cart {
    syncline::Order order;
    Trap trap = Trap::kNone;
};

Cart random_cart(const Shop& shop, std::int64_t number, Dice& dice);

// A cart whose lines are given: price and quantity, all of the shop's first tax class.
struct Position {
    std::int64_t price = 0;  // minor units, as the shop enters prices
    std::int64_t quantity = 1;
};
syncline::Order order_of(const Shop& shop, const std::vector<Position>& positions);

}  // namespace books
