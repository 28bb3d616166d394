// What is sold: items of QuickBooks for products, variations, fees, shipping (accounting.md 4.27).
#pragma once

#include <string>

#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// The identity key: the SKU; without one "name:" and the item's name.
std::string item_key(const Scope& scope, const Product& product);

// What a line of an order refers to, as the value of its ItemRef. Errors: kHold DELETED_PRODUCT,
// SKU_TOO_LONG, DUPLICATE_SKU.
Result<Json> item_of_line(const Scope& scope, Draft& draft, const LineItem& line);

// The item a setting names ("id:42", "sku:X", "name:X"), else a service item of ours called
// `own_name`, which is made when it is not there.
Result<Json> item_of_choice(Draft& draft, const std::string& choice, const std::string& own_name);

// One document for a product, one per variation for a product that has them.
Encoded encode_product(const Scope& scope, const Product& product);

}  // namespace syncline::quickbooks
