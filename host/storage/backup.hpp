// A copy of the database while the host works: taken page by page through SQLite's backup
// interface from one snapshot, so that writers never wait for it, however long it takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <syncline/result.hpp>

namespace syncline::storage {

// How fast a copy goes: a pause after each step leaves the disk to others.
struct CopyPace {
    int pages_per_step = 256;
    std::chrono::milliseconds pause{1};
};

struct BackupMade {
    std::string file;
    std::int64_t bytes = 0;
    std::int64_t schema_version = 0;
};

// Copies the database at `from` over the one at `to`, which holds nothing yet. Reads `from` only;
// its writers go on, and what they write after the start is not in the copy. Errors: kStorage
// naming the file.
Result<void> copy_database(const std::string& from, const std::string& to, const CopyPace& pace);

// Makes `target` (mode 0600, one file, durable) from the database at `database`, whether a host has
// it open or not. `target` appears under its name only when it is complete and sound. Errors:
// kExists when it is there already; kStorage when the database is missing or damaged, or the disk
// is full. Nothing is left behind then.
Result<BackupMade> create_backup(
    const std::string& database, const std::string& target, const CopyPace& pace = {}
);

}  // namespace syncline::storage
