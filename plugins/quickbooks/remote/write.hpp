// Writes a batch of documents (accounting.md 4.3, 4.13, 4.33).
#pragma once

#include <syncline/plugin.hpp>

#include "quickbooks/remote/api.hpp"

namespace syncline::quickbooks {

// Up to 30 items, in one request under the call's idempotency key: a batch for two and more, its
// own call for a single one. What QuickBooks then wants of a single item (another name, the tax
// once more, taking back what came out wrong) follows under ids derived from that key, so that a
// repeated call repeats all of it. Errors: those that concern the connection or the whole request;
// all others go to their item.
Result<void> write(
    const Api& api, plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes
);

}  // namespace syncline::quickbooks
