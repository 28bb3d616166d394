// Whether a database file is whole, looked at when it is opened: a small one completely, of a large
// one everything but the tables that grow. What is damaged in those is found when it is read, and
// by `syncline backup verify`.
#pragma once

#include <string>
#include <vector>

#include "storage/sql.hpp"

namespace syncline::storage {

// Writes nothing. Errors: kStorage "storage.corrupt" with what SQLite found first.
Result<void> check_sound(Sql& sql);

// Everything that SQLite finds wrong with the file and its references, at most `limit` sentences;
// reads all of it.
std::vector<std::string> all_damage(Sql& sql, int limit);

}  // namespace syncline::storage
