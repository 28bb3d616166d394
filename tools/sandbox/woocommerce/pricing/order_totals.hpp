#pragma once

#include <set>
#include <string>

#include "woocommerce/pricing/tax_rates.hpp"
#include "woocommerce/shop.hpp"

namespace sandbox::woo {

// Where an order is taxed: the delivery address, else the billing address, else the shop.
TaxPlace tax_place(const Shop& shop, const Json& order);

// Computes the taxes of every line, the tax lines and all totals of an order document (amounts with
// six decimals), as a shop that rounds taxes per line does. Line totals are given.
void calculate_totals(Shop& shop, Json& order);

// Whether a line of an order is taxed, by its product ("taxable" when the product is gone).
bool line_is_taxable(const Shop& shop, const Json& line);

// One element of tax_lines.
Json tax_line(
    const Shop& shop, std::int64_t rate_id, Decimal cart, Decimal shipping, std::int64_t id
);

// A bare JSON number, whole ones without a point.
Json number_json(Decimal value);
std::string amount_text(Decimal amount);  // six decimals
Decimal amount_of(const Json& object, const char* name);

}  // namespace sandbox::woo
