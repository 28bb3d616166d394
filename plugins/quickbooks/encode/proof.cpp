#include "quickbooks/encode/proof.hpp"

#include "quickbooks/encode/lines.hpp"
#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

std::optional<Money> money_at(const Json& object, std::string_view member, Currency currency) {
    const auto number = number_at(object, member);
    if (!number) {
        return std::nullopt;
    }
    const auto money = Money::from_decimal(*number, currency);
    return money ? std::optional<Money>(*money) : std::nullopt;
}

std::optional<std::string> disprove_line(const Json& line, const Money& amount) {
    const Json& detail = child_at(line, "SalesItemLineDetail");
    const auto quantity = number_at(detail, "Qty");
    const auto unit_price = number_at(detail, "UnitPrice");
    if (quantity.has_value() != unit_price.has_value()) {
        return "a line has only one of quantity and price";
    }
    if (quantity && !price_holds(*quantity, *unit_price, amount)) {
        return "a line's quantity " + quantity->to_string() + " times price " +
               unit_price->to_string() + " is not its amount " + amount.to_string();
    }
    return std::nullopt;
}

std::optional<std::string> disprove_discount(const Json& line, const Money& amount) {
    const Json& detail = child_at(line, "DiscountLineDetail");
    if (amount.is_zero() || amount.is_negative()) {
        return "a discount of " + amount.to_string() + " takes nothing off";
    }
    if (flag_at(detail, "PercentBased", true) || detail.contains("DiscountPercent")) {
        return std::string("the discount is a percentage, which may round to another amount");
    }
    if (reference_at(detail, "DiscountAccountRef").empty()) {
        return std::string("the discount has no account");
    }
    return std::nullopt;
}

// What the lines come to, the discount taken off; or what is wrong with them.
Result<Money> sum_of_lines(const Json& lines, Currency currency) {
    Money sum{0, currency};
    int discounts = 0;
    for (const auto& line : lines) {
        const auto amount = money_at(line, "Amount", currency);
        if (!amount) {
            return invalid("a line has no amount");
        }
        const bool discount = text_at(line, "DetailType") == "DiscountLineDetail";
        auto wrong = discount ? disprove_discount(line, *amount) : disprove_line(line, *amount);
        if (wrong) {
            return invalid(*std::move(wrong));
        }
        discounts += discount ? 1 : 0;
        sum += discount ? -*amount : *amount;
    }
    return discounts > 1 ? Result<Money>(invalid("there is more than one discount")) : sum;
}

}  // namespace

std::optional<std::string> disprove_sale(const Json& body, const DocumentMoney& money) {
    const Currency currency = money.total.currency();
    const auto tax = body.contains("TxnTaxDetail")
                         ? money_at(child_at(body, "TxnTaxDetail"), "TotalTax", currency)
                         : std::optional<Money>(Money{0, currency});
    if (!tax || !(*tax == money.tax)) {
        return "the document's tax is not the order's " + money.tax.to_string();
    }
    const auto lines = sum_of_lines(child_at(body, "Line"), currency);
    if (!lines) {
        return lines.error().message;
    }
    const Money sum = *lines + *tax;
    if (!(sum == money.total)) {
        return "the document's lines and tax add up to " + sum.to_string() +
               ", the order's total is " + money.total.to_string();
    }
    if (code_points(text_at(body, "DocNumber")) > limits::kDocNumber) {
        return "the document's number '" + text_at(body, "DocNumber") + "' is too long";
    }
    return std::nullopt;
}

std::optional<std::string> disprove_payment(const Json& body, const DocumentMoney& money) {
    const auto total = money_at(body, "TotalAmt", money.total.currency());
    const Json& lines = child_at(body, "Line");
    const auto applied = lines.size() == 1
                             ? money_at(lines.front(), "Amount", money.total.currency())
                             : std::optional<Money>();
    if (!total || !applied || !(*total == money.total) || !(*applied == money.total)) {
        return "the payment is not of the order's total " + money.total.to_string();
    }
    return std::nullopt;
}

}  // namespace syncline::quickbooks
