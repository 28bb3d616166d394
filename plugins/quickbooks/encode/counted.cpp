#include "quickbooks/encode/counted.hpp"

#include <algorithm>
#include <array>

#include "quickbooks/encode/lines.hpp"
#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// By which plugins for deposits and payment plans mark the orders whose total is not paid at once.
constexpr std::array<std::string_view, 5> kDepositKeys{
    "_wc_deposits_order_has_deposit",
    "_awcdp_deposits_order_has_deposit",
    "_wc_deposits_payment_schedule",
    "_is_deposit",
    "_wcdp_deposit"};

// Text of a piece of meta data; "no" and "0" say as much as nothing.
std::string meta_text(const Json& object, std::string_view key) {
    const auto list = object.find("meta_data");
    if (list == object.end() || !list->is_array()) {
        return {};
    }
    for (const auto& entry : *list) {
        if (!entry.is_object() || text_at(entry, "key") != key || !entry.contains("value")) {
            continue;
        }
        const Json& value = entry.at("value");
        const std::string text = value.is_string() ? value.get<std::string>() : dump_json(value);
        return text == "no" || text == "0" || text == "false" || text == "null" || text == "[]"
                   ? std::string()
                   : text;
    }
    return {};
}

bool is_deposit(const Json& object) {
    return std::any_of(kDepositKeys.begin(), kDepositKeys.end(), [&](std::string_view key) {
        return !meta_text(object, key).empty();
    });
}

Result<void> check_partial_payments(const Order& order) {
    bool found = order.raw.is_object() && is_deposit(order.raw);
    for (const auto& line : child_at(order.raw, "line_items")) {
        found = found || (line.is_object() && is_deposit(line));
    }
    if (found) {
        return hold(
            "PARTIAL_PAYMENTS",
            "the order is paid in parts by a plugin of the shop, whose payments cannot be told; "
            "enter it by hand"
        );
    }
    return {};
}

// Of the member `gift_cards`, which the shop's plugin adds to an order.
Result<Money> redeemed(const Order& order) {
    Money sum{0, order.currency};
    for (const auto& card : child_at(order.raw, "gift_cards")) {
        const auto amount = card.is_object() ? number_at(card, "amount") : std::nullopt;
        const auto money =
            amount ? Money::from_decimal(*amount, order.currency) : Result<Money>(invalid(""));
        sum += money ? *money : Money{0, order.currency};
    }
    return sum;
}

Result<void> add_redemptions(const Scope& scope, Order& order) {
    SYNCLINE_ASSIGN_OR_RETURN(const Money sum, redeemed(order));
    // They pay, or they make the total less: only the latter is missing among the order's parts.
    if (sum.is_zero() || (sum_of_parts(order) - sum).minor() != order.total.minor()) {
        return {};
    }
    if (scope.choices.fee_items.count(std::string(kGiftCard)) == 0) {
        return hold(
            "GIFT_CARD_ITEM_UNKNOWN",
            "gift cards of " + sum.to_string() +
                " were redeemed; name the item of their liability account under '" +
                std::string(kGiftCard) + "' in fee_items"
        );
    }
    FeeLine fee;
    fee.name = kGiftCard;
    fee.total = -sum;
    fee.total_tax = Money{0, order.currency};
    order.fees.push_back(std::move(fee));
    return {};
}

void confirm_payment(const Scope& scope, Order& order) {
    const ConfirmedChoice* set = choice_for(scope.choices.payment_confirmed, order.payment_method);
    const ConfirmedChoice choice = set != nullptr ? *set : ConfirmedChoice::kPaid;
    const bool over =
        order.status == OrderStatus::kCompleted || order.status == OrderStatus::kRefunded;
    if (choice == ConfirmedChoice::kByHand || (choice == ConfirmedChoice::kCompleted && !over)) {
        order.paid_at.reset();
    } else if (choice == ConfirmedChoice::kCompleted && order.paid_at && order.completed_at) {
        order.paid_at = order.completed_at;
    }
}

}  // namespace

Result<Order> counted(const Scope& scope, const Order& order) {
    SYNCLINE_RETURN_IF_ERROR(check_partial_payments(order));
    Order own = order;
    confirm_payment(scope, own);
    SYNCLINE_RETURN_IF_ERROR(add_redemptions(scope, own));
    return own;
}

std::string renewed_subscription(const Order& order) {
    return order.raw.is_object() ? one_line(meta_text(order.raw, "_subscription_renewal"))
                                 : std::string();
}

}  // namespace syncline::quickbooks
