// What a sale is filed under besides its accounts: class, location, custom fields (accounting.md
// 4.29, 4.32).
#pragma once

#include <syncline/model/order.hpp>

#include "quickbooks/encode/scope.hpp"

namespace syncline::quickbooks {

// Puts them into a sales document that has its lines. Errors: kHold CLASS_UNKNOWN,
// LOCATION_UNKNOWN, CUSTOM_FIELD_UNKNOWN; DIMENSION_NOT_TRACKED where the company does not track by
// what a rule asks for.
Result<void> add_dimensions(const Scope& scope, Draft& draft, const Order& order, Json& body);

}  // namespace syncline::quickbooks
