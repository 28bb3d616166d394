// What a tenant has chosen, held against what the company really has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/plugin.hpp>

#include "quickbooks/company.hpp"
#include "quickbooks/settings.hpp"

namespace syncline::quickbooks {

// Everything the choices name that the company does not have, or has of another kind, and what
// cannot be chosen together: "/deposit_accounts/stripe: ...". Empty: they can be used. `host` tells
// time zones.
std::vector<std::string> choice_problems(
    const plugin::Host& host, const Choices& choices, const CompanyFacts& company
);

// What encode() answers to a record of the entity "transformer_config", which is the tenant's
// settings by themselves: skipped as SETTINGS_USABLE, or held as SETTINGS_REFUSED with every
// problem as a warning.
inline constexpr std::string_view kTenantSettings = "transformer_config";
Encoded check_tenant_choices(
    const plugin::Host& host, const Json& tenant_settings, const CompanyFacts& company
);

}  // namespace syncline::quickbooks
