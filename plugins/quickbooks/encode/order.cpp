#include "quickbooks/encode/order.hpp"

#include <algorithm>

#include "quickbooks/encode/cancelled.hpp"
#include "quickbooks/encode/counted.hpp"
#include "quickbooks/encode/currency.hpp"
#include "quickbooks/encode/dates.hpp"
#include "quickbooks/encode/documents.hpp"
#include "quickbooks/encode/lines.hpp"
#include "quickbooks/encode/refund.hpp"

namespace syncline::quickbooks {
namespace {

// What the order is to become.
struct Shape {
    bool receipt = false;  // else an invoice
    bool payment = false;
};

bool has_role(const std::vector<KnownDocument>& known, std::string_view role) {
    return known_as(known, role) != nullptr;
}

Shape choose_shape(
    const Scope& scope, const Order& order, const std::vector<KnownDocument>& known
) {
    const bool paid = is_paid(order);
    const DocumentChoice* set = choice_for(scope.choices.document_choice, order.payment_method);
    const DocumentChoice choice = set != nullptr ? *set : DocumentChoice::kSalesReceipt;
    if (has_role(known, kReceipt)) {
        return {true, false};
    }
    if (has_role(known, kInvoice)) {
        // It was posted before it was paid, or by another choice: the payment completes it.
        return {false, paid && (choice != DocumentChoice::kInvoice || has_role(known, kPayment))};
    }
    return {
        paid && choice == DocumentChoice::kSalesReceipt,
        paid && choice == DocumentChoice::kInvoiceAndPayment};
}

// Orders that are no sale, or no sale yet.
bool is_never_posted(OrderStatus status) {
    return status == OrderStatus::kCancelled || status == OrderStatus::kFailed ||
           status == OrderStatus::kDraft || status == OrderStatus::kTrash;
}

std::string status_text(const Order& order) {
    return order.source_status.empty() ? std::string(enum_name(order.status)) : order.source_status;
}

std::optional<Reason> why_skip(const Scope& scope, const Order& order) {
    if (is_never_posted(order.status)) {
        return Reason{
            "NOT_POSTED_STATUS", "an order that is " + status_text(order) + " is not posted"};
    }
    if (order.status == OrderStatus::kOther) {
        const StatusChoice* choice = choice_for(scope.choices.other_statuses, order.source_status);
        if (choice != nullptr && *choice == StatusChoice::kSkip) {
            return Reason{
                "NOT_POSTED_STATUS",
                "other_statuses says to skip orders that are " + status_text(order)};
        }
    }
    if (order.total.is_zero() && sum_of_parts(order).is_zero() && !scope.choices.post_zero_total) {
        return Reason{"ZERO_TOTAL", "its total is 0, so there is nothing to post"};
    }
    return std::nullopt;
}

Result<void> check_status(const Scope& scope, const Order& order) {
    if (order.status == OrderStatus::kOther &&
        choice_for(scope.choices.other_statuses, order.source_status) == nullptr) {
        return hold(
            "UNKNOWN_STATUS",
            "the shop's status '" + order.source_status +
                "' is not one of WooCommerce's; say post or skip in other_statuses"
        );
    }
    return {};
}

}  // namespace

Result<void> check_amounts(const Scope& scope, const Order& order) {
    SYNCLINE_RETURN_IF_ERROR(check_currency(scope, order));
    if (!order.issues.empty()) {
        const Issue& issue = order.issues.front();
        return hold(
            issue.code,
            "the shop's value '" + issue.value + "' at " + issue.path +
                " cannot be taken exactly; correct the order in the shop"
        );
    }
    if (order.total.is_negative()) {
        return hold(
            "NEGATIVE_TOTAL",
            "the order's total is " + order.total.to_string() +
                "; a sale cannot be negative in QuickBooks"
        );
    }
    return {};
}

namespace {

// A document that we voided cannot get amounts again.
Result<void> check_voided(const Order& order, const KnownDocument* posted) {
    if (posted == nullptr || !is_voided_note(posted->owned)) {
        return {};
    }
    return hold(
        "VOIDED_IN_BOOKS",
        "its " + posted->entity + " " + posted->remote_id +
            " was voided when the order was cancelled, and now the order is " + status_text(order) +
            "; enter it by hand and resolve this"
    );
}

// What stands for the refund that the shop has no record of (accounting.md 4.21).
Result<void> add_full_refund(
    const Scope& scope,
    Draft& draft,
    const Order& order,
    const std::vector<KnownDocument>& known,
    std::vector<Document>& documents
) {
    const KnownDocument* posted = known_as(known, kFullRefund);
    const bool wanted =
        order.status == OrderStatus::kRefunded && order.refunds.empty() && !order.total.is_zero();
    if (!wanted) {
        if (posted != nullptr) {
            documents.push_back(without_full_refund());
        }
        return {};
    }
    if (scope.choices.refunded_without_refund == RefundedChoice::kHold || !is_paid(order)) {
        return hold(
            "REFUNDED_WITHOUT_REFUND",
            "the order is refunded, but the shop has no refund of it; enter one in the shop" +
                std::string(is_paid(order) ? ", or set refunded_without_refund to full_refund" : "")
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        Document refund, full_refund_of(scope, draft, order, documents.front().role, posted)
    );
    documents.push_back(std::move(refund));
    return {};
}

Result<Encoded> documents_of(
    const Scope& scope, const Order& shops, const std::vector<KnownDocument>& known
) {
    SYNCLINE_RETURN_IF_ERROR(check_status(scope, shops));
    SYNCLINE_RETURN_IF_ERROR(check_amounts(scope, shops));
    SYNCLINE_ASSIGN_OR_RETURN(const Order order, counted(scope, shops));
    const Shape shape = choose_shape(scope, order, known);
    Draft draft;
    std::vector<Document> documents;
    const KnownDocument* posted = known_as(known, shape.receipt ? kReceipt : kInvoice);
    SYNCLINE_RETURN_IF_ERROR(check_voided(order, posted));
    SYNCLINE_ASSIGN_OR_RETURN(Document sale, sale_of(scope, draft, order, {shape.receipt, posted}));
    documents.push_back(std::move(sale));
    if (shape.payment && !order.total.is_zero()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            Document payment, payment_of(scope, draft, order, known_as(known, kPayment))
        );
        documents.push_back(std::move(payment));
    }
    SYNCLINE_RETURN_IF_ERROR(add_full_refund(scope, draft, order, known, documents));
    return draft.finish(std::move(documents));
}

}  // namespace

const KnownDocument* known_as(const std::vector<KnownDocument>& known, std::string_view role) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const KnownDocument& one) {
        return one.role == role;
    });
    return found == known.end() ? nullptr : &*found;
}

Encoded encode_order(
    const Scope& scope, const Order& order, const std::vector<KnownDocument>& known
) {
    Encoded encoded;
    if (!has_one_currency(order)) {
        encoded.hold = Reason{
            "CURRENCY_MIXED",
            "some amounts of the order are not in its currency " +
                std::string(order.currency.code())};
        return encoded;
    }
    if (auto reason = why_skip(scope, order)) {
        if (!known.empty()) {
            return after_posting(scope, order, known, *reason);
        }
        encoded.skip = std::move(reason);
        return encoded;
    }
    if (known.empty()) {
        auto early = before_start(scope, order);
        if (!early) {
            encoded.hold = Reason{early.error().name, early.error().message};
            return encoded;
        }
        if (*early) {
            encoded.skip = std::move(*early);
            return encoded;
        }
    }
    auto documents = documents_of(scope, order, known);
    if (!documents) {
        encoded.hold = Reason{documents.error().name, documents.error().message};
        return encoded;
    }
    return *std::move(documents);
}

}  // namespace syncline::quickbooks
