// The WooCommerce connector: a source of orders, customers, products and refunds (REST API wc/v3).
#pragma once

#include <string>

#include <syncline/plugin.hpp>

#include "woocommerce/reader.hpp"
#include "woocommerce/shop.hpp"

namespace syncline::woocommerce {

class WooCommerce {
public:
    static constexpr const char* kId = "com.syncline.woocommerce";
    static constexpr const char* kVersion = "0.1.0";

    static Spec spec();

    WooCommerce(plugin::Host host, const Json& settings);
    WooCommerce(const WooCommerce&) = delete;
    WooCommerce& operator=(const WooCommerce&) = delete;

    // In order: the REST index (WordPress, WooCommerce), the right to read orders, the currency.
    Result<CheckReport> check(plugin::Call& call);
    // Facts: currency, decimals, time_zone, gmt_offset_minutes, prices_include_tax,
    // tax_round_at_subtotal, version, hpos, modified_after, dates_are_gmt. What the key's user may
    // not see is left out.
    Result<Catalog> discover(plugin::Call& call);
    Result<Page> read(plugin::Call& call, const ReadRequest& request);

private:
    Shop shop_;
    Reader reader_;
};

}  // namespace syncline::woocommerce
