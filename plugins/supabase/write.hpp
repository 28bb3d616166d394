// Carries out one write(): rows first, then the sets that belong to them, then what is to go.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "supabase/bulk_write.hpp"
#include "supabase/rest_client.hpp"

namespace syncline::supabase {

// A batch of 100 orders takes three requests: the orders, their lines, and a look at which lines
// the orders had before; a fourth only if some of those are to go. Outcomes are reported as soon as
// they are known. Error: what stopped it; items without an outcome were not done or nobody knows,
// and can be written again as they are.
Result<void> write_documents(
    plugin::Call& call,
    const RestClient& client,
    BulkWriter& bulk,
    const WriteRequest& request,
    plugin::Outcomes& outcomes
);

}  // namespace syncline::supabase
