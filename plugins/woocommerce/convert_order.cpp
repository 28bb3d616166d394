#include <algorithm>
#include <array>

#include "woocommerce/convert.hpp"
#include "woocommerce/convert_parts.hpp"

namespace syncline::woocommerce {
namespace {

constexpr std::array<std::string_view, 4> kDraftStatuses{
    "checkout-draft", "auto-draft", "draft", "new"};

bool is_draft_status(std::string_view status) {
    return std::find(kDraftStatuses.begin(), kDraftStatuses.end(), status) != kDraftStatuses.end();
}

OrderStatus read_status(const std::string& status) {
    if (is_draft_status(status)) {
        return OrderStatus::kDraft;
    }
    return enum_from_name<OrderStatus>(status).value_or(OrderStatus::kOther);
}

std::vector<Discount> read_discounts(const SourceObject& source) {
    std::vector<Discount> discounts;
    for (const auto& coupon : source.list("coupon_lines")) {
        discounts.push_back(
            {coupon.title("code"), coupon.money("discount"), coupon.money("discount_tax")}
        );
    }
    return discounts;
}

std::vector<RefundSummary> read_refunds(const SourceObject& source) {
    std::vector<RefundSummary> refunds;
    for (const auto& refund : source.list("refunds")) {
        refunds.push_back({refund.id("id"), refund.title("reason"), refund.negated_money("total")});
    }
    return refunds;
}

PaymentStatus payment_status(const Order& order) {
    Money refunded{0, order.currency};
    for (const auto& refund : order.refunds) {
        refunded += refund.amount;
    }
    const bool all_back = !refunded.is_zero() && refunded.minor() >= order.total.minor();
    if (order.status == OrderStatus::kRefunded || all_back) {
        return PaymentStatus::kRefunded;
    }
    if (!order.paid_at) {
        return PaymentStatus::kUnpaid;
    }
    return refunded.is_zero() ? PaymentStatus::kPaid : PaymentStatus::kPartiallyRefunded;
}

void read_times(const SourceObject& source, Order& order) {
    const auto created = source.time("date_created");
    if (!created) {
        source.note("DATE_UNREADABLE", "date_created", source.text("date_created"));
    }
    order.created_at = created.value_or(Timestamp{});
    order.updated_at = source.time("date_modified").value_or(order.created_at);
    order.paid_at = source.time("date_paid");
    order.completed_at = source.time("date_completed");
}

void read_amounts(const SourceObject& source, Order& order) {
    order.lines = read_lines(source, Sign::kAsIs);
    order.shipping_lines = read_shipping_lines(source, Sign::kAsIs);
    order.fees = read_fees(source, Sign::kAsIs);
    order.discounts = read_discounts(source);
    order.tax_lines = read_tax_lines(source, Sign::kAsIs);
    order.prices_include_tax = source.flag("prices_include_tax");
    order.discount_total = source.money("discount_total");
    order.shipping_total = source.money("shipping_total");
    order.tax_total = source.money("total_tax");
    order.total = source.money("total");
    if (source.text("total").empty()) {
        source.note("AMOUNT_UNREADABLE", "total", "");
    }
    order.refunds = read_refunds(source);
}

}  // namespace

bool is_draft_order(const Json& source) {
    const auto status = source.is_object() ? source.find("status") : source.end();
    return source.is_object() && status != source.end() && status->is_string() &&
           is_draft_status(status->get_ref<const std::string&>());
}

Currency read_currency(std::string code) {
    for (char& c : code) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const auto currency = Currency::parse(code);
    return currency ? *currency : Currency();
}

Order to_order(Json source, const ShopFacts& shop) {
    Order order;
    order.raw = stable_form(std::move(source));
    Reading reading{{}, shop.gmt_offset_minutes, {}};
    const SourceObject object(order.raw, reading);
    reading.currency = read_currency(object.text("currency"));
    if (reading.currency.empty()) {
        object.note("CURRENCY_UNKNOWN", "currency", object.text("currency"));
    }
    order.id = object.id("id");
    order.number = object.text("number");
    order.source_status = object.text("status");
    order.status = read_status(order.source_status);
    order.currency = reading.currency;
    order.customer_id = object.id("customer_id");
    order.billing = read_address(object.object("billing"));
    order.shipping = read_address(object.object("shipping"));
    read_times(object, order);
    read_amounts(object, order);
    order.payment_method = object.text("payment_method");
    order.payment_title = object.title("payment_method_title");
    order.transaction_id = object.text("transaction_id");
    order.customer_note = object.text("customer_note");
    order.payment_status = payment_status(order);
    order.issues = std::move(reading.issues);
    return order;
}

}  // namespace syncline::woocommerce
