// Which tax code of the company stands for rates of the shop.
#pragma once

#include <string>
#include <vector>

#include "quickbooks/encode/tax.hpp"

namespace syncline::quickbooks {

// One rate of the shop and the company's rate that stands for it.
struct RateMatch {
    std::string rate_id;  // the shop's
    SalesRate rate;
};

struct CodeMatch {
    const TaxCode* code = nullptr;
    std::vector<RateMatch> rates;
};

// The code that tax_code_mappings names for these rates together, or for each of them alike, else
// default_tax_code_id; for no rates zero_tax_code_id. Its percentages must be the shop's within
// 0.0001, and with `same_bases` the same of them be levied on tax.
// Errors: kHold TAX_CODE_UNMAPPED, TAX_CODE_UNKNOWN, TAX_RATE_DIFFERS.
Result<CodeMatch> code_of(
    const Scope& scope,
    const TaxBasis& basis,
    const std::vector<const RateTax*>& rates,
    bool same_bases
);

// What one is multiplied with to add the code's tax: 1.2 for 20 %.
Decimal factor_of(const TaxCode& code);

// `with_tax` without the code's tax is `net`, or a minor unit beside it.
bool gross_holds(const TaxCode& code, const Money& net, const Money& with_tax);

}  // namespace syncline::quickbooks
