// Calendar dates of documents (accounting.md 4.24, 4.25), all "YYYY-MM-DD" in the company's zone.
#pragma once

#include <string>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// The date of an instant where the company is. Errors: kHold TIME_ZONE_UNKNOWN.
Result<std::string> company_date(const Scope& scope, Timestamp at);

// Dates of a sales receipt and of an invoice. An invoice is dated when it was ordered, since its
// payment has a date of its own and a later payment must not move it.
Result<std::string> receipt_date(const Scope& scope, const Order& order);
Result<std::string> invoice_date(const Scope& scope, const Order& order);

// When an invoice of `date` is due under `term`.
std::string due_date(const Term& term, const std::string& date);

// Errors: kHold CLOSED_PERIOD when the books are closed on that date.
Result<void> check_open(const Scope& scope, const std::string& date);

}  // namespace syncline::quickbooks
