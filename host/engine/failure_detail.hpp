// What a dead letter tells of the delivery that failed: where it failed, the document, the request
// and the answer, both masked. Pure but for the vault that seals it.
#pragma once

#include <vector>

#include "engine/deliver.hpp"

namespace syncline::engine {

// `stage` is read, encode, map, plan, needs or write: where the delivery came to its end.
Json failure_detail(const std::string& stage, const Error& error);
// Of a document that was sent and refused, or of which nobody knows whether it was taken.
Json failure_detail(const WriteItem& item, const Error& error);
// Of a record that cannot be taken as it came; its text is not masked, as no record is.
Json failure_detail(const UnreadableRecord& record);
// Of documents that wait for another record; where its id belongs they have {"$need": key}.
Json failure_detail(const Need& need, const Error& error, const PlannedRecord& planned);
// Of a conflict: what we wrote last, what is there now, what we want.
Json three_sides(const PlannedDocument& document, const Found& current, const Json& ours);

// `json` with credentials and personal data masked (core/redact.hpp); null if it cannot be.
Json masked(const Json& json);

// Details as they are stored with the dead letter of the job; nothing if they cannot be sealed.
std::optional<std::string> sealed_detail(
    storage::Vault& vault, TenantId tenant, JobId job, const Json& detail
);

// Gives the outcomes that make dead letters their sealed details, the mapping of their documents,
// and the record as it was delivered if the queue has no copy of it. What cannot be sealed is left
// out.
void seal_dead_letters(storage::Vault& vault, std::vector<Work>& works);

// Takes the persons of the records out of the outcomes' messages, whatever the target put into
// them: afterwards they are in the sealed details only.
void mask_persons(std::vector<Work>& works);

}  // namespace syncline::engine
