// The canonical refund. Every amount and quantity is positive, whatever the source's signs are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/model/order.hpp>

namespace syncline {

struct Refund {
    std::string id;
    std::string order_id;
    std::string reason;
    Money amount;                   // wins over the lines when they differ (accounting.md 4.20)
    bool payment_returned = false;  // the gateway moved money back
    Timestamp created_at;
    std::vector<LineItem> lines;
    std::vector<ShippingLine> shipping_lines;
    std::vector<FeeLine> fees;
    std::vector<TaxLine> tax_lines;
    std::vector<Issue> issues;
    Json raw;  // the source's own form
    // What it is a refund of, without its `raw`: whose it is, how it was paid, what it came to.
    // Absent where the source cannot tell.
    std::optional<Order> order = {};

    static constexpr auto fields() {
        return field_list(
            field("id", &Refund::id),
            field("order_id", &Refund::order_id),
            field("reason", &Refund::reason),
            field("amount", &Refund::amount),
            field("payment_returned", &Refund::payment_returned),
            field("created_at", &Refund::created_at),
            field("lines", &Refund::lines),
            field("shipping_lines", &Refund::shipping_lines),
            field("fees", &Refund::fees),
            field("tax_lines", &Refund::tax_lines),
            field("issues", &Refund::issues),
            field("raw", &Refund::raw),
            field("order", &Refund::order)
        );
    }
};

}  // namespace syncline
