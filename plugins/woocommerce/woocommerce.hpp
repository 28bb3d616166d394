// The WooCommerce connector (REST API wc/v3): a source of orders, customers, products and refunds,
// a target of products, customers and the status of orders.
#pragma once

#include <string>
#include <vector>

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
    Result<std::vector<Encoded>> encode(plugin::Call& call, const EncodeRequest& request);
    Result<std::vector<Found>> find(plugin::Call& call, const FindRequest& request);
    Result<void> write(plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes);
    Result<Json> webhook_parse(plugin::Call& call, const Json& in);
    Result<Json> webhook_register(plugin::Call& call, const Json& in);
    Result<Json> webhook_unregister(plugin::Call& call, const Json& in);

private:
    const Json settings_;
    plugin::Host host_;
    Shop shop_;
    Reader reader_;
};

}  // namespace syncline::woocommerce
