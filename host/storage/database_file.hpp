// The database's file before SQLite opens it: who may read it, and which host has it.
#pragma once

#include <string>

#include <syncline/result.hpp>

namespace syncline::storage {

// Takes the lock that keeps a second host off the file at `path`; answers the open descriptor,
// which holds it. Errors: kStorage naming the host that has it.
Result<int> lock_database(const std::string& path);

// The file must exist before SQLite makes it, so that nobody else may read it, not even for a
// moment. Errors: kStorage.
Result<void> create_private(const std::string& path);

}  // namespace syncline::storage
