// What a flow needs to know of the shop besides its records.
#pragma once

#include <string>
#include <vector>

#include <syncline/plugin/connector.hpp>

#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

// ISO 4217 code the shop sells in, as the shop writes it. Errors: those of Shop::get().
Result<std::string> read_currency_code(plugin::Call& call, Shop& shop);

// Catalog::facts; see WooCommerce::discover(). Errors: those of Shop::get(), but not that the key's
// user may not see a setting: then the fact is left out.
Result<Json> read_facts(plugin::Call& call, Shop& shop, const Site& site);

// "11.0.1" is at least {5, 8}; false if the text is no version.
bool version_at_least(const std::string& version, int major, int minor);

}  // namespace syncline::woocommerce
