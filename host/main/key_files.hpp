// The two keys an operator holds, each in a file of its own that nobody else may read.
#pragma once

#include <memory>
#include <string>

#include "main/config.hpp"
#include "storage/key_ring.hpp"

namespace syncline::host {

// The keys that seal the database. The current one: from INTEGRATION_ENCRYPTION_KEY, else from its
// file. The one before it, if there is one: from INTEGRATION_ENCRYPTION_KEY_FORMER, else from
// former_key_file(). A file can be replaced by renew(), the environment cannot. Errors: kConfig
// saying which of them is missing, malformed, or readable by others, and what to do.
Result<std::unique_ptr<storage::KeyEncryption>> encryption_keys(
    const HostConfig& config, const Environment& environment
);

// Where the key before the current one is kept: keys.former_encryption_key_file, or beside the
// current one's file.
std::string former_key_file(const HostConfig& config);
// Whether the current key comes from its file, and that is not there.
bool encryption_key_is_missing(const HostConfig& config, const Environment& environment);

// The key that signs bearer tokens.
Result<storage::Key> token_key(const HostConfig& config);

// A key of somebody else that tokens are checked with. Errors: kConfig, as above.
Result<storage::Key> issuer_key(const std::string& path);

// Makes a key file with a new key, mode 0600. Errors: kConfig, also when the file exists.
Result<void> make_key_file(const std::string& path);

}  // namespace syncline::host
