// QuickBooks as a source: pages of changes, pages of everything, or given ids.
#pragma once

#include <syncline/operations.hpp>

#include "quickbooks/remote/api.hpp"

namespace syncline::quickbooks {

// What a window's changes are read with:
//   change data capture   while `from` is at most 30 days back and there are fewer than 1000
//   changes queries by time       for all else (everything, a backfill, an older or fuller window)
// Only change data capture tells what was deleted, as records with RecordOperation::kDelete. Where
// queries take its place, the deletes it still knows come first; older ones are not known to
// QuickBooks any more, and those cut off by its limit are found by comparison only.
// Page::last_id is a Position; a scan needs nothing else to go on. Records of ids that are gone are
// left out. Errors: kUnsupported, kStaleCursor (not our position), those of Api.
Result<Page> read_page(const Api& api, const ReadRequest& request);

}  // namespace syncline::quickbooks
