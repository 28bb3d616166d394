#include "quickbooks/encode/cancelled.hpp"

#include <algorithm>

#include "quickbooks/encode/documents.hpp"
#include "quickbooks/encode/order.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

Encoded held(std::string code, const KnownDocument& document, const std::string& text) {
    Encoded encoded;
    encoded.hold = Reason{
        std::move(code),
        "the order was posted as " + document.entity + " " + document.remote_id + text};
    return encoded;
}

bool may_void(const Scope& scope, const Order& order, const Reason& why) {
    const bool over = order.status == OrderStatus::kCancelled ||
                      order.status == OrderStatus::kFailed || order.status == OrderStatus::kTrash;
    return scope.choices.cancelled == CancelledChoice::kVoid && over && why.code != "ZERO_TOTAL";
}

// Why its document cannot be voided, though the tenant wants it to be.
std::optional<Encoded> obstacle(
    const Scope& scope,
    const Order& order,
    const std::vector<KnownDocument>& known,
    const KnownDocument& sale
) {
    if (known_as(known, kPayment) != nullptr) {
        return held(
            "CANCELLED_AFTER_PAYMENT",
            sale,
            " and its payment was posted, too; refund the order in the shop, or void both in "
            "QuickBooks"
        );
    }
    if (!order.refunds.empty() || known.size() > 1) {
        return held(
            "CANCELLED_AFTER_REFUND",
            sale,
            " and has refunds of its own; a void would take back what they took back already: "
            "refund the rest in the shop, or mend it in QuickBooks"
        );
    }
    const std::string date = text_at(sale.owned, "TxnDate");
    if (!date.empty() && date <= scope.company.book_close_date) {
        return held(
            "CLOSED_PERIOD",
            sale,
            " of " + date + ", which lies in the closed books (closed until " +
                scope.company.book_close_date +
                "); refund the order in the shop instead of "
                "cancelling it, or void the document in QuickBooks"
        );
    }
    return std::nullopt;
}

}  // namespace

Encoded after_posting(
    const Scope& scope,
    const Order& order,
    const std::vector<KnownDocument>& known,
    const Reason& why
) {
    const KnownDocument* receipt = known_as(known, kReceipt);
    const KnownDocument* sale = receipt != nullptr ? receipt : known_as(known, kInvoice);
    if (sale == nullptr || !may_void(scope, order, why)) {
        return held(
            why.code == "ZERO_TOTAL" ? "ZERO_AFTER_POSTING" : "CANCELLED_AFTER_POSTING",
            known.front(),
            ", and now: " + why.message + "; void the document in QuickBooks or keep it"
        );
    }
    if (auto encoded = obstacle(scope, order, known, *sale)) {
        return *std::move(encoded);
    }
    Document document;
    document.role = sale->role;
    document.entity = sale->entity;
    document.operation = DocumentOperation::kVoid;
    document.natural_key = scope.context.source + ":" + order.id;
    document.marker = marker_of(scope, order.id);
    // So that what QuickBooks makes of the note comes back as known, and shows that it was voided.
    document.body["PrivateNote"] = document.marker;
    Draft draft;
    return draft.finish({std::move(document)});
}

bool is_voided_note(const Json& owned) {
    return text_at(owned, "PrivateNote").rfind("Voided", 0) == 0;
}

}  // namespace syncline::quickbooks
