#pragma once

#include "quickbooks/books/sale_lines.hpp"

namespace sandbox::quickbooks {

// The document a tax is to be found for; everything is checked already but its tax.
struct TaxCase {
    const Company& company;
    const LineRules& rules;
    const Json& doc;    // addresses, customer, ApplyTaxAfterDiscount
    const Json* given;  // the TxnTaxDetail to honour; null when absent
};

// Computes the tax of a document, or takes the caller's where the company's kind of tax allows it,
// and returns the TxnTaxDetail to store (null where none is). Sets TaxInclusiveAmt on the lines
// outside the US. What cannot be goes to `errors`. `kept` tells whether the caller's figures stand.
//
// Tax is computed per rate on the sum of the net amounts, after the discount, and rounded once.
Json settle_tax(const TaxCase& tax_case, SaleLines& lines, bool& kept, Errors& errors);

// The two parts of it; for `settle_tax` only.
Json us_tax(const TaxCase& tax_case, const SaleLines& lines, bool& kept, Errors& errors);
Json vat(const TaxCase& tax_case, SaleLines& lines, bool& kept, Errors& errors);

}  // namespace sandbox::quickbooks
