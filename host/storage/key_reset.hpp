// When a key-encryption key is lost for good: what it sealed is given up, so that the host can work
// again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/vault.hpp"

namespace syncline::storage {

struct KeyReset {
    std::int64_t data_keys = 0;                  // that no key opens
    std::map<std::string, std::int64_t> values;  // by where they are kept: "credentials.sealed"
    std::vector<std::string> connections;        // that need new credentials: "default/shop"
    std::int64_t requests = 0;                   // in doubt, which are looked for at the target
    bool anything() const { return data_keys > 0 || !values.empty(); }
};

// What reset_keys() would give up. Errors: those of the file.
Result<KeyReset> unreadable_by(Database& database, Vault& vault);

// Removes what no key opens: credentials (their connections need new ones), what connectors
// remembered, copies of records (their jobs fetch them anew), details of failures, merge bases,
// decisions, stored deliveries (changes are asked for again), and requests in doubt, whose jobs
// begin anew and look in the target first. Every tenant has a data key again. For a database that
// no host has open. [not in a unit of work]
Result<KeyReset> reset_keys(Database& database, Vault& vault, std::int64_t now_ms);

}  // namespace syncline::storage
