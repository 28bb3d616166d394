#pragma once

#include <nlohmann/json.hpp>

#include "quickbooks/books/company.hpp"

namespace sandbox::quickbooks {

// What stands in the books, for a test to compare with what should: every living document with its
// figures as decimal text ("70.30"), counts and sums per entity and currency, and how many objects
// each list has.
//
//   {"realm", "profile", "currency",
//    "documents": [{"entity", "id", "doc_number", "txn_date", "currency", "total", "tax",
//    "balance",
//                   "customer_id", "customer", "marker", "private_note", "voided", "sync_token",
//                   "created"}],
//    "totals": [{"entity", "currency", "count", "voided", "total", "tax"}],
//    "lists": {"Customer": 3, ...}, "deleted": 0}
nlohmann::json ledger(const Company& company);

// "[syncline woocommerce:shop:12 v1]" out of a note; "" when there is none.
std::string marker_of(const std::string& note);

}  // namespace sandbox::quickbooks
