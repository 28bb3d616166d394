// The stored form of what a reconciliation found between two connections. Pure.
#pragma once

#include <syncline/json.hpp>

#include "core/reconcile.hpp"

namespace syncline::engine {

// {"days": [{"day", "currency", "source": {count, gross, tax, refunds, payments}, "target": {...},
// "difference": {...}}], "sums": [the same by currency, with "net"], "explained": [{"reason",
// "records", "totals", "example", "explanation"}]}. Amounts are decimal strings.
Json reconciled_json(const Reconciled& result);

}  // namespace syncline::engine
