#include "woocommerce/woocommerce.hpp"

SYNCLINE_PLUGIN("Syncline", "Apache-2.0", syncline::woocommerce::WooCommerce)
