// Orders that were posted and are no sale any more (accounting.md 4.22).
#pragma once

#include <vector>

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// `why` says why it would not be posted now. With the choice `void` the documents of a cancelled
// order that nobody paid by a payment of its own are voided, which the plan counts as destructive;
// everything else is held: CANCELLED_AFTER_POSTING, ZERO_AFTER_POSTING, CANCELLED_AFTER_PAYMENT,
// CANCELLED_AFTER_REFUND, CLOSED_PERIOD.
Encoded after_posting(
    const Scope& scope,
    const Order& order,
    const std::vector<KnownDocument>& known,
    const Reason& why
);

// The owned fields are those of a document that was voided.
bool is_voided_note(const Json& owned);

}  // namespace syncline::quickbooks
