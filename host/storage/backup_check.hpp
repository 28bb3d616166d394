// Whether a backup can be restored: it is, into a scratch folder, the way the host would open it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <syncline/result.hpp>

#include "storage/key_encryption.hpp"
#include "storage/seal.hpp"

namespace syncline::storage {

struct BackupReport {
    std::string file;
    std::int64_t bytes = 0;
    std::int64_t schema_version = 0;  // as it was made; 0: not known
    bool key_checked = false;         // a key was given, and nothing kept it from being tried
    // "jobs", "settled jobs", "dead letters" ... and how many.
    std::vector<std::pair<std::string, std::int64_t>> counts;
    std::vector<std::string> problems;  // empty: it can be restored
};

// Copies `file`, which is only read, into a folder made in `scratch` (and gone afterwards), brings
// it to this program's schema, and looks at its pages, references, schema and invariants, and
// whether `key` opens what is sealed. What is wrong with the backup is in the report. Errors:
// kStorage when it cannot be looked at: no such file, no room in `scratch`.
Result<BackupReport> check_backup(
    const std::string& file, const std::string& scratch, const std::optional<Key>& key
);
// The same with all keys that may open it; null: none is tried.
Result<BackupReport> check_backup_with(
    const std::string& file, const std::string& scratch, std::unique_ptr<KeyEncryption> keys
);

}  // namespace syncline::storage
