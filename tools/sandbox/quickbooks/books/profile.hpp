#pragma once

#include <string_view>
#include <vector>

#include "quickbooks/books/company.hpp"

namespace sandbox::quickbooks {

// us_ast     US, automated sales tax (PartnerTaxEnabled true), USD
// us_manual  US, sales tax with the company's own codes, USD
// non_us     GB, VAT codes on every line, GBP, multi-currency on
// tax_off    US, sales tax switched off, USD
const std::vector<std::string_view>& profile_names();
bool is_profile(std::string_view name);

// A company with what every one has on its first day: company info, preferences, accounts, tax
// codes and rates, terms, payment methods. No customers, no items.
Company founded_company(const std::string& realm, const std::string& profile, Millis now);

// Adds a tax code with these rates in percent ("12", "8.25"); returns its id.
std::int64_t add_tax_code(
    Company& company, const std::string& name, const std::vector<Decimal>& rates, Millis now
);

// The id of the code an address in that US state ("MN") is taxed under; "" when the company
// collects nothing there. Invented rates: MN 8.25 %, NY 4 % + 4.875 %, ...
std::string state_tax_code(const Company& company, std::string_view state);

// Adds domain, Id, SyncToken and MetaData, and stores it.
void put_first(Company& company, Entity entity, std::int64_t id, Json doc, Millis now);

}  // namespace sandbox::quickbooks
