// The database of a configuration, for commands of this machine.
#pragma once

#include <memory>

#include "main/config.hpp"
#include "storage/audit_log.hpp"
#include "storage/database.hpp"

namespace syncline::host {

// For this command alone, brought to the program's schema. Errors: kStorage "storage.in_use" while
// a host has it.
Result<std::unique_ptr<storage::Database>> open_alone(const HostConfig& config);

// Also beside a host, which has brought it to its own schema, which must be ours.
Result<std::unique_ptr<storage::Database>> open_beside(const HostConfig& config);

// Who sits at this machine.
storage::AuditActor local_actor();

}  // namespace syncline::host
