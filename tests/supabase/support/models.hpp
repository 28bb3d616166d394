#pragma once

#include <string>
#include <vector>

#include <syncline/model/id_mapping.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/sync_log.hpp>

namespace syncline::test {

// An order of `lines` items at 10.00 and shipping of 2.50, tax 8 %.
Order make_order(const std::string& id, int lines, const std::string& currency = "USD");
Product make_product(const std::string& id, const std::vector<std::string>& variation_ids);

Currency currency(const std::string& code);
Money money(const std::string& amount, const std::string& code);

Invoice make_invoice(const std::string& id);
// Of order `record_id`, which is invoice 145 of the books.
IdMappingRecord make_mapping(const std::string& record_id);
SyncLogRecord make_log(const std::string& id);

}  // namespace syncline::test
