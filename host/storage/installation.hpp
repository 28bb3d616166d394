// Which database this is: an id made once, that goes into every idempotency key.
#pragma once

#include <string>

#include "storage/database.hpp"

namespace syncline::storage {

// The database's id, made if it has none yet; the same for as long as the file lives.
Result<std::string> installation_id(Database& database, std::int64_t now_ms);

}  // namespace syncline::storage
