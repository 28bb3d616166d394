#pragma once

#include "platform.hpp"
#include "woocommerce/shop.hpp"

namespace sandbox::woo {

// /_sandbox/woocommerce/...: looks into the shop and changes it as no API could. See README.md.
Response control_shop(Shop& shop, const Request& request);

}  // namespace sandbox::woo
