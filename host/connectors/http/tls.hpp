// Trust: which certificates the host believes, and whether one is the host's it asked for.
#pragma once

#include <future>
#include <string>

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>

#include <syncline/result.hpp>

#include "connectors/http/options.hpp"

namespace syncline::connectors {

// TLS 1.2 or newer, chains verified against the system's authorities and TlsOptions::extra_ca_file.
// Made at the first get(), since reading the authorities takes 0.1 s and 4 MB, which a host without
// https does not need. Errors: kConfig (the CA file cannot be read). [any thread]
using SharedTlsContext = std::shared_future<Result<Poco::Net::Context::Ptr>>;
SharedTlsContext tls_context_when_needed(const TlsOptions& options);

// After the handshake and before anything is sent: the certificate must be for `host` (a name or an
// address). Errors: kTransient "http.tls" naming both.
Result<void> check_certificate_host(Poco::Net::SecureStreamSocket& socket, const std::string& host);

// Why the calling thread's last handshake did not trust the chain; "" if that was not the reason.
std::string take_chain_error();

}  // namespace syncline::connectors
