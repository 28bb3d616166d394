#include "woocommerce/convert.hpp"
#include "woocommerce/convert_parts.hpp"

namespace syncline::woocommerce {

Refund to_refund(
    Json source, const std::string& order_id, Currency currency, const ShopFacts& shop
) {
    Refund refund;
    refund.raw = stable_form(std::move(source));
    Reading reading{currency, shop.gmt_offset_minutes, {}};
    const SourceObject object(refund.raw, reading);
    if (currency.empty()) {
        object.note("CURRENCY_UNKNOWN", "parent_id", order_id);
    }
    refund.id = object.id("id");
    refund.order_id = order_id;
    refund.reason = object.title("reason");
    const Money amount = object.money("amount");
    refund.amount = amount.is_negative() ? -amount : amount;
    refund.payment_returned = object.flag("refunded_payment");
    const auto created = object.time("date_created");
    if (!created) {
        object.note("DATE_UNREADABLE", "date_created", object.text("date_created"));
    }
    refund.created_at = created.value_or(Timestamp{});
    refund.lines = read_lines(object, Sign::kNegated);
    refund.shipping_lines = read_shipping_lines(object, Sign::kNegated);
    refund.fees = read_fees(object, Sign::kNegated);
    refund.tax_lines = read_tax_lines(object, Sign::kNegated);
    refund.issues = std::move(reading.issues);
    return refund;
}

}  // namespace syncline::woocommerce
