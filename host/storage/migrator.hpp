// Brings a database to the program's schema. Forward only; each file runs in one transaction
// together with its row of schema_migrations. An applied file never changes: its hash is compared.
#pragma once

#include <string>
#include <vector>

#include "storage/database.hpp"

namespace syncline::storage {

struct Migration {
    int version = 0;   // 1, 2, 3 ...
    std::string name;  // "0001_create_tenants"
    std::string sql;
};

// The files of migrations/sqlite, as built into the program.
const std::vector<Migration>& embedded_migrations();

// Applies what is missing. A database that already holds data is first copied to
// "<path>.before-NNNN". Errors: kStorage for a schema newer than the program's ("made by a newer
// Syncline"), for an applied file that has changed since, and for a file that fails (nothing of it
// stays).
Result<void> migrate(
    Database& database, const std::vector<Migration>& migrations, std::int64_t now_ms
);

// Whether the database has exactly the program's schema; nothing is written. Errors: as above, and
// kStorage for an older schema.
Result<void> check_migrated(const Database& database);

}  // namespace syncline::storage
