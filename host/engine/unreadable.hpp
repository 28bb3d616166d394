// Records of a page that cannot be taken as they came: what becomes of them when a source is read,
// and when one of them is fetched anew.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/deliver.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

// kData, with the record's own code.
Error unreadable_error(const UnreadableRecord& record);

// The record's id was made from its content: nothing can be asked for by it.
bool has_made_up_id(const std::string& source_id);

storage::UnreadableJob to_unreadable_job(
    Stores& stores, const Flow& flow, const UnreadableRecord& record
);

// Fails those of `works` (by source id, as they were asked for) that came back unreadable. What did
// not come back is gone at its source, but not beside a record that does not say which one it is:
// then those that are `missing` fail as well.
void fail_unreadable(
    const std::vector<UnreadableRecord>& unreadable,
    const std::map<std::string, Work*>& works,
    const std::map<std::string, Work*>& missing
);

}  // namespace syncline::engine
