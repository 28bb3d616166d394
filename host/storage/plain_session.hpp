// A session with a database file that no host has open: a backup, a scratch copy.
#pragma once

#include <string>

#include "storage/sql.hpp"

namespace syncline::storage {

// Opens the file as it is. Throws Poco::Exception; guard_storage() translates.
Sql plain_session(const std::string& path);

}  // namespace syncline::storage
