// What conversions share: lines of orders and refunds, addresses, the source's own form.
#pragma once

#include <vector>

#include <syncline/model/address.hpp>
#include <syncline/model/order.hpp>

#include "woocommerce/source_object.hpp"

namespace syncline::woocommerce {

// Refund lines are negative in the shop and positive in the model.
enum class Sign { kAsIs, kNegated };

Address read_address(const SourceObject& source);
std::vector<LineItem> read_lines(const SourceObject& source, Sign sign);
std::vector<ShippingLine> read_shipping_lines(const SourceObject& source, Sign sign);
std::vector<FeeLine> read_fees(const SourceObject& source, Sign sign);
std::vector<TaxLine> read_tax_lines(const SourceObject& source, Sign sign);

// `source` without what changes by itself from answer to answer (_links, related_ids), and with its
// refunds in order of their ids, so that equal records are equal text.
Json stable_form(Json source);

// Order of ids held as JSON numbers or strings.
bool source_id_less(const Json& a, const Json& b);

}  // namespace syncline::woocommerce
