#pragma once

#include "quickbooks/realm.hpp"

namespace sandbox::quickbooks {

// Change data capture: whole objects of those entities changed at or after a moment, and tombstones
// of deleted ones; the oldest 1000 in total, at most 30 days back. The value is
// {"CDCResponse": [{"QueryResponse": [group or {}, ...]}]}, the groups not in the order asked for.
Outcome changes_since(
    const Company& company,
    const WireOptions& options,
    const std::string& entities,
    const std::string& changed_since,
    Millis now
);

}  // namespace sandbox::quickbooks
