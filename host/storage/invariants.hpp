// What must hold in every committed state of the database, whatever ended the host: the promises of
// the architecture as far as the store alone can show them.
#pragma once

#include <string>
#include <vector>

#include "storage/sql.hpp"

namespace syncline::storage {

// Sentences that say what does not hold, each with the first rows it is about; empty: all holds.
// Reads all of the large tables. Throws Poco::Exception.
std::vector<std::string> broken_invariants(Sql& sql);

}  // namespace syncline::storage
