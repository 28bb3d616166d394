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

}  // namespace

std::optional<std::string> disprove_sale(const Json& body, const DocumentMoney& money) {
    const Currency currency = money.total.currency();
    const auto tax = money_at(child_at(body, "TxnTaxDetail"), "TotalTax", currency);
    if (!tax || !(*tax == money.tax)) {
        return "the document's tax is not the order's " + money.tax.to_string();
    }
    Money sum = *tax;
    for (const auto& line : child_at(body, "Line")) {
        const auto amount = money_at(line, "Amount", currency);
        if (!amount) {
            return std::string("a line has no amount");
        }
        if (auto wrong = disprove_line(line, *amount)) {
            return wrong;
        }
        sum += *amount;
    }
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
