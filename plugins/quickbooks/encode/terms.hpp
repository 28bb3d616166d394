// When an invoice is due (accounting.md 4.25).
#pragma once

#include <syncline/model/order.hpp>

#include "quickbooks/encode/dates.hpp"

namespace syncline::quickbooks {

// Puts DueDate, and SalesTermRef for an order that is to be paid later: by term_rules, else the
// gateway's of `terms`, else default_payment_terms_days, else the company's own. Errors: kHold
// TERM_UNKNOWN.
Result<void> add_terms(
    const Scope& scope, const Order& order, const PostingDate& dates, Json& body
);

}  // namespace syncline::quickbooks
