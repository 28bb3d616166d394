#include "quickbooks/encode/discount.hpp"

#include <algorithm>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// The lines before coupons, as QuickBooks adds them up.
struct Sums {
    Money discount;
    Money subtotal;        // all but the company's shipping line, which nothing is taken off
    Money taxed;           // of the subtotal
    Money taxed_shipping;  // of the company's shipping line
};

Money gross(const SalesLine& line) {
    return line.before_coupons.value_or(line.amount);
}

// A taxed line that was given away has no tax any more, but its share of the discount must come off
// the taxed lines: that share is of its own amount.
bool is_taxed(const SalesLine& line, const Order& order) {
    const bool was = line.before_coupons && line.carried_tax;
    return line.taxed || (was && !order.tax_total.is_zero());
}

Sums sums_of(const std::vector<SalesLine>& lines, const Order& order) {
    const Money none{0, order.currency};
    Sums sums{none, none, none, none};
    for (const auto& line : lines) {
        sums.discount += gross(line) - line.amount;
        sums.subtotal += line.quantity ? gross(line) : none;
        Money& taxed = line.quantity ? sums.taxed : sums.taxed_shipping;
        taxed += is_taxed(line, order) ? gross(line) : none;
    }
    return sums;
}

// QuickBooks spreads the discount over taxed and other lines by their amounts, wherever the shop
// took it off, and refuses a tax that is more than what is taxed.
bool leaves_the_tax(const Sums& sums, const Money& tax) {
    if (tax.is_zero()) {
        return true;
    }
    const auto product = sums.discount.decimal().times(sums.taxed.decimal());
    const auto share =
        product ? product->divided_by(sums.subtotal.decimal(), tax.currency().exponent()) : product;
    const auto left = share ? (sums.taxed + sums.taxed_shipping).decimal().minus(*share) : share;
    // What rounding is left over may come off the taxed lines, hence not "equal".
    return left && *left > tax.decimal();
}

// The lines under one tax code, outside the US.
struct CodeSums {
    std::string code;
    Money before;  // coupons, without the company's shipping line
    Money after;   // what the shop left of that
    Money tax;     // on it
};

std::vector<CodeSums> sums_by_code(const std::vector<SalesLine>& lines, const Money& none) {
    std::vector<CodeSums> all;
    for (const auto& line : lines) {
        if (!line.quantity) {
            continue;
        }
        auto known = std::find_if(all.begin(), all.end(), [&](const CodeSums& one) {
            return one.code == line.tax_code;
        });
        if (known == all.end()) {
            known = all.insert(all.end(), CodeSums{line.tax_code, none, none, none});
        }
        known->before += gross(line);
        known->after += line.amount;
        known->tax += line.tax;
    }
    return all;
}

// The discount comes off the codes by their amounts, and the net amounts that the tax is on may
// then miss the shop's by a minor unit per line, which is what QuickBooks puts up with. What is
// left must be more than its tax, whatever rounding does to either.
bool leaves_the_codes(const Sums& sums, const std::vector<SalesLine>& lines) {
    const int exponent = sums.discount.currency().exponent();
    const Decimal tolerance{static_cast<std::int64_t>(lines.size()), exponent};
    for (const auto& one : sums_by_code(lines, sums.discount - sums.discount)) {
        const auto product = sums.discount.decimal().times(one.before.decimal());
        const auto share =
            product ? product->divided_by(sums.subtotal.decimal(), exponent) : product;
        const auto left = share ? one.before.decimal().minus(*share) : share;
        const auto apart = left ? left->minus(one.after.decimal()) : left;
        // The code with the largest amount takes what rounding leaves over.
        const auto room = apart ? apart->abs().plus(Decimal{1, exponent}) : apart;
        if (!room || *room > tolerance) {
            return false;
        }
        const auto least = one.tax.decimal().plus(Decimal{1, exponent});
        if (!one.tax.is_zero() && (!least || *left <= *least)) {
            return false;
        }
    }
    return true;
}

// Why the discount cannot be a line in QuickBooks; empty if it can.
std::string obstacle(
    const Scope& scope, const Sums& sums, const std::vector<SalesLine>& lines, const Money& tax
) {
    const TaxMode mode = scope.company.tax_mode;
    if (!scope.company.allow_discount) {
        return "discounts are switched off in the sales settings of QuickBooks";
    }
    if (sums.discount.is_negative()) {
        return "the lines cost less before it";
    }
    if (sums.subtotal.minor() < sums.discount.minor()) {
        return "it is more than the " + sums.subtotal.to_string() +
               " of the lines it would come off";
    }
    if (mode == TaxMode::kNonUs && !leaves_the_codes(sums, lines)) {
        return "QuickBooks would take it off the tax codes otherwise than the shop did";
    }
    if (mode != TaxMode::kNonUs && mode != TaxMode::kOff && !leaves_the_tax(sums, tax)) {
        return "QuickBooks would take so much of it off the taxed lines that they could not have "
               "the order's tax of " +
               tax.to_string();
    }
    return {};
}

Result<std::string> discount_account(const Scope& scope) {
    const std::string& wanted = scope.choices.discount_account;
    if (wanted.empty()) {
        const std::string& own = scope.company.discount_account_id;
        return own.empty() ? Result<std::string>(hold(
                                 "DISCOUNT_ACCOUNT_UNKNOWN",
                                 "QuickBooks names no account for discounts; set discount_account, "
                                 "or choose one in its sales settings and test the connection again"
                             ))
                           : own;
    }
    const Account* account = scope.company.account(wanted);
    return account == nullptr
               ? Result<std::string>(hold(
                     "DISCOUNT_ACCOUNT_UNKNOWN",
                     "QuickBooks has no account '" + wanted + "'; change discount_account"
                 ))
               : account->id;
}

}  // namespace

Result<Json> take_discount(
    const Scope& scope, Draft& draft, const Order& order, std::vector<SalesLine>& lines, Json& body
) {
    const Sums sums = sums_of(lines, order);
    const Money tax{order.tax_total.minor(), order.currency};
    if (scope.choices.discounts == DiscountChoice::kNet || sums.discount.is_zero()) {
        return Json();
    }
    if (const std::string why = obstacle(scope, sums, lines, tax); !why.empty()) {
        draft.warn(
            "DISCOUNT_NET",
            "the discount of " + sums.discount.to_string() +
                " is inside the lines' amounts and no line of its own: " + why
        );
        return Json();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string account, discount_account(scope));
    const bool us =
        scope.company.tax_mode == TaxMode::kUsAst || scope.company.tax_mode == TaxMode::kUsManual;
    for (auto& line : lines) {
        if (us) {
            line.taxed = is_taxed(line, order);
            line.tax_code = line.taxed ? "TAX" : "NON";
        }
        line.amount = gross(line);
        line.with_tax.reset();
    }
    if (text_at(body, "GlobalTaxCalculation") == "TaxInclusive") {
        body["GlobalTaxCalculation"] = "TaxExcluded";
    }
    std::stable_partition(lines.begin(), lines.end(), [](const SalesLine& line) {
        return line.quantity.has_value();
    });
    return Json{
        {"Amount", plain(sums.discount.decimal())},
        {"DetailType", "DiscountLineDetail"},
        {"DiscountLineDetail",
         {{"PercentBased", false}, {"DiscountAccountRef", {{"value", account}}}}}};
}

}  // namespace syncline::quickbooks
