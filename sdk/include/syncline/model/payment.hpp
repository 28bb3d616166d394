// The canonical payment: money that arrived for an order or an invoice.
#pragma once

#include <string>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/model/issue.hpp>

namespace syncline {

struct Payment {
    std::string id;
    std::string order_id;    // of the shop, where known
    std::string invoice_id;  // of the books, where known
    std::string customer_id;
    Money amount;
    std::string method;  // "stripe"
    std::string transaction_id;
    Timestamp paid_at;
    std::vector<Issue> issues;
    Json raw;  // the source's own form

    static constexpr auto fields() {
        return field_list(
            field("id", &Payment::id),
            field("order_id", &Payment::order_id),
            field("invoice_id", &Payment::invoice_id),
            field("customer_id", &Payment::customer_id),
            field("amount", &Payment::amount),
            field("method", &Payment::method),
            field("transaction_id", &Payment::transaction_id),
            field("paid_at", &Payment::paid_at),
            field("issues", &Payment::issues),
            field("raw", &Payment::raw)
        );
    }
};

}  // namespace syncline
