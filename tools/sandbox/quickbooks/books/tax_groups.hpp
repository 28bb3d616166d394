#pragma once

#include <string>
#include <vector>

#include "quickbooks/books/sale_lines.hpp"

namespace sandbox::quickbooks {

// The steps that the kinds of sales tax have in common.

// Net amounts under one code, before and after its share of the discount.
struct Group {
    std::string code;
    Decimal items{};
    Decimal shipping{};
    Decimal gross{};  // inclusive prices only
    Decimal discount{};

    Decimal before_discount() const { return items + shipping; }
    Decimal net() const { return items + shipping - discount; }
};

// One rate in use: what it is levied on, and how much that makes.
struct RateUse {
    std::string rate_id;
    Decimal percent{};
    Decimal effective{};  // percent of the net amount: more than `percent` for a tax on tax
    Decimal net{};
    Decimal tax{};
};

// A rate of a code; TaxTypeApplicable TaxOnAmountPlusTax is levied on the taxes before it as well.
struct CodeRate {
    std::string id;
    Decimal percent{};
    Decimal effective{};
};

std::vector<Group> grouped(const SaleLines& lines);

// The discount is spread over the item lines' codes by their amounts; the largest takes the rest.
void spread_discount(std::vector<Group>& groups, const SaleLines& lines, int places);

// `percent` of `amount`, rounded.
Decimal share(const Decimal& amount, const Decimal& percent, int places);

std::vector<CodeRate> rates_of_code(const Company& company, const std::string& code);

Json tax_lines(const std::vector<RateUse>& rates);
Decimal sum_of(const std::vector<RateUse>& rates);

// Lets the rates add up to `total`, each in proportion to what it makes of a net amount; the last
// takes the rest.
void spread_total(std::vector<RateUse>& rates, const Decimal& total, int places);

// A given tax may differ from what the rates make, but it cannot exceed what it is levied on nor
// have the other sign.
void check_total(const Decimal& total, const Decimal& net, Errors& errors);

}  // namespace sandbox::quickbooks
