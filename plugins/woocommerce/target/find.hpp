// What the shop already has.
#pragma once

#include <vector>

#include <syncline/operations.hpp>
#include <syncline/plugin/connector.hpp>

#include "woocommerce/shop.hpp"
#include "woocommerce/target/entities.hpp"

namespace syncline::woocommerce {

// By id; else products by SKU (several in a request), customers by e-mail (every role), orders by
// their id; and products without SKU among those made since `request.since`, by our marker.
Result<std::vector<Found>> find_records(plugin::Call& call, Shop& shop, const FindRequest& request);

// The products with one of these SKUs, in the trash too, where they still hold it.
Result<std::vector<Json>> products_with_skus(
    plugin::Call& call, Shop& shop, const std::vector<std::string>& skus
);

// The customer with this address, or nothing.
Result<std::optional<Json>> customer_with_email(
    plugin::Call& call, Shop& shop, const std::string& email
);

// What a row is to us: to be used, or held with the reason (it is in the trash, it is a variation).
Found found_row(const TargetEntity& target, const Json& row, const Json& body);

}  // namespace syncline::woocommerce
