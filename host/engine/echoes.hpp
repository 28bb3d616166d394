// Our own writes as they come back from a source that is a target, too. Told by content, never by
// time (storage/own_write_store.hpp).
#pragma once

#include <set>
#include <string>
#include <vector>

#include <syncline/record.hpp>

#include "engine/stores.hpp"

namespace syncline::engine {

struct Work;

// Marks jobs whose record, read not before `read_ms`, only shows what we wrote there, and drops the
// copies of those that a write of ours may have overtaken since: they are fetched again. Part of
// the unit of work that stores them. Whoever asked for all, or for a record, gets it.
void mark_echoes(
    storage::Sql& sql,
    const Stores& stores,
    const Flow& flow,
    std::int64_t read_ms,
    std::vector<storage::RaisedJob>& jobs
);

// Settles works whose record only shows what we wrote there; a write may have been on its way when
// they were raised.
Result<void> settle_echoes(Stores& stores, const Flow& flow, std::vector<Work>& works);

// Ids of those records that only show what we wrote there.
Result<std::set<std::string>> own_echoes(
    const Stores& stores, const Flow& flow, const std::vector<Record>& records
);

}  // namespace syncline::engine
