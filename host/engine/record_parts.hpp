// Refunds that are gone. A shop does not tell of a refund that was deleted: only its order changes,
// and lists it no more. What an order had before is therefore looked for again when it is read.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/record_jobs.hpp"
#include "storage/part_store.hpp"

namespace syncline::engine {

inline constexpr const char* kWholeEntity = "order";
inline constexpr const char* kPartEntity = "refund";

// What the record of a flow is a part of; nothing: its entity has no wholes, or the record does not
// say.
std::optional<storage::RecordPart> part_of(const Flow& flow, const Record& record);

// Jobs of the flows of refunds, for refunds that have a document and that their order, among
// `read` of a flow of orders, lists no more. They bring no copy: whether a refund is really gone is
// seen when it is fetched. What they would void or delete waits for a yes where the flow wants one
// from webhooks.
Result<std::vector<std::pair<Flow, RecordJobs>>> jobs_of_missing_parts(
    Stores& stores, const Flow& flow, const ReadRecords& read
);

}  // namespace syncline::engine
