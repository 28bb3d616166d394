// Refunds of the small shop's orders.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <syncline/model/refund.hpp>

#include "books.hpp"

namespace syncline::quickbooks {

// Of an amount alone, given back by hand.
inline Refund refund_of(const Order& order, const std::string& id, const std::string& amount) {
    Refund refund;
    refund.id = id;
    refund.order_id = order.id;
    refund.reason = "arrived broken";
    refund.amount = money(amount, order.currency.code());
    refund.created_at = at("2026-11-25T03:00:00Z");  // still the 24th in Chicago
    refund.order = order;
    refund.order->raw = nullptr;
    refund.order->refunds.push_back({id, refund.reason, refund.amount});
    return refund;
}

// One of the two pieces of order 60's first line: 20.32 and 1.80 of tax.
inline Refund piece_of(const Order& order, const std::string& id = "115") {
    Refund refund = refund_of(order, id, "22.12");
    refund.lines = {product_line("1", "20.32", "1.80", "1")};
    return refund;
}

inline Encoded encoded(Books& books, const Refund& refund, std::vector<KnownDocument> known = {}) {
    return books.encode("refund", refund, std::move(known));
}

// The body of the refund's only document.
inline Json refund_body(Books& books, const Refund& refund) {
    const Encoded one = encoded(books, refund);
    EXPECT_EQ(one.documents.size(), 1u) << Books::why(one);
    return one.documents.empty() ? Json::object() : one.documents.front().body;
}

inline std::string tax_of(const Json& body) {
    return text_at(child_at(body, "TxnTaxDetail"), "TotalTax");
}

// Amount and description of each line.
inline std::vector<std::pair<std::string, std::string>> lines_of_body(const Json& body) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& line : child_at(body, "Line")) {
        lines.emplace_back(text_at(line, "Amount"), text_at(line, "Description"));
    }
    return lines;
}

}  // namespace syncline::quickbooks
