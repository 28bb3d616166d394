#pragma once

#include <string>
#include <vector>

#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

namespace syncline::test {

// An order of `lines` items at 10.00 and shipping of 2.50, tax 8 %.
Order make_order(const std::string& id, int lines, const std::string& currency = "USD");
Product make_product(const std::string& id, const std::vector<std::string>& variation_ids);

Currency currency(const std::string& code);
Money money(const std::string& amount, const std::string& code);

}  // namespace syncline::test
