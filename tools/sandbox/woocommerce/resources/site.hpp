#pragma once

#include "woocommerce/shop.hpp"
#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {

// What a shop tells about itself; each answers one route.
Json site_index(const Shop& shop, const Call& call);
Json system_status(const Shop& shop);
Json settings_groups(const Shop& shop, const Call& call);
Json settings_of_group(const Shop& shop, const Call& call);
Json one_setting(const Shop& shop, const Call& call);
Json currency(const Shop& shop, const Call& call);  // "current" or a code
Json tax_classes(const Shop& shop, const Call& call);
Json order_totals(const Shop& shop);

}  // namespace sandbox::woo
