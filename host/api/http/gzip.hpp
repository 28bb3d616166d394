// Compressed answers, for those who take them.
#pragma once

#include <string>

#include "api/http/message.hpp"

namespace syncline::api {

// Whether an Accept-Encoding header prefers gzip to no coding (RFC 9110 12.5.3). "" does not.
bool prefers_gzip(const std::string& accept_encoding);

// An answer of 1 KiB or more, if the request takes it. Answers to anything but GET stay as they
// are, unless they say that they may be compressed: one that holds what is secret (a new API key, a
// token) besides what the request said would give the secret away by its length, bit by bit
// (BREACH).
void compress(const Request& request, Response& response);

}  // namespace syncline::api
