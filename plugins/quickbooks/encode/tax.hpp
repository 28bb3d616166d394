// Sales tax by the company's mode (accounting.md 4.6; the other modes have a row of their own to
// come).
#pragma once

#include <vector>

#include "quickbooks/encode/lines.hpp"

namespace syncline::quickbooks {

// Marks the lines that are taxed there and gives the document's TxnTaxDetail. Errors: kHold
// TAX_MODE_UNSUPPORTED, TAX_WITHOUT_LINE, NEGATIVE_TAX.
Result<Json> apply_tax(
    const CompanyFacts& company, const Order& order, std::vector<SalesLine>& lines
);

}  // namespace syncline::quickbooks
