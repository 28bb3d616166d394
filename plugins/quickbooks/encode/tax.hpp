// Sales tax by the company's mode (accounting.md 4.6 - 4.9). The shop's amounts are given to
// QuickBooks in the form each mode takes them; none is ever computed from a percentage.
#pragma once

#include <string>
#include <vector>

#include "quickbooks/encode/lines.hpp"

namespace syncline::quickbooks {

// One of the shop's tax rates, over all lines of a document.
struct RateTax {
    std::string rate_id;
    Decimal percent;        // 8.875 for 8.875 %
    bool compound = false;  // also on the tax of the rates before it
    Money amount;
};

// What the shop says of a document's tax. Amounts have the signs of the document's lines.
struct TaxBasis {
    Currency currency;
    std::vector<RateTax> rates;  // may miss `total` by a minor unit per rate: shops round both
    Money total;
    bool inclusive = false;  // the shop enters its prices with tax
    std::string country;     // where the goods go, for mappings of that form
    std::string state;
};

TaxBasis tax_basis(const Order& order);
// The same of parts of an order: a refund's lines have its tax lines, and the order the rest.
TaxBasis tax_basis(const Order& order, const std::vector<TaxLine>& rates, const Money& total);

// Gives each line its tax code and the body what goes with it (TxnTaxDetail, GlobalTaxCalculation);
// where QuickBooks keeps no tax it adds a line for it. Lines of several rates that no code has
// together become one line per code. Returns the tax that the document will show as such.
// Errors: kHold TAX_MODE_UNSUPPORTED, NEGATIVE_TAX, TAX_WITHOUT_LINE, TAX_EXCEEDS_LINES,
// TAX_CODE_UNMAPPED, TAX_CODE_UNKNOWN, TAX_RATE_DIFFERS, TAX_RATES_MISMATCH, TAX_ITEM_MISSING.
Result<Money> apply_tax(
    const Scope& scope,
    Draft& draft,
    const TaxBasis& basis,
    std::vector<SalesLine>& lines,
    Json& body
);

// Outside the US; for apply_tax() only.
Result<Money> apply_vat(
    const Scope& scope,
    Draft& draft,
    const TaxBasis& basis,
    std::vector<SalesLine>& lines,
    Json& body
);

// QuickBooks refuses a tax that is more than what it is levied on, or of the other sign.
bool fits_base(const Money& tax, const Money& base);

// The rates of `basis` that are levied on the line, in the order of `basis`. A shop lists some that
// are not, with no amount. Errors: kHold TAX_RATES_MISMATCH for an amount under another rate.
Result<std::vector<const RateTax*>> rates_on(const SalesLine& line, const TaxBasis& basis);

}  // namespace syncline::quickbooks
