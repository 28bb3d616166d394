#pragma once

#include "woocommerce/shop.hpp"

namespace sandbox::woo {

// An order document without lines, addresses empty, as created now through the API.
Json new_order(const Shop& shop, std::int64_t id);

// Writes the members of a request's body (all but `status`, `set_paid` and `coupon_lines`) into an
// order document; lines without an id are added, lines with one are changed or removed.
// Throws RestError.
void write_order(Shop& shop, Json& order, const Json& body);

// Moves to a status with the dates that go with it.
void set_order_status(const Shop& shop, Json& order, const std::string& status);
void complete_payment(const Shop& shop, Json& order, const std::string& transaction_id);

// Whether the shop has something to ship or do for it.
bool needs_processing(const Shop& shop, const Json& order);

// Adds or replaces entries of a meta_data list by id or key; a null value removes.
void write_meta_data(Shop& shop, Json& meta_data, const Json& posted);

}  // namespace sandbox::woo
