// The shop's JSON to canonical models. Total: every object gives a model, and what does not fit is
// in the model's `issues`. Pure.
#pragma once

#include <string>
#include <vector>

#include <syncline/model/customer.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>

#include "woocommerce/source_object.hpp"

namespace syncline::woocommerce {

// What an answer does not say about itself.
struct ShopFacts {
    Currency currency;                    // of prices: products carry none
    std::int64_t gmt_offset_minutes = 0;  // see Reading
};

Order to_order(Json source, const ShopFacts& shop);
Customer to_customer(Json source, const ShopFacts& shop);

// `variations` are those of GET products/{id}/variations, in any order; the model has them by id.
Product to_product(Json source, std::vector<Json> variations, const ShopFacts& shop);

// `order_id` and `currency` of the order refunded: a refund does not carry its currency, and its
// order only in the list over all orders. An empty currency is noted as CURRENCY_UNKNOWN.
Refund to_refund(
    Json source, const std::string& order_id, Currency currency, const ShopFacts& shop
);

// True for a cart that is not an order yet: checkout-draft, auto-draft, draft, new.
bool is_draft_order(const Json& source);

// ISO 4217 code as shops write it; empty if unknown.
Currency read_currency(std::string code);

}  // namespace syncline::woocommerce
