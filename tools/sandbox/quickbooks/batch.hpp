#pragma once

#include "quickbooks/realm.hpp"

namespace sandbox::quickbooks {

// Runs {"BatchItemRequest": [...]} of up to 30 items, one after the other, each for itself: what an
// earlier item makes a later one cannot refer to or find. The value is {"BatchItemResponse":
// [...]}, with a "Fault" for each item that failed; a fault of the whole only when the body is no
// batch.
//
// With a request id the service joins it with each `bId`, which must then not exceed 10 characters.
Outcome run_batch(
    Realm& realm, const WireOptions& options, const Json& body, bool has_request_id, Millis now
);

}  // namespace sandbox::quickbooks
