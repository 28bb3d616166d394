#include "quickbooks/encode/tax.hpp"

#include <algorithm>
#include <set>

#include "quickbooks/encode/items.hpp"
#include "quickbooks/encode/tax_codes.hpp"
#include "quickbooks/encode/tax_split.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

Error exceeds_lines(const Money& tax, const Money& base) {
    return hold(
        "TAX_EXCEEDS_LINES",
        "the order's tax of " + tax.to_string() + " is on lines of " + base.to_string() +
            "; QuickBooks takes no tax that is more than what it is levied on"
    );
}

// TAX or NON on each line, whatever the rates; with no tax at all none is taxed, so that nothing
// can be added. Returns what the taxed lines come to.
Money mark_lines(const TaxBasis& basis, std::vector<SalesLine>& lines) {
    Money base{0, basis.currency};
    for (auto& line : lines) {
        line.taxed = line.carries_tax && !basis.total.is_zero();
        line.tax_code = line.taxed ? "TAX" : "NON";
        base += line.taxed ? line.amount : Money{0, basis.currency};
    }
    return base;
}

// The lines of a US document. A rebate on all that was sold is taxed in part: it is split only
// where it would leave too little of the taxed lines.
Result<void> mark_taxed(const TaxBasis& basis, std::vector<SalesLine>& lines) {
    Money base = mark_lines(basis, lines);
    if (!fits_base(basis.total, base)) {
        SYNCLINE_RETURN_IF_ERROR(split_mixed_lines(basis, lines));
        base = mark_lines(basis, lines);
    }
    const bool any =
        std::any_of(lines.begin(), lines.end(), [](const SalesLine& line) { return line.taxed; });
    if (!any && !basis.total.is_zero()) {
        return hold(
            "TAX_WITHOUT_LINE",
            "the order has " + basis.total.to_string() +
                " of tax, but no line that is taxed; QuickBooks would drop it"
        );
    }
    return fits_base(basis.total, base) ? Result<void>() : exceeds_lines(basis.total, base);
}

Result<void> refuse_negative(const TaxBasis& basis) {
    if (basis.total.is_negative()) {
        return hold(
            "NEGATIVE_TAX",
            "the order's tax is " + basis.total.to_string() +
                "; QuickBooks takes no negative tax on a sale"
        );
    }
    return {};
}

// Automated sales tax would compute its own figure; TotalTax overrides it, but only while some line
// is taxed.
Result<Money> automated(const TaxBasis& basis, std::vector<SalesLine>& lines, Json& body) {
    SYNCLINE_RETURN_IF_ERROR(refuse_negative(basis));
    SYNCLINE_RETURN_IF_ERROR(mark_taxed(basis, lines));
    body["TxnTaxDetail"] = Json{{"TotalTax", plain(basis.total.decimal())}};
    return basis.total;
}

// Also those whose tax was rounded to nothing, since the code has them.
Result<std::vector<const RateTax*>> rates_on_any(
    const TaxBasis& basis, const std::vector<SalesLine>& lines
) {
    std::set<const RateTax*> found;
    for (const auto& line : lines) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rates, rates_on(line, basis));
        for (const RateTax* rate : rates) {
            if (!rate->percent.is_zero()) {
                found.insert(rate);
            }
        }
    }
    std::vector<const RateTax*> all;
    for (const auto& rate : basis.rates) {
        // Without the lines' own word the amounts tell.
        if (found.empty() ? !rate.amount.is_zero() : found.count(&rate) != 0) {
            all.push_back(&rate);
        }
    }
    return all;
}

// One code for the whole document, of all rates on its lines.
Result<Money> by_hand(
    const Scope& scope, const TaxBasis& basis, std::vector<SalesLine>& lines, Json& body
) {
    SYNCLINE_RETURN_IF_ERROR(refuse_negative(basis));
    SYNCLINE_RETURN_IF_ERROR(mark_taxed(basis, lines));
    Json detail{{"TotalTax", plain(basis.total.decimal())}};
    if (!basis.total.is_zero()) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rates, rates_on_any(basis, lines));
        if (rates.empty()) {
            return hold(
                "TAX_RATES_MISMATCH",
                "the order has " + basis.total.to_string() +
                    " of tax, but lists no rate that made it; recalculate the order in the shop"
            );
        }
        SYNCLINE_ASSIGN_OR_RETURN(const CodeMatch match, code_of(scope, basis, rates, false));
        detail["TxnTaxCodeRef"] = {{"value", match.code->id}};
    }
    body["TxnTaxDetail"] = std::move(detail);
    return basis.total;
}

// QuickBooks ignores what it is told of tax then; only a line can keep it.
Result<Money> as_a_line(
    const Scope& scope,
    Draft& draft,
    const TaxBasis& basis,
    std::vector<SalesLine>& lines,
    Json& body
) {
    for (auto& line : lines) {
        line.taxed = false;
        line.tax_code.clear();
    }
    if (scope.company.country != "US") {
        body["GlobalTaxCalculation"] = "NotApplicable";
    }
    if (basis.total.is_zero()) {
        return basis.total;
    }
    if (scope.choices.sales_tax_item.empty()) {
        return hold(
            "TAX_ITEM_MISSING",
            "sales tax is switched off in QuickBooks, so the order's tax of " +
                basis.total.to_string() +
                " would be lost; set sales_tax_item to the item that books it, or switch it on"
        );
    }
    SalesLine tax;
    SYNCLINE_ASSIGN_OR_RETURN(tax.item, item_of_choice(draft, scope.choices.sales_tax_item, ""));
    tax.description = "Sales tax";
    tax.amount = basis.total;
    tax.quantity = Decimal{1, 0};
    insert_line(lines, std::move(tax));
    return Money{0, basis.currency};
}

std::string unsupported_text(TaxMode mode) {
    return mode == TaxMode::kUsAstNotSetUp
               ? "automated sales tax is switched on in QuickBooks but not set up; finish its "
                 "set-up"
               : "how the company computes sales tax is not known; test the connection again";
}

bool is_levied(const SalesLine& line, const LineTax& share, const RateTax& rate) {
    if (!share.amount.is_zero() || rate.percent.is_zero()) {
        return true;
    }
    // Nothing came of it by rounding.
    const auto tax = line.amount.decimal().abs().times(rate.percent);
    return tax && *tax < Decimal{100, line.amount.currency().exponent()};
}

}  // namespace

TaxBasis tax_basis(const Order& order) {
    return tax_basis(order, order.tax_lines, order.tax_total);
}

TaxBasis tax_basis(const Order& order, const std::vector<TaxLine>& rates, const Money& total) {
    const Address& to = order.shipping.empty() ? order.billing : order.shipping;
    TaxBasis basis;
    basis.currency = order.currency;
    basis.total = Money{total.minor(), order.currency};
    basis.inclusive = order.prices_include_tax;
    basis.country = to.country;
    basis.state = to.state;
    for (const auto& rate : rates) {
        basis.rates.push_back(
            {rate.rate_id,
             rate.percent,
             rate.compound,
             Money{rate.amount.minor() + rate.shipping_amount.minor(), order.currency}}
        );
    }
    return basis;
}

bool fits_base(const Money& tax, const Money& base) {
    const bool same_sign = tax.is_negative() == base.is_negative();
    return tax.is_zero() || (same_sign && (tax.is_negative() ? base.minor() <= tax.minor()
                                                             : tax.minor() <= base.minor()));
}

Result<std::vector<const RateTax*>> rates_on(const SalesLine& line, const TaxBasis& basis) {
    std::vector<const RateTax*> rates;
    for (const auto& rate : basis.rates) {
        for (const auto& share : line.rates) {
            if (share.rate_id == rate.rate_id && is_levied(line, share, rate)) {
                rates.push_back(&rate);
                break;
            }
        }
    }
    for (const auto& share : line.rates) {
        const bool known =
            std::any_of(basis.rates.begin(), basis.rates.end(), [&](const RateTax& rate) {
                return rate.rate_id == share.rate_id;
            });
        if (!known && !share.amount.is_zero()) {
            return hold(
                "TAX_RATES_MISMATCH",
                "line '" + line.description + "' has " + share.amount.to_string() +
                    " of tax under rate " + share.rate_id +
                    ", which the order does not list; recalculate the order in the shop"
            );
        }
    }
    const bool some = std::any_of(rates.begin(), rates.end(), [](const RateTax* rate) {
        return !rate->percent.is_zero();
    });
    if (some) {
        // Beside another rate one of 0 % says nothing.
        rates.erase(
            std::remove_if(
                rates.begin(),
                rates.end(),
                [](const RateTax* rate) { return rate->percent.is_zero(); }
            ),
            rates.end()
        );
    }
    return rates;
}

Result<Money> apply_tax(
    const Scope& scope,
    Draft& draft,
    const TaxBasis& basis,
    std::vector<SalesLine>& lines,
    Json& body
) {
    switch (scope.company.tax_mode) {
        case TaxMode::kUsAst:
            return automated(basis, lines, body);
        case TaxMode::kUsManual:
            return by_hand(scope, basis, lines, body);
        case TaxMode::kNonUs:
            return apply_vat(scope, draft, basis, lines, body);
        case TaxMode::kOff:
            return as_a_line(scope, draft, basis, lines, body);
        case TaxMode::kUsAstNotSetUp:
        case TaxMode::kUnknown:
            break;
    }
    return hold("TAX_MODE_UNSUPPORTED", unsupported_text(scope.company.tax_mode));
}

}  // namespace syncline::quickbooks
