// The canonical order. Amounts are as the shop shows them (accounting.md 4.1) and balance:
//   total = sum of lines.total + shipping_lines.total + fees.total + tax_total    (rule 4.2)
// Refunds do not reduce `total`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/model/address.hpp>
#include <syncline/model/issue.hpp>

namespace syncline {

enum class OrderStatus {
    kPending,
    kOnHold,
    kProcessing,
    kCompleted,
    kCancelled,
    kRefunded,
    kFailed,
    kDraft,
    kTrash,
    kOther,  // a status of the source's own; see Order::source_status
};
template <>
struct EnumNames<OrderStatus> {
    static constexpr std::array<std::pair<OrderStatus, std::string_view>, 10> kNames{{
        {OrderStatus::kPending, "pending"},
        {OrderStatus::kOnHold, "on-hold"},
        {OrderStatus::kProcessing, "processing"},
        {OrderStatus::kCompleted, "completed"},
        {OrderStatus::kCancelled, "cancelled"},
        {OrderStatus::kRefunded, "refunded"},
        {OrderStatus::kFailed, "failed"},
        {OrderStatus::kDraft, "draft"},
        {OrderStatus::kTrash, "trash"},
        {OrderStatus::kOther, "other"},
    }};
};

enum class PaymentStatus { kUnpaid, kPaid, kPartiallyRefunded, kRefunded };
template <>
struct EnumNames<PaymentStatus> {
    static constexpr std::array<std::pair<PaymentStatus, std::string_view>, 4> kNames{{
        {PaymentStatus::kUnpaid, "unpaid"},
        {PaymentStatus::kPaid, "paid"},
        {PaymentStatus::kPartiallyRefunded, "partially_refunded"},
        {PaymentStatus::kRefunded, "refunded"},
    }};
};

// The share of one tax rate in one line. The source may give more decimals than the currency has.
struct LineTax {
    std::string rate_id;
    Decimal amount;

    static constexpr auto fields() {
        return field_list(field("rate_id", &LineTax::rate_id), field("amount", &LineTax::amount));
    }
};

struct LineItem {
    std::string id;
    std::string product_id;    // empty: the product was deleted
    std::string variation_id;  // empty: none
    std::string sku;           // empty: none, or the product was deleted
    std::string name;
    std::string parent_name;  // of a variation's product
    Decimal quantity;
    Decimal unit_price;  // as the source derives it; do not add it up, use total
    Money subtotal;      // before coupons, without tax
    Money subtotal_tax;
    Money total;  // after coupons, without tax
    Money total_tax;
    std::string tax_class;
    std::vector<LineTax> taxes;

    static constexpr auto fields() {
        return field_list(
            field("id", &LineItem::id),
            field("product_id", &LineItem::product_id),
            field("variation_id", &LineItem::variation_id),
            field("sku", &LineItem::sku),
            field("name", &LineItem::name),
            field("parent_name", &LineItem::parent_name),
            field("quantity", &LineItem::quantity),
            field("unit_price", &LineItem::unit_price),
            field("subtotal", &LineItem::subtotal),
            field("subtotal_tax", &LineItem::subtotal_tax),
            field("total", &LineItem::total),
            field("total_tax", &LineItem::total_tax),
            field("tax_class", &LineItem::tax_class),
            field("taxes", &LineItem::taxes)
        );
    }
};

struct ShippingLine {
    std::string id;
    std::string method;
    std::string title;
    Money total;
    Money total_tax;
    std::vector<LineTax> taxes;

    static constexpr auto fields() {
        return field_list(
            field("id", &ShippingLine::id),
            field("method", &ShippingLine::method),
            field("title", &ShippingLine::title),
            field("total", &ShippingLine::total),
            field("total_tax", &ShippingLine::total_tax),
            field("taxes", &ShippingLine::taxes)
        );
    }
};

// A charge of its own; negative for store credit or a rebate.
struct FeeLine {
    std::string id;
    std::string name;
    Money total;
    Money total_tax;
    std::vector<LineTax> taxes;

    static constexpr auto fields() {
        return field_list(
            field("id", &FeeLine::id),
            field("name", &FeeLine::name),
            field("total", &FeeLine::total),
            field("total_tax", &FeeLine::total_tax),
            field("taxes", &FeeLine::taxes)
        );
    }
};

// A coupon; its amount is already inside the lines' totals.
struct Discount {
    std::string code;
    Money amount;
    Money tax;

    static constexpr auto fields() {
        return field_list(
            field("code", &Discount::code),
            field("amount", &Discount::amount),
            field("tax", &Discount::tax)
        );
    }
};

// One tax rate of the order, over all lines.
struct TaxLine {
    std::string rate_id;
    std::string label;
    Decimal percent;  // 8.875 for 8.875 %
    bool compound = false;
    Money amount;           // on lines and fees
    Money shipping_amount;  // on shipping

    static constexpr auto fields() {
        return field_list(
            field("rate_id", &TaxLine::rate_id),
            field("label", &TaxLine::label),
            field("percent", &TaxLine::percent),
            field("compound", &TaxLine::compound),
            field("amount", &TaxLine::amount),
            field("shipping_amount", &TaxLine::shipping_amount)
        );
    }
};

struct RefundSummary {
    std::string id;
    std::string reason;
    Money amount;  // positive

    static constexpr auto fields() {
        return field_list(
            field("id", &RefundSummary::id),
            field("reason", &RefundSummary::reason),
            field("amount", &RefundSummary::amount)
        );
    }
};

struct Order {
    std::string id;
    std::string number;  // for people; may differ from id
    OrderStatus status = OrderStatus::kOther;
    std::string source_status;  // the source's own word
    PaymentStatus payment_status = PaymentStatus::kUnpaid;
    Currency currency;
    Timestamp created_at;
    Timestamp updated_at;
    std::optional<Timestamp> paid_at;
    std::optional<Timestamp> completed_at;
    std::string customer_id;  // empty: a guest
    Address billing;
    Address shipping;
    std::vector<LineItem> lines;
    std::vector<ShippingLine> shipping_lines;
    std::vector<FeeLine> fees;
    std::vector<Discount> discounts;
    std::vector<TaxLine> tax_lines;
    bool prices_include_tax = false;  // how the shop enters prices; line totals are net either way
    Money discount_total;
    Money shipping_total;
    Money tax_total;
    Money total;
    std::string payment_method;  // "stripe"
    std::string payment_title;   // "Credit card"
    std::string transaction_id;
    std::string customer_note;
    std::vector<RefundSummary> refunds;  // by id
    std::vector<Issue> issues;
    Json raw;  // the source's own form

    static constexpr auto fields() {
        return field_list(
            field("id", &Order::id),
            field("number", &Order::number),
            field("status", &Order::status),
            field("source_status", &Order::source_status),
            field("payment_status", &Order::payment_status),
            field("currency", &Order::currency),
            field("created_at", &Order::created_at),
            field("updated_at", &Order::updated_at),
            field("paid_at", &Order::paid_at),
            field("completed_at", &Order::completed_at),
            field("customer_id", &Order::customer_id),
            field("billing", &Order::billing),
            field("shipping", &Order::shipping),
            field("lines", &Order::lines),
            field("shipping_lines", &Order::shipping_lines),
            field("fees", &Order::fees),
            field("discounts", &Order::discounts),
            field("tax_lines", &Order::tax_lines),
            field("prices_include_tax", &Order::prices_include_tax),
            field("discount_total", &Order::discount_total),
            field("shipping_total", &Order::shipping_total),
            field("tax_total", &Order::tax_total),
            field("total", &Order::total),
            field("payment_method", &Order::payment_method),
            field("payment_title", &Order::payment_title),
            field("transaction_id", &Order::transaction_id),
            field("customer_note", &Order::customer_note),
            field("refunds", &Order::refunds),
            field("issues", &Order::issues),
            field("raw", &Order::raw)
        );
    }
};

}  // namespace syncline
