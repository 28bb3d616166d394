// Entities that have no model of ours: vendors, bills, estimates, and the lists of the books. Their
// record is {"id", "name", "updated_at", "raw"}, in which "raw" is QuickBooks' own object; written
// is what "raw" holds.
#pragma once

#include <syncline/json.hpp>

#include "quickbooks/encode/scope.hpp"
#include "quickbooks/entities.hpp"

namespace syncline::quickbooks {

// The document of a record: its "raw" without the members that QuickBooks makes. Documents have the
// marker of their record before their note. A stated TotalAmt must come out. Held as
// RECORD_UNREADABLE when it has no id or no object, NAME_MISSING for a name list without a name.
Encoded encode_native(const Scope& scope, const EntityFacts& facts, const Json& record);

}  // namespace syncline::quickbooks
