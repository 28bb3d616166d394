#include "supabase/payment_rows.hpp"

#include "supabase/row_parts.hpp"

namespace syncline::supabase {
namespace {

Encoded one_row(const EncodeContext& context, const std::string& role, Json row) {
    Encoded encoded;
    encoded.documents.push_back(row_document(context, role, "", std::move(row)));
    return encoded;
}

// Amounts that could not be read must not be taken for zero.
std::optional<Encoded> refused(const char* what, const std::string& id, const Money& amount) {
    if (!id.empty() && !amount.currency().empty()) {
        return std::nullopt;
    }
    Encoded encoded;
    encoded.hold = Reason{
        id.empty() ? "NO_ID" : "CURRENCY_UNKNOWN",
        std::string("the ") + what + " " + id + " has no " +
            (id.empty() ? "id at its source" : "currency")};
    return encoded;
}

}  // namespace

Result<Encoded> encode_refund(const EncodeContext& context, const Refund& refund) {
    if (auto hold = refused("refund", refund.id, refund.amount)) {
        return std::move(*hold);
    }
    Json row = key_row(context, refund.id);
    row.update({
        {"order_source_id", text_or_null(refund.order_id)},
        {"reason", text_or_null(refund.reason)},
        {"currency", std::string(refund.amount.currency().code())},
        {"amount", refund.amount.to_string()},
        {"payment_returned", refund.payment_returned},
        {"lines", json_list(refund.lines)},
        {"shipping_lines", json_list(refund.shipping_lines)},
        {"fees", json_list(refund.fees)},
        {"tax_lines", json_list(refund.tax_lines)},
        {"issues", json_list(refund.issues)},
        {"raw", refund.raw},
        {"source_created_at", refund.created_at.to_string()},
    });
    return one_row(context, "refund", std::move(row));
}

Result<Encoded> encode_payment(const EncodeContext& context, const Payment& payment) {
    if (auto hold = refused("payment", payment.id, payment.amount)) {
        return std::move(*hold);
    }
    Json row = key_row(context, payment.id);
    row.update({
        {"order_source_id", text_or_null(payment.order_id)},
        {"invoice_source_id", text_or_null(payment.invoice_id)},
        {"customer_source_id", text_or_null(payment.customer_id)},
        {"currency", std::string(payment.amount.currency().code())},
        {"amount", payment.amount.to_string()},
        {"method", text_or_null(payment.method)},
        {"transaction_id", text_or_null(payment.transaction_id)},
        {"issues", json_list(payment.issues)},
        {"raw", payment.raw},
        {"paid_at", payment.paid_at.to_string()},
    });
    return one_row(context, "payment", std::move(row));
}

}  // namespace syncline::supabase
