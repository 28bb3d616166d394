// Calendar dates of documents (accounting.md 4.24, 4.25), all "YYYY-MM-DD" in the company's zone.
#pragma once

#include <optional>
#include <string>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// The date of an instant where the company is. Errors: kHold TIME_ZONE_UNKNOWN.
Result<std::string> company_date(const Scope& scope, Timestamp at);

// Why an order is from before the day on which the books begin to take orders (4.34); nothing if it
// is not. Errors: kHold TIME_ZONE_UNKNOWN.
Result<std::optional<Reason>> before_start(const Scope& scope, const Order& order);

// Dates of a sales receipt and of an invoice. An invoice is dated when it was ordered, since its
// payment has a date of its own and a later payment must not move it.
Result<std::string> receipt_date(const Scope& scope, const Order& order);
Result<std::string> invoice_date(const Scope& scope, const Order& order);

// When an invoice of `date` is due under `term`.
std::string due_date(const Term& term, const std::string& date);

// The date a document is given. Where the books are closed on its own date, `original` is that.
struct PostingDate {
    std::string date;
    std::string original;  // empty: it has its own
};

// By the tenant's choice for closed books. A document that is posted keeps the date it was given as
// long as its own date stays or lies in the closed books; `posted` is null for a new one. Errors:
// kHold CLOSED_PERIOD.
Result<PostingDate> posting_date(
    const Scope& scope, Draft& draft, const std::string& own_date, const KnownDocument* posted
);

// What the note of a document says of its original date, from which a later encode knows that it
// was moved; empty if it was not. A line of its own, with its line end before it.
std::string original_date_note(const PostingDate& dates);

}  // namespace syncline::quickbooks
