// Entries of the sync log, as the API shows them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "storage/flow_store.hpp"
#include "storage/log_store.hpp"

namespace syncline::api {

using FlowNames = std::map<std::int64_t, std::string>;
Result<FlowNames> flow_names(const storage::FlowStore& flows, TenantId tenant);

// {"at", "level", "event", "message", "run"?, "flow"?, "detail"?}
Json entry_json(const storage::LogEntry& entry, const FlowNames& flows);
// The same with the record it is about: "entity"?, "source_id"?
Json event_json(const storage::LogEntry& entry, const FlowNames& flows);

}  // namespace syncline::api
