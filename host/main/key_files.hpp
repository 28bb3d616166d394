// The two keys an operator holds, each in a file of its own that nobody else may read.
#pragma once

#include <string>

#include "main/config.hpp"
#include "storage/seal.hpp"

namespace syncline::host {

// The key that seals the database: from INTEGRATION_ENCRYPTION_KEY, else from its file. Errors:
// kConfig saying which of them is missing, malformed, or readable by others, and what to do.
Result<storage::Key> encryption_key(const HostConfig& config, const Environment& environment);

// The key that signs bearer tokens.
Result<storage::Key> token_key(const HostConfig& config);

// A key of somebody else that tokens are checked with. Errors: kConfig, as above.
Result<storage::Key> issuer_key(const std::string& path);

// Makes a key file with a new key, mode 0600. Errors: kConfig, also when the file exists.
Result<void> make_key_file(const std::string& path);

}  // namespace syncline::host
