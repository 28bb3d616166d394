// Rows to canonical models: Supabase as a source.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

#include "supabase/tables.hpp"

namespace syncline::supabase {

// As a source a row is known by its own id, since several shops and tenants may share a table.
// These are the ids of the rows that others refer to by their key.
struct References {
    std::map<RowKey, std::string> customers;
    std::map<RowKey, std::string> products;
    std::map<RowKey, std::string> orders;
};

// An amount that is no number becomes zero with an issue, one with too many decimals is rounded
// with an issue.
Order order_from(const Json& row, const std::vector<Json>& lines, const References& references);
Customer customer_from(const Json& row);
Product product_from(const Json& row, const References& references);
Invoice invoice_from(const Json& row, const References& references);

// The key of another row that `row` refers to by the source id in `column`; nullopt for null.
std::optional<RowKey> referred_key(const Json& row, std::string_view column);

}  // namespace syncline::supabase
