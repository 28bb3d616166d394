// Where the keys come from that the tokens of others are checked with.
#pragma once

#include <string>

#include "api/http/token_issuer.hpp"
#include "main/config.hpp"

namespace syncline::host {

// Reads jwks_file and key_file, and fetches jwks_url under the egress rules, at most 256 KiB in ten
// seconds, without following redirects. Errors: kConfig for a file that is not there, or holds no
// keys of its issuer's algorithm; a URL is not asked yet.
Result<api::FetchKeys> issuer_keys(const HostConfig& config, const std::string& version);

}  // namespace syncline::host
