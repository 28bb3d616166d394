#pragma once

#include "woocommerce/wire/json_text.hpp"

namespace sandbox::woo {

struct Shop;

// Multiplies the recorded orders (with their customers and refunds) until the shop has `orders` of
// them. Copies get fresh ids, e-mail addresses and last names, and are older than what was
// recorded, one hour per round.
void multiply_orders(Shop& shop, int orders);

// Gives a document the names, keys and line ids of the n-th copy; ids and dates of the record
// itself are the record's.
void vary_copy(Json& document, int copy);

}  // namespace sandbox::woo
