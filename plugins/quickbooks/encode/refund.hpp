// What goes back to the buyer: refund receipts and credit memos (accounting.md 4.20, 4.21).
#pragma once

#include <string_view>
#include <vector>

#include <syncline/model/refund.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// Roles of a refund's documents: money went back; or a credit, and its use for the order's invoice.
inline constexpr std::string_view kRefund = "refund";
inline constexpr std::string_view kCreditMemo = "credit_memo";
inline constexpr std::string_view kCreditUse = "credit_use";
// Of the order itself, when it is refunded and the shop has no refund of it.
inline constexpr std::string_view kFullRefund = "full_refund";

// What a refund that differs from its lines has a line for, and one without any lines; also their
// names in `fee_items`.
inline constexpr std::string_view kRefundAdjustment = "Refund adjustment";
inline constexpr std::string_view kRefundOnly = "Refund";

// Held under its rule's name, or one document; two for the refund of an order that is not paid.
// Each needs its order's documents, so it waits until those are in QuickBooks.
Encoded encode_refund(
    const Scope& scope, const Refund& refund, const std::vector<KnownDocument>& known
);

// The refund in the form of an order, whose amounts and lines are what goes back; they add up to
// its amount. Lines without a quantity become fees: QuickBooks would move a piece of stock.
Order credit_of(const Order& order, const Refund& refund);

// The refund of a whole order. `sale` is the role of the order's own document. Errors: kHold.
Result<Document> full_refund_of(
    const Scope& scope,
    Draft& draft,
    const Order& order,
    const std::string& sale,
    const KnownDocument* posted
);

// Takes it away again, since the shop has refunds now.
Document without_full_refund();

}  // namespace syncline::quickbooks
